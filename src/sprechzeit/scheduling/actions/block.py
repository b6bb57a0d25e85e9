"""Time that is taken without a patient (CAL-7)."""

from collections.abc import Collection
from uuid import UUID

from django.utils import timezone

from sprechzeit.access.actor import Actor
from sprechzeit.core.acting import action, require
from sprechzeit.core.errors import NotAllowed
from sprechzeit.practice.once import once
from sprechzeit.practice.queries import closed_rooms
from sprechzeit.scheduling.actions.change import note_change, state_of, tell_if_pushed
from sprechzeit.scheduling.actions.occupy import release
from sprechzeit.scheduling.actions.place import Place, take_place
from sprechzeit.scheduling.errors import ChangedMeanwhile, FromACalendarFile, RoomClosed
from sprechzeit.scheduling.models import Block, BookChange
from sprechzeit.scheduling.policy import get_block, may_enter


@action
def add_block(actor: Actor, place: Place, title: str, *, key: str, confirmed: Collection[str] = ()) -> Block:
    """Take a calendar's time, and a room's if one is named. The form's `key` sent twice makes one block.

    Working hours do not matter to a block. Raises `NotAllowed`, `NotOffered` with what has the time, `TimeTaken`,
    `RoomClosed` (PLAN-4).
    """
    require(may_enter(actor, place.calendar), NotAllowed)
    require(not _is_closed(actor, place), RoomClosed)

    def enter(block_id: UUID) -> None:
        placed = take_place(actor, place, None, confirmed=confirmed)
        block = Block.objects.create(
            id=block_id,
            practice_id=actor.practice_id,
            occupancy_id=placed.occupancy_id,
            calendar=place.calendar,
            title=title,
            starts_at=place.starts_at,
            ends_at=place.ends_at,
        )
        note_change(actor, BookChange.Kind.ENTERED, block, {}, state_of(block))

    asked = f"{place.calendar.pk} {place.starts_at.isoformat()} {place.ends_at.isoformat()} {title}"
    return get_block(actor, once(actor, "block", key, asked, enter))


@action
def move_block(actor: Actor, block_id: UUID, place: Place, *, confirmed: Collection[str] = ()) -> Block:
    """Give a block another time, length, calendar or room. One from a calendar file stays there from now on, whatever
    the file says of its time. Raises `NotFound`, `NotAllowed`, `NotOffered`, `TimeTaken`, `ChangedMeanwhile`,
    `RoomClosed` (it may stay in the room in which it is), and
    `FromACalendarFile` where the other calendar has the same entry.
    """
    block = get_block(actor, block_id)
    require(may_enter(actor, block.calendar) and may_enter(actor, place.calendar), NotAllowed)
    stays = place.room is not None and place.room.is_in(block.occupancy.space_id)
    require(stays or not _is_closed(actor, place), RoomClosed)
    before = state_of(block)
    placed = take_place(actor, place, None, freed=[block.occupancy], confirmed=confirmed)
    if block.calendar_import_id:
        require(not _has_the_same(block, place), FromACalendarFile)
        if block.file_starts_at is None:
            block.file_starts_at, block.file_ends_at = block.starts_at, block.ends_at
    block.occupancy_id, block.calendar = placed.occupancy_id, place.calendar
    block.starts_at, block.ends_at, block.all_day = place.starts_at, place.ends_at, False
    block.save(
        update_fields=["occupancy", "calendar", "starts_at", "ends_at", "all_day", "file_starts_at", "file_ends_at"]
    )
    note_change(actor, BookChange.Kind.MOVED, block, before, state_of(block))
    tell_if_pushed(actor, block)
    return block


def _is_closed(actor: Actor, place: Place) -> bool:
    """Whether the named room is past those that the practice's plan has."""
    return place.room is not None and place.room.pk in closed_rooms(actor)


def _has_the_same(block: Block, place: Place) -> bool:
    """Whether another import has put the same entry into the calendar: there it stands once."""
    there = Block.objects.filter(practice_id=block.practice_id, calendar=place.calendar, calendar_import__isnull=False)
    return there.filter(uid=block.uid, recurrence=block.recurrence).exclude(pk=block.pk).exists()


@action
def remove_block(actor: Actor, block_id: UUID) -> Block:
    """Free a block's time. One from a calendar file stays away, whatever the file says.

    Raises `NotFound`, `NotAllowed`, `ChangedMeanwhile`.
    """
    block = get_block(actor, block_id)
    require(may_enter(actor, block.calendar), NotAllowed)
    before = state_of(block)
    require(release(actor, block.occupancy) == 1, ChangedMeanwhile)
    if block.calendar_import_id:
        block.removed_at = timezone.now()
        block.save(update_fields=["removed_at"])
    note_change(actor, BookChange.Kind.CANCELLED, block, before, before | {"cancelled": True})
    tell_if_pushed(actor, block)
    return block
