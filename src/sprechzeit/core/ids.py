"""Identifiers: UUIDv7 for rows, random references for what partners and patients see (architecture §9)."""

import secrets
from uuid import UUID

from uuid_utils.compat import uuid7

from sprechzeit.core.errors import NotFound


def new_id() -> UUID:
    """A UUIDv7 (RFC 9562): sorts by the time it was made."""
    return uuid7()


def new_reference() -> str:
    """A random public reference of 96 bits, safe in a URL and for a command, to which what begins with a dash is an
    option. It names a thing, it opens nothing.
    """
    while (made := secrets.token_urlsafe(12)).startswith("-"):
        pass
    return made


def parse_id(text: str) -> UUID:
    """The id in `text`. Raises NotFound: a broken id is just an unknown one (ACC-6)."""
    try:
        return UUID(text)
    except ValueError:
        raise NotFound from None
