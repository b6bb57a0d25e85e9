"""The slow, plain answer to 'which starts are free': every minute is looked at by itself.

It shares nothing with the engine. Wall clock times come from `datetime` alone; a span is a set of minutes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

Pair = tuple[int, int]
CHANNELS = ("staff", "online", "partners")


@dataclass(frozen=True)
class Weekly:
    """Something on a day of the week, in minutes since midnight; of other weeks than every one, from a date on."""

    weekday: int
    begin: int
    end: int
    valid_from: date | None = None
    valid_until: date | None = None
    every: int = 1


Week = tuple[Weekly, ...]
Shifts = tuple[tuple[date, int, int], ...]


@dataclass(frozen=True)
class Case:
    """A question about one calendar, in the plainest terms. Times are UTC minutes since 1970."""

    zone: ZoneInfo
    now: int
    period: Pair
    weekly: Week
    shifts: Shifts = ()
    absent: tuple[Pair, ...] = ()
    holidays: frozenset[date] = frozenset()
    own_windows: Week = ()
    other_windows: Week = ()
    busy: tuple[Pair, ...] = ()
    rooms: tuple[tuple[Pair, ...], ...] = ()
    duration: int = 30
    buffer_before: int = 0
    buffer_after: int = 0
    grid: int = 15
    notice: int = 0
    horizon_days: int = 90
    needs_room: bool = False
    only_in_windows: bool = False
    offered: bool = True
    channels: tuple[str, ...] = CHANNELS
    patients: str = "all"
    min_age: int | None = None
    max_age: int | None = None
    insurances: tuple[str, ...] = ()
    channel: str = "online"
    known: bool | None = None
    born_on: date | None = None
    insurance: str = ""
    full: tuple[Pair, ...] = ()
    by_video: tuple[str, ...] = ()
    no_video: str = ""


@lru_cache(maxsize=200_000)
def wall_clock(zone: ZoneInfo, minute: int) -> datetime:
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(minutes=minute)).astimezone(zone)


def counts(one: Weekly, day: date) -> bool:
    if one.weekday != day.weekday():
        return False
    if one.valid_until is not None and day > one.valid_until:
        return False
    if one.valid_from is None:
        return True
    weeks, of_first = 0, one.valid_from.isocalendar()[:2]
    back = day
    while back >= one.valid_from and back.isocalendar()[:2] != of_first:
        back, weeks = back - timedelta(days=7), weeks + 1
    return day >= one.valid_from and weeks % one.every == 0


def begun_on(day: date, weekly: Week, shifts: Shifts) -> list[Pair]:
    on_that_day = [(begin, end) for works_on, begin, end in shifts if works_on == day]
    return on_that_day or [(one.begin, one.end) for one in weekly if counts(one, day)]


@lru_cache(maxsize=200_000)
def works(zone: ZoneInfo, weekly: Week, shifts: Shifts, minute: int) -> bool:
    local = wall_clock(zone, minute)
    of_day = local.hour * 60 + local.minute
    return any(begin <= of_day < end for begin, end in begun_on(local.date(), weekly, shifts)) or any(
        begin <= of_day + 1440 < end for begin, end in begun_on(local.date() - timedelta(days=1), weekly, shifts)
    )


def minutes_in(spans: Sequence[Pair]) -> set[int]:
    return {minute for begin, end in spans for minute in range(begin, end)}


def age_on(day: date, born_on: date) -> int:
    return day.year - born_on.year - ((day.month, day.day) < (born_on.month, born_on.day))


def may_ask(case: Case, day: date) -> bool:
    """Whether this asker may have this type on a day."""
    if not case.offered or case.channel not in case.channels:
        return False
    if case.no_video and case.channel in case.by_video:
        return False
    if (case.patients, case.known) in {("new", True), ("known", False)}:
        return False
    if case.insurance and case.insurances and case.insurance not in case.insurances:
        return False
    if case.born_on is None:
        return True
    age = age_on(day, case.born_on)
    return (case.min_age is None or age >= case.min_age) and (case.max_age is None or age <= case.max_age)


def open_for_it(case: Case, minute: int) -> bool:
    """Whether the type may last over this minute."""
    if not works(case.zone, case.weekly, case.shifts, minute):
        return False
    if any(begin <= minute < end for begin, end in case.absent):
        return False
    if wall_clock(case.zone, minute).date() in case.holidays:
        return False
    own = works(case.zone, case.own_windows, (), minute)
    return own or not (case.only_in_windows or works(case.zone, case.other_windows, (), minute))


def free_starts(case: Case) -> list[tuple[int, int | None]]:
    """Each start that is free, with the number of the first free room, or None where no room is needed."""
    taken = minutes_in(case.busy)
    lasting = range(case.period[0], case.period[1] + case.duration)
    closed = {minute for minute in lasting if not open_for_it(case, minute)}
    rooms = [minutes_in(room) for room in case.rooms]
    last_day = wall_clock(case.zone, case.now).date() + timedelta(days=case.horizon_days)
    found: list[tuple[int, int | None]] = []
    for start in range(*case.period):
        local = wall_clock(case.zone, start)
        if case.channel != "staff":
            if start < case.now + case.notice or local.date() > last_day:
                continue
            if (local.hour * 60 + local.minute) % case.grid:
                continue
        if any(begin <= start < end for begin, end in case.full):
            continue
        if not may_ask(case, local.date()):
            continue
        if not closed.isdisjoint(range(start, start + case.duration)):
            continue
        needed = range(start - case.buffer_before, start + case.duration + case.buffer_after)
        if not taken.isdisjoint(needed):
            continue
        free_rooms = [number for number, room in enumerate(rooms) if room.isdisjoint(needed)]
        if not case.needs_room:
            found.append((start, None))
        elif free_rooms:
            found.append((start, free_rooms[0]))
    return found
