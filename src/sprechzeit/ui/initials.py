"""What stands in the circle beside a name."""

from django.utils.safestring import SafeString

from sprechzeit.ui.icon import icon


def first_letter(name: str) -> str:
    """The first letter of a name, in capitals; empty for one that has none (signs, drawings, numbers)."""
    return next((each.upper()[0] for each in name if each.isalpha()), "")


def initials(*names: str) -> str | SafeString:
    """The first letter of each of these names; a person drawn where none of them has one."""
    return "".join(map(first_letter, names)) or icon("user")
