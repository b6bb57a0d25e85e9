"""Drawing a logo anew from the file that somebody sent."""

from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO

from PIL import Image, ImageOps

from sprechzeit.practice.errors import ImageTooLarge, NotAnImage

FORMATS = ("PNG", "JPEG", "WEBP")
MOST_BYTES = 2_000_000
MOST_PIXELS_A_SIDE = 4096
QUALITY = 90


@dataclass(frozen=True, slots=True)
class Drawn:
    """A WebP image. `digest`: what tells it from another one, in hexadecimal. Lengths in pixels."""

    image: bytes
    digest: str
    width: int
    height: int


def drawn_anew(sent: bytes, width: int, height: int) -> Drawn:
    """The picture of a PNG, JPEG or WebP file, fitted into a size, without anything else that was in the file.

    Of a moving picture the first frame. Raises `NotAnImage`, `ImageTooLarge`.
    """
    if len(sent) > MOST_BYTES:
        raise ImageTooLarge
    try:
        with Image.open(BytesIO(sent), formats=FORMATS) as found:
            # The header says it before a pixel is read: a small file may be a picture of a gigabyte.
            if max(found.size) > MOST_PIXELS_A_SIDE:
                raise ImageTooLarge
            picture = ImageOps.exif_transpose(found).convert("RGBA" if found.has_transparency_data else "RGB")
    except ImageTooLarge:
        raise
    except Exception:  # what decoders raise for a broken file is no closed list
        raise NotAnImage from None
    picture.thumbnail((width, height))
    out = BytesIO()
    picture.save(out, "WEBP", quality=QUALITY)
    image = out.getvalue()
    return Drawn(image, sha256(image).hexdigest()[:32], picture.width, picture.height)
