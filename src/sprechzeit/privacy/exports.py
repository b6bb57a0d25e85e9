"""The log as a file: CSV or XLSX, each cell of which is text and nothing else. Row by row, however many there are."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import IO

from django.utils.translation import gettext as _
from openpyxl import Workbook

from sprechzeit.core.cells import harmless, write_csv
from sprechzeit.privacy.words import Line


def rows_of(lines: Iterable[Line], most: int | None = None) -> Iterator[Sequence[str]]:
    """The head of the table and all lines; where `most` ends them, a last row that says so."""
    yield _("When"), _("Who"), _("What"), _("Details"), _("About"), _("Patient")
    for number, one in enumerate(lines):
        if number == most:
            yield (_("The sheet is full: older entries are left out. Choose fewer days, or CSV, which holds all."),)
            return
        yield f"{one.at:%Y-%m-%d %H:%M:%S}", one.who, one.what, "; ".join(one.details), one.about, one.whom


def write_xlsx(rows: Iterable[Sequence[str]], out: IO[bytes]) -> None:
    """One sheet."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(_("Log"))
    for letter, width in zip("ABCDEF", (19, 24, 36, 60, 40, 28), strict=True):
        sheet.column_dimensions[letter].width = width
    sheet.freeze_panes = "A2"
    for row in rows:
        sheet.append([harmless(cell) for cell in row])
    book.save(out)


@dataclass(slots=True)
class Counted:
    """Lines, and how many of them were taken."""

    lines: Iterable[Line]
    count: int = 0

    def __iter__(self) -> Iterator[Line]:
        for line in self.lines:
            self.count += 1
            yield line


@dataclass(frozen=True, slots=True)
class FileForm:
    """A form of file: who writes it, its media type, and how many entries it can hold (None: any number)."""

    write: Callable[[Iterable[Sequence[str]], IO[bytes]], None]
    media_type: str
    most: int | None = None


FORMS = {
    "csv": FileForm(write_csv, "text/csv; charset=utf-8"),
    # A sheet has 1,048,576 rows: the head, the entries, and a last one where there are more.
    "xlsx": FileForm(
        write_xlsx, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", most=1_048_576 - 2
    ),
}
