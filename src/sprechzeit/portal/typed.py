"""What a visitor typed, carried through the choice of another time: signed, in the page; no cookie, no address."""

from collections.abc import Mapping

from django.core import signing

SALT = "portal.typed"
KEPT_SECONDS = 2 * 3600
FIELD = "typed"


def pack(values: Mapping[str, str]) -> str:
    """For a hidden field; empty if nothing was typed."""
    return signing.dumps(dict(values), salt=SALT, compress=True) if values else ""


def unpack(text: str) -> dict[str, str]:
    """What `pack` packed; nothing if it is none of ours, was changed, or is too old."""
    try:
        values: dict[str, str] = signing.loads(text, salt=SALT, max_age=KEPT_SECONDS) if text else {}
    except signing.BadSignature:
        return {}
    return values
