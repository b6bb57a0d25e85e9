"""What lies behind the entries: working time, absences, time kept for some types, public holidays (CAL-2…4).

When something falls is the engine's to say (`availability/clock.py`); here it is only brought to the days shown.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sprechzeit.access.actor import Actor
from sprechzeit.core.rows import fetch
from sprechzeit.practice.models import Practice
from sprechzeit.scheduling.availability import instant_of, working_spans
from sprechzeit.scheduling.availability.clock import EPOCH_ORDINAL, Block, Shift, day_number
from sprechzeit.scheduling.availability.spans import DAY, Span
from sprechzeit.scheduling.holidays import holidays_between
from sprechzeit.scheduling.models import AppointmentType, OpenHoliday
from sprechzeit.scheduling.queries.book.facts import Absent, Ground, Kept
from sprechzeit.scheduling.queries.book.wall import Wall

Grounds = dict[tuple[UUID, date], Ground]

# See book_grounds.sql. In one statement, since each costs more than what it finds.
_GROUNDS = "SELECT * FROM book_grounds(%s, %s, %s, %s, %s, %s, %s)"


class Row(NamedTuple):
    """A weekly time with all its numbers, or what has fewer; of all calendars without `calendar_id`."""

    calendar_id: UUID | None
    numbers: list[int]
    reason: str
    type_ids: Sequence[UUID]


@dataclass(frozen=True, slots=True)
class Under:
    """Of which calendars and days the grounds are read; `types` in the order in which they are named.

    `away_ids`: the calendars of which it is seen when they are away, and why.
    """

    practice: Practice
    days: Sequence[date]
    calendar_ids: Sequence[UUID]
    away_ids: Sequence[UUID]
    types: Mapping[UUID, AppointmentType]
    wall: Wall
    period: Span


def grounds(actor: Actor, under: Under) -> Grounds:
    """Per calendar and day what lies behind its entries; one statement."""
    found = {(calendar_id, day): Ground() for calendar_id in under.calendar_ids for day in under.days}
    rows: dict[str, list[Row]] = {"hours": [], "shift": [], "absence": [], "kept": []}
    for what, calendar_id, numbers, reason, type_ids in _rows(actor, under):
        rows[what].append(Row(calendar_id, numbers, reason, type_ids))
    _add_working(found, under, rows["hours"], rows["shift"])
    _add_absences(found, under, rows["absence"])
    _add_kept(found, under, rows["kept"])
    return found


def _rows(actor: Actor, under: Under) -> list[tuple[Any, ...]]:
    begin, end = (instant_of(minute) for minute in under.period)
    first, last = under.days[0] - timedelta(days=1), under.days[-1]
    calendars = list(under.calendar_ids)
    return fetch(_GROUNDS, [actor.practice_id, calendars, first, last, begin, end, bool(under.away_ids)])


def closed_days(actor: Actor, practice: Practice, days: Sequence[date]) -> dict[date, str]:
    """The public holidays on which the practice is closed, with their names; one statement."""
    named = holidays_between(practice.region, days[0], days[-1])
    if not named:
        return named
    works_on = set(
        OpenHoliday.objects.filter(practice_id__in=actor.practices, open_on__in=named).values_list("open_on", flat=True)
    )
    return {day: name for day, name in named.items() if day not in works_on}


def _by_day(spans: Iterable[Span], days: Sequence[date]) -> Iterator[tuple[date, Span]]:
    """Spans of local minutes, cut at midnight: the day and its minutes."""
    for begin, end in spans:
        for day in days:
            midnight = day_number(day) * DAY
            starts, ends = max(begin - midnight, 0), min(end - midnight, DAY)
            if starts < ends:
                yield day, (starts, ends)


def _add_working(found: Grounds, under: Under, hours: Iterable[Row], shifts: Iterable[Row]) -> None:
    weekly: dict[UUID | None, list[Block]] = {}
    for row in hours:
        weekly.setdefault(row.calendar_id, []).append(Block(*row.numbers))
    replaced: dict[UUID | None, list[Shift]] = {}
    for row in shifts:
        replaced.setdefault(row.calendar_id, []).append(Shift(*row.numbers))
    days = under.days
    for calendar_id in under.calendar_ids:
        of_week, of_dates = weekly.get(calendar_id, ()), replaced.get(calendar_id, ())
        spans = working_spans(of_week, under.practice.zone, days[0], days[-1], of_dates)
        for day, span in _by_day(under.wall.spans(spans), days):
            found[calendar_id, day].working.append(span)


def _add_absences(found: Grounds, under: Under, rows: Iterable[Row]) -> None:
    seen = frozenset(under.away_ids)
    for row in sorted(rows, key=lambda row: row.numbers):
        starts, ends, all_day = row.numbers
        (local,) = under.wall.spans([(starts, ends)])
        last_day = date.fromordinal(EPOCH_ORDINAL + (local[1] - 1) // DAY)
        for day, span in _by_day([local], under.days):
            for away in under.away_ids if row.calendar_id is None else seen.intersection([row.calendar_id]):
                found[away, day].absent.append(Absent(*span, bool(all_day), last_day, row.reason))


def _add_kept(found: Grounds, under: Under, rows: Iterable[Row]) -> None:
    rank = {type_id: number for number, type_id in enumerate(under.types)}
    windows = [row._replace(type_ids=sorted(row.type_ids, key=rank.__getitem__)) for row in rows if row.type_ids]
    for calendar_id, numbers, _, type_ids in sorted(windows, key=lambda row: (row.numbers[1], rank[row.type_ids[0]])):
        spans = working_spans([Block(*numbers)], under.practice.zone, under.days[0], under.days[-1])
        for day, span in _by_day(under.wall.spans(spans), under.days):
            for owner in [calendar_id] if calendar_id else under.calendar_ids:
                found[owner, day].kept.append(Kept(*span, tuple(type_ids)))
