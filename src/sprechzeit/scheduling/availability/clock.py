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
    """A stretch of the wall clock on a day of the week: 0 is Monday; minutes since midnight (CAL-2, CAL-4).

    `end` may pass 1440: the block then runs into the next day. From `valid_from` until `valid_until`, both included
    (days since 1970-01-01), every `every_weeks` weeks, counted from the week of `valid_from`.
    """

    weekday: int
    start: int
    end: int
    valid_from: int = NEVER_BEGAN // DAY
    valid_until: int = NEVER_ENDS // DAY
    every_weeks: int = 1

    def counts_on(self, day: int) -> bool:
        """Whether something of it begins on this day of its weekday."""
        if not self.valid_from <= day <= self.valid_until:
            return False
        return self.every_weeks == 1 or (_week(day) - _week(self.valid_from)) % self.every_weeks == 0


class Shift(NamedTuple):
    """Working time on one date (days since 1970-01-01), which replaces what the week's blocks would begin there.

    Minutes since its midnight; `end` may pass 1440.
    """

    day: int
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


def _week(day: int) -> int:
    """Weeks since the one of Monday, 1970-01-05."""
    return (day - MONDAY) // 7


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


def working_spans(
    weekly: Iterable[Block], zone: ZoneInfo, first_day: date, last_day: date, shifts: Iterable[Shift] = ()
) -> tuple[Span, ...]:
    """Weeks and shifts as UTC spans, for what begins on the local days given (CAL-2); booking windows alike (CAL-4).

    A shift replaces the blocks that would begin on its date; what began the day before keeps its end. One day more on
    either side is included, so that time across midnight is whole at the edges.
    """
    return _working(tuple(weekly), tuple(shifts), zone, day_number(first_day) - 1, day_number(last_day) + 1)


@lru_cache(maxsize=1024)
def _working(
    weekly: tuple[Block, ...], shifts: tuple[Shift, ...], zone: ZoneInfo, first: int, last: int
) -> tuple[Span, ...]:
    days: list[list[Block]] = [[], [], [], [], [], [], []]
    for block in weekly:
        days[block.weekday].append(block)
    replaced = {shift.day for shift in shifts}
    local = [(day * DAY + start, day * DAY + end) for day, start, end in shifts if first <= day <= last]
    local += [
        (day * DAY + block.start, day * DAY + block.end)
        for day in range(first, last + 1)
        if day not in replaced
        for block in days[(day - MONDAY) % 7]
        if block.counts_on(day)
    ]
    return tuple(to_utc(merged(sorted(local)), stretches(zone, first, last + 1)))


@lru_cache(maxsize=1024)
def whole_days(days: frozenset[date], zone: ZoneInfo) -> tuple[Span, ...]:
    """These local days from midnight to midnight, as UTC spans."""
    if not days:
        return ()
    midnights = sorted(day_number(day) * DAY for day in days)
    clock = stretches(zone, midnights[0] // DAY, midnights[-1] // DAY)
    return tuple(to_utc(merged((begin, begin + DAY) for begin in midnights), clock))


def day_period(zone: ZoneInfo, first_day: date, last_day: date) -> Span:
    """From the beginning of the first to the end of the last local day, as UTC minutes."""
    first, last = day_number(first_day), day_number(last_day)
    spans = list(to_utc([(first * DAY, (last + 1) * DAY)], stretches(zone, first, last)))
    return spans[0][0], spans[-1][1]


def on_grid(starts: Iterable[Span], clock: Iterable[Stretch], grid: int) -> Iterator[range]:
    """The minutes of the set `starts` that are a multiple of `grid` minutes from local midnight on the wall clock."""
    stretch = iter(clock)
    _, stop, offset = next(stretch)
    divides = DAY % grid == 0
    for begin, end in starts:
        while stop < end:
            if stop > begin:
                yield from _grid_in(begin, stop, offset, grid)
                begin = stop
            _, stop, offset = next(stretch)
        if divides:
            yield range(begin + -(begin + offset) % grid, end, grid)
        else:
            yield from _grid_in(begin, end, offset, grid)


def _grid_in(begin: Minute, end: Minute, offset: int, grid: int) -> Iterator[range]:
    """The same within one stretch. A grid that does not divide the day begins anew at every midnight."""
    if DAY % grid == 0:
        yield range(begin + -(begin + offset) % grid, end, grid)
        return
    for midnight in range(begin - (begin + offset) % DAY, end, DAY):
        first = midnight if midnight >= begin else begin + -(begin - midnight) % grid
        yield range(first, min(end, midnight + DAY), grid)
