"""All of it, in its order."""

from collections.abc import Iterator
from contextlib import suppress

from sprechzeit.operations.conformance.limits import limits
from sprechzeit.operations.conformance.outcome import Failed, Outcome
from sprechzeit.operations.conformance.portal import Portal, hooks, shows
from sprechzeit.operations.conformance.reading import reads
from sprechzeit.operations.conformance.signatures import door
from sprechzeit.operations.conformance.wire import Practice
from sprechzeit.operations.conformance.writing import clean_up, writes
from sprechzeit.operations.terminal import _

PARTS = {
    "signatures": _("Signatures"),
    "reading": _("Reading"),
    "writing": _("Booking"),
    "webhooks": _("The portal's webhooks"),
    "portal": _("The portal's pages"),
    "limits": _("Limits"),
}


def play(practice: Practice, *, portal: Portal | None = None, with_limits: bool = False) -> Iterator[Outcome]:
    """Each situation as soon as it was played. What was booked is cancelled, whatever fails."""
    yield from door.outcomes(practice)
    yield from reads.outcomes(practice)
    if portal is not None:
        yield from hooks.outcomes(portal)
        yield from shows.outcomes(portal)
    try:
        yield from writes.outcomes(practice)
    finally:
        with suppress(OSError, Failed):
            clean_up(practice)
    if with_limits:
        yield from limits.outcomes(practice)
