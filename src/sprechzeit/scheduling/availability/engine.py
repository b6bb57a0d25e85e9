"""Which times are offered, and why one is not: one computation for both (CAL-9, CAL-10).

Every rule is a set of starts that it allows. What lies in all of them, on the grid, is offered; the sets that a
start does not lie in are the reasons why it is not. No rule exists outside `_allowed`, save the grid.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from heapq import merge
from itertools import chain, islice, repeat
from operator import itemgetter
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from .clock import Stretch, day_number, offset_at, on_grid, stretches_over, to_utc
from .rules import ANYBODY, Asker, Channel, Patients, Reason, Rules, birthday
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


@dataclass(frozen=True, slots=True)
class RoomTime:
    """When a room is taken, buffers included: sorted by begin, by whomever."""

    room_id: UUID
    busy: Sequence[Span]


@dataclass(frozen=True, slots=True)
class CalendarTime:
    """One calendar as it offers one type: its rules, working time, occupied time, and allowed rooms, best first.

    `busy` is sorted by begin, includes buffers and may overlap; so may `absent`. `working`, `holidays`, `windows`
    (those kept for the type) and `kept` (those kept for others alone) are sets of spans. All must reach as far around
    the times asked for as the appointment with its buffers does. `offered`: whether the calendar offers the type.
    `full`: the set of months in which the practice's plan allows it no more. `no_video`: why it holds no consultations
    by video, where it holds none.
    """

    calendar_id: UUID
    rules: Rules
    working: Sequence[Span]
    busy: Sequence[Span]
    rooms: Sequence[RoomTime] = ()
    absent: Sequence[Span] = ()
    holidays: Sequence[Span] = ()
    windows: Sequence[Span] = ()
    kept: Sequence[Span] = ()
    offered: bool = True
    full: tuple[Span, ...] = ()
    no_video: Reason | None = None


class Offer(NamedTuple):
    """A start that is offered, in UTC minutes, and the room that is free for all of it, buffers included."""

    start: Minute
    calendar_id: UUID
    room_id: UUID | None


_by_start = itemgetter(0)
# What Offer(…) does, without a call into Python for each of thousands.
_new_offer = tuple.__new__


class Starts:
    """All starts that the time of some calendars allows, whoever asks and whenever.

    They are computed with the first question and kept for the next; who asks, notice and horizon are asked each time
    anew, since they change without anything being written (architecture §5), and so are full months, since they change
    with appointments of other calendars.
    """

    def __init__(self, calendars: Iterable[CalendarTime]) -> None:
        self._calendars = list(calendars)
        self._known: dict[tuple[Span, tuple[int, ...]], list[list[Offer]]] = {}

    def with_full(self, calendars: Iterable[CalendarTime]) -> "Starts":
        """The same where `calendars`, which are these, have other months `full`; what is kept is kept for both."""
        found = Starts(calendars)
        found._known = self._known
        return found

    def offers(
        self, period: Span, *, now: Minute, zone: ZoneInfo, asker: Asker = ANYBODY, every: int | None = None
    ) -> list[Offer]:
        """All starts in `period` (UTC minutes, half open), by time, then in the order of the calendars (CAL-9).

        `now` is rounded up to a minute; `zone` is the practice's. `every`: of these only such as lie on this grid,
        which is what is proposed to somebody whom no grid binds.
        """
        question = _Question(now, zone, asker, stretches_over(zone, period))
        grids = tuple(every or asker.grid(calendar.rules) for calendar in self._calendars)
        allowed: dict[tuple[Rules, bool, tuple[Span, ...], Reason | None], list[Span]] = {}
        found: list[Offer] = []
        for calendar, starts in zip(self._calendars, self._within(period, question, grids), strict=True):
            key = calendar.rules, calendar.offered, calendar.full, calendar.no_video
            if key not in allowed:
                allowed[key] = list(_all_of(_by_asker(calendar, question), period))
            for begin, end in allowed[key]:
                found += starts[bisect_left(starts, (begin,)) : bisect_left(starts, (end,))]
        if len(self._calendars) > 1:
            found.sort(key=_by_start)
        return found

    def _within(self, period: Span, question: "_Question", grids: tuple[int, ...]) -> list[list[Offer]]:
        known = self._known.get((period, grids))
        if known is None:
            choices = _Choices()
            known = [
                list(_offered(one, choices, question, _all_of(_by_time(one, choices), period), grid))
                for one, grid in zip(self._calendars, grids, strict=True)
            ]
            self._known[period, grids] = known
        return known


def offers(
    calendars: Iterable[CalendarTime],
    period: Span,
    *,
    now: Minute,
    zone: ZoneInfo,
    asker: Asker = ANYBODY,
    every: int | None = None,
) -> list[Offer]:
    """The same for calendars that are asked once."""
    return Starts(calendars).offers(period, now=now, zone=zone, asker=asker, every=every)


def next_offers(
    calendars: Iterable[CalendarTime],
    count: int,
    period: Span,
    *,
    now: Minute,
    zone: ZoneInfo,
    asker: Asker = ANYBODY,
    every: int | None = None,
) -> list[Offer]:
    """The first `count` of what `offers` gives, computed no further than needed (CAL-11)."""
    question = _Question(now, zone, asker, stretches_over(zone, period))
    return list(islice(merge(*_streams(calendars, period, question, every), key=_by_start), count))


def reasons(
    calendar: CalendarTime, start: Minute, *, now: Minute, zone: ZoneInfo, asker: Asker = ANYBODY
) -> list[Reason]:
    """All reasons why `start` is not offered by `calendar`; none, exactly if it is offered (CAL-10)."""
    question = _Question(now, zone, asker, stretches_over(zone, (start, start + 1)))
    found = [reason for reason, allowed in _allowed(calendar, _Choices(), question) if not holds(list(allowed), start)]
    if not any(on_grid([(start, start + 1)], question.clock, asker.grid(calendar.rules))):
        found.insert(0, Reason.OFF_GRID)
    return found


def bars(rules: Rules, start: Minute, *, now: Minute, zone: ZoneInfo, asker: Asker) -> list[Reason]:
    """Why this asker may not have `start`, be it free or not: those of `reasons` that are about who asks."""
    question = _Question(now, zone, asker, stretches_over(zone, (start, start + 1)))
    return [reason for reason, allowed in _for_asker(rules, question) if not holds(list(allowed), start)]


@dataclass(frozen=True, slots=True)
class _Question:
    """What is asked, of whichever calendar."""

    now: Minute
    zone: ZoneInfo
    asker: Asker
    clock: Sequence[Stretch]


def _streams(
    calendars: Iterable[CalendarTime], period: Span, question: _Question, every: int | None
) -> Iterator[Iterator[Offer]]:
    choices = _Choices()
    for calendar in calendars:
        grid = every or question.asker.grid(calendar.rules)
        yield _offered(calendar, choices, question, _all_of(_allowed(calendar, choices, question), period), grid)


def _all_of(rules: Iterable[tuple[Reason, Iterable[Span]]], period: Span) -> Iterator[Span]:
    """The starts in a period that all of these rules allow."""
    return reduce(shared, (starts for _, starts in rules), iter([period]))


def _offered(
    calendar: CalendarTime, choices: "_Choices", question: _Question, starts: Iterable[Span], grid: int
) -> Iterator[Offer]:
    minutes = chain.from_iterable(on_grid(starts, question.clock, grid))
    if calendar.rules.needs_room:
        return choices.of(calendar).with_rooms(minutes, calendar.calendar_id)
    return map(_new_offer, repeat(Offer), zip(minutes, repeat(calendar.calendar_id), repeat(None)))


def _allowed(
    calendar: CalendarTime, choices: "_Choices", question: _Question
) -> Iterator[tuple[Reason, Iterable[Span]]]:
    """Each rule that applies, with the starts it allows."""
    return chain(_by_asker(calendar, question), _by_time(calendar, choices))


def _by_asker(calendar: CalendarTime, question: _Question) -> Iterator[tuple[Reason, Iterable[Span]]]:
    """The rules that hang on who asks, and when, and full months. A new one is one more line here."""
    rules = calendar.rules
    if not calendar.offered:
        yield Reason.NOT_OFFERED_HERE, ()
    if calendar.no_video and question.asker.channel in rules.by_video:
        yield calendar.no_video, ()
    yield from _for_asker(rules, question)
    if question.asker.channel is not Channel.STAFF:
        yield Reason.TOO_SOON, [(question.now + rules.notice, NEVER_ENDS)]
        yield Reason.TOO_FAR_AHEAD, _until(_today(question) + rules.horizon_days, question)
    if calendar.full:
        yield Reason.MONTH_FULL, outside(calendar.full)


def _by_time(calendar: CalendarTime, choices: "_Choices") -> Iterator[tuple[Reason, Iterable[Span]]]:
    """The rules that hang on the calendar's time alone. A new one is one more line here."""
    rules = calendar.rules
    yield Reason.OUTSIDE_WORKING_TIME, starts_inside(calendar.working, rules.duration)
    if calendar.absent:
        yield Reason.ABSENT, starts_beside(calendar.absent, 0, rules.duration)
    if calendar.holidays:
        yield Reason.HOLIDAY, starts_beside(calendar.holidays, 0, rules.duration)
    if calendar.kept:
        yield Reason.KEPT_FOR_OTHERS, starts_beside(calendar.kept, 0, rules.duration)
    if rules.only_in_windows:
        yield Reason.OUTSIDE_WINDOWS, starts_inside(calendar.windows, rules.duration)
    yield Reason.CALENDAR_TAKEN, _clear_of(calendar.busy, rules)
    if rules.needs_room:
        reason = Reason.NO_ROOM_FREE if calendar.rooms else Reason.NO_ROOM_ALLOWED
        yield reason, choices.of(calendar).starts


