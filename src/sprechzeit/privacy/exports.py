"""The log as a file: CSV or XLSX, each cell of which is text and nothing else."""

import csv
from collections.abc import Iterable, Sequence
from io import BytesIO, StringIO

from django.utils.translation import gettext as _
from openpyxl import Workbook

from sprechzeit.privacy.words import Line

# A spreadsheet takes what begins so for a formula, and runs it.
DANGEROUS = ("=", "+", "-", "@", "\t", "\r")


def harmless(text: str) -> str:
    """A cell that every program takes for text (CWE-1236); no character that an XML file cannot hold."""
    plain = "".join(each for each in text if each.isprintable() or each in "\t\r\n")
    return f"'{plain}" if plain.startswith(DANGEROUS) else plain


def rows_of(lines: Iterable[Line]) -> list[list[str]]:
    """The head of the table and all lines."""
    head = [_("When"), _("Who"), _("What"), _("Details"), _("About"), _("Patient")]
    return [head] + [
        [f"{one.at:%Y-%m-%d %H:%M:%S}", one.who, one.what, "; ".join(one.details), one.about, one.whom] for one in lines
    ]


def as_csv(rows: Sequence[Sequence[str]]) -> bytes:
    """Semicolons and a byte order mark, as German spreadsheets expect them (RFC 4180 otherwise)."""
    out = StringIO(newline="")
    writer = csv.writer(out, delimiter=";", quoting=csv.QUOTE_ALL)
    writer.writerows([harmless(cell) for cell in row] for row in rows)
    return out.getvalue().encode("utf-8-sig")


def as_xlsx(rows: Sequence[Sequence[str]]) -> bytes:
    """One sheet."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(_("Log"))
    for letter, width in zip("ABCDEF", (19, 24, 36, 60, 40, 28), strict=True):
        sheet.column_dimensions[letter].width = width
    sheet.freeze_panes = "A2"
    for row in rows:
        sheet.append([harmless(cell) for cell in row])
    out = BytesIO()
    book.save(out)
    return out.getvalue()


FORMS = {
    "csv": (as_csv, "text/csv; charset=utf-8"),
    "xlsx": (as_xlsx, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
}
