"""The weeks a calendar works by (CAL-2, CAL-4): what a pattern is, on which days it counts. Pure.

Minutes are those of the wall clock since local midnight; weekday 0 is Monday.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple
from uuid import UUID

DAY = 1440
MOST_WEEKS = 52


class Stretch(NamedTuple):
    """Working time on a day of the week."""

    weekday: int
    starts: int
    ends: int


class Window(NamedTuple):
    """Time on a day of the week that is kept for some appointment types."""

    weekday: int
    starts: int
    ends: int
    types: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class Pattern:
    """When a week counts: every so many weeks, counted from the week of `valid_from`; both days included, if given."""

    every_weeks: int = 1
    valid_from: date | None = None
    valid_until: date | None = None

    @property
    def is_possible(self) -> bool:
        """Whether it ends after it begins, and what comes every few weeks is counted from somewhere."""
        if self.valid_from and self.valid_until and self.valid_until < self.valid_from:
            return False
        return self.every_weeks == 1 or (2 <= self.every_weeks <= MOST_WEEKS and self.valid_from is not None)

    def counts_on(self, day: date) -> bool:
        """Whether this week is worked on that day."""
        if (self.valid_from and day < self.valid_from) or (self.valid_until and day > self.valid_until):
            return False
        if self.every_weeks == 1 or self.valid_from is None:
            return True
        return (_monday(day) - _monday(self.valid_from)).days // 7 % self.every_weeks == 0


EVERY_WEEK = Pattern()


@dataclass(frozen=True, slots=True)
class Week:
    """A whole week of one pattern: when is worked, and what of it is kept for whom."""

    pattern: Pattern = EVERY_WEEK
    working: tuple[Stretch, ...] = ()
    windows: tuple[Window, ...] = ()


def in_a_day(one: Stretch | Window) -> bool:
    """Whether it lies in a day, and ends after it begins."""
    return 0 <= one.weekday <= 6 and 0 <= one.starts < one.ends <= DAY


def overlapping(times: Sequence[Stretch | Window]) -> set[int]:
    """The places, in `times`, of those that overlap one that begins no later."""
    order = sorted(range(len(times)), key=lambda place: times[place][:3])
    found: set[int] = set()
    weekday, ends = -1, 0
    for place in order:
        one = times[place]
        if one.weekday == weekday and one.starts < ends:
            found.add(place)
        weekday, ends = one.weekday, max(one.ends, ends if one.weekday == weekday else 0)
    return found


@dataclass(frozen=True, slots=True)
class WorkingTime:
    """All weeks of a calendar, and its shifts by their date: (starts, ends), past 1440 into the next day."""

    weeks: Sequence[tuple[Pattern, Stretch]]
    shifts: dict[date, list[tuple[int, int]]]

    def on(self, day: date) -> list[tuple[int, int]]:
        """What begins on that day: its shifts, or without one what the weeks say (CAL-2)."""
        if day in self.shifts:
            return self.shifts[day]
        return [
            (one.starts, one.ends)
            for pattern, one in self.weeks
            if one.weekday == day.weekday() and pattern.counts_on(day)
        ]

    def covers(self, day: date, starts: int, ends: int) -> bool:
        """Whether all of the minutes of `day` lie in working time; `ends` may pass midnight."""
        around = [
            (begin + shift * DAY, end + shift * DAY)
            for shift in (-1, 0, 1)
            for begin, end in self.on(day + timedelta(days=shift))
        ]
        reached = starts
        for begin, end in sorted(around):
            if begin <= reached < end:
                reached = end
        return reached >= ends


def minutes_worked(times: Iterable[Stretch | Window], weekdays: Collection[int] = range(7)) -> int:
    """How long is worked, on some days of the week."""
    return sum(one.ends - one.starts for one in times if one.weekday in weekdays)


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())