def _for_asker(rules: Rules, question: _Question) -> Iterator[tuple[Reason, Iterable[Span]]]:
    """What depends on who books for whom. What is not known of the patient refuses nothing (CAL-5)."""
    asker = question.asker
    if asker.channel not in rules.channels:
        yield Reason.NOT_BOOKABLE, ()
    if rules.patients is Patients.NEW and asker.known:
        yield Reason.ONLY_NEW_PATIENTS, ()
    if rules.patients is Patients.KNOWN and asker.known is False:
        yield Reason.ONLY_KNOWN_PATIENTS, ()
    if asker.born_on and rules.min_age is not None:
        yield Reason.TOO_YOUNG, _since(day_number(birthday(asker.born_on, rules.min_age)), question)
    if asker.born_on and rules.max_age is not None:
        yield Reason.TOO_OLD, _until(day_number(birthday(asker.born_on, rules.max_age + 1)) - 1, question)
    if asker.insurance and rules.insurances is not None and asker.insurance not in rules.insurances:
        yield Reason.OTHER_INSURANCE, ()


def _until(last_day: int, question: _Question) -> Iterator[Span]:
    """All minutes up to the end of a local day."""
    return to_utc([(NEVER_BEGAN, (last_day + 1) * DAY)], question.clock)


def _since(first_day: int, question: _Question) -> Iterator[Span]:
    """All minutes from the beginning of a local day on."""
    return to_utc([(first_day * DAY, NEVER_ENDS)], question.clock)


