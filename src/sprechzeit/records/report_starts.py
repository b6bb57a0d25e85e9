"""The texts for reports that the program brings along."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

STARTS = {
    "doctor": _("Doctor's letter"),
    "course": _("Progress report"),
    "attendance": _("Certificate of attendance"),
    "referral": _("Referral"),
    "thanks": _("Thanks for a referral"),
}


@dataclass(frozen=True, slots=True)
class Start:
    """A text to begin with: its key, its name, and the text with its placeholders."""

    key: str
    name: str
    body: str


def delivered() -> list[Start]:
    """What the program brings along, in the language that is spoken."""
    language = "en" if (get_language() or "de").startswith("en") else "de"
    return [Start(key, str(name), _text(key, language)) for key, name in STARTS.items()]


@cache
def _text(key: str, language: str) -> str:
    return (Path(__file__).parent / "starts" / f"{key}.{language}.md").read_text().strip()
