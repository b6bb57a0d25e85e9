"""What becomes of a file that somebody sends: made anew, or refused with a word on what to do (DOC-3)."""

import io
import os
import resource
import struct
import zlib
from pathlib import Path

import pikepdf
import pytest
import typst
from PIL import Image

from sprechzeit.core.errors import DomainError
from sprechzeit.operations.demo_records import LETTER
from sprechzeit.records import cleaner, cleaning
from sprechzeit.records.cleaning import cleaned
from sprechzeit.records.errors import (
    DocumentBroken,
    DocumentEmpty,
    DocumentEncrypted,
    DocumentKindUnknown,
    DocumentTooManyPages,
    DocumentTooManyPixels,
    DocumentUnreadable,
    PictureFormatUnknown,
)
from tests.support.documents import pdf, picture, spelled_out

pytestmark = pytest.mark.req("DOC-3")


def photo(form: str) -> bytes:
    """Of a phone that lay on its side, with the place where it was taken and a word of its owner."""
    exif, out = Image.Exif(), io.BytesIO()
    exif[0x0112], exif[0x010E] = 6, "GEHEIM"
    exif.get_ifd(0x8825).update({1: "N", 2: (50.0, 56.0, 17.0)})
    Image.new("RGB", (60, 40), "brown").save(out, form, exif=exif)
    return out.getvalue()


def tiff(*sheets: Image.Image) -> bytes:
    out = io.BytesIO()
    sheets[0].save(out, "TIFF", save_all=True, append_images=sheets[1:])
    return out.getvalue()


def huge_png(side: int) -> bytes:
    """A head that promises a picture of so many pixels a side, and hardly a byte of it."""

    def part(name: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + part(b"IHDR", head) + part(b"IDAT", zlib.compress(b"\0" * 1000)) + part(b"IEND", b"")


def test_a_picture_is_drawn_anew_upright_and_says_nothing_else() -> None:
    """By the program itself for one, in this process for the others: they are the same code."""
    by_program = cleaned(photo("JPEG"))
    assert (by_program.media_type, by_program.pages) == ("image/jpeg", 1)
    drawn = [by_program.content, cleaner.make_anew(photo("PNG")).content, cleaner.make_anew(photo("WEBP")).content]
    for content, form in zip(drawn, ("JPEG", "PNG", "WEBP"), strict=True):
        with Image.open(io.BytesIO(content)) as found:
            assert (found.format, found.size, dict(found.getexif())) == (form, (40, 60), {})
        assert b"GEHEIM" not in content
    with Image.open(io.BytesIO(by_program.preview)) as small:
        assert (small.format, small.size) == ("WEBP", (40, 60))


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "I;16"])
def test_every_kind_of_colours_is_drawn(mode: str) -> None:
    assert cleaner.make_anew(picture(mode=mode)).media_type == "image/png"


def test_a_fax_of_several_sheets_is_a_pdf_of_as_many_pages() -> None:
    made = cleaner.make_anew(tiff(Image.new("1", (500, 700)), Image.new("RGB", (50, 50)), Image.new("CMYK", (20, 20))))
    assert (made.media_type, made.pages, made.preview != b"") == ("application/pdf", 3, True)
    with pikepdf.open(io.BytesIO(made.content)) as opened:
        assert len(opened.pages) == 3


def test_a_pdf_keeps_its_page_and_its_links_and_loses_all_that_acts() -> None:
    before, made = pdf(), cleaned(pdf())
    assert spelled_out(before).count(b"boese") > 5, "the control: it was in there"
    found = spelled_out(made.content)
    assert (made.media_type, made.pages, made.preview) == ("application/pdf", 1, b"")
    assert b"https://example.org/gut" in found
    for word in (b"boese", b"JavaScript", b"Launch", b"OpenAction", b"EmbeddedFile", b"SubmitForm", b"/XFA", b"/AA"):
        assert word not in found


def test_who_locked_only_printing_or_has_something_in_front_is_read() -> None:
    locked = pdf(encryption=pikepdf.Encryption(owner="geheim", user=""))
    for content in (locked, b"\r\nscanner says hello\n" + pdf()):
        made = cleaner.make_anew(content)
        with pikepdf.open(io.BytesIO(made.content)) as opened:
            assert not opened.is_encrypted


def test_a_letter_of_our_own_is_read() -> None:
    """With fonts, structure and metadata, as programs write them."""
    letter = bytes(typst.compile(LETTER.encode(), ignore_system_fonts=True))
    with pikepdf.open(io.BytesIO(cleaner.make_anew(letter).content)) as opened:
        assert "/Font" in opened.pages[0].Resources


