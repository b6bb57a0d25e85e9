"""Series: rules, exceptions, moved and cancelled occurrences, over the change of the clocks."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.scheduling.ics.writing import ALL_2026, BERLIN, calendar, codes, local, locals_of, only, read

MONDAYS = "UID:s\nSUMMARY:Gruppe\nDTSTART;TZID=Europe/Berlin:20260316T090000\nDTEND;TZID=Europe/Berlin:20260316T103000"
FOUR = MONDAYS + "\nRRULE:FREQ=WEEKLY;COUNT=4"


def change(original: str, *lines: str, params: str = "") -> str:
    return "\n".join(["UID:s", f"RECURRENCE-ID{params}:{original}", *lines])


def labels(data: bytes) -> list[str]:
    return [entry.recurrence for entry in read(data).entries]


def test_a_series_keeps_its_time_on_the_wall_over_the_change_of_the_clocks() -> None:
    data = calendar(FOUR)
    assert locals_of(data) == ["03-16 09:00–10:30", "03-23 09:00–10:30", "03-30 09:00–10:30", "04-06 09:00–10:30"]
    assert labels(data) == ["20260316T080000Z", "20260323T080000Z", "20260330T070000Z", "20260406T070000Z"]


def test_a_series_in_utc_moves_on_the_wall() -> None:
    data = calendar("DTSTART:20260323T080000Z\nDURATION:PT1H\nRRULE:FREQ=WEEKLY;COUNT=2")
    assert locals_of(data) == ["03-23 09:00–10:00", "03-30 10:00–11:00"]


def test_a_series_in_utc_of_a_calendar_with_a_zone_stays_on_its_wall() -> None:
    data = calendar(
        "DTSTART:20260323T080000Z\nDURATION:PT1H\nRRULE:FREQ=WEEKLY;COUNT=2", head="X-WR-TIMEZONE:Europe/Berlin"
    )
    assert locals_of(data) == ["03-23 09:00–10:00", "03-30 09:00–10:00"]


def test_half_past_two_on_the_day_it_does_not_exist() -> None:
    data = calendar("DTSTART;TZID=Europe/Berlin:20260328T023000\nDURATION:PT1H\nRRULE:FREQ=DAILY;COUNT=3")
    assert locals_of(data) == ["03-28 02:30–03:30", "03-29 03:30–04:30", "03-30 02:30–03:30"]


def test_the_length_of_an_occurrence_is_exact_time() -> None:
    """RFC 5545, 3.8.5.3: all have the exact duration of the first."""
    data = calendar("DTSTART;TZID=Europe/Berlin:20260327T220000\nDTEND;TZID=Europe/Berlin:20260328T060000\n"
                    "RRULE:FREQ=DAILY;COUNT=3")  # fmt: skip
    assert locals_of(data) == ["03-27 22:00–06:00", "03-28 22:00–07:00", "03-29 22:00–06:00"]


def test_a_series_of_whole_days() -> None:
    entries = read(calendar("DTSTART;VALUE=DATE:20260328\nRRULE:FREQ=DAILY;UNTIL=20260330")).entries
    assert [entry.recurrence for entry in entries] == ["20260328", "20260329", "20260330"]
    assert [(entry.ends_at - entry.starts_at).seconds // 3600 or 24 for entry in entries] == [24, 23, 24]


@pytest.mark.parametrize(
    ("until", "count"),
    [
        ("20260330T070000Z", 3),  # the very start of the third
        ("20260330T065959Z", 2),
        ("20260330T090000", 3),  # not allowed, meant on the wall
        ("20260330", 3),  # not allowed, meant with that day
        ("20260315", 0),  # cut off before it began
    ],
)
def test_until(until: str, count: int) -> None:
    assert len(read(calendar(f"{MONDAYS}\nRRULE:FREQ=WEEKLY;UNTIL={until}")).entries) == count


@pytest.mark.parametrize(
    "exception",
    [
        "EXDATE;TZID=Europe/Berlin:20260323T090000",
        "EXDATE:20260323T080000Z",
        "EXDATE:20260323T090000",
        "EXDATE;VALUE=DATE:20260323",
        "EXDATE;TZID=America/New_York:20260323T040000",
        "EXDATE:20200101T000000Z,20260323T080000Z",
        "EXDATE:20200101T000000Z\nEXDATE:20260323T080000Z",
        "EXRULE:FREQ=WEEKLY;INTERVAL=10;BYMONTHDAY=23;BYDAY=MO\nEXDATE:20260323T080000Z",
        "EXRULE:FREQ=MONTHLY;BYMONTHDAY=23",
    ],
)
def test_an_exception_takes_away_its_occurrence_alone(exception: str) -> None:
    assert labels(calendar(f"{FOUR}\n{exception}")) == ["20260316T080000Z", "20260330T070000Z", "20260406T070000Z"]


@pytest.mark.parametrize(
    ("until", "last"),
    [
        ("20260330", "20260330"),
        ("20260330T235959Z", "20260330"),
        ("20260330T000000Z", "20260330"),
        ("20260329T220000Z", "20260330"),  # midnight in Berlin
        ("20260330T215959Z", "20260330"),  # the day's last second in Berlin
        ("20260330T235959", "20260330"),
    ],
)
def test_until_of_whole_days(until: str, last: str) -> None:
    assert labels(calendar(f"DTSTART;VALUE=DATE:20260327\nRRULE:FREQ=DAILY;UNTIL={until}"))[-1] == last


def test_an_exception_at_ten_leaves_the_occurrence_at_eight() -> None:
    """10:00 in Berlin is 8:00 UTC in summer: the wall's and the world's clock must not be mixed up."""
    data = calendar(
        "DTSTART;TZID=Europe/Berlin:20260706T080000\nDURATION:PT1H\nRRULE:FREQ=DAILY;BYHOUR=8,10;COUNT=4\n"
        "EXDATE;TZID=Europe/Berlin:20260706T100000"
    )
    assert locals_of(data) == ["07-06 08:00–09:00", "07-07 08:00–09:00", "07-07 10:00–11:00"]


def test_further_dates_also_with_lengths_of_their_own() -> None:
    data = calendar(
        f"{MONDAYS}\nRDATE;TZID=Europe/Berlin:20260318T090000,20260316T090000\n"
        "RDATE;VALUE=PERIOD:20260319T080000Z/PT2H,20260320T080000Z/20260320T081500Z\nRDATE;VALUE=DATE:20260321\nRDATE:"
    )
    assert locals_of(data) == [
        "03-16 09:00–10:30", "03-18 09:00–10:30", "03-19 09:00–11:00", "03-20 09:00–09:15", "03-21 09:00–10:30",
    ]  # fmt: skip


@pytest.mark.parametrize("original", ["20260323T080000Z", "20260323T090000", "20260323"])
def test_a_moved_occurrence_keeps_its_name(original: str) -> None:
    data = calendar(FOUR, change(original, "SUMMARY:Verlegt", "DTSTART:20260324T140000", "DURATION:PT30M"))
    assert locals_of(data) == ["03-16 09:00–10:30", "03-24 14:00–14:30", "03-30 09:00–10:30", "04-06 09:00–10:30"]
    assert labels(data) == labels(calendar(FOUR))
    assert [entry.title for entry in read(data).entries] == ["Gruppe", "Verlegt", "Gruppe", "Gruppe"]


def test_an_occurrence_moved_into_the_period_is_taken_and_one_moved_out_is_not() -> None:
    data = calendar(FOUR, change("20260323T080000Z", "DTSTART:20260601T140000", "DURATION:PT30M"))
    assert [local(entry) for entry in read(data, (date(2026, 6, 1), date(2026, 6, 1))).entries] == ["06-01 14:00–14:30"]
    assert read(data, (date(2026, 3, 23), date(2026, 3, 23))).entries == []


def test_a_cancelled_occurrence_is_marked() -> None:
    data = calendar(FOUR, change("20260323T080000Z", "DTSTART:20260323T090000", "DURATION:PT90M", "STATUS:CANCELLED"))
    assert [entry.cancelled for entry in read(data).entries] == [False, True, False, False]


def test_the_newest_change_of_an_occurrence_counts() -> None:
    def moved(hour: int, sequence: int) -> str:
        return change("20260323T080000Z", f"DTSTART:20260323T{hour}0000", "DURATION:PT1H", f"SEQUENCE:{sequence}")

    assert "03-23 15:00–16:00" in locals_of(calendar(moved(15, 2), FOUR, moved(14, 1)))


def test_a_change_of_this_and_all_later_ones() -> None:
    later = change("20260323T080000Z", "SUMMARY:Später", "DTSTART:20260324T100000", "DURATION:PT1H",
                   params=";RANGE=THISANDFUTURE")  # fmt: skip
    single = change("20260406T070000Z", "DTSTART:20260406T180000", "DURATION:PT1H")
    data = calendar(FOUR, later, single)
    assert locals_of(data) == ["03-16 09:00–10:30", "03-24 10:00–11:00", "03-31 10:00–11:00", "04-06 18:00–19:00"]
    assert labels(data) == labels(calendar(FOUR))


def test_a_changed_occurrence_without_its_series_is_taken() -> None:
    data = calendar(change("20260323T080000Z", "DTSTART:20260323T140000", "DURATION:PT30M"))
    assert labels(data) == ["20260323T080000Z"]
    assert locals_of(data) == ["03-23 14:00–14:30"]


def test_a_change_of_an_entry_that_happens_once_keeps_its_name() -> None:
    data = calendar(MONDAYS, change("20260316T080000Z", "DTSTART:20260316T140000", "DURATION:PT30M"))
    assert (only(data).recurrence, local(only(data))) == ("", "03-16 14:00–14:30")


def test_a_series_without_end_ends_with_the_period() -> None:
    data = calendar("DTSTART;TZID=Europe/Berlin:20000103T090000\nDURATION:PT1H\nRRULE:FREQ=WEEKLY")
    assert len(read(data).entries) == 52
    assert [local(e) for e in read(data, (date(2026, 3, 2), date(2026, 3, 8))).entries] == ["03-02 09:00–10:00"]


def test_a_long_occurrence_that_began_before_the_period_is_taken() -> None:
    data = calendar("DTSTART;VALUE=DATE:20251220\nDTEND;VALUE=DATE:20260103\nRRULE:FREQ=YEARLY")
    assert labels(data) == ["20251220", "20261220"]


@pytest.mark.parametrize(
    "rule",
    [
        "", "FREQ", "FREQ=SOMETIMES", "COUNT=3", "FREQ=DAILY;INTERVAL=0", "FREQ=DAILY;COUNT=0", "FREQ=DAILY;COUNT=x",
        "FREQ=DAILY;UNTIL=morgen", "FREQ=WEEKLY;BYDAY=XX", "FREQ=DAILY;FREQ=DAILY",
        "FREQ=MONTHLY;BYMONTHDAY=1;BYSETPOS=0",
        "W1 MO #0", "RSCALE=CHINESE;FREQ=YEARLY", "FREQ=DAILY;BYEASTER=0", "FREQ=DAILY;BYHOUR=99",
        "FREQ=YEARLY;BYMONTH=x",
        "FREQ=DAILY\\nDTSTART:19700101T000000", "FREQ=DAILY;BYDAY=" + "MO," * 400 + "TU",
    ],
)  # fmt: skip
def test_a_rule_that_nobody_understands_is_named(rule: str) -> None:
    expected = ["unreadable_recurrence"] if rule else []
    assert codes(calendar(f"{MONDAYS}\nRRULE:{rule}")) == expected


def test_a_negative_count_means_without_end() -> None:
    assert len(read(calendar(f"{MONDAYS}\nRRULE:FREQ=MONTHLY;COUNT=-1")).entries) == 10


DAYS = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]


@settings(deadline=None)
@given(
    start=st.datetimes(datetime(2020, 1, 1), datetime(2026, 12, 1)).map(  # noqa: DTZ001
        lambda at: at.replace(second=0, microsecond=0, fold=0)
    ),
    minutes=st.integers(1, 3000),
    every=st.integers(1, 5),
    days=st.sets(st.integers(0, 6)),
    count=st.none() | st.integers(1, 60),
    weekly=st.booleans(),
)
def test_rules_agree_with_counting_days(
    start: datetime, minutes: int, every: int, days: set[int], count: int | None, weekly: bool
) -> None:
    """The naive way: walk the days, ask each whether the rule means it, look the time up in the zone."""

    def meant(day: date) -> bool:
        monday = start.date() - timedelta(days=start.weekday())
        if weekly:
            return (day - monday).days // 7 % every == 0 and day.weekday() in (days or {start.weekday()})
        return (day - start.date()).days % every == 0 and (not days or day.weekday() in days)

    walked = (start.date() + timedelta(days=n) for n in range((date(2027, 1, 2) - start.date()).days))
    found = [day for day in walked if meant(day)][:count]
    expected = set()
    for day in {*found, start.date()}:
        begins = datetime.combine(day, start.time(), BERLIN).timestamp()
        if begins < midnight(2027) and begins + minutes * 60 > midnight(2026):
            expected.add(begins)

    parts = [f"FREQ={'WEEKLY' if weekly else 'DAILY'}", f"INTERVAL={every}"]
    parts += [f"BYDAY={','.join(DAYS[day] for day in sorted(days))}"] * bool(days) + [f"COUNT={count}"] * bool(count)
    event = f"DTSTART;TZID=Europe/Berlin:{start:%Y%m%dT%H%M%S}\nDURATION:PT{minutes}M\nRRULE:{';'.join(parts)}"
    entries = read(calendar(event), ALL_2026).entries
    starts = [entry.starts_at.timestamp() for entry in entries]
    assert len(starts) == len(set(starts))
    assert set(starts) == expected


def midnight(year: int) -> float:
    return datetime(year, 1, 1, tzinfo=BERLIN).timestamp()
