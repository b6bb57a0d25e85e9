"""The pages, as a WSGI application."""

import os
import re
from collections.abc import Callable, Iterable
from typing import Any

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sprechzeit.config.settings")

_CHARSET = re.compile(r";\s*charset\*?\s*=[^;]*", re.IGNORECASE)
_django = get_wsgi_application()


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Whatever a request says of itself, it is read as UTF-8.

    Django believes any codec that a request names: some raise before it could answer, others make NUL and half
    characters of plain text.
    """
    if kind := environ.get("CONTENT_TYPE"):
        # As it came: it may be signed (partners/door.py).
        environ["sprechzeit.content_type"] = kind
        environ["CONTENT_TYPE"] = _CHARSET.sub("", kind)
    if raw := environ.get("asgi.scope", {}).get("raw_path"):
        # The same: a path can be encoded in several ways, and one of them is signed.
        environ["sprechzeit.path"] = raw.decode("latin-1")
    return _django(environ, start_response)
