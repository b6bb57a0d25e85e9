"""Files that want to take the program's time, memory or composure."""

from datetime import UTC, date, datetime, timedelta
from time import monotonic
from zoneinfo import ZoneInfo

import pytest
from dateutil.rrule import rrulestr
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sprechzeit.scheduling.calendar_file import Limits
from sprechzeit.scheduling.calendar_file.moments import Moment
from sprechzeit.scheduling.calendar_file.rules import Budget, read_rule
from tests.scheduling.ics.writing import calendar, codes, read

NINE = "UID:a\nDTSTART:20260302T080000Z\nDTEND:20260302T090000Z"


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=SECONDLY",
        "FREQ=SECONDLY;COUNT=999999999",
        "FREQ=MINUTELY",
        "FREQ=HOURLY;BYMINUTE=0,1,2,3,4,5,6,7,8,9;BYSECOND=1,2,3,4,5,6,7,8,9",
        "FREQ=DAILY;BYHOUR=1,2,3,4,5,6,7,8;BYMINUTE=1,2,3,4,5,6,7,8;BYSECOND=1,2,3",
        "FREQ=YEARLY;BYDAY=MO,TU,WE,TH,FR,SA,SU;BYHOUR=1,2,3,4,5,6,7,8;BYMINUTE=1,2,3",
    ],
)
def test_a_series_without_measure_is_refused_at_once(rule: str) -> None:
    began = monotonic()
    found = read(calendar(f"UID:b\nDTSTART:19700101T000000Z\nDURATION:PT1S\nRRULE:{rule}", NINE))
    assert [entry.uid for entry in found.entries] == ["a"]
    assert [(problem.code, problem.uid) for problem in found.problems] == [("too_many_occurrences", "b")]
    assert monotonic() - began < 2


@pytest.mark.parametrize("frequency", ["YEARLY", "MONTHLY", "WEEKLY", "DAILY", "HOURLY", "MINUTELY", "SECONDLY"])
def test_a_series_that_never_takes_place_is_given_up_soon(frequency: str) -> None:
    """The 30th of February: the library would look for it until the year 9999."""
    rule = f"FREQ={frequency};BYMONTH=2;BYMONTHDAY=30;COUNT=5"
    began = monotonic()
    found = read(calendar(f"DTSTART:20260101T080000Z\nDURATION:PT1H\nRRULE:{rule}"))
    assert [entry.starts_at for entry in found.entries] == [datetime(2026, 1, 1, 8, tzinfo=UTC)]
    assert monotonic() - began < 5


def test_a_short_series_by_the_minute_is_taken() -> None:
    assert len(read(calendar("DTSTART:20260101T080000Z\nDURATION:PT1M\nRRULE:FREQ=MINUTELY;COUNT=30")).entries) == 30


def test_limits() -> None:
    daily = "UID:{}\nDTSTART:20260101T080000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY"
    assert len(read(calendar(daily.format("x")), limits=Limits(occurrences_per_entry=365)).entries) == 365
    found = read(calendar(daily.format("x"), NINE), limits=Limits(occurrences_per_entry=364))
    assert ([entry.uid for entry in found.entries], [p.code for p in found.problems]) == (
        ["a"],
        ["too_many_occurrences"],
    )
    found = read(calendar(daily.format("x"), daily.format("y")), limits=Limits(occurrences_per_file=729))
    assert (found.entries, [problem.code for problem in found.problems]) == ([], ["too_many_entries"])
    assert (
        len(read(calendar(daily.format("x"), daily.format("y")), limits=Limits(occurrences_per_file=730)).entries)
        == 730
    )
    assert [problem.code for problem in read(calendar(NINE), limits=Limits(file_bytes=50)).problems] == ["too_large"]


def test_when_the_time_is_up_series_are_left_and_single_entries_taken() -> None:
    found = read(calendar("UID:b\nRRULE:FREQ=DAILY\n" + NINE.replace("UID:a\n", ""), NINE), limits=Limits(seconds=0))
    assert [entry.uid for entry in found.entries] == ["a"]
    assert [(problem.code, problem.uid) for problem in found.problems] == [("took_too_long", "b")]


def test_a_large_file() -> None:
    filler = "DESCRIPTION:" + "Lorem ipsum " * 20 + "\nATTENDEE;CN=x:mailto:x@example.org"
    start = datetime(2026, 1, 1)  # noqa: DTZ001
    times = (start + timedelta(minutes=15 * number) for number in range(26_000))
    data = calendar(*(f"UID:{n}\nDTSTART:{at:%Y%m%dT%H%M%S}\nDURATION:PT20M\n{filler}" for n, at in enumerate(times)))
    assert len(data) > 9_000_000
    began = monotonic()
    found = read(data)
    assert (len(found.entries), found.problems) == (26_000, [])
    assert monotonic() - began < 60


@pytest.mark.parametrize("depth", [b"BEGIN:VEVENT\n", b"BEGIN:X\n", b"BEGIN:VCALENDAR\n", b"BEGIN:VTIMEZONE\n"])
def test_deep_nesting_is_harmless(depth: bytes) -> None:
    assert {*codes(depth * 20_000)} <= {"not_a_calendar", "no_entries", "incomplete"}


