"""A place in the log as an address has it."""

from datetime import UTC, datetime, timedelta

from sprechzeit.core.errors import NotFound
from sprechzeit.privacy.queries import Place

MICROSECOND = timedelta(microseconds=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def cursor_of(place: Place) -> str:
    """Where a page ends, to be asked for what comes after it."""
    return f"{(place.at - EPOCH) // MICROSECOND}-{place.id}"


def place_of(text: str) -> Place | None:
    """None for the begin. Raises NotFound for what is no place."""
    if not text:
        return None
    moment, _dash, entry_id = text.partition("-")
    if not (moment.isdecimal() and entry_id.isdecimal() and len(moment) <= 16 and len(entry_id) <= 18):
        raise NotFound
    return Place(EPOCH + int(moment) * MICROSECOND, int(entry_id))
