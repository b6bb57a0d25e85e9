"""What people would ask of the free times, in plain examples of one day or two."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from bench import engine as bench
from sprechzeit.scheduling.availability import (
    Block,
    CalendarTime,
    Minute,
    Offer,
    Reason,
    RoomTime,
    Rules,
    Span,
    day_period,
    instant_of,
    minute_of,
    next_offers,
    offers,
    reasons,
    working_spans,
)
from sprechzeit.scheduling.availability.clock import stretches

BERLIN = ZoneInfo("Europe/Berlin")
MONDAY = date(2027, 1, 4)
BLUE, GREEN = UUID(int=1), UUID(int=2)
LONG_AGO = minute_of(datetime(2026, 12, 1, tzinfo=UTC))


def at(clock: str, day: date = MONDAY, zone: ZoneInfo = BERLIN, fold: int = 0) -> Minute:
    hour, minute = map(int, clock.split(":"))
    return minute_of(datetime(day.year, day.month, day.day, hour, minute, tzinfo=zone, fold=fold))


def taken(*clocks: str) -> list[Span]:
    return [(at(begin), at(end)) for begin, end in (clock.split("-") for clock in clocks)]


def calendar(
    hours: tuple[tuple[int, int], ...] = ((9, 12),),
    busy: tuple[str, ...] = (),
    *,
    rooms: tuple[RoomTime, ...] = (),
    day: date = MONDAY,
    duration: int = 60,
    grid: int = 60,
    notice: int = 0,
    horizon_days: int = 365,
    buffer_before: int = 0,
    buffer_after: int = 0,
    needs_room: bool = False,
) -> CalendarTime:
    """A calendar that works at `hours` on the weekday of `day`."""
    rules = Rules(duration, buffer_before, buffer_after, grid, notice, horizon_days, needs_room)
    weekly = [Block(day.weekday(), begin * 60, end * 60) for begin, end in hours]
    return CalendarTime(UUID(int=7), rules, working_spans(weekly, BERLIN, day, day), taken(*busy), rooms)


def found(one: CalendarTime, day: date = MONDAY, now: Minute = LONG_AGO) -> list[Offer]:
    return offers([one], day_period(BERLIN, day, day), now=now, zone=BERLIN)


def clocks(one: CalendarTime, day: date = MONDAY, now: Minute = LONG_AGO) -> list[str]:
    return [f"{instant_of(offer.start).astimezone(BERLIN):%H:%M}" for offer in found(one, day, now)]


@pytest.mark.req("CAL-9")
def test_starts_lie_in_working_time_to_the_last_minute() -> None:
    assert clocks(calendar()) == ["09:00", "10:00", "11:00"]
    assert clocks(calendar(duration=61)) == ["09:00", "10:00"]


@pytest.mark.req("CAL-2")
def test_a_lunch_break_is_a_gap_and_touching_blocks_are_none() -> None:
    assert clocks(calendar(hours=((9, 10), (11, 12)), duration=90, grid=30)) == []
    assert clocks(calendar(hours=((9, 10), (10, 12)), duration=90, grid=30)) == ["09:00", "09:30", "10:00", "10:30"]


@pytest.mark.req("CAL-9")
def test_times_may_touch_but_not_overlap_what_is_taken() -> None:
    assert clocks(calendar(busy=("10:00-11:00",))) == ["09:00", "11:00"]
    assert clocks(calendar(busy=("09:59-10:00",), grid=15)) == ["10:00", "10:15", "10:30", "10:45", "11:00"]


@pytest.mark.req("CAL-8")
def test_a_long_overbooked_entry_is_not_forgotten_behind_a_short_one() -> None:
    assert clocks(calendar(busy=("09:00-11:00", "09:15-09:30"))) == ["11:00"]


@pytest.mark.req("CAL-5")
def test_buffers_may_lie_outside_working_time_but_not_on_what_is_taken() -> None:
    assert clocks(calendar(buffer_before=15, buffer_after=15)) == ["09:00", "10:00", "11:00"]
    assert clocks(calendar(buffer_before=15, busy=("08:30-08:50",))) == ["10:00", "11:00"]
    assert clocks(calendar(buffer_after=15, busy=("12:10-12:20",))) == ["09:00", "10:00"]


@pytest.mark.req("CAL-5")
def test_notice_and_horizon_bound_the_starts() -> None:
    assert clocks(calendar(notice=60), now=at("09:00")) == ["10:00", "11:00"]
    assert clocks(calendar(notice=60), now=at("09:01")) == ["11:00"]
    late_on_sunday = at("23:59", MONDAY - timedelta(days=1))
    assert clocks(calendar(horizon_days=0), now=late_on_sunday) == []
    assert clocks(calendar(horizon_days=1), now=late_on_sunday) == ["09:00", "10:00", "11:00"]


@pytest.mark.req("CAL-9")
def test_the_room_is_the_first_allowed_one_that_is_free_throughout() -> None:
    rooms = (RoomTime(BLUE, taken("09:30-10:30")), RoomTime(GREEN, taken("10:30-11:30")))
    one = calendar(rooms=rooms, needs_room=True, grid=30)
    expected = [("09:00", GREEN), ("09:30", GREEN), ("10:30", BLUE), ("11:00", BLUE)]
    assert [(offer.start, offer.room_id) for offer in found(one)] == [(at(clock), room) for clock, room in expected]


@pytest.mark.req("CAL-9")
def test_two_rooms_free_in_turn_do_not_make_one() -> None:
    rooms = (RoomTime(BLUE, taken("10:00-12:00")), RoomTime(GREEN, taken("08:00-10:00")))
    assert clocks(calendar(rooms=rooms, needs_room=True, duration=90, grid=30)) == ["10:00", "10:30"]


@pytest.mark.req("CAL-9")
def test_a_time_that_the_clock_skips_is_never_offered() -> None:
    spring = date(2027, 3, 28)
    one = calendar(hours=((1, 5),), day=spring, duration=30, grid=30)
    assert clocks(one, spring) == ["01:00", "01:30", "03:00", "03:30", "04:00", "04:30"]


@pytest.mark.req("CAL-9")
def test_a_time_that_the_clock_strikes_twice_is_offered_twice() -> None:
    autumn = date(2027, 10, 31)
    one = calendar(hours=((1, 4),), day=autumn, duration=30, grid=30)
    assert clocks(one, autumn) == ["01:00", "01:30", "02:00", "02:30", "02:00", "02:30", "03:00", "03:30"]
    starts = [offer.start for offer in found(one, autumn)]
    assert {at("02:30", autumn, fold=0), at("02:30", autumn, fold=1)} <= set(starts)
    assert sum(end - begin for begin, end in one.working) == 4 * 60


@pytest.mark.req("CAL-9")
def test_an_appointment_may_last_across_a_change_of_the_clock() -> None:
    spring = date(2027, 3, 28)
    assert clocks(calendar(hours=((1, 4),), day=spring, duration=90, grid=30), spring) == ["01:00", "01:30"]


@pytest.mark.req("CAL-2")
def test_a_night_block_runs_into_the_next_day() -> None:
    night = calendar(hours=((22, 26),))
    assert clocks(night) == ["22:00", "23:00"]
    assert clocks(night, MONDAY + timedelta(days=1)) == ["00:00", "01:00"]


@pytest.mark.req("CAL-10")
def test_all_reasons_are_given_at_once() -> None:
    one = calendar(busy=("12:30-13:00",), needs_room=True, horizon_days=0)
    against = reasons(one, at("12:10"), now=at("12:30", MONDAY - timedelta(days=7)), zone=BERLIN)
    assert against == [Reason.OFF_GRID, Reason.TOO_FAR_AHEAD, Reason.OUTSIDE_WORKING_TIME,
                       Reason.CALENDAR_TAKEN, Reason.NO_ROOM_ALLOWED]  # fmt: skip
    assert reasons(calendar(), at("09:00"), now=at("09:01"), zone=BERLIN) == [Reason.TOO_SOON]
    assert reasons(calendar(), at("09:00"), now=LONG_AGO, zone=BERLIN) == []


@pytest.mark.req("CAL-11")
def test_the_next_offers_are_computed_no_further_than_needed() -> None:
    read = []

    class Busy(list[Span]):
        def __iter__(self):  # type: ignore[no-untyped-def]  # noqa: ANN204
            for span in super().__iter__():
                read.append(span)
                yield span

    days = [MONDAY + timedelta(days=7 * week) for week in range(40)]
    one = calendar()
    working = working_spans([Block(0, 540, 720)], BERLIN, days[0], days[-1])
    busy = Busy((at("09:00", day), at("10:00", day)) for day in days)
    one = CalendarTime(one.calendar_id, one.rules, working, busy)
    first = next_offers([one], 3, day_period(BERLIN, days[0], days[-1]), now=LONG_AGO, zone=BERLIN)
    assert [offer.start for offer in first] == [at("10:00"), at("11:00"), at("10:00", days[1])]
    assert len(read) < 5


def test_senseless_rules_are_refused() -> None:
    for wrong in ({"duration": 0}, {"duration": 1441}, {"grid": 0}, {"notice": -1}, {"buffer_after": -1}):
        with pytest.raises(ValueError):
            Rules(**{"duration": 30, **wrong})  # type: ignore[arg-type]


def test_minutes_are_rounded_as_asked() -> None:
    instant = datetime(2027, 1, 4, 9, 0, 1, tzinfo=BERLIN)
    assert minute_of(instant) == at("09:00")
    assert minute_of(instant, round_up=True) == at("09:01")
    assert instant_of(at("09:00")) == datetime(2027, 1, 4, 8, tzinfo=UTC)


def test_a_day_is_as_long_as_its_clock_makes_it() -> None:
    lengths = {date(2027, 3, 28): 23, date(2027, 10, 31): 25, MONDAY: 24}
    for day, hours in lengths.items():
        begin, end = day_period(BERLIN, day, day)
        assert (end - begin, begin) == (hours * 60, at("00:00", day))


def test_the_zone_is_looked_up_about_once_a_day(monkeypatch: pytest.MonkeyPatch) -> None:
    from sprechzeit.scheduling.availability import clock

    asked: list[Minute] = []
    real = clock.offset_at

    def counted(zone: ZoneInfo, minute: Minute) -> int:
        asked.append(minute)
        return real(zone, minute)

    monkeypatch.setattr(clock, "offset_at", counted)
    stretches.cache_clear()
    assert len(stretches(BERLIN, 20_860, 20_959)) == 2
    assert len(asked) < 120


@pytest.mark.req("CAL-9")
def test_the_measured_work_has_the_right_answers() -> None:
    """W1 and W2, with and without rooms, and the first twenty."""
    work = bench.make(20270104)
    bench.check(work)
    assert len(work["answers"]["w1"]) == 491
    assert sum(map(len, work["answers"]["w2"])) == 2359
    assert sum(map(len, work["answers"]["w2_without_rooms"])) == 2961
