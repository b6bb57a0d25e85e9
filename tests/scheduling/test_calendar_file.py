"""Entries that happen once: when they are, what they are called, what is wrong with them."""

from datetime import date
from pathlib import Path

import pytest

from sprechzeit.scheduling.calendar_file import MESSAGES
from tests.scheduling.ics.writing import calendar, codes, local, only, read, utc

NINE_TO_TEN = "UID:a\nSUMMARY:Frau Beispiel\nDTSTART:20260302T080000Z\nDTEND:20260302T090000Z"


def test_an_entry_is_read() -> None:
    entry = only(calendar(NINE_TO_TEN))
    assert (entry.uid, entry.recurrence, entry.title) == ("a", "", "Frau Beispiel")
    assert (entry.starts_at, entry.ends_at) == (utc("2026-03-02T08:00"), utc("2026-03-02T09:00"))
    assert (entry.all_day, entry.cancelled, entry.free, entry.takes_time) == (False, False, False, True)


@pytest.mark.parametrize(
    ("start", "head", "expected"),
    [
        ("DTSTART:20260302T090000", "", "2026-03-02T08:00"),  # floating: the practice's zone
        ("DTSTART;TZID=Europe/Berlin:20260702T090000", "", "2026-07-02T07:00"),
        ("DTSTART;TZID=America/New_York:20260302T090000", "", "2026-03-02T14:00"),
        ("DTSTART;TZID=W. Europe Standard Time:20260302T090000", "", "2026-03-02T08:00"),
        ("DTSTART;TZID=/vendor.example/20260101/Europe/Berlin:20260302T090000", "", "2026-03-02T08:00"),
        ("DTSTART:20260302T090000", "X-WR-TIMEZONE:Europe/London", "2026-03-02T09:00"),
        ("DTSTART:20260302T090000Z", "X-WR-TIMEZONE:Europe/London", "2026-03-02T09:00"),
        ('DTSTART;TZID="Europe/Berlin":20260302T090000', "X-WR-TIMEZONE:Europe/London", "2026-03-02T08:00"),
        ("DTSTART;TZID=Europe/Berlin:20260302T090000Z", "", "2026-03-02T09:00"),  # written as UTC, so it is UTC
        ("dtstart;tzid=Europe/Berlin;value=date-time:20260302T090000", "", "2026-03-02T08:00"),
    ],
)
def test_zones(start: str, head: str, expected: str) -> None:
    assert only(calendar(f"{start}\nDURATION:PT1H", head=head)).starts_at == utc(expected)


OWN_ZONE = """
    BEGIN:VTIMEZONE
    TZID:Customized Time Zone
    BEGIN:STANDARD
    DTSTART:16010101T030000
    TZOFFSETFROM:+0200
    TZOFFSETTO:{offset}
    RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10
    END:STANDARD
    BEGIN:DAYLIGHT
    DTSTART:16010101T020000
    TZOFFSETFROM:{offset}
    TZOFFSETTO:+0200
    RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3
    END:DAYLIGHT
    END:VTIMEZONE
"""


def test_a_zone_that_the_file_describes_is_that_of_this_file_alone() -> None:
    event = "DTSTART;TZID=Customized Time Zone:20260302T090000\nDURATION:PT1H"
    assert only(calendar(event, head=OWN_ZONE.format(offset="+0100"))).starts_at == utc("2026-03-02T08:00")
    assert only(calendar(event, head=OWN_ZONE.format(offset="+0000"))).starts_at == utc("2026-03-02T09:00")
    assert codes(calendar(event)) == ["unknown_zone"]


@pytest.mark.parametrize("rule", ["FREQ=SECONDLY", "FREQ=YEARLY;BYSECOND=0,1,2", "FREQ=YEARLY;INTERVAL=X"])
def test_a_zone_described_by_a_senseless_rule_is_unknown(rule: str) -> None:
    head = OWN_ZONE.format(offset="+0100").replace("FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10", rule)
    assert codes(calendar("DTSTART;TZID=Customized Time Zone:20260302T090000\nDURATION:PT1H", head=head)) == [
        "unknown_zone"
    ]


