"""Calendars that real programs have written, against an independent reading of them."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import icalendar
import pytest
import recurring_ical_events
import x_wr_timezone

from tests.scheduling.ics.writing import BERLIN, read

FOLDERS = [
    Path(icalendar.__file__).parent / "tests",
    Path(recurring_ical_events.__file__).parent / "test",
    Path(__file__).parent / "ics" / "real",
]
FILES = sorted(path for folder in FOLDERS for path in folder.rglob("*.ics"))
PERIOD = (date(2000, 1, 1), date(2025, 12, 31))

# Where we read a file otherwise than the library, on purpose.
OTHERWISE = {
    "issue_75_range_parameter": "UNTIL as a mere day includes that day",
    "issue_201_mixed_datetime_and_date": "a day as start means midnight in the practice",
    "issue_201_test_matrix": "a day as start or end means midnight in the practice",
    "issue_184_broken_representation_of_period": "a series without a length of its own is named",
    "event_dt_mixed_awareness": "a time in UTC is UTC, whatever zone is written beside it",
    "tz_windows_format": "a zone known by its Windows name is itself, whatever the file says of it",
    "issue_253_additional_recurrence_id": "a changed occurrence is kept although its series was cut before it",
    "issue_165_missing_event": "blanks in BYDAY are no reason to lose a series",
    "end_before_start_event": "named, not turned round",
    "issue_132_swapped_start_and_end": "named, not turned round",
}


def test_there_are_real_files() -> None:
    assert len(FILES) > 200


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_real_file_is_read_as_the_library_reads_it(path: Path) -> None:
    data = path.read_bytes()
    found = read(data, PERIOD)
    expected = theirs(data)
    ours = {(entry.title, entry.starts_at, entry.ends_at) for entry in found.entries}
    if path.stem in OTHERWISE:
        assert ours != expected
    elif expected is not None and not {problem.code for problem in found.problems} & {"unknown_zone"}:
        assert ours == expected


def theirs(data: bytes) -> set[tuple[str, datetime, datetime]] | None:
    """What icalendar and recurring_ical_events make of it, or None if they give up."""
    try:
        return set(_theirs(data))
    except Exception:
        return None


def _theirs(data: bytes) -> Iterator[tuple[str, datetime, datetime]]:
    first, last = (datetime(day.year, day.month, day.day, tzinfo=BERLIN) for day in (PERIOD[0], date(2026, 1, 1)))
    for calendar in icalendar.Calendar.from_ical(data, multiple=True):
        query = recurring_ical_events.of(x_wr_timezone.to_standard(calendar), skip_bad_series=True)
        for event in query.between(first, last):
            starts, ends = _utc(event["DTSTART"].dt), _utc(event["DTEND"].dt)
            if starts == ends and not isinstance(event["DTSTART"].dt, datetime):
                ends = _utc(event["DTSTART"].dt.fromordinal(event["DTSTART"].dt.toordinal() + 1))
            if starts < ends:
                yield " ".join(str(event.get("SUMMARY", "")).split()), starts, ends


def _utc(value: date) -> datetime:
    at = value if isinstance(value, datetime) else datetime(value.year, value.month, value.day, tzinfo=BERLIN)
    return (at if at.tzinfo else at.replace(tzinfo=BERLIN)).astimezone(UTC)
