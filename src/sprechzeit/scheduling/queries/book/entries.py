"""What stands in the columns: appointments, blocks, holds, and what the viewer sees as busy only.

All ids come as text: it is made and compared faster than UUIDs are.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from operator import attrgetter
from typing import NamedTuple
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from sprechzeit.access.actor import Actor
from sprechzeit.core.rows import fetch, seen
from sprechzeit.practice.models import Room
from sprechzeit.scheduling.availability import Span, instant_of
from sprechzeit.scheduling.models import AppointmentType, Calendar, Occupancy
from sprechzeit.scheduling.policy import may_enter, visible_appointments, visible_blocks
from sprechzeit.scheduling.queries.book.facts import Entry
from sprechzeit.scheduling.queries.book.wall import BEGIN, END, Wall

_TAKEN = f"""
SELECT id::text, calendar_id::text, space_id::text, {BEGIN.format("")}, {END.format("")}, kind, overbooked
  FROM scheduling_occupancy
 WHERE practice_id = %s AND calendar_id = ANY(%s) AND active AND starts_at < %s AND ends_at > %s
   AND (expires_at IS NULL OR expires_at > %s)
"""  # noqa: S608 – of our own words alone, like the next ones

_APPOINTMENTS = f"""
SELECT one.id::text, one.occupancy_id::text, one.calendar_id::text, one.room_id::text, one.type_id::text,
       {BEGIN.format("one.")}, {END.format("one.")}, patient.last_name, patient.first_name, attendance.state,
       one.told_starts_at IS DISTINCT FROM one.starts_at, cancellation.reason, one.remark, one.location,
       CASE WHEN one.partner_id IS NULL THEN ''
            ELSE (SELECT name FROM practice_partner partner WHERE partner.id = one.partner_id) END
  FROM {{visible}} one
  JOIN patients_patient patient ON patient.id = one.patient_id
  LEFT JOIN scheduling_attendance attendance ON attendance.appointment_id = one.id
  LEFT JOIN scheduling_cancellation cancellation ON cancellation.appointment_id = one.id
 WHERE one.calendar_id = ANY(%s) AND one.starts_at < %s AND one.ends_at > %s
   AND (%s OR cancellation.id IS NULL)
"""  # noqa: S608

_OF_TIMES = "SELECT one.occupancy_id::text FROM {visible} one WHERE one.occupancy_id = ANY(%s::uuid[])"

_BLOCKS = f"""
SELECT one.id::text, one.occupancy_id::text, one.calendar_id::text,
       {BEGIN.format("one.")}, {END.format("one.")}, one.title,
       EXISTS (SELECT 1 FROM scheduling_videoappointment video WHERE video.block_id = one.id)
  FROM {{visible}} one
 WHERE one.calendar_id = ANY(%s) AND one.starts_at < %s AND one.ends_at > %s
