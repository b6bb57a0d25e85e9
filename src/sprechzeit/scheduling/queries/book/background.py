"""What lies behind the entries: working time, absences, time kept for some types, public holidays (CAL-2…4).

When something falls is the engine's to say (`availability/clock.py`); here it is only brought to the days shown.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Q

from sprechzeit.access.actor import Actor
from sprechzeit.practice.models import Practice
from sprechzeit.scheduling.availability import instant_of, working_spans
from sprechzeit.scheduling.availability.clock import EPOCH_ORDINAL, Block, Shift, day_number
from sprechzeit.scheduling.availability.spans import DAY, Span
from sprechzeit.scheduling.holidays import holidays_between
from sprechzeit.scheduling.models import BookingWindowType, OpenHoliday, WorkingHours
from sprechzeit.scheduling.models import Shift as ShiftOfCalendar
from sprechzeit.scheduling.policy import visible_absences
from sprechzeit.scheduling.queries.book.facts import Absent, Ground, Kept
from sprechzeit.scheduling.queries.book.wall import Minutes, Wall

Grounds = dict[tuple[UUID, date], Ground]
_WEEKLY = ("weekday", "starts", "ends", "valid_from", "valid_until", "every_weeks")


def grounds(
    actor: Actor, practice: Practice, days: Sequence[date], calendar_ids: Sequence[UUID], wall: Wall, period: Span
) -> Grounds:
    """Per calendar and day what lies behind its entries; four statements."""
    found = {(calendar_id, day): Ground() for calendar_id in calendar_ids for day in days}
    _add_working(found, practice, days, calendar_ids, wall)
    _add_absences(found, actor, practice, days, calendar_ids, wall, period)
    _add_kept(found, practice, days, calendar_ids, wall)
    return found


def closed_days(actor: Actor, practice: Practice, days: Sequence[date]) -> dict[date, str]:
    """The public holidays on which the practice is closed, with their names; one statement."""
    named = holidays_between(practice.region, days[0], days[-1])
    if not named:
        return named
    works_on = set(
        OpenHoliday.objects.filter(practice_id__in=actor.practices, open_on__in=named).values_list("open_on", flat=True)
    )
    return {day: name for day, name in named.items() if day not in works_on}


def _block(weekday: int, starts: int, ends: int, since: date | None, until: date | None, every_weeks: int) -> Block:
    """A weekly time as the engine takes it."""
    bounds: dict[str, Any] = {"every_weeks": every_weeks}
    if since:
        bounds["valid_from"] = day_number(since)
    if until:
        bounds["valid_until"] = day_number(until)
    return Block(weekday, starts, ends, **bounds)


def _by_day(spans: Iterable[Span], days: Sequence[date]) -> Iterator[tuple[date, Span]]:
    """Spans of local minutes, cut at midnight: the day and its minutes."""
    for begin, end in spans:
        for day in days:
            midnight = day_number(day) * DAY
            starts, ends = max(begin - midnight, 0), min(end - midnight, DAY)
            if starts < ends:
                yield day, (starts, ends)


def _add_working(
    found: Grounds, practice: Practice, days: Sequence[date], calendar_ids: Sequence[UUID], wall: Wall
) -> None:
    of = {"practice_id": practice.id, "calendar_id__in": calendar_ids}
    shifts: dict[UUID, list[Shift]] = {}
    around = (date.fromordinal(days[0].toordinal() - 1), days[-1])
    for calendar_id, day, starts, ends in ShiftOfCalendar.objects.filter(**of, works_on__range=around).values_list(
        "calendar_id", "works_on", "starts", "ends"
    ):
        shifts.setdefault(calendar_id, []).append(Shift(day_number(day), starts, ends))
    weekly: dict[UUID, list[Block]] = {}
    for calendar_id, *fields in WorkingHours.objects.filter(**of).values_list("calendar_id", *_WEEKLY):
        weekly.setdefault(calendar_id, []).append(_block(*fields))
    for calendar_id in calendar_ids:
        spans = working_spans(
            weekly.get(calendar_id, ()), practice.zone, days[0], days[-1], shifts.get(calendar_id, ())
        )
        for day, span in _by_day(wall.spans(spans), days):
            found[calendar_id, day].working.append(span)


def _add_absences(
    found: Grounds,
    actor: Actor,
    practice: Practice,
    days: Sequence[date],
    calendar_ids: Sequence[UUID],
    wall: Wall,
    period: Span,
) -> None:
    begin, end = (instant_of(minute) for minute in period)
    rows = visible_absences(actor).filter(
        Q(calendar_id__in=calendar_ids) | Q(calendar=None),
        practice_id=practice.id,
        starts_at__lt=end,
        ends_at__gt=begin,
    )
    for calendar_id, starts, ends, all_day, reason in rows.order_by("starts_at").values_list(
        "calendar_id", Minutes("starts_at"), Minutes("ends_at"), "all_day", "reason"
    ):
        (local,) = wall.spans([(starts, ends)])
        last_day = date.fromordinal(EPOCH_ORDINAL + (local[1] - 1) // DAY)
        for day, span in _by_day([local], days):
            for away in [calendar_id] if calendar_id else calendar_ids:
                found[away, day].absent.append(Absent(*span, all_day, last_day, reason))


def _add_kept(
    found: Grounds, practice: Practice, days: Sequence[date], calendar_ids: Sequence[UUID], wall: Wall
) -> None:
    rows = BookingWindowType.objects.filter(
        Q(window__calendar_id__in=calendar_ids) | Q(window__calendar=None), practice_id=practice.id
    ).order_by("window__starts", "type__position", "type__name")
    windows: dict[UUID, tuple[UUID | None, Block, list[UUID]]] = {}
    for window_id, calendar_id, type_id, *fields in rows.values_list(
        "window_id", "window__calendar_id", "type_id", *(f"window__{name}" for name in _WEEKLY)
    ):
        windows.setdefault(window_id, (calendar_id, _block(*fields), []))[2].append(type_id)
    for calendar_id, block, type_ids in windows.values():
        spans = working_spans([block], practice.zone, days[0], days[-1])
        for day, span in _by_day(wall.spans(spans), days):
            for owner in [calendar_id] if calendar_id else calendar_ids:
                found[owner, day].kept.append(Kept(*span, tuple(type_ids)))