PIECES = st.sampled_from(
    [
        b"BEGIN:",
        b"END:",
        b"VEVENT",
        b"VCALENDAR",
        b"VTIMEZONE",
        b"STANDARD",
        b"\r\n",
        b"\n",
        b"\r",
        b" ",
        b":",
        b";",
        b"DTSTART",
        b"DTEND",
        b"DURATION",
        b"RRULE:FREQ=DAILY;COUNT=3",
        b"RDATE:",
        b"EXDATE:",
        b"RECURRENCE-ID:",
        b"TZID=",
        b"20260302T090000",
        b"20260302",
        b"00010101T000000",
        b"99991231T235959",
        b"Z",
        b"PT1H",
        b"-P1D",
        b",",
        b"/",
        b"=",
        b"Europe/Berlin",
        b"\x00",
        b"\xff",
        b"\xc3",
        b"X-WR-TIMEZONE:",
        b"UNTIL=",
        b"INTERVAL=99999999999",
        b'"',
        b"\\",
    ]
)
EVENT_LINES = st.lists(
    st.tuples(
        st.sampled_from(
            ["DTSTART", "DTEND", "DURATION", "RRULE", "EXRULE", "RDATE", "EXDATE", "RECURRENCE-ID", "UID", "SEQUENCE"]
        ),
        st.sampled_from(["", ";TZID=Europe/Berlin", ";TZID=America/New_York", ";VALUE=DATE", ";RANGE=THISANDFUTURE"]),
        st.sampled_from(
            [
                "20260302T090000",
                "20260302T090000Z",
                "20260302",
                "20260329T023000",
                "00010101T000000",
                "99991231T235959Z",
                "99991231",
                "PT1H",
                "P1D",
                "-PT1H",
                "P2999999D",
                "FREQ=DAILY",
                "FREQ=WEEKLY;UNTIL=20260401;BYDAY=MO,-1TU",
                "FREQ=MONTHLY;BYSETPOS=-1;BYDAY=MO,TU",
                "FREQ=YEARLY;INTERVAL=999999999999",
                "20260302T090000/PT1H",
                "a",
                "",
                "20260302T090000,20260303",
                "FREQ=HOURLY;INTERVAL=7;COUNT=9",
                "FREQ=DAILY;UNTIL=99991231T235959Z",
            ]
        ),
    ),
    max_size=8,
)


@given(st.lists(PIECES | st.binary(max_size=4), max_size=60).map(b"".join))
def test_no_bytes_make_it_fail(data: bytes) -> None:
    assert {problem.code for problem in read(data).problems}


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.lists(EVENT_LINES, max_size=4))
def test_no_event_makes_it_fail_and_every_entry_is_sound(events: list[list[tuple[str, str, str]]]) -> None:
    texts = ["\n".join(f"{name}{params}:{value}" for name, params, value in lines) for lines in events]
    data = calendar(*texts)
    found = read(data)
    for entry in found.entries:
        assert entry.starts_at < entry.ends_at
        assert entry.starts_at.utcoffset() == entry.ends_at.utcoffset() == timedelta(0)
    names = [(entry.uid, entry.recurrence) for entry in found.entries]
    assert len(names) == len(set(names))
    assert read(data) == found
    for problem in found.problems:
        assert problem.message % problem.params


@settings(deadline=None)
@given(
    start=st.datetimes(datetime(1970, 1, 1), datetime(2020, 1, 1)).map(lambda at: at.replace(microsecond=0)),  # noqa: DTZ001
    rule=st.sampled_from(
        [
            "FREQ=DAILY;INTERVAL=3",
            "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,FR;WKST=SU",
            "FREQ=MONTHLY;BYDAY=-1SU",
            "FREQ=YEARLY",
            "FREQ=YEARLY;INTERVAL=3;BYMONTH=2;BYMONTHDAY=29",
            "FREQ=YEARLY;BYWEEKNO=53;BYDAY=TH",
            "FREQ=YEARLY;BYYEARDAY=-1",
            "FREQ=MONTHLY;INTERVAL=5;BYMONTHDAY=31",
            "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-2",
            "FREQ=HOURLY;INTERVAL=37",
        ]
    ),
)
def test_a_rule_gives_the_same_where_the_calendar_repeats(start: datetime, rule: str) -> None:
    """Rules are expanded centuries later; nothing may differ from expanding them where they are."""
    high = datetime(2024, 3, 1)  # noqa: DTZ001
    ours = read_rule(rule, Moment(start, ZoneInfo("UTC"))).starts(start, start, high, Limits(), Budget(60))
    assert list(ours) == rrulestr(rule, dtstart=start).between(start, high, inc=True)


def test_periods_at_the_edges_of_the_calendar() -> None:
    data = calendar("DTSTART:00010105T080000Z\nDURATION:PT1H\nRRULE:FREQ=YEARLY;INTERVAL=100", NINE)
    assert len(read(data, (date(1, 1, 2), date(9999, 12, 29))).entries) == 101
