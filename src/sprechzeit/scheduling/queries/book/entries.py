"""What stands in the columns: appointments, blocks, holds, and what the viewer sees as busy only."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import NamedTuple
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from sprechzeit.access.actor import Actor
from sprechzeit.scheduling.availability import Span, instant_of
from sprechzeit.scheduling.models import AppointmentType, Calendar, Occupancy
from sprechzeit.scheduling.policy import may_enter, visible_appointments, visible_blocks
from sprechzeit.scheduling.queries.book.facts import Entry
from sprechzeit.scheduling.queries.book.rows import BEGIN, END, fetch, subquery
from sprechzeit.scheduling.queries.book.wall import Wall

_TAKEN = f"""
SELECT id::text, calendar_id, space_id, {BEGIN.format("")}, {END.format("")}, kind, overbooked
  FROM scheduling_occupancy
 WHERE practice_id = %s AND calendar_id = ANY(%s) AND active AND starts_at < %s AND ends_at > %s
   AND (expires_at IS NULL OR expires_at > %s)
"""  # noqa: S608 – of our own words alone, like the next ones

_APPOINTMENTS = f"""
SELECT one.id, one.occupancy_id::text, one.calendar_id, one.room_id, one.type_id,
       {BEGIN.format("one.")}, {END.format("one.")}, patient.last_name, patient.first_name, attendance.state,
       coalesce(one.told_starts_at <> one.starts_at, false), cancellation.reason, one.remark
  FROM {{visible}} one
  JOIN patients_patient patient ON patient.id = one.patient_id
  LEFT JOIN scheduling_attendance attendance ON attendance.appointment_id = one.id
  LEFT JOIN scheduling_cancellation cancellation ON cancellation.appointment_id = one.id
 WHERE one.calendar_id = ANY(%s) AND one.starts_at < %s AND one.ends_at > %s
   AND (%s OR cancellation.id IS NULL)
"""  # noqa: S608

_BLOCKS = f"""
SELECT one.id, one.occupancy_id::text, one.calendar_id, {BEGIN.format("one.")}, {END.format("one.")}, one.title
  FROM {{visible}} one
 WHERE one.calendar_id = ANY(%s) AND one.starts_at < %s AND one.ends_at > %s
"""  # noqa: S608


class Taken(NamedTuple):
    """Time that is taken, in UTC minutes: all that there is in the columns but for what is cancelled."""

    calendar_id: UUID
    space_id: UUID | None
    starts: int
    ends: int
    kind: str
    overbooked: bool


@dataclass(frozen=True, slots=True)
class Scope:
    """Of which calendars and when entries are read, and what they are read with."""

    practice_id: UUID
    wall: Wall
    period: Span
    calendars: Mapping[UUID, Calendar]
    types: Mapping[UUID, AppointmentType]
    room_of_space: Mapping[UUID, UUID]

    @property
    def within(self) -> tuple[list[UUID], datetime, datetime]:
        """The calendars, the end and the begin, as statements take them."""
        begin, end = self.period
        return list(self.calendars), instant_of(end), instant_of(begin)

    def room_of(self, taken: Taken) -> UUID | None:
        """The room of ours in which it is, if any."""
        return self.room_of_space.get(taken.space_id) if taken.space_id else None


def entries(actor: Actor, scope: Scope, *, cancelled: bool) -> list[Entry]:
    """Everything in the columns, by begin; three statements at most: of what takes no time nothing more is asked.

    With `cancelled` those appointments too (CAL-7).
    """
    taken = _taken(scope)
    kinds = {one.kind for one in taken.values()}
    movable = {one.id for one in scope.calendars.values() if may_enter(actor, one)}
    found: list[Entry] = []
    seen: set[str] = set()
    if cancelled or Occupancy.Kind.APPOINTMENT in kinds:
        found += _appointments(actor, scope, movable, taken, seen, cancelled=cancelled)
    if Occupancy.Kind.BLOCK in kinds:
        found += _blocks(actor, scope, movable, taken, seen)
    found += _busy(scope, (one for occupancy, one in taken.items() if occupancy not in seen))
    found.sort(key=attrgetter("starts", "ends"))
    return found


def _taken(scope: Scope) -> dict[str, Taken]:
    """What takes time, by its id. As text, which is compared faster than UUIDs are."""
    rows = fetch(_TAKEN, [scope.practice_id, *scope.within, timezone.now()])
    return {occupancy: Taken(*row) for occupancy, *row in rows}


def _appointments(
    actor: Actor, scope: Scope, movable: set[UUID], taken: Mapping[str, Taken], seen: set[str], *, cancelled: bool
) -> Iterator[Entry]:
    visible, parameters = subquery(visible_appointments(actor))
    marks = {one.id: () if one.location == one.Location.PRACTICE else (one.location,) for one in scope.types.values()}
    times = scope.wall.times
    for (
        appointment_id, occupancy, calendar_id, room_id, type_id, begin, end,
        last_name, first_name, state, untold, reason, remark,
    ) in fetch(_APPOINTMENTS.format(visible=visible), [*parameters, *scope.within, cancelled]):  # fmt: skip
        more: tuple[str, ...] = marks.get(type_id, ())
        is_cancelled = reason is not None
        if not is_cancelled:
            seen.add(occupancy)
            if untold:
                more = ("untold", *more)
            if occupancy in taken and taken[occupancy].overbooked:
                more = ("overbooked", *more)
        yield Entry(
            "appointment", calendar_id, room_id, *times(begin, end), last_name, first_name, type_id,
            "cancelled" if is_cancelled else state or "", more, appointment_id,
            not is_cancelled and calendar_id in movable, reason or "", remark,
        )  # fmt: skip


def _blocks(
    actor: Actor, scope: Scope, movable: set[UUID], taken: Mapping[str, Taken], seen: set[str]
) -> Iterator[Entry]:
    visible, parameters = subquery(visible_blocks(actor))
    for block_id, occupancy, calendar_id, begin, end, title in fetch(
        _BLOCKS.format(visible=visible), [*parameters, *scope.within]
    ):
        if occupancy not in taken:
            continue
        seen.add(occupancy)
        yield Entry(
            "block", calendar_id, scope.room_of(taken[occupancy]), *scope.wall.times(begin, end), title or _("Blocked"),
            id=block_id, movable=calendar_id in movable,
        )  # fmt: skip


def _busy(scope: Scope, others: Iterable[Taken]) -> Iterator[Entry]:
    """What the viewer may not see is 'busy' and a time, no more (CAL-13); a hold is named as what it is."""
    for one in others:
        is_hold = one.kind == Occupancy.Kind.HOLD
        yield Entry(
            "hold" if is_hold else "busy", one.calendar_id, scope.room_of(one),
            *scope.wall.times(one.starts, one.ends), _("Being booked online") if is_hold else _("Busy"),
        )  # fmt: skip
