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

from sprechzeit.access.actor import Actor
from sprechzeit.core.plans import planned
from sprechzeit.core.rows import fetch
from sprechzeit.core.versions import Memory, Read
from sprechzeit.practice.models import VideoService
from sprechzeit.practice.plans import Plan
from sprechzeit.practice.queries import practice_of
from sprechzeit.scheduling import availability as engine
from sprechzeit.scheduling.holidays import holidays_between
from sprechzeit.scheduling.models import AppointmentType, Insurance, takes_place
from sprechzeit.scheduling.policy import sees_all_calendars, visible_calendars

# As far around a period as an appointment with its buffers may reach: a day, and a day of buffers; and another one,
# since a local day begins at another time than that of UTC.
MARGIN = timedelta(days=3)

_NAMES = ("id", "name", "initials", "colour", "position", "reference", "member_id")

# One row a calendar, see calendar_times.sql; and the times taken in spaces, by whomever.
_CALENDAR_TIMES = "SELECT * FROM calendar_times(%s::uuid, %s::uuid, %s::uuid[], %s, %s, %s)"
_TAKEN_IN_SPACES = """
    SELECT space_id, array_send(array_agg(starts) || array_agg(ends)), min(held_until)
      FROM taken_in_spaces(%s::uuid[], %s, %s) GROUP BY space_id
"""

# How many spans this process remembers: some hundred bytes each.
_ROOM = 300_000


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
    plan: str
    open_holidays: list[date] | None
    offered: bool
    duration: int | None
    hours: list[list[int]] | None
    shifts: list[list[int]] | None
    windows: list[list[int]] | None
    absent: list[int] | None
    busy: bytes | None
    held_until: datetime | None
    rooms: list[list[str]] | None
    online_location: str
    video_kind: str | None
    has_video_reference: bool


@dataclass(frozen=True, slots=True)
class Gathered:
    """The engine's input: the calendars in the order of the book, by their ids what they are called, zone and plan.

    `spaces`: of the allowed rooms, by their ids.
    It may be remembered and asked again: nobody changes it.
    """

    times: Sequence[engine.CalendarTime]
    named: Mapping[UUID, Mapping[str, Any]]
    zone: ZoneInfo
    starts: engine.Starts
    spaces: Mapping[UUID, UUID]
    plan: Plan = Plan.UNLIMITED


_VIDEO = AppointmentType.Location.VIDEO

_memory: Memory[Gathered] = Memory(_ROOM)


def gather(
    actor: Actor,
    appointment_type: AppointmentType,
    first_day: date,
    last_day: date,
    calendar_ids: Collection[UUID] | None,
) -> Gathered:
    """All that the engine must know for one type over local days, of these calendars or of all that offer it."""
    rules = rules_of(appointment_type)
    wanted = None if calendar_ids is None else tuple(calendar_ids)
    if not sees_all_calendars(actor):
        seen = visible_calendars(actor).order_by("pk").values_list("pk", flat=True)
        wanted = tuple(one for one in seen if wanted is None or one in wanted)
        if not wanted:
            return Gathered((), {}, practice_of(actor).zone, engine.Starts(()), {})
    asked = _Asked(
        actor.practice_id, appointment_type.pk, rules, appointment_type.location, first_day, last_day, wanted
    )
    return _memory.recall(asked, lambda: _read(actor, asked))


class _Asked(NamedTuple):
    """What tells one gathering from another. Who does not see all calendars of a practice asks for those they see."""

    practice_id: UUID
    type_id: UUID
    rules: engine.Rules
    location: str
    first_day: date
    last_day: date
    calendar_ids: tuple[UUID, ...] | None


