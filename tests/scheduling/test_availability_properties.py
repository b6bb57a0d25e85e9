"""The engine against the oracle, minute by minute, around every change of the clock."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from sprechzeit.scheduling.availability import (
    Block,
    CalendarTime,
    Reason,
    RoomTime,
    Rules,
    instant_of,
    next_offers,
    offers,
    reasons,
    working_spans,
)
from tests.scheduling.oracle import Case, free_starts

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")
WHOLE_WEEK = tuple((day, 0, 1440) for day in range(7))
# Half an hour; a clock put back during Ramadan; changes at midnight; a quarter-hour offset.
ODD_ZONES = (
    "Europe/Zurich",
    "Europe/Vienna",
    "Australia/Lord_Howe",
    "Africa/Casablanca",
    "Asia/Beirut",
    "America/Havana",
    "America/Nuuk",
    "Pacific/Chatham",
)


def minutes(instant: datetime) -> int:
    return int((instant - EPOCH).total_seconds()) // 60


def changes(zone: ZoneInfo, first_year: int = 2026, last_year: int = 2030) -> list[int]:
    """The UTC minutes at which the clock is changed, found by looking at every half hour."""
    begin, end = datetime(first_year, 1, 1, tzinfo=UTC), datetime(last_year + 1, 1, 1, tzinfo=UTC)
    halves = [begin + timedelta(minutes=30 * number) for number in range((end - begin) // timedelta(minutes=30))]
    offsets = [half.astimezone(zone).utcoffset() for half in halves]
    return [minutes(halves[i]) for i in range(1, len(halves)) if offsets[i] != offsets[i - 1]]


BERLIN_CHANGES = changes(BERLIN)


@st.composite
def spans(draw: st.DrawFn, around: int, most: int = 5) -> tuple[tuple[int, int], ...]:
    """Occupied times within two days of `around`; they may overlap and touch."""
    found = draw(st.lists(st.tuples(st.integers(-1500, 1500), st.integers(1, 400)), max_size=most))
    return tuple(sorted((around + begin, around + begin + length) for begin, length in found))


@st.composite
def cases(draw: st.DrawFn, zone: ZoneInfo, change: int) -> Case:
    """A question about the day and a half around a change of the clock."""
    begin = change - draw(st.integers(0, 900))
    weekday = (EPOCH + timedelta(minutes=change)).astimezone(zone).weekday()
    block = st.tuples(
        st.integers(-1, 1).map(lambda days: (weekday + days) % 7), st.integers(0, 1439), st.integers(5, 1300)
    ).map(lambda drawn: (drawn[0], drawn[1], drawn[1] + drawn[2]))
    needs_room = draw(st.booleans())
    return Case(
        zone=zone,
        now=begin + draw(st.integers(-3000, 300)),
        period=(begin, begin + draw(st.integers(1, 1800))),
        weekly=tuple(draw(st.lists(block, min_size=1, max_size=4))),
        busy=draw(spans(change)),
        rooms=tuple(draw(st.lists(spans(change), max_size=3))) if needs_room else (),
        duration=draw(st.integers(1, 180)),
        buffer_before=draw(st.integers(0, 40)),
        buffer_after=draw(st.integers(0, 40)),
        grid=draw(st.sampled_from((1, 5, 7, 10, 15, 20, 30, 45, 50, 60, 1440))),
        notice=draw(st.integers(0, 1500)),
        horizon_days=draw(st.integers(0, 3)),
        needs_room=needs_room,
    )


def as_calendar(case: Case, number: int = 0) -> CalendarTime:
    rules = Rules(
        duration=case.duration,
        buffer_before=case.buffer_before,
        buffer_after=case.buffer_after,
        grid=case.grid,
        notice=case.notice,
        horizon_days=case.horizon_days,
        needs_room=case.needs_room,
    )
    first, last = (instant_of(minute).astimezone(case.zone).date() for minute in case.period)
    working = working_spans((Block(*block) for block in case.weekly), case.zone, first, last)
    rooms = tuple(RoomTime(UUID(int=1000 * number + i), busy) for i, busy in enumerate(case.rooms))
    return CalendarTime(UUID(int=number), rules, working, case.busy, rooms)


def engine_starts(case: Case) -> list[tuple[int, int | None]]:
    found = offers([as_calendar(case)], case.period, now=case.now, zone=case.zone)
    return [(offer.start, None if offer.room_id is None else offer.room_id.int) for offer in found]


@pytest.mark.req("CAL-9")
@pytest.mark.parametrize("change", BERLIN_CHANGES, ids=lambda change: f"{instant_of(change):%Y-%m-%d}")
def test_the_engine_agrees_with_the_oracle_around_every_change_in_berlin(change: int) -> None:
    @settings(max_examples=60, deadline=None)
    @given(cases(BERLIN, change))
    def agree(case: Case) -> None:
        assert engine_starts(case) == free_starts(case)

    agree()


def test_berlin_has_two_changes_a_year() -> None:
    assert len(BERLIN_CHANGES) == 10


@pytest.mark.req("CAL-9")
@pytest.mark.parametrize("name", ODD_ZONES)
def test_the_engine_agrees_with_the_oracle_in_other_zones(name: str) -> None:
    zone = ZoneInfo(name)
    found = changes(zone, 2027, 2028)
    assert found

    @settings(max_examples=60, deadline=None)
    @given(st.sampled_from(found).flatmap(lambda change: cases(zone, change)))
    def agree(case: Case) -> None:
        assert engine_starts(case) == free_starts(case)

    agree()


RULES_DROPPED: dict[str, Callable[[Case], Case]] = {
    "buffer before": lambda case: replace(case, buffer_before=0),
    "buffer after": lambda case: replace(case, buffer_after=0),
    "grid": lambda case: replace(case, grid=1),
    "notice": lambda case: replace(case, notice=0),
    "horizon": lambda case: replace(case, horizon_days=400),
    "working time": lambda case: replace(case, weekly=WHOLE_WEEK),
    "occupied calendar": lambda case: replace(case, busy=()),
    "occupied rooms": lambda case: replace(case, rooms=tuple(() for _ in case.rooms)),
    "change of the clock": lambda case: replace(case, zone=ZoneInfo("Etc/GMT-1")),
}


@pytest.mark.parametrize("rule", RULES_DROPPED)
def test_the_property_notices_a_dropped_rule(rule: str) -> None:
    """Negative control: an engine that does not know one of the rules must be caught."""

    @settings(max_examples=500, deadline=None, derandomize=True, database=None, phases=[Phase.generate])
    @given(st.sampled_from(BERLIN_CHANGES).flatmap(lambda change: cases(BERLIN, change)))
    def agree(case: Case) -> None:
        assert engine_starts(RULES_DROPPED[rule](case)) == free_starts(case)

    with pytest.raises(AssertionError):
        agree()


def anything(case: Case) -> Case:
    """The same question with every rule lifted."""
    return replace(
        case, weekly=WHOLE_WEEK, busy=(), needs_room=False, grid=1, notice=-(10**6), horizon_days=4000,
        buffer_before=0, buffer_after=0, duration=1,
    )  # fmt: skip


def only(case: Case, reason: Reason) -> Case:
    """The same question with just the rule that gives `reason`."""
    lifted, around = anything(case), (case.duration, case.buffer_before, case.buffer_after)
    match reason:
        case Reason.OFF_GRID:
            return replace(lifted, grid=case.grid)
        case Reason.TOO_SOON:
            return replace(lifted, notice=case.notice)
        case Reason.TOO_FAR_AHEAD:
            return replace(lifted, horizon_days=case.horizon_days)
        case Reason.OUTSIDE_WORKING_TIME:
            return replace(lifted, weekly=case.weekly, duration=case.duration)
    lifted = replace(lifted, duration=around[0], buffer_before=around[1], buffer_after=around[2])
    if reason is Reason.CALENDAR_TAKEN:
        return replace(lifted, busy=case.busy)
    fitting = case.needs_room and bool(case.rooms) == (reason is Reason.NO_ROOM_FREE)
    return replace(lifted, rooms=case.rooms, needs_room=fitting)


@pytest.mark.req("CAL-10")
@settings(max_examples=150, deadline=None)
@given(st.sampled_from(BERLIN_CHANGES).flatmap(lambda change: cases(BERLIN, change)), st.data())
def test_a_start_is_offered_exactly_if_nothing_speaks_against_it(case: Case, data: st.DataObject) -> None:
    case = replace(case, period=(case.period[0], case.period[0] + 900))
    offered = [start for start, _ in free_starts(case)]
    drawn = data.draw(st.lists(st.integers(case.period[0], case.period[1] - 1), min_size=5, max_size=5))
    calendar = as_calendar(case)
    for start in {*offered[:5], *offered[-5:], *drawn}:
        against = reasons(calendar, start, now=case.now, zone=case.zone)
        assert (against == []) == (start in offered)
        one_minute = replace(case, period=(start, start + 1))
        assert against == [reason for reason in Reason if not free_starts(only(one_minute, reason))]


@pytest.mark.req("CAL-11")
@settings(max_examples=100, deadline=None)
@given(
    st.sampled_from(BERLIN_CHANGES).flatmap(lambda change: st.lists(cases(BERLIN, change), min_size=1, max_size=4)),
    st.integers(0, 40),
)
def test_the_next_offers_are_the_first_of_all_calendars(drawn: list[Case], count: int) -> None:
    asked = drawn[0]
    each = [replace(case, period=asked.period, now=asked.now) for case in drawn]
    calendars = [as_calendar(case, number) for number, case in enumerate(each)]
    expected = sorted((start, number) for number, case in enumerate(each) for start, _ in free_starts(case))
    everything = offers(calendars, asked.period, now=asked.now, zone=BERLIN)
    assert [(offer.start, offer.calendar_id.int) for offer in everything] == expected
    assert next_offers(calendars, count, asked.period, now=asked.now, zone=BERLIN) == everything[:count]
