"""What the engine must know, straight from the database: integers, since making models and datetimes of thousands of
rows would cost more than the whole computation."""

import itertools
from collections.abc import Iterable, Mapping, Sequence
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

# Weekly times as (weekday, starts, ends, valid from, valid until, every n weeks), days counted from 1970.
_WEEKLY = "weekday, starts, ends, coalesce(valid_from - '1970-01-01'::date, -1000000), " \
    "coalesce(valid_until - '1970-01-01'::date, 1000000), every_weeks"  # fmt: skip
_BEGIN = "floor(date_part('epoch', starts_at) / 60)::int"
_END = "ceil(date_part('epoch', ends_at) / 60)::int"

# One row a calendar. Subqueries by calendar keep to its indexes, however much other calendars hold.
_GATHER = """
SELECT calendar.id, calendar.name, calendar.initials, calendar.colour, calendar.position, calendar.reference,
       calendar.member_id,
       practice.zone_name, practice.region,
       (SELECT array_agg(open_on) FROM scheduling_openholiday one
         WHERE one.practice_id = calendar.practice_id AND open_on BETWEEN %(first)s AND %(last)s),
       offering.id IS NOT NULL, offering.duration,
       (SELECT array_agg(ARRAY[{weekly}]) FROM scheduling_workinghours one
         WHERE one.practice_id = calendar.practice_id AND one.calendar_id = calendar.id),
       (SELECT array_agg(ARRAY[works_on - '1970-01-01'::date, starts, ends]) FROM scheduling_shift one
         WHERE one.practice_id = calendar.practice_id AND one.calendar_id = calendar.id
           AND works_on BETWEEN %(first)s AND %(last)s),
       (SELECT array_agg(ARRAY[{weekly}, (EXISTS (
                   SELECT FROM scheduling_bookingwindowtype kept
                    WHERE kept.practice_id = one.practice_id AND kept.window_id = one.id AND kept.type_id = %(type)s
               ))::int]) FROM scheduling_bookingwindow one
         WHERE one.practice_id = calendar.practice_id
           AND (one.calendar_id = calendar.id OR one.calendar_id IS NULL)),
       absent.begins, absent.ends, busy.begins, busy.ends,
       {rooms}
  FROM practice_practice practice
  JOIN scheduling_calendar calendar ON calendar.practice_id = practice.id
  LEFT JOIN scheduling_offering offering
    ON offering.practice_id = calendar.practice_id AND offering.calendar_id = calendar.id
   AND offering.type_id = %(type)s
  LEFT JOIN LATERAL (
       SELECT array_agg({begin} ORDER BY starts_at) AS begins, array_agg({end} ORDER BY starts_at) AS ends
         FROM scheduling_absence one
        WHERE one.practice_id = calendar.practice_id AND (one.calendar_id = calendar.id OR one.calendar_id IS NULL)
          AND one.ends_at > %(since)s AND one.starts_at < %(until)s) absent ON true
  LEFT JOIN LATERAL (
       SELECT array_agg({begin} ORDER BY starts_at) AS begins, array_agg({end} ORDER BY starts_at) AS ends
         FROM scheduling_occupancy one
        WHERE one.practice_id = calendar.practice_id AND one.calendar_id = calendar.id AND active
          AND one.ends_at > %(since)s AND one.starts_at < %(until)s
          AND (expires_at IS NULL OR expires_at > clock_timestamp())) busy ON true
 WHERE practice.id = %(practice)s AND calendar.retired_at IS NULL
   AND CASE WHEN %(calendar)s::uuid IS NULL THEN offering.id IS NOT NULL ELSE calendar.id = %(calendar)s::uuid END
 ORDER BY calendar.position, calendar.name
"""

_ROOMS = """
       (SELECT array_agg(ARRAY[room.id::text, room.space_id::text]
                         ORDER BY allowed.position, room.position, room.name)
          FROM scheduling_offeringroom allowed JOIN practice_room room USING (practice_id)
         WHERE practice_id = calendar.practice_id AND allowed.offering_id = offering.id
           AND room.id = allowed.room_id AND room.retired_at IS NULL)
"""

# A statement is planned anew each time: what is not needed is not asked.
_WITH_ROOMS, _WITHOUT_ROOMS = (
    _GATHER.format(weekly=_WEEKLY, begin=_BEGIN, end=_END, rooms=rooms) for rooms in (_ROOMS, "NULL::text[]")
)

_TAKEN_IN_SPACES = """
    SELECT space_id::text, array_agg(starts ORDER BY starts), array_agg(ends ORDER BY starts)
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
    absence_begins: list[int] | None
        insurances=_of_some(appointment_type.insurances),
    absence_ends: list[int] | None
    busy_begins: list[int] | None
    busy_ends: list[int] | None
def _of_some(insurances: Iterable[str]) -> frozenset[str] | None:
    """The insurances of a type that is not for all of them."""
    chosen = frozenset(insurances)
    return None if chosen == frozenset(Insurance.values) else chosen


    rooms: list[list[str]] | None


@dataclass(frozen=True, slots=True)
class Gathered:
    """The engine's input: the calendars in the order of the book, by their ids what they are called, and the zone."""

    times: Sequence[engine.CalendarTime]
    named: Mapping[UUID, Mapping[str, Any]]
    zone: ZoneInfo


def gather(
    actor: Actor, appointment_type: AppointmentType, first_day: date, last_day: date, calendar_id: UUID | None
) -> Gathered:
    """All that the engine must know for one type over local days, of one calendar or of all that offer it."""
    days = (first_day - MARGIN, last_day + MARGIN)
    times = (datetime.combine(days[0], time(), UTC), datetime.combine(days[1], time.max, UTC))
    asked = {
        "practice": actor.practice_id,
        "type": appointment_type.pk,
        "calendar": calendar_id,
        "first": days[0],
        "last": days[1],
        "since": times[0],
        "until": times[1],
    }
    rows: list[_Row] = []
    if sees_calendars(actor):
        with connection.cursor() as cursor:
            cursor.execute(_WITH_ROOMS if appointment_type.needs_room else _WITHOUT_ROOMS, asked)
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
        rooms=_rooms(rows, times) if appointment_type.needs_room else {},
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
    )


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
        busy=_zipped(row.busy_begins, row.busy_ends),
        rooms=[around.rooms[room_id] for room_id, _ in row.rooms or ()],
        absent=_zipped(row.absence_begins, row.absence_ends),
        holidays=around.holidays,
        windows=own,
        kept=list(engine.shared(others, engine.outside(own))),
        offered=row.offered,
    )


def _spans(
    weekly: Iterable[Sequence[int]], around: _Around, shifts: Iterable[engine.Shift] = ()
) -> tuple[engine.Span, ...]:
    return engine.working_spans(itertools.starmap(engine.Block, weekly), around.zone, *around.days, shifts)


def _zipped(begins: list[int] | None, ends: list[int] | None) -> list[engine.Span]:
    return list(zip(begins or (), ends or (), strict=True))


def _rooms(rows: Iterable[_Row], times: tuple[datetime, datetime]) -> dict[str, engine.RoomTime]:
    """The allowed rooms, with the times at which their space is taken, by whomever (COM-4)."""
    spaces = {room_id: space_id for row in rows for room_id, space_id in row.rooms or ()}
    if not spaces:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_TAKEN_IN_SPACES, [sorted(set(spaces.values())), *times])
        taken = {space_id: _zipped(begins, ends) for space_id, begins, ends in cursor.fetchall()}
    return {room_id: engine.RoomTime(UUID(room_id), taken.get(space_id, ())) for room_id, space_id in spaces.items()}
