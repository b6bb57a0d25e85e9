"""The slow, plain answer to 'which starts are free': every minute is looked at by itself.

It shares nothing with the engine. Wall clock times come from `datetime` alone; a span is a set of minutes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

Pair = tuple[int, int]
Week = tuple[tuple[int, int, int], ...]


@dataclass(frozen=True)
class Case:
    """A question about one calendar, in the plainest terms. Times are UTC minutes since 1970."""

    zone: ZoneInfo
    now: int
    period: Pair
    weekly: Week
    busy: tuple[Pair, ...] = ()
    rooms: tuple[tuple[Pair, ...], ...] = ()
    duration: int = 30
    buffer_before: int = 0
    buffer_after: int = 0
    grid: int = 15
    notice: int = 0
    horizon_days: int = 90
    needs_room: bool = False


@lru_cache(maxsize=200_000)
def wall_clock(zone: ZoneInfo, minute: int) -> datetime:
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(minutes=minute)).astimezone(zone)


@lru_cache(maxsize=200_000)
def works(zone: ZoneInfo, weekly: Week, minute: int) -> bool:
    local = wall_clock(zone, minute)
    of_day = local.hour * 60 + local.minute
    return any(
        (weekday == local.weekday() and begin <= of_day < end)
        or (weekday == (local.weekday() - 1) % 7 and begin <= of_day + 1440 < end)
        for weekday, begin, end in weekly
    )


def minutes_in(spans: Sequence[Pair]) -> set[int]:
    return {minute for begin, end in spans for minute in range(begin, end)}


def free_starts(case: Case) -> list[tuple[int, int | None]]:
    """Each start that is free, with the number of the first free room, or None where no room is needed."""
    taken = minutes_in(case.busy)
    rooms = [minutes_in(room) for room in case.rooms]
    last_day = wall_clock(case.zone, case.now).date() + timedelta(days=case.horizon_days)
    found: list[tuple[int, int | None]] = []
    for start in range(*case.period):
        local = wall_clock(case.zone, start)
        if start < case.now + case.notice or local.date() > last_day:
            continue
        if (local.hour * 60 + local.minute) % case.grid:
            continue
        if not all(works(case.zone, case.weekly, minute) for minute in range(start, start + case.duration)):
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
