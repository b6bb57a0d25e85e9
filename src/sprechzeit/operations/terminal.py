"""Words for the terminal, before Django and its settings are there."""

import gettext
from pathlib import Path

_LOCALE = Path(__file__).resolve().parent.parent / "locale"

# Click looks up what it says itself ("Usage:") in the domain that is set here.
gettext.bindtextdomain("django", str(_LOCALE))
gettext.textdomain("django")


def _(message: str) -> str:
    """`message` in the language of the terminal (`LANGUAGE`, `LC_ALL`, `LC_MESSAGES`, `LANG`), from the catalogue."""
    return gettext.gettext(message)


def language() -> str:
    """The terminal's language, `de` or `en`, for a command to hand on to Django."""
    return gettext.translation("django", _LOCALE, fallback=True).info().get("language", "en")
