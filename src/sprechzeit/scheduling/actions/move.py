"""Moving and resizing an appointment, and letting two change places (CAL-7, CAL-8)."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sprechzeit.access.actor import Actor
from sprechzeit.core.acting import action, require
from sprechzeit.core.constraints import deferred
from sprechzeit.core.errors import NotAllowed
from sprechzeit.core.events import publish
from sprechzeit.core.ids import new_id
from sprechzeit.scheduling.actions.change import SWAPPED_WITH, State, note_change, state_of
from sprechzeit.scheduling.actions.occupy import Wanted, lock_time, replace
from sprechzeit.scheduling.actions.place import NEVER_ALL_THE_SAME, Place, Visit, reasons_against, take_place
from sprechzeit.scheduling.actions.plan import MONTHS, within_plan
from sprechzeit.scheduling.actions.video import tell_video
from sprechzeit.scheduling.availability import Reason
from sprechzeit.scheduling.errors import ChangedMeanwhile, NotOffered, NotSwappable, NotYet, TimeTaken
from sprechzeit.scheduling.events import AppointmentMoved
from sprechzeit.scheduling.models import Appointment, BookChange, Occupancy
from sprechzeit.scheduling.policy import get_appointment, may_change_appointment, may_enter
from sprechzeit.scheduling.queries.appointment import is_later_day, who_writes
from sprechzeit.scheduling.reasons import words_of


@action
def move_appointment(
    actor: Actor, appointment_id: UUID, place: Place, *, confirmed: Collection[str] = ()
) -> Appointment:
    """Give an appointment another time, length, calendar or room; it keeps its buffers. The same place is no move.

    The patient is not told: what they know stays, and shows as 'not yet told' (CAL-23). Raises `NotFound`,
    `NotAllowed`, `NotOffered`, `TimeTaken`, `ChangedMeanwhile`, and `NotYet` for one to which somebody has come, or
    failed to come, and that would stand on a later day.
    """
    appointment = get_appointment(actor, appointment_id)
    require(may_change_appointment(actor, appointment) and may_enter(actor, place.calendar), NotAllowed)
    require(not hasattr(appointment, "cancellation"), ChangedMeanwhile)
    if _stands_at(appointment, place):
        return appointment
    require(not (hasattr(appointment, "attendance") and is_later_day(actor, place.starts_at)), NotYet)
    former, before = appointment.occupancy, state_of(appointment)
    placed = take_place(actor, place, _visit(appointment), freed=[former], confirmed=confirmed)
    appointment.calendar, appointment.room = place.calendar, placed.room
    enter_place(actor, appointment, placed.occupancy_id, place.starts_at, place.ends_at)
    note_change(actor, BookChange.Kind.MOVED, appointment, before, state_of(appointment))
    return appointment


def _visit(appointment: Appointment) -> Visit:
    """The same visit elsewhere: it keeps its buffers."""
    former = appointment.occupancy
    return Visit(
        appointment.type,
        appointment.starts_at - former.starts_at,
        former.ends_at - appointment.ends_at,
        appointment.location,
        born_on=appointment.patient.date_of_birth,
    )


def _stands_at(appointment: Appointment, place: Place) -> bool:
    here = (appointment.calendar_id, appointment.starts_at, appointment.ends_at)
    same_room = place.any_room or appointment.room_id == (place.room.pk if place.room else None)
    return same_room and here == (place.calendar.pk, place.starts_at, place.ends_at)


@action
def enter_place(
    actor: Actor, appointment: Appointment, occupancy_id: UUID, starts_at: datetime, ends_at: datetime
) -> None:
    """Enter where the appointment stands now; its calendar and room are set. Its time is taken already.

    A partner that writes to the patient is told of every move, so that the patient counts as told (OTV-13).
    Raises `MonthFull`, `RoomClosed`.
    """
    require(may_change_appointment(actor, appointment), NotAllowed)
    appointment.occupancy_id = occupancy_id
    appointment.starts_at, appointment.ends_at = starts_at, ends_at
    appointment.sequence += 1
    columns = ["occupancy", "calendar", "room", "starts_at", "ends_at", "sequence"]
    if who_writes(actor, appointment):
        appointment.told_starts_at = starts_at
        columns.append("told_starts_at")
    with within_plan(actor):
        appointment.save(update_fields=columns)
    publish(AppointmentMoved(appointment.practice_id, appointment.id))
    tell_video(actor, appointment)


@action
def swap_appointments(
    actor: Actor, appointment_id: UUID, other_id: UUID, *, confirmed: Collection[str] = ()
) -> tuple[Appointment, Appointment]:
    """Let two appointments change places at once: calendar, room and begin; each keeps its length and buffers.

    The rules are a move's: raises `NotOffered` with all reasons, not `confirmed`, that either has not to stand at the
    other's place; `NotSwappable` where one of them does not fit there, also for two that are one; `NotAllowed`.
    """
    one, other = get_appointment(actor, appointment_id), get_appointment(actor, other_id)
    for each in (one, other):
        require(may_change_appointment(actor, each) and may_enter(actor, each.calendar), NotAllowed)
    is_open = not any(hasattr(each, "cancellation") or hasattr(each, "attendance") for each in (one, other))
    require(one.pk != other.pk and is_open, NotSwappable)
    _require_offered(actor, one, other, confirmed)
    before = [state_of(one), state_of(other)]
    places = [(other, other.starts_at), (one, one.starts_at)]
    try:
        taken = replace(
            actor,
            [one.occupancy, other.occupancy],
            *(_at_place_of(each, there) for each, (there, _) in zip((one, other), places, strict=True)),
        )
    except TimeTaken:
        raise NotSwappable from None
    rooms = [(there.calendar, there.room) for there, _ in places]
    with within_plan(actor), deferred(MONTHS):
        for each, occupancy_id, (_, starts_at), (calendar, room) in zip(
            (one, other), taken, places, rooms, strict=True
        ):
            length = each.ends_at - each.starts_at
            each.calendar, each.room = calendar, room
            enter_place(actor, each, occupancy_id, starts_at, starts_at + length)
    _note_swap(actor, (one, other), before)
    return one, other


def _require_offered(actor: Actor, one: Appointment, other: Appointment, confirmed: Collection[str]) -> None:
    """Each is looked at where the other stands; that the other has the time now is no reason. Names who it is about."""
    spaces = {each.occupancy.space_id for each in (one, other) if each.occupancy.space_id}
    lock_time({one.calendar_id, other.calendar_id}, spaces)
    against: dict[str, list[str]] = {}
    for each, there in ((one, other), (other, one)):
        ends_at = there.starts_at + (each.ends_at - each.starts_at)
        place = Place(there.calendar, there.starts_at, ends_at, there.room)
        reasons, meanings = reasons_against(actor, place, _visit(each))
        for reason in reasons:
            words = meanings.get(reason) or str(words_of(reason))
            against.setdefault(reason, []).append(f"{each.patient.full_name}: {words}")
    accepted = {Reason.CALENDAR_TAKEN, *confirmed} - NEVER_ALL_THE_SAME
    refused = [reason for reason in against if reason not in accepted]
    if refused:
        explained = {reason: " ".join(against[reason]) for reason in refused}
        raise NotOffered(refused, meanings=explained, named=[one.pk, other.pk])


def _at_place_of(appointment: Appointment, there: Appointment) -> Wanted:
    former = appointment.occupancy
    return Wanted(
        calendar_id=there.calendar_id,
        space_id=there.occupancy.space_id,
        starts_at=there.starts_at - (appointment.starts_at - former.starts_at),
        ends_at=there.starts_at + (former.ends_at - appointment.starts_at),
        kind=Occupancy.Kind.APPOINTMENT,
    )


def _note_swap(actor: Actor, pair: tuple[Appointment, Appointment], before: list[State]) -> None:
    """Two changes that are undone together: each names the other."""
    ids = (new_id(), new_id())
    for each, former, own, other in zip(pair, before, ids, reversed(ids), strict=True):
        after = state_of(each) | {SWAPPED_WITH: str(other)}
        note_change(actor, BookChange.Kind.MOVED, each, former, after, change_id=own)