def _read(actor: Actor, asked: _Asked) -> Read[Gathered]:
    days = (asked.first_day - MARGIN, asked.last_day + MARGIN)
    wanted = None if asked.calendar_ids is None else list(asked.calendar_ids)
    facts = [asked.practice_id, asked.type_id, wanted, *days, asked.rules.needs_room]
    found = fetch(*planned(_CALENDAR_TIMES, facts))
    rows = list(map(_Row._make, found))
    if not rows:
        nothing = Gathered((), {}, practice_of(actor).zone, engine.Starts(()), {})
        return Read(nothing, [asked.practice_id], until=None, weight=1)
    zone = ZoneInfo(rows[0].zone_name)
    closed = frozenset(holidays_between(rows[0].region, *days)) - set(rows[0].open_holidays or ())
    spaces = _spaces(rows, *days)
    around = _Around(
        rules=_placed(asked, rows[0].online_location),
        zone=zone,
        days=(asked.first_day - timedelta(days=1), asked.last_day + timedelta(days=1)),
        holidays=engine.whole_days(closed, zone),
        rooms=_rooms(rows, spaces),
    )
    named = {
        row.id: {"practice_id": asked.practice_id, **dict(zip(_NAMES, row[: len(_NAMES)], strict=True))} for row in rows
    }
    times = [_calendar_time(row, around) for row in rows]
    space_of = {UUID(room_id): UUID(space_id) for row in rows for room_id, space_id in row.rooms or ()}
    ends = [row.held_until for row in rows] + [space.held_until for space in spaces.values()]
    return Read(
        Gathered(times, named, zone, engine.Starts(times), space_of, Plan(rows[0].plan)),
        [asked.practice_id, *(row.id for row in rows), *sorted(spaces)],
        until=min(filter(None, ends), default=None),
        weight=sum(map(_weight, times)) + sum(len(space.taken) for space in spaces.values()),
    )


def _placed(asked: _Asked, online_location: str) -> engine.Rules:
    """The rules with the ways of booking by which it takes place by video (PUSH-4)."""
    channels = [one for one in engine.Channel if takes_place(asked.location, one, online_location) == _VIDEO]
    return replace(asked.rules, by_video=frozenset(channels))


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
        no_video=_no_video(row),
    )


def _no_video(row: _Row) -> engine.Reason | None:
    """Why the calendar holds no consultation by video (PUSH-3); `video_kind` is None while the service is off."""
    if row.video_kind is None:
        return engine.Reason.VIDEO_OFF
    is_known = row.video_kind == VideoService.HERE or row.has_video_reference
    return None if is_known else engine.Reason.NO_VIDEO_REFERENCE


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


def _weight(time: engine.CalendarTime) -> int:
    """About as many spans and starts as the engine keeps of a calendar."""
    return 20 + len(time.busy) + len(time.working) + sum(end - begin for begin, end in time.working) // time.rules.grid


class _Space(NamedTuple):
    """When a space is taken, by whomever, and when the first hold among it ends."""

    taken: Sequence[engine.Span]
    held_until: datetime | None


def _spaces(rows: Iterable[_Row], first_day: date, last_day: date) -> dict[UUID, _Space]:
    """The spaces of the allowed rooms (COM-4)."""
    wanted = sorted({UUID(space_id) for row in rows for _, space_id in row.rooms or ()})
    if not wanted:
        return {}
    times = (datetime.combine(first_day, time(), UTC), datetime.combine(last_day, time.max, UTC))
    found = {
        space_id: _Space(_spans_of(_integers(sent)), until)
        for space_id, sent, until in fetch(*planned(_TAKEN_IN_SPACES, [wanted, *times]))
    }
    return {space_id: found.get(space_id, _Space((), None)) for space_id in wanted}


def _rooms(rows: Iterable[_Row], spaces: Mapping[UUID, _Space]) -> dict[str, engine.RoomTime]:
    """The allowed rooms, with the times at which their space is taken."""
    return {
        room_id: engine.RoomTime(UUID(room_id), spaces[UUID(space_id)].taken)
        for row in rows
        for room_id, space_id in row.rooms or ()
    }