def test_a_file_that_is_two_things_is_one_of_them_afterwards() -> None:
    made = cleaner.make_anew(picture("JPEG") + b"<script>boese()</script>" + pdf())
    assert made.media_type == "image/jpeg"
    assert b"boese" not in made.content
    assert b"%PDF" not in made.content


REFUSED: dict[str, tuple[bytes, type[DomainError]]] = {
    "nothing": (b"", DocumentEmpty),
    "a page": (b"<html><script>alert(1)</script></html>", DocumentKindUnknown),
    "a drawing": (b"<svg xmlns='http://www.w3.org/2000/svg'/>", DocumentKindUnknown),
    "letters": (b"Sehr geehrte Frau Kern", DocumentKindUnknown),
    "an archive": (b"PK\x03\x04" + b"\0" * 99, DocumentKindUnknown),
    "a program": (b"MZ" + b"\0" * 99, DocumentKindUnknown),
    "an animation": (picture("GIF"), DocumentKindUnknown),
    "a phone's": (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + b"\0" * 99, PictureFormatUnknown),
    "half a picture": (picture("JPEG", (600, 400))[:500], DocumentBroken),
    "half a PDF": (pdf()[:300], DocumentBroken),
    "a PDF by name": (b"%PDF-1.7\n" + b"garbage " * 99, DocumentBroken),
    "a locked PDF": (pdf(encryption=pikepdf.Encryption(owner="a", user="b")), DocumentEncrypted),
    "a bomb": (huge_png(50_000), DocumentTooManyPixels),
    "a large bomb": (huge_png(9_400), DocumentTooManyPixels),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_kept_is_refused_by_its_content(name: str) -> None:
    content, expected = REFUSED[name]
    try:
        cleaner.make_anew(content)
        word = ""
    except cleaner.Refused as refused:
        word = str(refused)
    except Exception:  # as its own main program does
        word = "broken"
    assert cleaning.REFUSALS[word] is expected


def test_more_pages_than_anybody_reads_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cleaner, "MOST_PAGES", 1)
    with pikepdf.new() as two:
        two.add_blank_page()
        two.add_blank_page()
        out = io.BytesIO()
        two.save(out)
    for content in (out.getvalue(), tiff(Image.new("1", (9, 9)), Image.new("1", (9, 9)))):
        with pytest.raises(cleaner.Refused, match="pages"):
            cleaner.make_anew(content)
    assert cleaning.REFUSALS["pages"] is DocumentTooManyPages


def test_the_program_has_nothing_of_ours_and_dies_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another program in its place: it tells what it sees, takes all memory, takes its time, says nonsense."""
    monkeypatch.setenv("SPRECHZEIT_MASTER_KEY", "geheim")
    (tmp_path / "sprechzeit" / "records").mkdir(parents=True)
    program = tmp_path / "sprechzeit" / "records" / "cleaner.py"
    (tmp_path / "sprechzeit" / "__init__.py").touch()
    (tmp_path / "sprechzeit" / "records" / "__init__.py").touch()
    monkeypatch.syspath_prepend(str(tmp_path))
    seen = tmp_path / "seen"
    program.write_text(f"import os, sys; sys.stdin.read(); open({str(seen)!r}, 'w').write(repr(sorted(os.environ)))")
    with pytest.raises(DocumentUnreadable):
        cleaned(b"x")
    assert seen.read_text() == "['LC_ALL', 'PYTHONPATH']"
    for text in ("import os; os.abort()", "print('{}')", "print(7)", "import sys; sys.exit(3)"):
        program.write_text(text)
        with pytest.raises(DocumentUnreadable):
            cleaned(b"x" * 200_000)
    monkeypatch.setattr(cleaning, "PATIENCE", 0.5)
    program.write_text("import time; time.sleep(60)")
    with pytest.raises(DocumentUnreadable):
        cleaned(b"x")


def test_the_program_limits_itself_before_it_reads() -> None:
    """In a process of its own: memory, time and files are limited for good."""
    child = os.fork()
    if child == 0:
        os._exit(_limits_hold())
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def _limits_hold() -> int:
    try:
        cleaner._limit()
        bytearray(cleaner.MEMORY)
    except MemoryError:
        limits = [resource.getrlimit(one) for one in (resource.RLIMIT_FSIZE, resource.RLIMIT_CPU)]
        return 0 if limits == [(0, 0), (cleaner.SECONDS, cleaner.SECONDS)] else 2
    return 1
