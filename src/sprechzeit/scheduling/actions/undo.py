"""Undoing what a member last did to the book (CAL-16)."""

from contextlib import nullcontext
from datetime import datetime, timedelta
from uuid import UUID

from django.utils import timezone

from sprechzeit.access.actor import Actor, ActorKind
from sprechzeit.core.acting import action, require
from sprechzeit.core.constraints import deferred
from sprechzeit.core.errors import NotAllowed
from sprechzeit.core.events import publish
from sprechzeit.practice.queries import practice_of
from sprechzeit.scheduling.actions.attend import PLANNED, enter_attendance
from sprechzeit.scheduling.actions.cancel import end_appointment
from sprechzeit.scheduling.actions.change import SWAPPED_WITH, State, state_of, tell_if_pushed
from sprechzeit.scheduling.actions.move import enter_place
from sprechzeit.scheduling.actions.occupy import lock_time, release, take_again
from sprechzeit.scheduling.actions.plan import MONTHS, within_plan
from sprechzeit.scheduling.actions.relocate import enter_location
from sprechzeit.scheduling.actions.video import tell_video
from sprechzeit.scheduling.errors import ChangedMeanwhile, NothingToUndo, TimeTaken
from sprechzeit.scheduling.events import BookingUndone, CancellationUndone
from sprechzeit.scheduling.models import Appointment, Block, BookChange, Cancellation, Occupancy
from sprechzeit.scheduling.policy import get_appointment, may_change_appointment, may_enter, visible_blocks
from sprechzeit.scheduling.queries.conflicts import conflicts_in_calendar

Thing = Appointment | Block
Kind = BookChange.Kind


@action
def undo(actor: Actor, change_id: UUID | None = None) -> BookChange:
    """Undo a change that the actor made today, or the last of them, while everything is still as it left it.

    What was entered is cancelled, what was moved goes back, what was cancelled is booked again if its time is free.
    Raises `NothingToUndo`, `ChangedMeanwhile`, `NotAllowed`, `TimeTaken` with what has the time, and `MonthFull`.
    """
    change = _own_change(actor, change_id)
    changes = [change, *_swapped(actor, change)]
    occupancies = _occupancies(actor, changes)
    lock_time(
        {one.calendar_id for one in occupancies.values()},
        {one.space_id for one in occupancies.values() if one.space_id},
    )
    things = [_thing(actor, one) for one in changes]
    for thing, one in zip(things, changes, strict=True):
        require(_may_change(actor, thing), NotAllowed)
        after = {name: value for name, value in one.after.items() if name != SWAPPED_WITH}
        now = state_of(thing)
        require({name: now[name] for name in after} == after, ChangedMeanwhile)
    match change.kind:
        case Kind.ENTERED:
            _take_away(actor, things[0])
        case Kind.MOVED:
            _move_back(actor, things, [one.before for one in changes], occupancies)
        case Kind.CANCELLED:
            _restore(actor, things[0], occupancies)
        case Kind.RELOCATED:
            assert isinstance(things[0], Appointment)  # noqa: S101 – a block takes place nowhere else
            enter_location(actor, things[0], change.before["location"], back_to=change.before)
        case Kind.ATTENDED:
            assert isinstance(things[0], Appointment)  # noqa: S101 – a block is not attended
            enter_attendance(actor, things[0], change.before["attendance"] or PLANNED)
    BookChange.objects.filter(pk__in=[one.pk for one in changes]).update(undone_at=timezone.now())
    return change


def _own_change(actor: Actor, change_id: UUID | None) -> BookChange:
    require(actor.kind is ActorKind.MEMBER, NotAllowed)
    today = timezone.now().astimezone(practice_of(actor).zone).replace(hour=0, minute=0, second=0, microsecond=0)
    own = BookChange.objects.select_for_update().filter(
        practice_id=actor.practice_id, member_id=actor.identity, undone_at=None, made_at__gte=today
    )
    change = (own.filter(pk=change_id) if change_id else own).order_by("-made_at", "-id").first()
    if change is None:
        raise NothingToUndo
    return change


