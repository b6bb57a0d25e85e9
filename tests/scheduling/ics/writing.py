"""Writes small calendar files for tests, and reads them for a practice in Berlin."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from sprechzeit.scheduling.calendar_file import CalendarFile, Entry, Limits, read_calendar

BERLIN = ZoneInfo("Europe/Berlin")
ALL_2026 = (date(2026, 1, 1), date(2026, 12, 31))


def calendar(*events: str, head: str = "", end: str = "\r\n") -> bytes:
    """A VCALENDAR around events, each written as its content lines."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", *_lines(head)]
    for event in events:
        lines += ["BEGIN:VEVENT", *_lines(event), "END:VEVENT"]
    return (end.join([*lines, "END:VCALENDAR"]) + end).encode()


def read(data: bytes, period: tuple[date, date] = ALL_2026, limits: Limits | None = None) -> CalendarFile:
    return read_calendar(data, zone=BERLIN, first=period[0], last=period[1], limits=limits)


def only(data: bytes) -> Entry:
    """The one entry of a file in which nothing is wrong."""
    found = read(data)
    assert found.problems == []
    (entry,) = found.entries
    return entry


def codes(data: bytes) -> list[str]:
    return [problem.code for problem in read(data).problems]


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def local(entry: Entry) -> str:
    """Start and end as a clock in Berlin shows them."""
    starts, ends = entry.starts_at.astimezone(BERLIN), entry.ends_at.astimezone(BERLIN)
    return f"{starts:%m-%d %H:%M}–{ends:%H:%M}"


def locals_of(data: bytes) -> list[str]:
    found = read(data)
    assert found.problems == []
    return [local(entry) for entry in found.entries]


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.strip().splitlines()]
