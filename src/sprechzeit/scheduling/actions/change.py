"""Remembering what a member changed in the book, so that they can undo it (CAL-16)."""

from datetime import UTC, timedelta
from typing import Any
from uuid import UUID

from sprechzeit.access.actor import Actor, ActorKind
from sprechzeit.core.acting import action
from sprechzeit.core.events import publish
from sprechzeit.core.ids import new_id
from sprechzeit.scheduling.events import PushedChanged
from sprechzeit.scheduling.models import Appointment, Block, BookChange, VideoAppointment

# So long a page offers to undo what was just done; what staff have sent to patients waits for it (CAL-16).
UNDO_TIME = timedelta(seconds=20)

State = dict[str, Any]
SWAPPED_WITH = "swapped_with"  # in what stands after a swap: the id of its other half


def state_of(thing: Appointment | Block) -> State:
    """Where it stands and how. Each place has its own occupancy: equal states are the same one."""
    state: State = {
        "occupancy": str(thing.occupancy_id),
        "calendar": str(thing.calendar_id),
        "starts_at": thing.starts_at.astimezone(UTC).isoformat(),
        "ends_at": thing.ends_at.astimezone(UTC).isoformat(),
    }
    if isinstance(thing, Appointment):
        attendance = getattr(thing, "attendance", None)
        state |= {
            "room": str(thing.room_id) if thing.room_id else None,
            "attendance": attendance.state if attendance else "",
            "cancelled": hasattr(thing, "cancellation"),
            "location": thing.location,
        }
    else:
        state["cancelled"] = not thing.occupancy.active
    return state


def time_to_undo(actor: Actor) -> timedelta:
    """How long a message about what the actor does waits. Who is from outside cannot undo: theirs goes out at once."""
    return timedelta(0) if actor.kind in (ActorKind.LINK, ActorKind.PARTNER, ActorKind.VIDEO) else UNDO_TIME


@action
def tell_if_pushed(actor: Actor, block: Block, *, after: timedelta | None = None) -> None:
    """Who comes to what a booking system pushed is told of what became of it, when it can be undone no more (VID-5).

    Any other block concerns nobody.
    """
    if VideoAppointment.objects.filter(practice_id=block.practice_id, block=block).exists():
        publish(PushedChanged(block.practice_id, block.pk), after=time_to_undo(actor) if after is None else after)


@action
def note_change(
    actor: Actor, kind: str, thing: Appointment | Block, before: State, after: State, *, change_id: UUID | None = None
) -> BookChange | None:
    """Keep what the member did. What others did, a patient by their link, is not theirs to undo here."""
    if actor.kind is not ActorKind.MEMBER:
        return None
    return BookChange.objects.create(
        id=change_id or new_id(),
        practice_id=actor.practice_id,
        member_id=actor.identity,
        kind=kind,
        before=before,
        after=after,
        **{"appointment" if isinstance(thing, Appointment) else "block": thing},
    )
