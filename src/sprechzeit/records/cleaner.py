"""A program of its own that makes a document anew from a file that was sent: `python -m sprechzeit.records.cleaner`.

The file comes by standard input; on standard output stands a line of JSON, then what was made of the file, then a small
picture of it. What reads hostile files is not the process that has the keys: it knows no secret, sees no environment,
and may take so much memory and time and no more. No Django, no database.
"""

import io
import json
import re
import resource
import sys
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import pikepdf
import puremagic
from PIL import Image, ImageCms, ImageOps, ImageSequence

MEMORY = 1536 * 1024 * 1024  # bytes of addresses
SECONDS = 40  # of the processor
MOST_PIXELS = 80_000_000  # of one picture: a sheet of A3 at 600 dots an inch
MOST_SIDE = 30_000
MOST_PAGES = 500
MOST_OUT = 120_000_000  # bytes
PREVIEW = 480  # pixels a side
QUALITY, PREVIEW_QUALITY = 92, 78

PICTURES = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP", "image/tiff": "TIFF"}
PDF = "application/pdf"
HEIC = ("image/heif", "image/heic", "image/avif")
# What a page does by itself, or brings along: none of it is needed to read it.
ACTIVE = (
    "/JS", "/JavaScript", "/AA", "/OpenAction", "/EmbeddedFiles", "/EmbeddedFile", "/EF", "/AF", "/XFA", "/Collection",
    "/RichMediaContent", "/RichMediaSettings", "/PieceInfo", "/Renditions", "/AlternatePresentations", "/Requirements",
)  # fmt: skip
# Of all that a click may do, going to a page, to an address or on in the file stays.
HARMLESS = ("/GoTo", "/Named", "/URI")
ACTIONS = (
    "/GoToR", "/GoToE", "/GoToDp", "/Launch", "/Thread", "/Sound", "/Movie", "/Hide", "/SubmitForm", "/ResetForm",
    "/ImportData", "/JavaScript", "/SetOCGState", "/Rendition", "/Trans", "/GoTo3DView", "/RichMediaExecute",
)  # fmt: skip
PLAYED = ("/FileAttachment", "/Sound", "/Movie", "/Screen", "/3D", "/RichMedia")
ADDRESS = re.compile(r"(https?://|mailto:|tel:)", re.IGNORECASE)


class Refused(Exception):
    """The file is not taken; the word says why."""


@dataclass(frozen=True, slots=True)
class Made:
    """A document: what it is, its bytes, how many pages; `preview`: a WebP image of a picture, else empty."""

    media_type: str
    content: bytes
    pages: int = 1
    preview: bytes = b""


def make_anew(sent: bytes) -> Made:
    """What can be read in a file, written by ourselves. Raises `Refused`."""
    kind = kind_of(sent)
    if kind == PDF:
        return _pdf(sent)
    if kind in PICTURES:
        return _picture(sent, PICTURES[kind])
    raise Refused("heic" if kind in HEIC else "empty" if not sent else "kind")


def kind_of(sent: bytes) -> str:
    """What a file is by what stands in it; its name is nobody's proof."""
    try:
        found = [str(one.mime_type) for one in puremagic.magic_string(sent)]
    except (puremagic.PureError, ValueError):
        found = []
    known = [one for one in found if one in (PDF, *PICTURES, *HEIC)]
    if known and found[0] == known[0]:
        return known[0]
    # Scanners and mail programs leave something in front; readers look for the head in the first kilobyte.
    return PDF if b"%PDF-" in sent[:1024] and not found else ""


# --- Pictures -------------------------------------------------------------------------------------------------------


def _picture(sent: bytes, form: str) -> Made:
    try:
        with Image.open(io.BytesIO(sent), formats=(form,)) as opened:
            _measure(opened)
            if form == "TIFF":
                return _sheets(opened)
            picture = _drawn(opened)
    except Image.DecompressionBombError:
        raise Refused("pixels") from None
    out = io.BytesIO()
    if form == "JPEG":
        picture.convert("RGB").save(out, form, quality=QUALITY)
    else:
        picture.save(out, form, **({"quality": QUALITY} if form == "WEBP" else {}))
    return Made(f"image/{form.lower()}", out.getvalue(), preview=_small(picture))


def _measure(picture: Image.Image) -> None:
    """The head says it before a pixel is read: a small file may be a picture of gigabytes."""
    width, height = picture.size
    if width * height > MOST_PIXELS or max(width, height) > MOST_SIDE:
        raise Refused("pixels")


def _drawn(opened: Image.Image) -> Image.Image:
    """The first frame, upright, in the colours that every screen shows, and nothing else that the file said."""
    picture = ImageOps.exif_transpose(opened)
    profile = opened.info.get("icc_profile")
    if profile and picture.mode == "RGB":
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            ImageCms.profileToProfile(picture, source, ImageCms.createProfile("sRGB"), inPlace=True)
        except (ImageCms.PyCMSError, OSError):
            pass  # a broken profile says nothing about colours
    if picture.mode == "P" or picture.has_transparency_data:
        picture = picture.convert("RGBA" if picture.has_transparency_data else "RGB")
    elif picture.mode not in ("1", "L", "RGB"):
        picture = _reduced(picture) if picture.mode.startswith(("I", "F")) else picture.convert("RGB")
    fresh = Image.new(picture.mode, picture.size)
    fresh.paste(picture)
    return fresh


