"""The icons: Lucide's drawings, inlined, hidden from screen readers (the text beside them speaks)."""

import re
from functools import cache
from pathlib import Path

from django.utils.safestring import SafeString, mark_safe

FOLDER = Path(__file__).resolve().parent / "icons"
_DRAWING = re.compile(r"<svg[^>]*>(.*)</svg>", re.DOTALL)


class UnknownIcon(Exception):
    """There is no vendored icon of this name; add it to `vendor.py`."""


@cache
def icon(name: str) -> SafeString:
    """The icon as inline SVG. Raises `UnknownIcon`."""
    file = FOLDER / f"{name}.svg"
    if not re.fullmatch(r"[a-z0-9-]+", name) or not file.is_file():
        raise UnknownIcon(name)
    drawing = _DRAWING.search(file.read_text())
    if drawing is None:
        raise UnknownIcon(name)
    inner = re.sub(r"\s+", " ", drawing.group(1)).strip()
    return mark_safe(f'<svg class="icon" viewBox="0 0 24 24" aria-hidden="true">{inner}</svg>')  # noqa: S308  our own files