@pytest.mark.parametrize("name", ["Europe", "../../etc/passwd", "/", "x" * 5000, "Mars/Olympus", "FOO"])
def test_an_unknown_zone_costs_only_its_entry(name: str) -> None:
    found = read(calendar(f"UID:b\nSUMMARY:x\nDTSTART;TZID={name}:20260302T090000\nDURATION:PT1H", NINE_TO_TEN))
    assert [entry.uid for entry in found.entries] == ["a"]
    (problem,) = found.problems
    assert (problem.code, problem.uid, problem.title, problem.line, problem.taken) == (
        "unknown_zone",
        "b",
        "x",
        3,
        False,
    )
    assert len(str(problem.params["zone"])) <= 80


def test_an_unknown_zone_of_the_calendar_is_told_once_and_the_practices_used() -> None:
    found = read(calendar(NINE_TO_TEN, "UID:b\nDTSTART:20260302T090000\nDURATION:PT1H", head="X-WR-TIMEZONE:Foo"))
    assert [entry.starts_at for entry in found.entries] == [utc("2026-03-02T08:00")] * 2
    assert [(problem.code, problem.line, problem.taken) for problem in found.problems] == [
        ("unknown_calendar_zone", 3, True)
    ]


@pytest.mark.parametrize(
    ("lines", "expected", "hours"),
    [
        ("DTSTART;VALUE=DATE:20260302", "03-02 00:00–00:00", 24),
        ("DTSTART;VALUE=DATE:20260302\nDTEND;VALUE=DATE:20260302", "03-02 00:00–00:00", 24),
        ("DTSTART;VALUE=DATE:20260302\nDTEND;VALUE=DATE:20260305", "03-02 00:00–00:00", 72),
        ("DTSTART:20260302\nDURATION:P2D", "03-02 00:00–00:00", 48),
        ("DTSTART;VALUE=DATE:20260329", "03-29 00:00–00:00", 23),  # clocks go forward
        ("DTSTART;VALUE=DATE:20261025", "10-25 00:00–00:00", 25),  # and back
    ],
)
def test_whole_days_are_those_of_the_practice(lines: str, expected: str, hours: int) -> None:
    entry = only(calendar(lines, head="X-WR-TIMEZONE:America/New_York"))
    assert entry.all_day
    assert local(entry) == expected
    assert (entry.ends_at - entry.starts_at).total_seconds() == hours * 3600


@pytest.mark.parametrize(
    ("lines", "expected", "minutes"),
    [
        ("DTSTART:20260302T090000\nDURATION:PT45M", "03-02 09:00–09:45", 45),
        ("DTSTART:20260328T220000\nDURATION:PT8H", "03-28 22:00–07:00", 480),  # exact over the change
        ("DTSTART:20260328T220000\nDTEND:20260329T060000", "03-28 22:00–06:00", 420),
        ("DTSTART:20260328T090000\nDURATION:P1D", "03-28 09:00–09:00", 1380),  # a day on the calendar
        ("DTSTART:20260329T023000\nDTEND:20260329T040000", "03-29 03:30–04:00", 30),  # 2:30 does not exist
        ("DTSTART:20261025T023000\nDTEND:20261025T030000", "10-25 02:30–03:00", 90),  # the first 2:30
        ("DTSTART;VALUE=DATE:20260302\nDTEND:20260302T120000", "03-02 00:00–12:00", 720),
        ("DTSTART:20260302T220000\nDTEND;VALUE=DATE:20260303", "03-02 22:00–00:00", 120),
        ("DTSTART;TZID=Europe/London:20260302T090000\nDTEND:20260302T110000", "03-02 10:00–11:00", 60),
    ],
)
def test_lengths(lines: str, expected: str, minutes: int) -> None:
    entry = only(calendar(lines))
    assert local(entry) == expected
    assert (entry.ends_at - entry.starts_at).total_seconds() == minutes * 60
    assert not entry.all_day


