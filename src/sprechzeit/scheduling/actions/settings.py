"""Setting up what can be booked: calendars, hours, types, offerings."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from sprechzeit.access.actor import Actor
from sprechzeit.core.acting import action, require
from sprechzeit.core.constraints import refused_by
from sprechzeit.core.errors import NotAllowed, NotFound
from sprechzeit.core.ids import new_id
from sprechzeit.core.live import announce
from sprechzeit.core.locks import lock
from sprechzeit.core.order import placed
from sprechzeit.practice.errors import NameTaken
from sprechzeit.practice.models import Member, Room
from sprechzeit.practice.policy import visible_members, visible_rooms
from sprechzeit.scheduling.actions.occupy import lock_time
from sprechzeit.scheduling.actions.plan import keep_months
from sprechzeit.scheduling.actions.video import reference_of, tell_video_of
from sprechzeit.scheduling.errors import AgesReversed
from sprechzeit.scheduling.models import AppointmentType, Calendar, Offering, OfferingRoom
from sprechzeit.scheduling.policy import (
    get_calendar,
    get_type,
    may_change_book,
    may_change_calendar,
    visible_calendars,
    visible_types,
)


@action
def announce_books(actor: Actor) -> None:
    """Tell open books of the practice that any of their columns may look different (CAL-14)."""
    for calendar_id in visible_calendars(actor, retired=True).values_list("pk", flat=True):
        announce(actor.practice_id, calendar_id)


# --- Calendars ------------------------------------------------------------------------------------------------------


@action
def add_calendar(
    actor: Actor,
    name: str,
    initials: str,
    *,
    member: Member | None = None,
    colour: int = 1,
    position: int | None = None,
    calendar_id: UUID | None = None,
) -> Calendar:
    """A new column of the book, of a practitioner or of none (CAL-1); the last one without a `position`.

    Raises `NameTaken`.
    """
    require(may_change_book(actor), NotAllowed)
    with refused_by("calendar_name_once", NameTaken):
        return Calendar.objects.create(
            id=calendar_id or new_id(),
            practice_id=actor.practice_id,
            name=name,
            initials=initials,
            member=member,
            colour=colour,
            position=visible_calendars(actor).count() if position is None else position,
        )


@action
def change_calendar(actor: Actor, calendar_id: UUID, changes: Mapping[str, Any]) -> None:
    """Write what was changed of a calendar, as the model names it; whose it is, administrators say.

    Handed over, it has the reference of its new practitioner at the video service, unless one is given (PUSH-3).
    Its appointments count for whose it is: past the plan's limit it is not handed over (PLAN-3). Raises `NameTaken`,
    `MonthFull`.
    """
    calendar = get_calendar(actor, calendar_id, retired=True)
    require(may_change_calendar(actor, calendar), NotAllowed)
    is_other = False
    if "member" in changes:
        require(may_change_book(actor), NotAllowed)
        member = changes["member"]
        require(member is None or visible_members(actor).filter(pk=member.pk).exists(), NotFound)
        lock_time([calendar.pk], [])
        is_other = not visible_calendars(actor, retired=True).filter(pk=calendar.pk, member=member).exists()
        if is_other and calendar.video_reference and "video_reference" not in changes:
            changes = {**changes, "video_reference": reference_of(actor, member.pk if member else None)}
    if changes:
        with refused_by("calendar_name_once", NameTaken):
            Calendar.objects.filter(pk=calendar.pk).update(**changes)
        if is_other:
            keep_months(actor, calendar.pk)
        if "video_reference" in changes:
            tell_video_of(actor, [calendar.pk])
        announce(actor.practice_id, calendar.pk)


@action
def retire_calendar(actor: Actor, calendar_id: UUID) -> None:
    """It offers nothing new; what stands in it stays (CAL-1)."""
    calendar = get_calendar(actor, calendar_id, retired=True)
    require(may_change_calendar(actor, calendar), NotAllowed)
    lock_time([calendar.pk], [])
    Calendar.objects.filter(pk=calendar.pk, retired_at=None).update(retired_at=timezone.now())
    announce(actor.practice_id, calendar.pk)


@action
def bring_back_calendar(actor: Actor, calendar_id: UUID) -> None:
    """A retired calendar offers its times again."""
    calendar = get_calendar(actor, calendar_id, retired=True)
    require(may_change_calendar(actor, calendar), NotAllowed)
    Calendar.objects.filter(pk=calendar.pk).update(retired_at=None)
    announce(actor.practice_id, calendar.pk)


@action
def place_calendar(actor: Actor, calendar_id: UUID, place: int) -> None:
    """Put a calendar at this place among those in use, counted from 0."""
    calendar = get_calendar(actor, calendar_id, retired=True)
    require(may_change_book(actor), NotAllowed)
    _place(actor, visible_calendars(actor), calendar, place)


def _place(actor: Actor, rows: QuerySet[Any], one: Any, place: int) -> None:
    """Number the rows in their new order. A retired one has no place."""
    lock(f"order-of-{one._meta.db_table}:{actor.practice_id}")
    if one.retired_at is None:
        for position, row in enumerate(placed(list(rows.order_by("position", "name")), one, place)):
            if row.position != position:
                type(row).objects.filter(pk=row.pk).update(position=position)
        announce_books(actor)


# --- Types and offerings --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class OfferingChange:
    """What was changed about a calendar's offering of a type; what is not named stays as it is now.

    `offered`: whether the calendar offers it at all; None: as now. `changes`: `duration` in minutes or None, `rooms` in
    order of preference.
    """

    calendar_id: UUID
    offered: bool | None
    changes: Mapping[str, Any] = field(default_factory=dict)


@action
def add_type(
    actor: Actor,
    name: str,
    *,
    duration: int,
    position: int | None = None,
    type_id: UUID | None = None,
    **rules: Any,
) -> AppointmentType:
    """A new appointment type; `rules` as the model names them, lengths in minutes (CAL-5).

    The last one without a `position`. Raises `NameTaken`, `AgesReversed`.
    """
    require(may_change_book(actor), NotAllowed)
    with refused_by("appointment_type_name_once", NameTaken), refused_by("appointment_type_ages", AgesReversed):
        return AppointmentType.objects.create(
            id=type_id or new_id(),
            practice_id=actor.practice_id,
            name=name,
            duration=duration,
            position=visible_types(actor).count() if position is None else position,
            **rules,
        )


@action
def change_type(
    actor: Actor, type_id: UUID, changes: Mapping[str, Any], offerings: Sequence[OfferingChange] = ()
) -> None:
    """Write what was changed of a type, as the model names it, and of who offers it (CAL-5, CAL-6).

    What was booked stays as it was booked. Raises `NameTaken`, `AgesReversed`.
    """
    found = get_type(actor, type_id, retired=True)
    require(may_change_book(actor), NotAllowed)
    if changes:
        with refused_by("appointment_type_name_once", NameTaken), refused_by("appointment_type_ages", AgesReversed):
            AppointmentType.objects.filter(pk=found.pk).update(**changes)
    for one in offerings:
        _change_offering(actor, found, one)
    if changes or offerings:
        announce_books(actor)


@action
def retire_type(actor: Actor, type_id: UUID) -> None:
    """It is offered no more; what was booked stays (CAL-1)."""
    found = get_type(actor, type_id, retired=True)
    require(may_change_book(actor), NotAllowed)
    AppointmentType.objects.filter(pk=found.pk, retired_at=None).update(retired_at=timezone.now())
    announce_books(actor)


@action
def bring_back_type(actor: Actor, type_id: UUID) -> None:
    """A retired type is offered again, by its rules."""
    found = get_type(actor, type_id, retired=True)
    require(may_change_book(actor), NotAllowed)
    AppointmentType.objects.filter(pk=found.pk).update(retired_at=None)
    announce_books(actor)


@action
def place_type(actor: Actor, type_id: UUID, place: int) -> None:
    """Put a type at this place among those in use, counted from 0."""
    found = get_type(actor, type_id, retired=True)
    require(may_change_book(actor), NotAllowed)
    _place(actor, visible_types(actor), found, place)


@action
def offer_type(
    actor: Actor, appointment_type: AppointmentType, calendar: Calendar, rooms: Sequence[Room] = ()
) -> Offering:
    """Let a calendar offer a type, in these rooms, best first (CAL-6)."""
    require(may_change_book(actor), NotAllowed)
    offering = Offering.objects.create(practice_id=actor.practice_id, type=appointment_type, calendar=calendar)
    _allow_rooms(offering, rooms)
    return offering


def _change_offering(actor: Actor, appointment_type: AppointmentType, change: OfferingChange) -> None:
    calendar = get_calendar(actor, change.calendar_id, retired=True)
    offerings = Offering.objects.filter(type=appointment_type, calendar=calendar)
    if change.offered is False:
        offerings.delete()
        return
    offering = offerings.first()
    if offering is None:
        if change.offered is None:  # somebody else has taken it away meanwhile
            return
        offering, _made = Offering.objects.get_or_create(
            practice_id=actor.practice_id, type=appointment_type, calendar=calendar
        )
    if "duration" in change.changes:
        offerings.update(duration=change.changes["duration"])
    if "rooms" in change.changes:
        known = {room.pk for room in visible_rooms(actor)}
        require(all(room.pk in known for room in change.changes["rooms"]), NotFound)
        OfferingRoom.objects.filter(offering=offering).delete()
        _allow_rooms(offering, change.changes["rooms"])


def _allow_rooms(offering: Offering, rooms: Iterable[Room]) -> None:
    for position, room in enumerate(rooms):
        OfferingRoom.objects.create(practice_id=offering.practice_id, offering=offering, room=room, position=position)
