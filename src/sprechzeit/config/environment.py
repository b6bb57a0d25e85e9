"""Reading secrets and database URLs from the environment, for the settings."""

import os
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit


def secret(name: str) -> str:
    """The secret in `$NAME`, or in the file that `$NAME_FILE` names.

    Without either a placeholder is given that `sprechzeit check` refuses; it lets tools that never serve
    (type checker, `makemigrations`) start.
    """
    if value := os.environ.get(name):
        return value
    if file := os.environ.get(f"{name}_FILE"):
        return Path(file).read_text().strip()
    return "unset"


def database(url: str) -> dict[str, Any]:
    """Django's settings for a PostgreSQL URL; a socket folder stands in the query as `?host=/folder`.

    Server-side cursors and prepared statements are off, so that PgBouncer may stand between.
    """
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query))
    host = query.pop("host", None) or unquote(parts.hostname or "")
    return {
        "ENGINE": "sprechzeit.core.postgresql",
        "NAME": unquote(parts.path.lstrip("/")) or "sprechzeit",
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": str(parts.port or query.pop("port", "")),
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
        "DISABLE_SERVER_SIDE_CURSORS": True,
        "OPTIONS": {"prepare_threshold": None, "connect_timeout": 5, **query},
    }
