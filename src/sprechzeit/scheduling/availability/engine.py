"""Which times are offered, and why one is not: one computation for both (CAL-9, CAL-10).

Every rule is a set of starts that it allows. What lies in all of them, on the grid, is offered; the sets that a
start does not lie in are the reasons why it is not. No rule exists outside `_allowed`, save the grid.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import reduce
from heapq import merge
from itertools import chain, islice, repeat
from operator import attrgetter, itemgetter
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from .clock import Stretch, offset_at, on_grid, stretches_over, to_utc
from .spans import (
    DAY,
    NEVER_BEGAN,
    NEVER_ENDS,
    Minute,
    Span,
    holds,
    merged,
    outside,
    shared,
    starts_beside,
    starts_inside,
)


class Reason(StrEnum):
    """Why a start is not offered. The values are stable; people read their translation."""

    OFF_GRID = "off_grid"
    TOO_SOON = "too_soon"
    TOO_FAR_AHEAD = "too_far_ahead"
    OUTSIDE_WORKING_TIME = "outside_working_time"
    CALENDAR_TAKEN = "calendar_taken"
    NO_ROOM_ALLOWED = "no_room_allowed"
    NO_ROOM_FREE = "no_room_free"


@dataclass(frozen=True, slots=True)
class Rules:
    """What an appointment type asks for, with what the offering changes (CAL-5, CAL-6). All but days in minutes.

    Raises ValueError for a length or grid outside a day, and for anything negative.
    """

    duration: int
    buffer_before: int = 0
    buffer_after: int = 0
    grid: int = 15
    notice: int = 0
    horizon_days: int = 90
    needs_room: bool = False

    def __post_init__(self) -> None:
        if not (1 <= self.duration <= DAY and 1 <= self.grid <= DAY):
            raise ValueError("duration and grid lie between one minute and one day")
        if min(self.buffer_before, self.buffer_after, self.notice, self.horizon_days) < 0:
            raise ValueError("buffers, notice and horizon are not negative")


@dataclass(frozen=True, slots=True)
class RoomTime:
    """When a room is taken, buffers included: sorted by begin, by whomever."""

    room_id: UUID
    busy: Sequence[Span]


@dataclass(frozen=True, slots=True)
class CalendarTime:
    """One calendar as it offers one type: its rules, working time, occupied time, and allowed rooms, best first.

    `working` is a set of spans, as `working_spans` makes it; `busy` is sorted by begin, includes buffers and may
    overlap. Both must reach as far around the times asked for as the appointment with its buffers does.
    """

    calendar_id: UUID
    rules: Rules
    working: Sequence[Span]
    busy: Sequence[Span]
    rooms: Sequence[RoomTime] = ()


class Offer(NamedTuple):
    """A start that is offered, in UTC minutes, and the room that is free for all of it, buffers included."""

    start: Minute
    calendar_id: UUID
    room_id: UUID | None


_by_start = attrgetter("start")


def offers(calendars: Iterable[CalendarTime], period: Span, *, now: Minute, zone: ZoneInfo) -> list[Offer]:
    """All starts in `period` (UTC minutes, half open), by time, then in the order of the calendars (CAL-9).

    `now` is rounded up to a minute; `zone` is the practice's.
    """
    return sorted(chain.from_iterable(_streams(calendars, period, now, zone)), key=_by_start)


def next_offers(
    calendars: Iterable[CalendarTime], count: int, period: Span, *, now: Minute, zone: ZoneInfo
) -> list[Offer]:
    """The first `count` of what `offers` gives, computed no further than needed (CAL-11)."""
    return list(islice(merge(*_streams(calendars, period, now, zone), key=_by_start), count))


def reasons(calendar: CalendarTime, start: Minute, *, now: Minute, zone: ZoneInfo) -> list[Reason]:
    """All reasons why `start` is not offered by `calendar`; none, exactly if it is offered (CAL-10)."""
    clock = stretches_over(zone, (start, start + 1))
    choices = _Choices()
    found = [
        reason
        for reason, allowed in _allowed(calendar, choices, _today(now, zone), now, clock)
        if not holds(list(allowed), start)
    ]
    if start not in on_grid([(start, start + 1)], clock, calendar.rules.grid):
        found.insert(0, Reason.OFF_GRID)
    return found


def _streams(calendars: Iterable[CalendarTime], period: Span, now: Minute, zone: ZoneInfo) -> Iterator[Iterator[Offer]]:
    clock, today, choices = stretches_over(zone, period), _today(now, zone), _Choices()
    for calendar in calendars:
        allowed = (starts for _, starts in _allowed(calendar, choices, today, now, clock))
        yield _offered(calendar, choices, on_grid(reduce(shared, allowed, iter([period])), clock, calendar.rules.grid))


def _offered(calendar: CalendarTime, choices: "_Choices", starts: Iterable[Minute]) -> Iterator[Offer]:
    if not calendar.rules.needs_room:
        return map(Offer, starts, repeat(calendar.calendar_id), repeat(None))
    room_at = choices.of(calendar).room_at
    return (Offer(start, calendar.calendar_id, room_at(start)) for start in starts)


def _allowed(
    calendar: CalendarTime, choices: "_Choices", today: int, now: Minute, clock: Sequence[Stretch]
) -> Iterator[tuple[Reason, Iterable[Span]]]:
    """Each rule with the starts it allows. A new rule is one more line here."""
    rules = calendar.rules
    last_midnight = (today + rules.horizon_days + 1) * DAY
    yield Reason.TOO_SOON, [(now + rules.notice, NEVER_ENDS)]
    yield Reason.TOO_FAR_AHEAD, to_utc([(NEVER_BEGAN, last_midnight)], clock)
    yield Reason.OUTSIDE_WORKING_TIME, starts_inside(calendar.working, rules.duration)
    yield Reason.CALENDAR_TAKEN, _clear_of(calendar.busy, rules)
    if rules.needs_room:
        reason = Reason.NO_ROOM_FREE if calendar.rooms else Reason.NO_ROOM_ALLOWED
        yield reason, choices.of(calendar).starts


def _clear_of(busy: Iterable[Span], rules: Rules) -> Iterator[Span]:
    return starts_beside(busy, rules.buffer_before, rules.duration + rules.buffer_after)


def _today(now: Minute, zone: ZoneInfo) -> int:
    """The local day, in days since 1970-01-01."""
    return (now + offset_at(zone, now)) // DAY


class _Choice:
    """Some rooms, best first: the starts at which any of them is clear, and which is the first that is.

    Starts are joined, never free times: an appointment does not change its room.
    """

    def __init__(self, rooms: Iterable[RoomTime], rules: Rules) -> None:
        self.starts: list[Span] = []
        first: list[tuple[Minute, UUID]] = []
        for room in rooms:
            clear = list(_clear_of(room.busy, rules))
            first += [(begin, room.room_id) for begin, _ in shared(clear, outside(self.starts))]
            self.starts = list(merged(sorted(self.starts + clear)))
        first.sort(key=itemgetter(0))
        self._begins = [begin for begin, _ in first]
        self._room_ids = [room_id for _, room_id in first]

    def room_at(self, start: Minute) -> UUID:
        """The first clear room at one of the starts."""
        return self._room_ids[bisect_right(self._begins, start) - 1]


class _Choices:
    """Kept during one call: many calendars choose from the same few rooms."""

    def __init__(self) -> None:
        self._known: dict[tuple[tuple[UUID, ...], Rules], _Choice] = {}

    def of(self, calendar: CalendarTime) -> _Choice:
        key = tuple(room.room_id for room in calendar.rooms), calendar.rules
        if key not in self._known:
            self._known[key] = _Choice(calendar.rooms, calendar.rules)
        return self._known[key]
