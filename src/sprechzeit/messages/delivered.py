"""The texts that the program brings along, to begin with and to come back to (NOT-2)."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent / "starts"


@dataclass(frozen=True, slots=True)
class Words:
    """A template's words. `subject`: of an e-mail, or the title of a calendar entry; an SMS has none."""

    subject: str
    text: str


@cache
def delivered(event: str, channel: str, language: str, *, video: bool = False) -> Words:
    """What is said where the practice says nothing of its own; `video`: the example for appointments by video.

    Where there is no such example, the usual text: it says the link and the TAN too, if there are any.
    """
    file = FOLDER / f"{event}.{channel}.{language}.video.txt"
    if not video or not file.is_file():
        file = FOLDER / f"{event}.{channel}.{language}.txt"
    text = file.read_text(encoding="utf-8").strip()
    if channel == "sms":
        return Words("", text)
    subject, _, body = text.partition("\n\n")
    return Words(subject, body)
