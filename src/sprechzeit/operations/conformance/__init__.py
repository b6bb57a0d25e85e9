"""The conformance kit for booking portals: every situation, played against a practice's or a portal's address (OTV-11).

It speaks HTTP and nothing else: no database, no settings. So it tells of any practice, and of any portal, what it tells
of this program.
"""
