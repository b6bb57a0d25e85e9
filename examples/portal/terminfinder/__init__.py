"""TerminFinder: a small booking portal that knows a practice only by its interface for portals (OTV).

A reference to read and to start from. It shares no code with Sprechzeit.
"""