def _reduced(picture: Image.Image) -> Image.Image:
    """Sixteen bits of grey as eight, from the darkest to the lightest that there is."""
    low, high = (float(one) for one in picture.getextrema() if not isinstance(one, tuple))
    scale = 255 / ((high - low) or 1)
    return picture.point(lambda value: value * scale - low * scale).convert("L")


def _sheets(opened: Image.Image) -> Made:
    """A TIFF is a scan or a fax, often of several sheets: browsers show it as a PDF."""
    out, document, preview = io.BytesIO(), pikepdf.new(), b""
    for number, sheet in enumerate(ImageSequence.Iterator(opened)):
        if number >= MOST_PAGES:
            raise Refused("pages")
        _measure(sheet)
        resolution = float(sheet.info.get("dpi", (150, 150))[0]) or 150.0
        picture = _drawn(sheet)
        picture = picture.convert("RGB") if picture.mode == "RGBA" else picture
        preview = preview or _small(picture)
        page = io.BytesIO()
        # Black and white is packed as a fax is, everything else as JPEG.
        quality = {} if picture.mode == "1" else {"quality": QUALITY}
        picture.save(page, "PDF", resolution=max(resolution, 36.0), **quality)
        with pikepdf.open(page) as made:
            document.pages.extend(made.pages)
    count = len(document.pages)
    document.save(out)
    return Made(PDF, out.getvalue(), count, preview)


def _small(picture: Image.Image) -> bytes:
    small = picture.convert("RGBA" if picture.mode == "RGBA" else "RGB")
    small.thumbnail((PREVIEW, PREVIEW))
    out = io.BytesIO()
    small.save(out, "WEBP", quality=PREVIEW_QUALITY)
    return out.getvalue()


# --- PDF ------------------------------------------------------------------------------------------------------------


def _pdf(sent: bytes) -> Made:
    try:
        with pikepdf.open(io.BytesIO(sent[sent.find(b"%PDF-") :])) as document:
            pages = len(document.pages)
            if not pages:
                raise Refused("broken")
            if pages > MOST_PAGES:
                raise Refused("pages")
            for one in document.objects:
                _disarm(one)
            for part in (document.Root, document.trailer):
                _disarm(part)
            out = io.BytesIO()
            # What nothing refers to any more is not written; what is said about the file in XML is not read.
            generate = pikepdf.ObjectStreamMode.generate
            document.save(out, encryption=False, object_stream_mode=generate, fix_metadata_version=False)
    except pikepdf.PasswordError:
        raise Refused("encrypted") from None
    return Made(PDF, out.getvalue(), pages)


def _disarm(found: pikepdf.Object) -> None:
    """Take away what acts, from an object and all that stands in it; what it refers to has its own turn."""
    left = [found]
    while left:
        one = left.pop()
        if isinstance(one, pikepdf.Array):
            left += _inside(one.as_list())
        elif isinstance(one, pikepdf.Dictionary | pikepdf.Stream):
            _strip(one)
            left += _inside([one[key] for key in list(one.keys())])


def _inside(parts: Iterable[pikepdf.Object]) -> Iterator[pikepdf.Object]:
    """Only what is written in place: a file may refer to itself in circles."""
    for part in parts:
        if isinstance(part, pikepdf.Array | pikepdf.Dictionary | pikepdf.Stream) and not part.is_indirect:
            yield part


def _strip(one: pikepdf.Object) -> None:
    """Of a dictionary: what starts by itself, what is brought along, and every action that is none of the harmless."""
    for key in ACTIVE:
        if key in one:
            del one[key]
    acts = str(one.get("/S", "")) if isinstance(one.get("/S"), pikepdf.Name) else ""
    is_action = one.get("/Type") == pikepdf.Name.Action
    if acts in ACTIONS or (is_action and acts not in HARMLESS) or _leads_away(one, acts):
        for key in list(one.keys()):
            del one[key]
    if isinstance(one.get("/Subtype"), pikepdf.Name) and str(one.Subtype) in PLAYED and "/Rect" in one:
        for key in set(one.keys()) - {"/Rect", "/Type"}:
            del one[key]


def _leads_away(one: pikepdf.Object, acts: str) -> bool:
    """An address that is none of a page or of a person: `javascript:`, `file:` and what else there may be."""
    return acts == "/URI" and not ADDRESS.match(str(one.get("/URI", "")))


# --- The program ----------------------------------------------------------------------------------------------------


def _limit() -> None:
    """From here on: no file is written, no more memory and time than this. Before a byte of the file is read."""
    for what, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, SECONDS),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))


def main() -> None:
    """Standard input to standard output, once."""
    _limit()
    warnings.simplefilter("ignore")
    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    Image.init()
    try:
        made = make_anew(sys.stdin.buffer.read())
        if len(made.content) > MOST_OUT:
            raise Refused("large")
    except Refused as refused:
        sys.stdout.write(json.dumps({"refused": str(refused)}) + "\n")
        return
    except MemoryError:
        sys.stdout.write(json.dumps({"refused": "large"}) + "\n")
        return
    except Exception:  # what decoders raise for a broken file is no closed list
        sys.stdout.write(json.dumps({"refused": "broken"}) + "\n")
        return
    head = {"media_type": made.media_type, "pages": made.pages, "bytes": len(made.content)}
    out = sys.stdout.buffer
    out.write(json.dumps(head).encode() + b"\n" + made.content + made.preview)


if __name__ == "__main__":
    main()
