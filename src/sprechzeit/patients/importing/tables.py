"""A table as another program wrote it (CSV): its encoding, what separates its cells, where its titles stand.

Row by row from the bytes: of a large file no more stands in memory than itself.
"""

import codecs
import csv
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from io import BytesIO, TextIOWrapper

from sprechzeit.core.cells import DANGEROUS
from sprechzeit.patients.importing.fields import guess

MOST_BYTES, MOST_LINES, MOST_COLUMNS = 32 * 1024 * 1024, 100_000, 200
LOOKED_AT = 65_536  # bytes by which encoding and separator are told
TITLES_WITHIN = 10  # rows
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
DELIMITERS = ";,\t|"
Row = tuple[int, list[str]]
"""The number of a line, as a spreadsheet counts them, and its cells."""


class Problem(StrEnum):
    """Why nothing of a file can be taken."""

    EMPTY = "empty"
    SPREADSHEET = "spreadsheet"
    PACKED = "packed"
    NO_TEXT = "no_text"
    TOO_LARGE = "too_large"
    TOO_MANY_LINES = "too_many_lines"
    TOO_MANY_CARDS = "too_many_cards"
    TOO_MANY_COLUMNS = "too_many_columns"
    CELL_TOO_LONG = "cell_too_long"
    ONLY_TITLES = "only_titles"
    NO_CARD = "no_card"


class BadFile(Exception):
    """Nothing of the file can be taken. `line`: where, or 0."""

    def __init__(self, problem: Problem, line: int = 0) -> None:
        self.problem, self.line = problem, line
        super().__init__(problem.value)


@dataclass(frozen=True, slots=True)
class Table:
    """`title_line`: the number of the line with the titles, 0 for none; what stands above it is no data either."""

    data: bytes
    encoding: str
    delimiter: str
    title_line: int
    titles: Sequence[str]

    def rows(self) -> Iterator[Row]:
        """Every line that is not empty, with that of the titles. Raises `BadFile`."""
        count = 0
        for line, cells in _rows(self.data, self.encoding, self.delimiter):
            if not any(cells):
                continue
            count += line > self.title_line
            if count > MOST_LINES:
                raise BadFile(Problem.TOO_MANY_LINES, line)
            yield line, cells
        if not count:
            raise BadFile(Problem.ONLY_TITLES)


def read_table(data: bytes) -> Table:
    """How the table is to be read. Raises `BadFile`."""
    refuse_other_kinds(data)
    encoding = encoding_of(data)
    delimiter = _delimiter_of(data, encoding)
    first: list[Row] = []
    for row in _rows(data, encoding, delimiter):
        first.append(row)
        if len(first) == TITLES_WITHIN:
            break
    first = [(line, cells) for line, cells in first if any(cells)]
    if not first:
        raise BadFile(Problem.EMPTY)
    line, titles = _titles(first)
    return Table(data, encoding, delimiter, line, titles)


def refuse_other_kinds(data: bytes) -> None:
    """What is no text at all, said in words of what it is. Raises `BadFile`."""
    if not data.strip(b"\x00\r\n\t ;,\xef\xbb\xbf\xff\xfe"):
        raise BadFile(Problem.EMPTY)
    if data.startswith(b"PK\x03\x04"):
        is_sheet = b"xl/" in data[:4096] or b"[Content_Types].xml" in data[:4096] or b"opendocument" in data[:4096]
        raise BadFile(Problem.SPREADSHEET if is_sheet else Problem.PACKED)
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise BadFile(Problem.SPREADSHEET)
    if data.startswith((b"\x1f\x8b", b"Rar!", b"7z\xbc\xaf", b"BZh")):
        raise BadFile(Problem.PACKED)
    if data.startswith((b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8")):
        raise BadFile(Problem.NO_TEXT)


def encoding_of(data: bytes) -> str:
    """By its mark, else what it is without error: UTF-8; else Windows' or DOS's, whose umlauts make the more sense."""
    for mark, name in _MARKS:
        if data.startswith(mark):
            return _decodes(data, name)
    start = data[:LOOKED_AT]
    nuls = start[0::2].count(0), start[1::2].count(0)
    if sum(nuls) > len(start) // 4:
        return _decodes(data, "utf-16-le" if nuls[1] > nuls[0] else "utf-16-be")
    try:
        return _decodes(data, "utf-8")
    except BadFile:
        german = re.compile("[äöüÄÖÜßéèáç]")
        found = {name: len(german.findall(data.decode(name, "replace"))) for name in ("cp1252", "cp850")}
        return max(found, key=lambda name: found[name])


def _decodes(data: bytes, encoding: str) -> str:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        for begin in range(0, len(data), LOOKED_AT):
            decoder.decode(data[begin : begin + LOOKED_AT])
        decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        raise BadFile(Problem.NO_TEXT) from error
    return encoding


def _rows(data: bytes, encoding: str, delimiter: str) -> Iterator[Row]:
    text = TextIOWrapper(BytesIO(data), encoding, errors="replace", newline="")
    reader = csv.reader(text, delimiter=delimiter)
    try:
        for number, cells in enumerate(reader, 1):
            if number == 1 and "".join(cells).casefold().startswith("sep="):  # Excel's word for what separates cells
                continue
            plain = [_as_written(cell.strip()) for cell in cells]
            while plain and not plain[-1]:
                plain.pop()
            if len(plain) > MOST_COLUMNS:
                raise BadFile(Problem.TOO_MANY_COLUMNS, number)
            yield number, plain
    except csv.Error as error:
        raise BadFile(Problem.CELL_TOO_LONG, reader.line_num) from error


def _as_written(cell: str) -> str:
    """Without the mark that `core.cells` puts before what a spreadsheet would take for a formula."""
    return cell[1:] if cell[:1] == "'" and cell[1:].startswith(DANGEROUS) else cell


def _delimiter_of(data: bytes, encoding: str) -> str:
    """What makes most lines tables of the same width."""
    text = data[:LOOKED_AT].decode(encoding, "ignore").lstrip("\ufeff")
    if said := re.match(r"\"?sep=([;,\t|])", text, re.IGNORECASE):
        return said[1]
    lines = text.splitlines(keepends=True)
    lines = lines[:-1] if len(data) > LOOKED_AT and len(lines) > 1 else lines
    return max(DELIMITERS, key=lambda one: _fits(lines, one))


def _fits(lines: Sequence[str], delimiter: str) -> float:
    try:
        widths = Counter(len(row) for row in csv.reader(lines, delimiter=delimiter) if row)
    except csv.Error:
        return 0
    if not widths:
        return 0
    width, count = widths.most_common(1)[0]
    return 0 if width == 1 else count / sum(widths.values()) + min(width, 50) / 1000


def _titles(first: Sequence[Row]) -> tuple[int, list[str]]:
    """The row of which most cells are known titles; else the first one, unless it is somebody's data."""
    known = [(len(guess(cells)), line, cells) for line, cells in first]
    count, line, cells = max(known, key=lambda one: one[0])
    if count >= min(2, len(cells)) and count:
        return line, cells
    line, cells = first[0]
    is_data = any(re.search(r"@|[0-9]{4,}|[0-9]{1,2}[./-][0-9]{1,2}[./-]", cell) for cell in cells)
    return (0, []) if is_data else (line, cells)
