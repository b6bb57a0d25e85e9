"""What documents are called: their titles, and the files that are handed out. Pure."""

import re
import unicodedata

MOST_LETTERS = 120
# What turns the direction of writing makes one name look like another.
TURNING = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
ENDINGS = {"application/pdf": "pdf", "image/jpeg": "jpg", "image/png": "png", "image/webp": "webp"}


def title_from(text: str) -> str:
    """A title from what was typed, or from the name of a file: one line, nothing that no page can show."""
    plain = unicodedata.normalize("NFC", text)
    shown = "".join(" " if unicodedata.category(one) in ("Cc", "Cs", "Zl", "Zp") else one for one in plain)
    return " ".join(TURNING.sub("", shown).split())[:MOST_LETTERS].strip() or "–"


def file_name(title: str, media_type: str) -> str:
    """The title as the name of a file, without what some system does not take in one."""
    plain = " ".join(re.sub(r'[\\/:*?"<>|]+', " ", title).split()).strip(" .")
    return f"{plain or 'Dokument'}.{ENDINGS[media_type]}"
