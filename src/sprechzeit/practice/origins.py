"""Where a practice's booking page may be embedded: origins (RFC 6454), one a line. Pure but for the refusal's words."""

import re
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

# What the database allows too: nothing that could end a header or widen it.
ORIGINS = r"^(https?://[a-z0-9.-]+(:[0-9]{1,5})?(\n|$))*$"
_HOST = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?")
_AT_HOME = ("localhost", "127.0.0.1")
_PORTS = range(1, 65536)


def origins_of(text: str) -> list[str]:
    """The origins in `text`, as browsers write them; addresses of pages are cut to their origin.

    Raises ValidationError for what is none: only https, but for this machine itself.
    """
    return list(dict.fromkeys(_origin(word) for word in text.split()))


def validate_origins(text: str) -> None:
    """A validator of the field. Raises ValidationError."""
    origins_of(text)


def _origin(word: str) -> str:
    try:
        parts = urlsplit(word.lower())
        host, port = parts.hostname or "", parts.port
        host = host.encode("idna").decode()
    except (UnicodeError, ValueError):
        raise _refusal(word) from None
    secure = parts.scheme == "https" or (parts.scheme == "http" and host in _AT_HOME)
    if not secure or not _HOST.fullmatch(host) or (port is not None and port not in _PORTS):
        raise _refusal(word)
    return f"{parts.scheme}://{host}" + (f":{port}" if port is not None else "")


def _refusal(word: str) -> ValidationError:
    return ValidationError(
        _("“%(origin)s” is no address of a website. Please enter it like https://www.example.org."),
        code="origin",
        params={"origin": word[:80]},
    )