def _clear_of(busy: Iterable[Span], rules: Rules) -> Iterator[Span]:
    return starts_beside(busy, rules.buffer_before, rules.duration + rules.buffer_after)


def _today(question: _Question) -> int:
    """The local day, in days since 1970-01-01."""
    return (question.now + offset_at(question.zone, question.now)) // DAY


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
        self._begins = [begin for begin, _ in first] + [NEVER_ENDS]
        self._room_ids = [room_id for _, room_id in first]

    def with_rooms(self, starts: Iterable[Minute], calendar_id: UUID) -> Iterator[Offer]:
        """Starts in their order, all of them of the choice, each with the first room that is clear."""
        until = NEVER_BEGAN
        for start in starts:
            if start >= until:
                place = bisect_right(self._begins, start)
                until, room_id = self._begins[place], self._room_ids[place - 1]
            yield _new_offer(Offer, (start, calendar_id, room_id))


class _Choices:
    """Kept during one call: many calendars choose from the same few rooms."""

    def __init__(self) -> None:
        self._known: dict[tuple[tuple[UUID, ...], Rules], _Choice] = {}

    def of(self, calendar: CalendarTime) -> _Choice:
        key = tuple(room.room_id for room in calendar.rooms), calendar.rules
        if key not in self._known:
            self._known[key] = _Choice(calendar.rooms, calendar.rules)
        return self._known[key]
