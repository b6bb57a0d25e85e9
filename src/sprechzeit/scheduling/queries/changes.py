"""The viewer's own last changes."""

from sprechzeit.access.actor import Actor
from sprechzeit.scheduling.models import Appointment, Block, BookChange


def last_change(actor: Actor, thing: Appointment | Block) -> BookChange | None:
    """What the member did to it last and did not undo (CAL-16)."""
    own = BookChange.objects.filter(practice_id=actor.practice_id, member_id=actor.identity, undone_at=None)
    mine = own.filter(appointment=thing) if isinstance(thing, Appointment) else own.filter(block=thing)
    return mine.order_by("-made_at", "-id").first()
