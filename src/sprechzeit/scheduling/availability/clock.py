"""Between the clock on the practice's wall and UTC, in whole minutes, right on the days the clock changes.

*Local minutes* are counted like UTC minutes, but along the wall clock: midnight of every local day is a multiple
of 1440. A minute that the clock skips does not exist; one that it strikes twice is two UTC minutes (CAL-9).
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from .spans import DAY, NEVER_BEGAN, NEVER_ENDS, Minute, Span, merged, shared

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
EPOCH_ORDINAL = EPOCH.toordinal()
MONDAY = date(1970, 1, 5).toordinal() - EPOCH_ORDINAL


class Block(NamedTuple):
    """Working time on a day of the week: 0 is Monday; minutes of the wall clock since midnight.

    `end` may pass 1440: the block then runs into the next day.
    """

    weekday: int
    start: int
    end: int


class Stretch(NamedTuple):
    """UTC minutes from `start` to `end` in which the wall clock is `offset` minutes ahead of UTC."""

    start: Minute
    end: Minute
    offset: int


def minute_of(instant: datetime, *, round_up: bool = False) -> Minute:
    """The UTC minute of an aware `instant`, rounded down; round up where a later minute is the safe one (now)."""
    minutes, rest = divmod(instant - EPOCH, timedelta(minutes=1))
    return minutes + 1 if round_up and rest else minutes


def instant_of(minute: Minute) -> datetime:
    """The aware UTC time of a UTC minute."""
    return EPOCH + timedelta(minutes=minute)


def day_number(day: date) -> int:
    """Days since 1970-01-01."""
    return day.toordinal() - EPOCH_ORDINAL


def offset_at(zone: ZoneInfo, minute: Minute) -> int:
    """How many minutes the wall clock is ahead of UTC."""
    offset = datetime.fromtimestamp(minute * 60, zone).utcoffset() or timedelta()
    return offset // timedelta(minutes=1)


@lru_cache(maxsize=1024)
def stretches(zone: ZoneInfo, first_day: int, last_day: int) -> tuple[Stretch, ...]:
    """The stretches over the local days `first_day` to `last_day` (days since 1970-01-01, both included).

    One look-up a day; a day whose offset differs from the next one's is halved until the change is found. The
    first and the last stretch go on without end, so that nothing falls off the edge.
    """
    found: list[Stretch] = []
    begin, offset = NEVER_BEGAN, offset_at(zone, (first_day - 1) * DAY)
    for midnight in range((first_day - 1) * DAY, (last_day + 2) * DAY, DAY):
        following = offset_at(zone, midnight + DAY)
        if following != offset:
            change = _change(zone, midnight, midnight + DAY, offset)
            found.append(Stretch(begin, change, offset))
            begin, offset = change, following
    return (*found, Stretch(begin, NEVER_ENDS, offset))


def _change(zone: ZoneInfo, before: Minute, after: Minute, offset: int) -> Minute:
    """The first minute in which the offset is no longer `offset`."""
    while after - before > 1:
        middle = (before + after) // 2
        if offset_at(zone, middle) == offset:
            before = middle
        else:
            after = middle
    return after


def stretches_over(zone: ZoneInfo, period: Span) -> tuple[Stretch, ...]:
    """The stretches that are right for every minute of `period` (UTC) and a day around it."""
    return stretches(zone, period[0] // DAY - 1, period[1] // DAY + 1)


def to_utc(local: Iterable[Span], clock: Iterable[Stretch]) -> Iterator[Span]:
    """The UTC minutes at which the wall clock shows one of the minutes of the set `local`."""
    known = list(local)
    return merged(
        (begin - offset, end - offset)
        for start, stop, offset in clock
        for begin, end in shared([(start + offset, stop + offset)], known)
    )


def working_spans(weekly: Iterable[Block], zone: ZoneInfo, first_day: date, last_day: date) -> tuple[Span, ...]:
    """Weekly working time as UTC spans, for the blocks that begin on the local days given (CAL-2).

    One day more on either side is included, so that time across midnight is whole at the edges.
    """
    return _working(tuple(weekly), zone, day_number(first_day) - 1, day_number(last_day) + 1)


@lru_cache(maxsize=256)
def _working(weekly: tuple[Block, ...], zone: ZoneInfo, first: int, last: int) -> tuple[Span, ...]:
    days: list[list[Block]] = [[], [], [], [], [], [], []]
    for block in weekly:
        days[block.weekday].append(block)
    local = sorted(
        (day * DAY + block.start, day * DAY + block.end)
        for day in range(first, last + 1)
        for block in days[(day - MONDAY) % 7]
    )
    return tuple(to_utc(merged(local), stretches(zone, first, last + 1)))


def day_period(zone: ZoneInfo, first_day: date, last_day: date) -> Span:
    """From the beginning of the first to the end of the last local day, as UTC minutes."""
    first, last = day_number(first_day), day_number(last_day)
    spans = list(to_utc([(first * DAY, (last + 1) * DAY)], stretches(zone, first, last)))
    return spans[0][0], spans[-1][1]


def on_grid(starts: Iterable[Span], clock: Iterable[Stretch], grid: int) -> Iterator[Minute]:
    """The minutes of the set `starts` that are a multiple of `grid` minutes from local midnight on the wall clock."""
    stretch = iter(clock)
    _, stop, offset = next(stretch)
    for begin, end in starts:
        while stop < end:
            if stop > begin:
                yield from _grid_in(begin, stop, offset, grid)
                begin = stop
            _, stop, offset = next(stretch)
        yield from _grid_in(begin, end, offset, grid)


def _grid_in(begin: Minute, end: Minute, offset: int, grid: int) -> Iterable[Minute]:
    """The same within one stretch. A grid that does not divide the day begins anew at every midnight."""
    if DAY % grid == 0:
        return range(begin + -(begin + offset) % grid, end, grid)
    midnights = range(begin - (begin + offset) % DAY, end, DAY)
    return (
        minute
        for midnight in midnights
        for minute in range(midnight, min(end, midnight + DAY), grid)
        if minute >= begin
    )
