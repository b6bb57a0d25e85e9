"""How long an SMS is, as networks count it (3GPP TS 23.038, 23.040). Pure: no Django."""

from typing import NamedTuple

# The letters that need seven bits (23.038 6.2.1), and those that need an escape before them (6.2.1.1).
_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡"
    "ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED = frozenset("\f^{}\\[~]|€")


class Size(NamedTuple):
    """`letters` of the `room` that `parts` messages have."""

    letters: int
    room: int
    parts: int


def size_of(text: str) -> Size:
    """How many letters, and in how many parts it goes. Beyond 7-bit letters all of it is in UTF-16 (23.038 6.2.3)."""
    if all(letter in _BASIC or letter in _EXTENDED for letter in text):
        letters, alone, each = sum(2 if letter in _EXTENDED else 1 for letter in text), 160, 153
    else:
        letters, alone, each = len(text.encode("utf-16-le")) // 2, 70, 67
    if letters <= alone:
        return Size(letters, alone, 1)
    parts = -(-letters // each)
    return Size(letters, parts * each, parts)
