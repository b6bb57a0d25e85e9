"""Words for the terminal, before Django and its settings are there."""

import gettext
from pathlib import Path

_catalogue = gettext.translation("django", Path(__file__).resolve().parent.parent / "locale", fallback=True)


def _(message: str) -> str:
    """`message` in the language of the terminal (`LANGUAGE`, `LC_ALL`, `LC_MESSAGES`, `LANG`), from the catalogue."""
    return _catalogue.gettext(message)