"""  # noqa: S608


_PRACTICE = AppointmentType.Location.PRACTICE


class Taken(NamedTuple):
    """Time that is taken, in UTC minutes: all that there is in the columns but for what is cancelled."""

    id: str
    calendar: str
    space: str | None
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
    calendars: Sequence[Calendar]
    rooms: Sequence[Room]


def entries(actor: Actor, scope: Scope, *, cancelled: bool) -> list[Entry]:
    """Everything in the columns, by begin; with `cancelled` those appointments too (CAL-7).

    Four statements at most: for what nothing is taken, nothing is asked.
    """
    reading = _Reading(actor, scope)
    kinds = {one.kind for one in reading.taken.values()}
    found: list[Entry] = []
    if cancelled or Occupancy.Kind.APPOINTMENT in kinds:
        found += reading.appointments(cancelled=cancelled)
    if Occupancy.Kind.BLOCK in kinds:
        found += reading.blocks()
    found += reading.others()
    found.sort(key=attrgetter("starts", "ends"))
    return found


class _Reading:
    """What takes time in the columns, and which of it was seen as what it is."""

    def __init__(self, actor: Actor, scope: Scope) -> None:
        self._actor, self._times = actor, cache(scope.wall.times)
        self._movable = {str(one.id): may_enter(actor, one) for one in scope.calendars}
        self._rooms: dict[str | None, str] = {str(one.id): str(one.id) for one in scope.rooms}
        self._room_of_space: dict[str | None, str] = {
            str(space): str(one.id) for one in scope.rooms for space in (*one.former_spaces, one.space_id)
        }
        self._period = scope.period
        begin, end = (instant_of(minute) for minute in scope.period)
        self._within = ([one.id for one in scope.calendars], end, begin)
        rows = fetch(_TAKEN, [scope.practice_id, *self._within, timezone.now()])
        self.taken = {row[0]: Taken._make(row) for row in rows}
        self._seen: set[str] = set()

    def appointments(self, *, cancelled: bool) -> Iterator[Entry]:
        """Those that the viewer may see."""
        visible, parameters = seen(visible_appointments, self._actor)
        statement = _APPOINTMENTS.format(visible=visible)
        overbooked = {one.id for one in self.taken.values() if one.overbooked}
        for (
            appointment_id, occupancy, calendar, room, kind, begin, end,
            last_name, first_name, state, untold, reason, remark, location, source,
        ) in fetch(statement, [*parameters, *self._within, cancelled]):  # fmt: skip
            # Where it takes place, unless in the practice.
            marks: tuple[str, ...] = () if location == _PRACTICE else (location,)
            if reason is None:
                self._seen.add(occupancy)
                if untold:
                    marks = ("untold", *marks)
                if occupancy in overbooked:
                    marks = ("overbooked", *marks)
            yield Entry(
                "appointment", calendar, self._rooms.get(room), *self._times(begin, end), last_name, first_name,
                kind, state or "" if reason is None else "cancelled", marks, appointment_id,
                self._movable[calendar] and reason is None, reason or "", remark, source,
            )  # fmt: skip

    def blocks(self) -> Iterator[Entry]:
        """Those that the viewer may see, as long as they take time."""
        visible, parameters = seen(visible_blocks, self._actor)
        for block_id, occupancy, calendar, begin, end, title, pushed in fetch(
            _BLOCKS.format(visible=visible), [*parameters, *self._within]
        ):
            if taken := self.taken.get(occupancy):
                self._seen.add(occupancy)
                yield Entry(
                    "block", calendar, self._room_of_space.get(taken.space), *self._times(begin, end),
                    title or _("Blocked"), id=block_id, movable=self._movable[calendar],
                    marks=_marks_of_pushed(taken) if pushed else (),
                )  # fmt: skip

    def others(self) -> Iterator[Entry]:
        """What the viewer may not see is 'busy' and a time, no more (CAL-13); a hold is named as what it is."""
        unseen = [one for one in self.taken.values() if one.id not in self._seen]
        buffers = self._buffers(unseen)
        for one in unseen:
            if one.id not in buffers:
                kind, title = (
                    ("hold", _("Being booked online")) if one.kind == Occupancy.Kind.HOLD else ("busy", _("Busy"))
                )
                room = self._room_of_space.get(one.space)
                yield Entry(kind, one.calendar, room, *self._times(one.starts, one.ends), title)

    def _buffers(self, unseen: Iterable[Taken]) -> set[str]:
        """Times of which only a buffer reaches into the period, and whose appointments the viewer may see."""
        first, last = self._period
        reaching = [
            one.id
            for one in unseen
            if one.kind == Occupancy.Kind.APPOINTMENT and (one.starts < first or one.ends > last)
        ]
        if not reaching:
            return set()
        visible, parameters = seen(visible_appointments, self._actor)
        return {occupancy for (occupancy,) in fetch(_OF_TIMES.format(visible=visible), [*parameters, reaching])}


def _marks_of_pushed(taken: Taken) -> tuple[str, ...]:
    """What came from elsewhere is accepted over others, and says so (PUSH-10)."""
    return ("overbooked", "video") if taken.overbooked else ("video",)
