"""Names of people, in short."""


def initials_of(name: str) -> str:
    """'Miriam Albers' is MA; a title is no name."""
    parts = [part for part in name.split("@")[0].replace("-", " ").split() if not part.endswith(".")]
    return "".join(part[0] for part in [*parts[:1], *parts[1:][-1:]]).upper() or "?"
