"""The appointment book's pages."""

import re
from datetime import date

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from sprechzeit.core.errors import NotFound
from sprechzeit.core.ids import parse_id
from sprechzeit.practice.queries import practice_of
from sprechzeit.practice.visitors import ActorRequest, Staff, visitor
from sprechzeit.scheduling.book_page import day_book, month_page
from sprechzeit.scheduling.policy import get_calendar


def _today(request: ActorRequest) -> date:
    return timezone.now().astimezone(practice_of(request.actor).zone).date()


def _day(request: ActorRequest) -> date:
    """The day asked for; without one, today. What is no day is an unknown address."""
    text = request.GET.get("day", "")
    if not text:
        return _today(request)
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise NotFound from None
    if not 1990 <= day.year <= 2200:
        raise NotFound
    return day


def _hours(request: ActorRequest) -> tuple[int, int] | None:
    """The hours that the page shows which a column is for, as '7-20'."""
    found = re.fullmatch(r"([0-9]{1,2})-([0-9]{1,2})", request.GET.get("hours", ""))
    return (min(int(found[1]), 23), min(int(found[2]), 24)) if found else None


@require_safe
@visitor(Staff)
def book(request: ActorRequest) -> HttpResponse:
    """One day, a column per calendar (CAL-13)."""
    day = _day(request)
    context = {"book": day_book(request.actor, day), "month": month_page(day, _today(request))}
    return render(request, "scheduling/book.html", context)


@require_safe
@visitor(Staff)
def column(request: ActorRequest, calendar_id: str) -> HttpResponse:
    """One column anew, as the viewer may see it: what a live update makes the page fetch (CAL-14)."""
    calendar = get_calendar(request.actor, parse_id(calendar_id))
    page = day_book(request.actor, _day(request), calendar.id, hours=_hours(request))
    return render(request, "scheduling/book.html#column", {"book": page, "column": page.columns[0]})
