"""Time of appointments that a booking system pushed to the practice's video side (VID-1, VID-2, PUSH-10).

Each is a block of a calendar: no record is made of who comes. It is led by the booking system; staff may move or remove
it like any block, of which that system learns nothing (PUSH-5).
"""

from uuid import UUID

from django.utils import timezone

from sprechzeit.access.actor import Actor, ActorKind
from sprechzeit.core.acting import action, require
from sprechzeit.core.errors import NotAllowed
from sprechzeit.scheduling.actions.occupy import lock_time, release
from sprechzeit.scheduling.actions.place import Place, take_place
from sprechzeit.scheduling.errors import ChangedMeanwhile
from sprechzeit.scheduling.models import Block, BookChange, VideoAppointment

# What comes from elsewhere is booked there already: it is taken, over whatever has the time here, and marked (PUSH-10).
OVER_OTHERS = ("calendar_taken",)


def _may_push(actor: Actor) -> bool:
    return actor.kind is ActorKind.VIDEO


@action
def enter_pushed(actor: Actor, place: Place, title: str) -> Block:
    """Take the calendar's time, over others too, with a link and a TAN. Raises `NotAllowed`."""
    require(_may_push(actor), NotAllowed)
    placed = take_place(actor, place, None, confirmed=OVER_OTHERS)
    block = Block.objects.create(
        practice_id=actor.practice_id,
        occupancy_id=placed.occupancy_id,
        calendar=place.calendar,
        title=title,
        starts_at=place.starts_at,
        ends_at=place.ends_at,
    )
    VideoAppointment.here(practice_id=actor.practice_id, block=block).save()
    return block


@action
def move_pushed(actor: Actor, block_id: UUID, place: Place, title: str) -> Block:
    """Give it this place, wherever it stands now: where somebody removed it here it stands again. Link and TAN stay.

    Where it stands there already nothing is taken anew. Raises `NotAllowed`, `ChangedMeanwhile`.
    """
    require(_may_push(actor), NotAllowed)
    known = _block(actor, block_id).calendar_id
    lock_time({known, place.calendar.pk}, set())
    block = _block(actor, block_id)
    # Staff who moved it meanwhile held the lock of the calendar in which we saw it.
    require(block.calendar_id == known, ChangedMeanwhile)
    stands = block.occupancy.active
    if not stands or (block.calendar_id, block.starts_at, block.ends_at) != (
        place.calendar.pk, place.starts_at, place.ends_at,
    ):  # fmt: skip
        placed = take_place(actor, place, None, freed=[block.occupancy] if stands else [], confirmed=OVER_OTHERS)
        block.occupancy_id = placed.occupancy_id
    block.calendar, block.starts_at, block.ends_at, block.title = place.calendar, place.starts_at, place.ends_at, title
    block.save(update_fields=["occupancy", "calendar", "starts_at", "ends_at", "title"])
    return _block(actor, block_id)


@action
def end_pushed(actor: Actor, block_id: UUID) -> None:
    """Free its time; its link is dead at once (VID-4). Harmless where it is free already.

    Raises `NotAllowed`, `ChangedMeanwhile`.
    """
    require(_may_push(actor), NotAllowed)
    known = _block(actor, block_id).calendar_id
    lock_time({known}, set())
    block = _block(actor, block_id)
    # In another calendar meanwhile, its lock would be taken out of order: others wait the other way round.
    require(block.calendar_id == known, ChangedMeanwhile)
    release(actor, block.occupancy)
    # Nobody here brings back what is cancelled there.
    changes = BookChange.objects.filter(practice_id=actor.practice_id, block_id=block_id, undone_at=None)
    changes.update(undone_at=timezone.now())


def _block(actor: Actor, block_id: UUID) -> Block:
    found = Block.objects.filter(practice_id=actor.practice_id, video__isnull=False)
    return found.select_related("calendar", "occupancy").get(pk=block_id)