@pytest.mark.parametrize(
    ("code", "lines"),
    [
        ("no_start", "DTEND:20260302T090000"),
        ("no_start", "DTSTART:"),
        ("unreadable_time", "DTSTART:2. März\nDURATION:PT1H"),
        ("unreadable_time", "DTSTART:20260230T090000\nDURATION:PT1H"),
        ("unreadable_time", "DTSTART:PT1H\nDURATION:PT1H"),
        ("too_many_occurrences", "DTSTART:00010103T000000\nDURATION:PT1H\nRRULE:FREQ=DAILY"),
        ("unreadable_time", "DTSTART:20260302T090000\nDURATION:eine Stunde"),
        ("unreadable_time", "DTSTART:20260302T090000\nDURATION:P99999999999W"),
        ("unreadable_time", "DTSTART:20260302T090000\nDURATION:P9999999D"),
        ("end_before_start", "DTSTART:20260302T090000\nDTEND:20260302T080000"),
        ("end_before_start", "DTSTART:20260302\nDTEND:20260301"),
        ("end_before_start", "DTSTART:20260302T090000\nDURATION:-PT1H"),
        ("zero_length", "DTSTART:20260302T090000"),
        ("zero_length", "DTSTART:20260302T090000\nDTEND:20260302T090000"),
        ("zero_length", "DTSTART:20260302T090000\nDURATION:PT0S"),
    ],
)
def test_a_broken_entry_is_named_and_the_others_are_taken(code: str, lines: str) -> None:
    found = read(calendar(f"UID:broken\nSUMMARY:Kaputt\n{lines}", NINE_TO_TEN))
    assert [entry.uid for entry in found.entries] == ["a"]
    assert [(problem.code, problem.uid, problem.title) for problem in found.problems] == [(code, "broken", "Kaputt")]


def test_what_is_wrong_outside_the_period_is_nobodys_concern() -> None:
    assert read(calendar("DTSTART:20190302T090000", NINE_TO_TEN)).problems == []


def test_every_message_can_be_filled() -> None:
    data = calendar("UID:x\nDTSTART;TZID=Foo:20260302T090000", "DTSTART:nie", "DTSTART:20260302T090000\nRRULE:x")
    for problem in read(data + b"BEGIN:VTODO\nEND:VTODO\n" + calendar(NINE_TO_TEN + "\nRRULE:x")).problems:
        assert "%" not in problem.message % problem.params
        assert problem.message == MESSAGES[problem.code]


@pytest.mark.parametrize(
    ("lines", "head", "cancelled", "free"),
    [
        ("STATUS:CANCELLED", "", True, False),
        ("STATUS:TENTATIVE", "", False, False),
        ("TRANSP:TRANSPARENT", "", False, True),
        ("TRANSP:OPAQUE", "METHOD:CANCEL", True, False),
        ("", "METHOD:PUBLISH", False, False),
    ],
)
def test_cancelled_and_free_entries_are_marked(lines: str, head: str, cancelled: bool, free: bool) -> None:
    entry = only(calendar(f"{NINE_TO_TEN}\n{lines}", head=head))
    assert (entry.cancelled, entry.free, entry.takes_time) == (cancelled, free, not (cancelled or free))


def test_only_entries_that_touch_the_period_are_taken() -> None:
    found = read(
        calendar(
            "UID:before\nDTSTART:20251231T220000\nDTEND:20260101T000000",
            "UID:into\nDTSTART:20251231T220000\nDTEND:20260101T000001",
            "UID:out\nDTSTART:20261231T230000\nDTEND:20270101T010000",
            "UID:after\nDTSTART:20270101T000000\nDTEND:20270101T010000",
            "UID:over\nDTSTART;VALUE=DATE:20200101\nDTEND;VALUE=DATE:20300101",
        )
    )
    assert [entry.uid for entry in found.entries] == ["over", "into", "out"]


