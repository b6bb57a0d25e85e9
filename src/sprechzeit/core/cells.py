"""Tables as files for spreadsheets, each cell of which is text and nothing else."""

import csv
from collections.abc import Iterable, Sequence
from io import TextIOWrapper
from typing import IO

# A spreadsheet takes what begins so for a formula, and runs it.
DANGEROUS = ("=", "+", "-", "@", "\t", "\r")


def harmless(text: str) -> str:
    """A cell that every program takes for text (CWE-1236); no character that an XML file cannot hold."""
    plain = "".join(each for each in text if each.isprintable() or each in "\t\r\n")
    return f"'{plain}" if plain.startswith(DANGEROUS) else plain


def write_csv(rows: Iterable[Sequence[str]], out: IO[bytes]) -> None:
    """Semicolons and a byte order mark, as German spreadsheets expect them (RFC 4180 otherwise)."""
    text = TextIOWrapper(out, "utf-8-sig", newline="")
    writer = csv.writer(text, delimiter=";", quoting=csv.QUOTE_ALL)
    writer.writerows([harmless(cell) for cell in row] for row in rows)
    text.detach()
