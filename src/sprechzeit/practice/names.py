"""Names of people, in short."""

from sprechzeit.ui.initials import first_letter


def initials_of(name: str) -> str:
    """'Miriam Albers' is MA; a title is no name, and what is no letter none either."""
    parts = [part for part in name.split("@")[0].replace("-", " ").split() if not part.endswith(".")]
    return "".join(map(first_letter, [*parts[:1], *parts[1:][-1:]])) or "?"
