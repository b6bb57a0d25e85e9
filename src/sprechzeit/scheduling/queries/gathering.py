"""What the engine must know, straight from the database: integers, since making models and datetimes of thousands of
rows would cost more than the whole computation."""

import itertools
import sys
from array import array
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import connection

from sprechzeit.access.actor import Actor
from sprechzeit.practice.queries import practice_of
from sprechzeit.scheduling import availability as engine
from sprechzeit.scheduling.holidays import holidays_between
from sprechzeit.scheduling.models import AppointmentType, Insurance
from sprechzeit.scheduling.policy import sees_calendars

# As far around a period as an appointment with its buffers may reach: a day, and a day of buffers; and another one,
# since a local day begins at another time than that of UTC.
MARGIN = timedelta(days=3)

_NAMES = ("id", "name", "initials", "colour", "position", "reference", "member_id")

# One row a calendar, see calendar_times.sql; and the times taken in spaces, by whomever.
_CALENDAR_TIMES = "SELECT * FROM calendar_times(%s::uuid, %s::uuid, %s::uuid[], %s, %s, %s)"
_TAKEN_IN_SPACES = """
    SELECT space_id::text, array_send(array_agg(starts) || array_agg(ends))
      FROM taken_in_spaces(%s::uuid[], %s, %s) GROUP BY space_id
"""


class _Row(NamedTuple):
    """What the database says of one calendar."""

    id: UUID
    name: str
    initials: str
    colour: int
    position: int
    reference: str
    member_id: UUID | None
    zone_name: str
    region: str
    open_holidays: list[date] | None
    offered: bool
    duration: int | None
    hours: list[list[int]] | None
    shifts: list[list[int]] | None
    windows: list[list[int]] | None
    absent: list[int] | None
    busy: bytes | None
    rooms: list[list[str]] | None


@dataclass(frozen=True, slots=True)
class Gathered:
    """The engine's input: the calendars in the order of the book, by their ids what they are called, and the zone."""

    times: Sequence[engine.CalendarTime]
    named: Mapping[UUID, Mapping[str, Any]]
    zone: ZoneInfo


def gather(
    actor: Actor,
    appointment_type: AppointmentType,
    first_day: date,
    last_day: date,
    calendar_ids: Collection[UUID] | None,
) -> Gathered:
    """All that the engine must know for one type over local days, of these calendars or of all that offer it."""
    days = (first_day - MARGIN, last_day + MARGIN)
    rows: list[_Row] = []
    if sees_calendars(actor):
        asked: list[Any] = [actor.practice_id, appointment_type.pk, calendar_ids, *days, appointment_type.needs_room]
        with connection.cursor() as cursor:
            cursor.execute(_CALENDAR_TIMES, asked)
            rows = list(map(_Row._make, cursor.fetchall()))
    if not rows:
        return Gathered((), {}, practice_of(actor).zone)
    zone = ZoneInfo(rows[0].zone_name)
    closed = frozenset(holidays_between(rows[0].region, *days)) - set(rows[0].open_holidays or ())
    around = _Around(
        rules=rules_of(appointment_type),
        zone=zone,
        days=(first_day - timedelta(days=1), last_day + timedelta(days=1)),
        holidays=engine.whole_days(closed, zone),
        rooms=_rooms(rows, *days),
    )
    named = {
        row.id: {"practice_id": actor.practice_id, **dict(zip(_NAMES, row[: len(_NAMES)], strict=True))} for row in rows
    }
    return Gathered([_calendar_time(row, around) for row in rows], named, zone)


def rules_of(appointment_type: AppointmentType) -> engine.Rules:
    """The rules of a type as the engine takes them. Nobody books a retired one."""
    channels = (one for one in engine.Channel if not appointment_type.retired_at and getattr(appointment_type, one))
    return engine.Rules(
        duration=appointment_type.duration,
        buffer_before=appointment_type.buffer_before,
        buffer_after=appointment_type.buffer_after,
        grid=appointment_type.grid,
        notice=appointment_type.notice,
        horizon_days=appointment_type.horizon,
        needs_room=appointment_type.needs_room,
        channels=frozenset(channels),
        patients=engine.Patients(appointment_type.patients),
        min_age=appointment_type.min_age,
        max_age=appointment_type.max_age,
        only_in_windows=appointment_type.only_in_windows,
        insurances=_of_some(appointment_type.insurances),
    )


def _of_some(insurances: Iterable[str]) -> frozenset[str] | None:
    """The insurances of a type that is not for all of them."""
    chosen = frozenset(insurances)
    return None if chosen == frozenset(Insurance.values) else chosen


@dataclass(frozen=True, slots=True)
class _Around:
    """What is the same for all calendars. `rooms`: by their ids, with the time at which their space is taken."""

    rules: engine.Rules
    zone: ZoneInfo
    days: tuple[date, date]
    holidays: Sequence[engine.Span]
    rooms: Mapping[str, engine.RoomTime]


def _calendar_time(row: _Row, around: _Around) -> engine.CalendarTime:
    shifts = (engine.Shift(*shift) for shift in row.shifts or ())
    windows = row.windows or ()
    own = _spans((window[:-1] for window in windows if window[-1]), around)
    others = _spans((window[:-1] for window in windows if not window[-1]), around)
    return engine.CalendarTime(
        row.id,
        replace(around.rules, duration=row.duration) if row.duration else around.rules,
        working=_spans(row.hours or (), around, shifts),
        busy=_spans_of(_integers(row.busy)),
        rooms=[around.rooms[room_id] for room_id, _ in row.rooms or ()],
        absent=_spans_of(row.absent or ()),
        holidays=around.holidays,
        windows=own,
        kept=list(engine.shared(others, engine.outside(own))),
        offered=row.offered,
    )


def _spans(
    weekly: Iterable[Sequence[int]], around: _Around, shifts: Iterable[engine.Shift] = ()
) -> tuple[engine.Span, ...]:
    return engine.working_spans(itertools.starmap(engine.Block, weekly), around.zone, *around.days, shifts)


def _integers(sent: bytes | None) -> Sequence[int]:
    """An array of integers as PostgreSQL's `array_send` gives it: a header of 20 bytes, then each after its length.

    Read in a fifth of the time that the same numbers take as text.
    """
    if sent is None:
        return ()
    numbers = array("i", sent[20:])
    if sys.byteorder == "little":
        numbers.byteswap()
    return numbers[1::2]


def _spans_of(times: Sequence[int]) -> list[engine.Span]:
    """All begins, then all ends in the same order; sorted by begin."""
    half = len(times) // 2
    return sorted(zip(times[:half], times[half:], strict=True))


def _rooms(rows: Iterable[_Row], first_day: date, last_day: date) -> dict[str, engine.RoomTime]:
    """The allowed rooms, with the times at which their space is taken, by whomever (COM-4)."""
    spaces = {room_id: space_id for row in rows for room_id, space_id in row.rooms or ()}
    if not spaces:
        return {}
    times = (datetime.combine(first_day, time(), UTC), datetime.combine(last_day, time.max, UTC))
    with connection.cursor() as cursor:
        cursor.execute(_TAKEN_IN_SPACES, [sorted(set(spaces.values())), *times])
        taken = {space_id: _spans_of(_integers(sent)) for space_id, sent in cursor.fetchall()}
    return {room_id: engine.RoomTime(UUID(room_id), taken.get(space_id, ())) for room_id, space_id in spaces.items()}
