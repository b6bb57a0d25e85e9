"""The pages of the appointment book (CAL-13)."""

import re
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from sprechzeit.core.errors import NotFound
from sprechzeit.core.ids import parse_id
from sprechzeit.practice.models import Practice
from sprechzeit.practice.policy import get_room
from sprechzeit.practice.queries import member_of
from sprechzeit.practice.visitors import ActorRequest, StaffAndDelegates, visitor
from sprechzeit.scheduling.book_page import (
    View,
    Wish,
    calendar_column,
    day_page,
    list_page,
    print_page,
    room_column,
    rooms_page,
    week_page,
)
from sprechzeit.scheduling.book_page.address import WITHOUT_ROOM, day_said
from sprechzeit.scheduling.book_page.elsewhere import elsewhere as times_elsewhere
from sprechzeit.scheduling.plan_page import warning_for
from sprechzeit.scheduling.policy import may_change_book
from sprechzeit.scheduling.queries.book import read_furniture

PAGES = {View.DAY: day_page, View.ROOMS: rooms_page, View.WEEK: week_page, View.LIST: list_page}
MOST_HIDDEN = 60


def _wish(request: ActorRequest, practice: Practice, view: View | None = None) -> Wish:
    """What the address asks for. What is no day, no view and no id is an unknown address."""
    parameters = request.GET
    today = timezone.now().astimezone(practice.zone).date()
    room = parameters.get("room", "")
    return Wish(
        day=day_said(parameters.get("day", "")) or today,
        today=today,
        view=view or _view(parameters.get("view", "")),
        calendar_id=_id(parameters.get("calendar", "")),
        room_id=None if room == WITHOUT_ROOM else _id(room),
        unroomed=room == WITHOUT_ROOM,
        span=View.WEEK if parameters.get("span") == View.WEEK else View.DAY,
        hidden=frozenset(parse_id(one) for one in parameters.get("hide", "").split(",")[:MOST_HIDDEN] if one),
    )


def _view(text: str) -> View:
    try:
        return View(text) if text else View.DAY
    except ValueError:
        raise NotFound from None


def _id(text: str) -> UUID | None:
    return parse_id(text) if text else None


def _hours(request: ActorRequest) -> tuple[int, int] | None:
    """The hours that the page shows which a column is for, as '7-20'."""
    found = re.fullmatch(r"([0-9]{1,2})-([0-9]{1,2})", request.GET.get("hours", ""))
    return (min(int(found[1]), 23), min(int(found[2]), 24)) if found else None


@require_safe
@visitor(StaffAndDelegates)
def book(request: ActorRequest) -> HttpResponse:
    """A day by calendar or by room, the week of a calendar, or a list."""
    furniture = read_furniture(request.actor)
    wish = _wish(request, furniture.practice)
    page = PAGES[wish.view](request.actor, furniture, wish)
    context = {
        "book": page,
        "elsewhere": times_elsewhere(request.actor, furniture, wish),
        "may_set_up": may_change_book(request.actor),
        "plan_warning": warning_for(request.actor, furniture.practice, wish.day),
    }
    return render(request, "scheduling/book.html", context)


@require_safe
@visitor(StaffAndDelegates)
def column(request: ActorRequest, calendar_id: str) -> HttpResponse:
    """One column anew, as the viewer may see it: what a live update makes the page fetch (CAL-14)."""
    wanted = parse_id(calendar_id)
    furniture = read_furniture(request.actor, wanted)
    wish = _wish(request, furniture.practice, View.WEEK if request.GET.get("week") else View.DAY)
    page, shown = calendar_column(request.actor, furniture, wanted, wish, _hours(request))
    return render(request, "scheduling/book.html#column", {"book": page, "column": shown})


@require_safe
@visitor(StaffAndDelegates)
def room(request: ActorRequest, room_id: str) -> HttpResponse:
    """One room's column anew, or that of what needs no room."""
    furniture = read_furniture(request.actor)
    wanted = None if room_id == WITHOUT_ROOM else get_room(request.actor, parse_id(room_id)).id
    wish = _wish(request, furniture.practice, View.ROOMS)
    page, shown = room_column(request.actor, furniture, wanted, wish, _hours(request))
    return render(request, "scheduling/book.html#column", {"book": page, "column": shown})


@require_safe
@visitor(StaffAndDelegates)
def elsewhere(request: ActorRequest) -> HttpResponse:
    """When other practices of a community are busy, anew (COM-3)."""
    furniture = read_furniture(request.actor)
    wish = _wish(request, furniture.practice)
    shown = times_elsewhere(request.actor, furniture, wish)
    return render(request, "scheduling/book_elsewhere.html", {"elsewhere": shown})


@require_safe
@visitor(StaffAndDelegates)
def printed(request: ActorRequest) -> HttpResponse:
    """The day as a list on paper, a sheet for each calendar (CAL-20)."""
    furniture = read_furniture(request.actor)
    wish = _wish(request, furniture.practice)
    context = {
        "wish": wish,
        "elsewhere": times_elsewhere(request.actor, furniture, wish),
        "days": print_page(request.actor, furniture, wish.day, wish.calendar_id),
        "now": timezone.now().astimezone(furniture.practice.zone),
        "by": member_of(request.actor).name,
        "with_remarks": request.GET.get("remarks") == "1",
    }
    return render(request, "scheduling/print.html", context)