def test_the_newest_version_of_an_entry_counts() -> None:
    newer = NINE_TO_TEN.replace("T080000Z", "T083000Z") + "\nSEQUENCE:2"
    assert only(calendar(newer, NINE_TO_TEN + "\nSEQUENCE:1")).starts_at == utc("2026-03-02T08:30")
    assert only(calendar(NINE_TO_TEN, NINE_TO_TEN)).starts_at == utc("2026-03-02T08:00")


def test_two_entries_of_one_identifier_and_version_are_doubtful() -> None:
    found = read(calendar(NINE_TO_TEN.replace("0302T", "0303T"), NINE_TO_TEN))
    assert [entry.starts_at for entry in found.entries] == [utc("2026-03-02T08:00")]
    assert [(problem.code, problem.line) for problem in found.problems] == [("same_identifier", 3)]


def test_an_entry_without_an_identifier_gets_the_same_one_every_time() -> None:
    nameless = NINE_TO_TEN.replace("UID:a\n", "")
    first, again = only(calendar(nameless)), only(calendar(nameless + "\nDTSTAMP:20260101T000000Z"))
    assert first.uid == again.uid != only(calendar(nameless.replace("Frau", "Herr"))).uid
    assert only(calendar(NINE_TO_TEN.replace("UID:a", "UID:" + "a" * 9000))).uid.isalnum()


def test_several_calendars_in_one_file_keep_their_own_zone() -> None:
    floating = "UID:{0}\nDTSTART:20260302T090000\nDURATION:PT1H"
    both = calendar(floating.format("x"), head="X-WR-TIMEZONE:Europe/London") + calendar(floating.format("y"))
    assert [(entry.uid, local(entry)) for entry in read(both).entries] == [
        ("y", "03-02 09:00–10:00"),
        ("x", "03-02 10:00–11:00"),
    ]


def test_other_things_than_entries_are_counted() -> None:
    others = b"BEGIN:VTODO\nSUMMARY:x\nEND:VTODO\n" * 3 + b"BEGIN:VJOURNAL\nEND:VJOURNAL\n"
    found = read(calendar(NINE_TO_TEN).replace(b"END:VCALENDAR", others + b"END:VCALENDAR"))
    assert len(found.entries) == 1
    assert [(problem.code, problem.params) for problem in found.problems] == [
        ("not_an_entry", {"kind": "VTODO", "count": 3}),
        ("not_an_entry", {"kind": "VJOURNAL", "count": 1}),
    ]


def test_an_alarm_in_an_entry_does_not_touch_it() -> None:
    alarm = "BEGIN:VALARM\nTRIGGER:-PT15M\nDURATION:PT5M\nSUMMARY:Alarm\nEND:VALARM"
    assert only(calendar(alarm + "\n" + NINE_TO_TEN)).title == "Frau Beispiel"


def test_a_practices_week() -> None:
    data = (Path(__file__).parent / "ics" / "practice_week.ics").read_bytes()
    found = read(data, (date(2026, 3, 30), date(2026, 4, 5)))
    marks = {"cancelled": "abgesagt", "free": "frei", "all_day": "ganztags"}
    shown = [
        " ".join([local(entry), *(mark for name, mark in marks.items() if getattr(entry, name))])
        for entry in found.entries
    ]
    assert shown == [
        "03-30 09:00–09:50",
        "03-30 09:30–10:00",
        "03-31 13:00–14:00",
        "04-01 10:00–11:00 abgesagt",
        "04-02 00:00–00:00 frei ganztags",
    ]
    assert found.entries[0].title.endswith("an die Überweisung erinnern")
    assert [(problem.code, problem.title) for problem in found.problems] == [
        ("zero_length", "Zettel"),
        ("not_an_entry", ""),
    ]
