"""From a day's facts to the page: positions in units of five minutes, entries as HTML."""

from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString

from sprechzeit.access.actor import Actor
from sprechzeit.scheduling.models import Calendar
from sprechzeit.scheduling.queries.book import UNIT, Column, Day, DayBook, Entry, hours_shown, lanes, read_day
from sprechzeit.ui.appointments import entry_html


def day_book(
    actor: Actor, day: date, calendar_id: UUID | None = None, *, hours: tuple[int, int] | None = None
) -> DayBook:
    """The day page, or one column of it, which fits a page that shows `hours` unless it needs more of them."""
    facts = read_day(actor, day, calendar_id)
    first, last = hours_shown([facts])
    if hours:
        first, last = min(first, hours[0]), max(last, hours[1])
    now = timezone.now().astimezone(facts.practice.zone)
    is_today = now.date() == day
    return DayBook(
        day=day,
        previous=day - timedelta(days=1),
        next=day + timedelta(days=1),
        is_today=is_today,
        week=day.isocalendar().week,
        count=facts.count,
        first_hour=first,
        last_hour=last,
        hours=list(range(first, last)),
        units=(last - first) * 60 // UNIT,
        now_unit=(now.hour - first) * 60 // UNIT + now.minute // UNIT
        if is_today and first <= now.hour < last
        else None,
        columns=[_column(facts, calendar, first, last) for calendar in facts.calendars],
    )


def _column(facts: Day, calendar: Calendar, first: int, last: int) -> Column:
    working = facts.hours[calendar.id]
    entries = sorted(facts.entries[calendar.id], key=lambda entry: (entry.starts, entry.ends))
    return Column(
        id=calendar.id,
        name=calendar.name,
        initials=calendar.initials,
        colour=calendar.colour,
        subtitle=f"{_clock(working[0][0])}–{_clock(working[-1][1])}" if working else "",
        off=_off(working, first * 60, last * 60),
        entries=[
            _html(entry, facts, first, lane, of) for entry, (lane, of) in zip(entries, lanes(entries), strict=True)
        ],
    )


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def _off(working: list[tuple[int, int]], first: int, last: int) -> list[tuple[int, int]]:
    """What lies between working hours, as (top, length) in units."""
    gaps, at = [], first
    for starts, ends in [*working, (last, last)]:
        if starts > at:
            gaps.append(((at - first) // UNIT, (min(starts, last) - at) // UNIT))
        at = max(at, ends)
    return [(top, length) for top, length in gaps if length > 0]


def _html(entry: Entry, facts: Day, first: int, lane: int, of: int) -> SafeString:
    midnight = datetime.combine(facts.day, time(), facts.practice.zone)
    starts = max(entry.starts, midnight)
    top = (starts.hour - first) * 60 + starts.minute if starts.date() == facts.day else 0
    ends = (entry.ends.hour - first) * 60 + entry.ends.minute if entry.ends.date() == facts.day else (24 - first) * 60
    whole_day = entry.starts <= midnight and entry.ends.date() > facts.day
    return entry_html(
        url=reverse("scheduling:appointment", args=[entry.appointment_id]) if entry.appointment_id else "",
        kind=entry.kind,
        title=entry.title,
        time="" if whole_day else f"{entry.starts:%H:%M}–{entry.ends:%H:%M}",
        detail=entry.detail,
        top=max(0, top) // UNIT,
        length=max(1, -(-(ends - max(0, top)) // UNIT)),
        lane=lane,
        lanes=of,
        colour=entry.colour,
    )


def month_page(day: date, today: date) -> dict[str, Any]:
    """The mini month around a day."""
    first = day.replace(day=1)
    begin = first - timedelta(days=first.weekday())
    following = (first + timedelta(days=32)).replace(day=1)
    weeks, at = [], begin
    while at < following:
        weeks.append({"days": [_month_day(at + timedelta(days=n), day, today) for n in range(7)]})
        at += timedelta(days=7)
    return {"weeks": weeks}


def _month_day(date_: date, day: date, today: date) -> dict[str, Any]:
    return {
        "date": date_,
        "url": f"{reverse('scheduling:book')}?day={date_:%Y-%m-%d}",
        "is_current_month": date_.month == day.month,
        "is_selected": date_ == day,
        "is_today": date_ == today,
    }
