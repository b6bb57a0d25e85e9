"""The weeks a calendar works by (CAL-2, CAL-4): what a pattern is, what may stand in it. Pure.

Minutes are those of the wall clock since local midnight; weekday 0 is Monday.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
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


def minutes_worked(times: Iterable[Stretch | Window]) -> int:
    """How long they take together."""
    return sum(one.ends - one.starts for one in times)