def _swapped(actor: Actor, change: BookChange) -> list[BookChange]:
    """The other half of a swap."""
    if SWAPPED_WITH not in change.after:
        return []
    return list(BookChange.objects.filter(practice_id=actor.practice_id, pk=change.after[SWAPPED_WITH]))


def _may_change(actor: Actor, thing: Thing) -> bool:
    return may_change_appointment(actor, thing) if isinstance(thing, Appointment) else may_enter(actor, thing.calendar)


def _occupancies(actor: Actor, changes: list[BookChange]) -> dict[str, Occupancy]:
    """The times before and after, by id."""
    ids = [state["occupancy"] for one in changes for state in (one.before, one.after) if state]
    return {str(one.pk): one for one in Occupancy.objects.filter(practice_id=actor.practice_id, pk__in=ids)}


def _thing(actor: Actor, change: BookChange) -> Thing:
    if change.appointment_id:
        return get_appointment(actor, change.appointment_id)
    blocks = visible_blocks(actor).select_related("calendar", "occupancy")
    block = blocks.filter(pk=change.block_id).first() if change.block_id else None
    if block is None:
        raise NothingToUndo
    return block


def _take_away(actor: Actor, thing: Thing) -> None:
    """What was entered by mistake. Its confirmation is withdrawn; if it is out already, the patient is told."""
    if isinstance(thing, Block):
        require(release(actor, thing.occupancy) == 1, ChangedMeanwhile)
        return
    require(end_appointment(actor, thing), ChangedMeanwhile)
    publish(BookingUndone(thing.practice_id, thing.id))


def _move_back(actor: Actor, things: list[Thing], before: list[State], occupancies: dict[str, Occupancy]) -> None:
    former = [occupancies[state["occupancy"]] for state in before]
    try:
        take_again(actor, [thing.occupancy for thing in things], *former)
    except TimeTaken:
        raise _named(actor, former) from None
    with within_plan(actor), deferred(MONTHS) if len(things) > 1 else nullcontext():
        _stand_again(actor, things, before, former)


def _stand_again(actor: Actor, things: list[Thing], before: list[State], former: list[Occupancy]) -> None:
    for thing, state, occupancy in zip(things, before, former, strict=True):
        starts_at, ends_at = (datetime.fromisoformat(state[name]) for name in ("starts_at", "ends_at"))
        thing.calendar_id = UUID(state["calendar"])
        if isinstance(thing, Appointment):
            thing.room_id = UUID(state["room"]) if state["room"] else None
            enter_place(actor, thing, occupancy.pk, starts_at, ends_at)
        else:
            thing.occupancy, thing.starts_at, thing.ends_at = occupancy, starts_at, ends_at
            thing.save(update_fields=["occupancy", "calendar", "starts_at", "ends_at"])
            tell_if_pushed(actor, thing, after=timedelta(0))


def _restore(actor: Actor, thing: Thing, occupancies: dict[str, Occupancy]) -> None:
    former = occupancies[str(thing.occupancy_id)]
    try:
        with within_plan(actor):
            take_again(actor, [], former)
    except TimeTaken:
        raise _named(actor, [former]) from None
    if isinstance(thing, Block):
        thing.removed_at = None
        thing.save(update_fields=["removed_at"])
        tell_if_pushed(actor, thing, after=timedelta(0))
        return
    Cancellation.objects.filter(practice_id=thing.practice_id, appointment=thing).delete()
    thing.sequence += 1
    thing.save(update_fields=["sequence"])
    publish(CancellationUndone(thing.practice_id, thing.id))
    tell_video(actor, thing)


def _named(actor: Actor, wanted: list[Occupancy]) -> TimeTaken:
    found = [
        conflict
        for one in wanted
        for conflict in conflicts_in_calendar(actor, one.calendar_id, one.starts_at, one.ends_at)
    ]
    return TimeTaken(
        conflicts=[one.words for one in found], named=[one.appointment.pk for one in found if one.appointment]
    )
