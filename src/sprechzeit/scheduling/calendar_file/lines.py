"""From bytes to content lines: line ends, folding, encoding (RFC 5545, section 3.1)."""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass

_UNWANTED = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufeff\ufffd\ufffe\uffff]")
_WIDE_MARKS = {codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}


@dataclass(frozen=True, slots=True)
class Line:
    """An unfolded line. `number` is where it starts in the file; `doubt` names a problem of its characters."""

    number: int
    text: str
    doubt: str = ""


def content_lines(data: bytes) -> Iterator[Line]:
    """All lines that are not empty. Accepts LF, CR and CRLF, and lines folded within a character."""
    for number, raw in _unfolded(_as_utf8(data)):
        if raw.strip():
            yield _decoded(number, raw)


def _as_utf8(data: bytes) -> bytes:
    for mark, encoding in _WIDE_MARKS.items():
        if data.startswith(mark):
            return data.decode(encoding, "replace").encode("utf-8", "replace")
    return data.removeprefix(codecs.BOM_UTF8)


def _unfolded(data: bytes) -> Iterator[tuple[int, bytes]]:
    parts: list[bytes] = []
    start = 1
    for number, raw in enumerate(data.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n"), start=1):
        if not raw:
            continue  # also within a folded line, where line ends were doubled on the way
        if raw[:1] in (b" ", b"\t") and parts:
            parts.append(raw[1:])
            continue
        if parts:
            yield start, b"".join(parts)
        parts, start = [raw], number
    yield start, b"".join(parts)


def _decoded(number: int, raw: bytes) -> Line:
    doubt = ""
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        # Line by line: a file of mixed origin keeps its good lines.
        text, doubt = raw.decode("cp1252", "replace"), "old_encoding"
    clean = _UNWANTED.sub("", text)
    return Line(number, clean, doubt if clean == text else "unreadable_characters")
