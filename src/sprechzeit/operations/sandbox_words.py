"""The words of the sandbox practice. What is `MARKED` belongs to the practice, and to nobody's portal (OTV-4)."""

NAME, SLUG, PARTNER = "Sandkasten", "sandkasten", "Sandburg"
# By which it is known: nobody can have an address at this name (RFC 2606).
EMAIL = f"praxis@{SLUG}.example.org"
# Names and initials; the first one is its administrator.
PRACTITIONERS = (("Dr. Sandra Dünenfeld", "SD"), ("Uwe Strandgut", "US"))
# Name, minutes, for whom, where, price in cents.
TYPES = (
    ("Ersttermin", 50, "new", "", None),
    ("Folgetermin", 25, "all", "", None),
    ("Videosprechstunde", 25, "all", "video", 4500),
)

ROOMS = ("Wanderdüne", "Prielzimmer")
PATIENTS = (("Ottilie", "Quastenflosser"), ("Korbinian", "Zitterrochen"), ("Lieselotte", "Knurrhahn"))
REMARK = "Flaschenpost mitbringen"
BLOCK = "Bernsteinsuche"
ABSENCE = "Wattwanderung"
MARKED = (*ROOMS, *(last for _first, last in PATIENTS), REMARK, BLOCK, ABSENCE)
