"""The engine against the oracle, minute by minute, around every change of the clock."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from sprechzeit.scheduling.availability import (
    Asker,
    Block,
    CalendarTime,
    Channel,
    Patients,
    Reason,
    RoomTime,
    Rules,
    Shift,
    day_number,
    instant_of,
    merged,
    next_offers,
    offers,
    outside,
    reasons,
    shared,
    whole_days,
    working_spans,
)
from tests.scheduling.oracle import CHANNELS, Case, Week, Weekly, free_starts

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")
WHOLE_WEEK = tuple(Weekly(day, 0, 1440) for day in range(7))
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
def weeks(draw: st.DrawFn, day: date, least: int = 0) -> Week:
    """Blocks around a day, some of them only for a while, or not every week."""
    found = []
    for _ in range(draw(st.integers(least, 4))):
        begin = draw(st.integers(0, 1439))
        weekday = (day.weekday() + draw(st.integers(-1, 1))) % 7
        since = draw(st.none() | st.integers(-16, 2).map(lambda days: day + timedelta(days=days)))
        every = draw(st.integers(1, 3)) if since else 1
        until = draw(st.sampled_from((None, None, day - timedelta(days=1), day, day + timedelta(days=1))))
        end = begin + draw(st.integers(5, 1300))
        found.append(Weekly(weekday, begin, end, since, until, every))
    return tuple(found)


def seldom(strategy: st.SearchStrategy[Any], otherwise: Any) -> st.SearchStrategy[Any]:
    """In a third of all cases, so that enough is left to be offered."""
    return st.integers(0, 2).flatmap(lambda drawn: strategy if drawn == 0 else st.just(otherwise))


@st.composite
def cases(draw: st.DrawFn, zone: ZoneInfo, change: int, about: str | None = None) -> Case:
    """A question about the day and a half around a change of the clock; `about`: no other special thing than this."""

    def special(name: str, strategy: st.SearchStrategy[Any], otherwise: Any) -> Any:
        drawn = seldom(strategy, otherwise) if about is None else strategy if about == name else st.just(otherwise)
        return draw(drawn)

    begin = change - draw(st.integers(0, 900))
    day = (EPOCH + timedelta(minutes=change)).astimezone(zone).date()
    near = st.integers(-1, 1).map(lambda days: day + timedelta(days=days))
    shift = st.tuples(near, st.integers(0, 1439), st.integers(60, 1300)).map(lambda it: (it[0], it[1], it[1] + it[2]))
    needs_room = draw(st.booleans())
    windows = special("windows", st.tuples(weeks(day), weeks(day), st.booleans()), ((), (), False))
    return Case(
        zone=zone,
        now=begin + draw(st.integers(-3000, 300)),
        period=(begin, begin + draw(st.integers(1, 1800))),
        weekly=draw(weeks(day, least=1))
        if about in (None, "weeks")
        else draw(st.sampled_from((WHOLE_WEEK, day_and_night(day)))),
        shifts=special("shifts", st.lists(shift, max_size=2).map(tuple), ()),
        absent=special("absent", spans(change, most=2), ()),
        holidays=frozenset(special("holidays", st.lists(near, max_size=1), ())),
        own_windows=windows[0],
        other_windows=windows[1],
        only_in_windows=windows[2],
        busy=draw(spans(change)),
        rooms=tuple(draw(st.lists(spans(change), max_size=3))) if needs_room else (),
        duration=draw(st.integers(1, 180)),
        buffer_before=draw(st.integers(0, 40)),
        buffer_after=draw(st.integers(0, 40)),
        grid=draw(st.sampled_from((1, 5, 7, 10, 15, 20, 30, 45, 50, 60, 1440))),
        notice=draw(st.integers(0, 1500)),
        horizon_days=draw(st.integers(0, 3)),
        needs_room=needs_room,
        full=special("full", spans(change, most=2), ()),
        **special("asker", askers(day), {}),
    )


def day_and_night(day: date) -> Week:
    """From the morning before to the evening after, with breaks."""
    return tuple(
        Weekly((day.weekday() + days) % 7, begin, end)
        for days in (-1, 0, 1)
        for begin, end in ((60, 725), (780, 1200), (1320, 1560))
    )


def askers(day: date) -> st.SearchStrategy[dict[str, Any]]:
    """Who asks for what kind of type; somebody whose birthday is near, or on 29 February."""
    ages = st.none() | st.integers(10, 12)
    birthdays = st.integers(-1, 2).map(lambda days: (day + timedelta(days=days)).replace(year=day.year - 11))
    return st.fixed_dictionaries(
        {
            "offered": st.sampled_from((True, True, True, False)),
            "channels": st.sampled_from((CHANNELS, CHANNELS, ("staff",), ("online", "partners"))),
            "channel": st.sampled_from(CHANNELS),
            "patients": st.sampled_from(("all", "new", "known")),
            "known": st.none() | st.booleans(),
            "min_age": ages,
            "max_age": ages,
            "born_on": st.none() | birthdays | st.just(date(2016, 2, 29)),
            "insurances": st.sampled_from(((), ("statutory", "private"), ("self_payer",))),
            "insurance": st.sampled_from(("", "statutory", "self_payer")),
            "by_video": st.sampled_from(((), CHANNELS, ("online", "partners"))),
            "no_video": st.sampled_from(("", "video_off", "no_video_reference")),
        }
    )


def blocks(weekly: Week) -> list[Block]:
    return [
        Block(
            one.weekday,
            one.begin,
            one.end,
            **({"valid_from": day_number(one.valid_from)} if one.valid_from else {}),
            **({"valid_until": day_number(one.valid_until)} if one.valid_until else {}),
            every_weeks=one.every,
        )
        for one in weekly
    ]


def as_calendar(case: Case, number: int = 0) -> CalendarTime:
    rules = Rules(
        duration=case.duration,
        buffer_before=case.buffer_before,
        buffer_after=case.buffer_after,
        grid=case.grid,
        notice=case.notice,
        horizon_days=case.horizon_days,
        needs_room=case.needs_room,
        only_in_windows=case.only_in_windows,
        channels=frozenset(map(Channel, case.channels)),
        by_video=frozenset(map(Channel, case.by_video)),
        patients=Patients(case.patients),
        min_age=case.min_age,
        max_age=case.max_age,
        insurances=frozenset(case.insurances) or None,
    )
    first, last = (instant_of(minute).astimezone(case.zone).date() for minute in case.period)
    shifts = [Shift(day_number(day), begin, end) for day, begin, end in case.shifts]
    own, others = (
        working_spans(blocks(weekly), case.zone, first, last) for weekly in (case.own_windows, case.other_windows)
    )
    return CalendarTime(
        UUID(int=number),
        rules,
        working=working_spans(blocks(case.weekly), case.zone, first, last, shifts),
        busy=case.busy,
        rooms=tuple(RoomTime(UUID(int=1000 * number + i), busy) for i, busy in enumerate(case.rooms)),
        absent=case.absent,
        holidays=whole_days(case.holidays, case.zone),
        windows=own,
        kept=list(shared(others, outside(own))),
        offered=case.offered,
        full=tuple(merged(case.full)),
        no_video=Reason(case.no_video) if case.no_video else None,
    )


def asking(case: Case) -> dict[str, Any]:
    return {name: getattr(case, name) for name in ("channel", "known", "born_on", "insurance")}


def asker(case: Case) -> Asker:
    return Asker(Channel(case.channel), case.known, case.born_on, case.insurance or None)


def engine_starts(case: Case) -> list[tuple[int, int | None]]:
    found = offers([as_calendar(case)], case.period, now=case.now, zone=case.zone, asker=asker(case))
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


def always(weekly: Week, *, every: bool = False) -> Week:
    """Blocks without their rhythm, or without their bounds."""
    if every:
        return tuple(
            replace(one, valid_from=one.valid_from if one.every > 1 else None, valid_until=None) for one in weekly
        )
    return tuple(replace(one, every=1) for one in weekly)


# Of each rule what must be about for it to matter, and the question without it.
RULES_DROPPED: dict[str, tuple[str, Callable[[Case], Case]]] = {
    "buffer before": ("", lambda case: replace(case, buffer_before=0)),
    "buffer after": ("", lambda case: replace(case, buffer_after=0)),
    "grid": ("", lambda case: replace(case, grid=1)),
    "notice": ("", lambda case: replace(case, notice=0)),
    "horizon": ("", lambda case: replace(case, horizon_days=400)),
    "working time": ("weeks", lambda case: replace(case, weekly=WHOLE_WEEK)),
    "occupied calendar": ("", lambda case: replace(case, busy=())),
    "occupied rooms": ("", lambda case: replace(case, rooms=tuple(() for _ in case.rooms))),
    "change of the clock": ("", lambda case: replace(case, zone=ZoneInfo("Etc/GMT-1"))),
    "validity": ("weeks", lambda case: replace(case, weekly=always(case.weekly, every=True))),
    "every n weeks": ("weeks", lambda case: replace(case, weekly=always(case.weekly))),
    "shifts": ("shifts", lambda case: replace(case, shifts=())),
    "absences": ("absent", lambda case: replace(case, absent=())),
    "holidays": ("holidays", lambda case: replace(case, holidays=frozenset())),
    "windows of others": ("windows", lambda case: replace(case, other_windows=())),
    "windows of its own": ("windows", lambda case: replace(case, own_windows=())),
    "only in windows": ("windows", lambda case: replace(case, only_in_windows=False)),
    "offered here": ("asker", lambda case: replace(case, offered=True)),
    "full months": ("full", lambda case: replace(case, full=())),
    "consultations by video": ("asker", lambda case: replace(case, no_video="")),
    "channels": ("asker", lambda case: replace(case, channels=CHANNELS)),
    "freedom of staff": ("asker", lambda case: replace(case, channel="online", channels=CHANNELS)),
    "kind of patients": ("asker", lambda case: replace(case, patients="all")),
    "least age": ("asker", lambda case: replace(case, min_age=None)),
    "greatest age": ("asker", lambda case: replace(case, max_age=None)),
    "insurance": ("asker", lambda case: replace(case, insurances=())),
}


@pytest.mark.parametrize("rule", RULES_DROPPED)
def test_the_property_notices_a_dropped_rule(rule: str) -> None:
    """Negative control: an engine that does not know one of the rules must be caught."""
    about, dropped = RULES_DROPPED[rule]

    @settings(max_examples=2000, deadline=None, derandomize=True, database=None, phases=[Phase.generate])
    @given(st.sampled_from(BERLIN_CHANGES).flatmap(lambda change: cases(BERLIN, change, about)))
    def agree(case: Case) -> None:
        assert engine_starts(dropped(case)) == free_starts(case)

    with pytest.raises(AssertionError):
        agree()


def anything(case: Case) -> Case:
    """The same question with every rule lifted."""
    return Case(case.zone, case.now, case.period, WHOLE_WEEK, duration=1, grid=1, notice=-(10**6), horizon_days=4000)


# What of a question belongs to which reason.
OF_REASON: dict[Reason, tuple[str, ...]] = {
    Reason.OFF_GRID: ("grid", "channel"),
    Reason.NOT_OFFERED_HERE: ("offered",),
    Reason.VIDEO_OFF: ("by_video", "no_video", "channel"),
    Reason.NO_VIDEO_REFERENCE: ("by_video", "no_video", "channel"),
    Reason.NOT_BOOKABLE: ("channels", "channel"),
    Reason.ONLY_NEW_PATIENTS: ("patients", "known"),
    Reason.ONLY_KNOWN_PATIENTS: ("patients", "known"),
    Reason.TOO_YOUNG: ("min_age", "born_on"),
    Reason.TOO_OLD: ("max_age", "born_on"),
    Reason.OTHER_INSURANCE: ("insurances", "insurance"),
    Reason.TOO_SOON: ("notice", "channel"),
    Reason.TOO_FAR_AHEAD: ("horizon_days", "channel"),
    Reason.MONTH_FULL: ("full",),
    Reason.OUTSIDE_WORKING_TIME: ("weekly", "shifts", "duration"),
    Reason.ABSENT: ("absent", "duration"),
    Reason.HOLIDAY: ("holidays", "duration"),
    Reason.KEPT_FOR_OTHERS: ("other_windows", "own_windows", "duration"),
    Reason.OUTSIDE_WINDOWS: ("only_in_windows", "own_windows", "duration"),
    Reason.CALENDAR_TAKEN: ("busy", "duration", "buffer_before", "buffer_after"),
    Reason.NO_ROOM_ALLOWED: ("needs_room", "rooms", "duration", "buffer_before", "buffer_after"),
    Reason.NO_ROOM_FREE: ("needs_room", "rooms", "duration", "buffer_before", "buffer_after"),
}


def only(case: Case, reason: Reason) -> Case:
    """The same question with just the rule that gives `reason`."""
    found = replace(anything(case), **{name: getattr(case, name) for name in OF_REASON[reason]})
    match reason:
        case Reason.NO_ROOM_ALLOWED | Reason.NO_ROOM_FREE if bool(found.rooms) == (reason is Reason.NO_ROOM_ALLOWED):
            return replace(found, needs_room=False)
        case Reason.VIDEO_OFF | Reason.NO_VIDEO_REFERENCE if found.no_video != reason:
            return replace(found, no_video="")
        case Reason.ONLY_NEW_PATIENTS if found.patients == "known":
            return replace(found, patients="all")
        case Reason.ONLY_KNOWN_PATIENTS if found.patients == "new":
            return replace(found, patients="all")
    return found


@pytest.mark.req("CAL-10")
@settings(max_examples=150, deadline=None)
@given(st.sampled_from(BERLIN_CHANGES).flatmap(lambda change: cases(BERLIN, change)), st.data())
def test_a_start_is_offered_exactly_if_nothing_speaks_against_it(case: Case, data: st.DataObject) -> None:
    case = replace(case, period=(case.period[0], case.period[0] + 900))
    offered = [start for start, _ in free_starts(case)]
    drawn = data.draw(st.lists(st.integers(case.period[0], case.period[1] - 1), min_size=5, max_size=5))
    calendar = as_calendar(case)
    for start in {*offered[:5], *offered[-5:], *drawn}:
        against = reasons(calendar, start, now=case.now, zone=case.zone, asker=asker(case))
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
    each = [replace(case, period=asked.period, now=asked.now, **asking(asked)) for case in drawn]
    calendars = [as_calendar(case, number) for number, case in enumerate(each)]
    expected = sorted((start, number) for number, case in enumerate(each) for start, _ in free_starts(case))
    everything = offers(calendars, asked.period, now=asked.now, zone=BERLIN, asker=asker(asked))
    assert [(offer.start, offer.calendar_id.int) for offer in everything] == expected
    first = next_offers(calendars, count, asked.period, now=asked.now, zone=BERLIN, asker=asker(asked))
    assert first == everything[:count]
