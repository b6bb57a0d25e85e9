"""A record's master data as one value (PAT-1): what a page shows of it, sends back, and finds changed meanwhile.

Text and lists only, so that it goes through a form as JSON and two of them are compared by `==`.
"""

from typing import Any

Facts = dict[str, Any]

PLAIN = (
    "salutation", "title", "first_name", "last_name", "birth_name", "gender", "language", "street", "postcode",
    "town", "country", "insurance", "insurer", "insurance_number", "channel", "reminders", "remarks", "warnings",
)  # fmt: skip
DATE_OF_BIRTH = "date_of_birth"
CONTACTS, TAGS = "contacts", "tags"
RELATED = ("guardian", "payer")
TYPED = ("name", "street", "postcode", "town", "country", "phone", "email")
"""What is typed of a guardian or payer who has no record."""
NUMBER, HIDDEN = "number", "hidden"
"""Of a guardian or payer who has one: its number; or, where the viewer does not see it, that there is one."""

EMPTY: Facts = dict.fromkeys((*PLAIN, DATE_OF_BIRTH), "") | {CONTACTS: [], TAGS: []} | {kind: {} for kind in RELATED}


def changed(before: Facts, after: Facts) -> list[str]:
    """Which of the facts are not the same, in their order."""
    return [name for name in EMPTY if before.get(name, EMPTY[name]) != after.get(name, EMPTY[name])]


def merged(shown: Facts, typed: Facts, current: Facts) -> Facts:
    """What was typed, on top of what others changed meanwhile: nothing is lost, and what was typed stays.

    Of what both changed, what was typed; the page says what the other one made of it.
    """
    own = set(changed(shown, typed))
    return {name: typed[name] if name in own else current[name] for name in EMPTY}
