"""The settings of the calendars."""

from copy import copy
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from sprechzeit.core.acting import require
from sprechzeit.core.errors import NotAllowed
from sprechzeit.core.ids import parse_id
from sprechzeit.practice.errors import NameTaken
from sprechzeit.practice.forms import once_per_form
from sprechzeit.practice.policy import get_room
from sprechzeit.practice.visitors import ActorRequest, Staff, visitor
from sprechzeit.scheduling.actions.settings import (
    add_calendar,
    change_calendar,
    place_calendar,
)
from sprechzeit.scheduling.errors import MonthFull
from sprechzeit.scheduling.forms.settings import CalendarForm
from sprechzeit.scheduling.models import Calendar
from sprechzeit.scheduling.policy import get_calendar, may_change_book, may_change_calendar
from sprechzeit.scheduling.queries.settings import appointments_to_come, calendars_in_order
from sprechzeit.scheduling.queries.video import types_without_video
from sprechzeit.ui.settings import Listing, Thing, form_key, place_in, saved


@require_safe
@visitor(Staff)
def calendars(request: ActorRequest) -> HttpResponse:
    """The calendars, and the first one's form."""
    first = calendars_in_order(request.actor).first()
    return _page(request, first, _form(request, first) if first else None, chosen=False)


@require_http_methods(["GET", "HEAD", "POST"])
@visitor(Staff)
def new_calendar(request: ActorRequest) -> HttpResponse:
    """A calendar more."""
    require(may_change_book(request.actor), NotAllowed)
    form = _form(request, Calendar())

    def make(new: UUID) -> None:
        add_calendar(request.actor, calendar_id=new, **form.facts())

    if request.method == "POST" and form.is_valid():
        try:
            made = once_per_form(
                request.actor,
                "calendar",
                request.POST,
                make,
            )
            return saved(request, _url("calendar", made))
        except NameTaken as taken:
            form.add_error("name", str(taken))
    return _page(request, None, form)


@require_http_methods(["GET", "HEAD", "POST"])
@visitor(Staff)
def calendar(request: ActorRequest, calendar_id: str) -> HttpResponse:
    """One calendar, to be changed by administrators and by whose it is."""
    found = get_calendar(request.actor, parse_id(calendar_id), retired=True)
    form = _form(request, found)
    if request.method == "POST" and form.is_valid():
        try:
            change_calendar(request.actor, found.pk, form.changes())
            return saved(request, _url("calendar", found.pk))
        except NameTaken as taken:
            form.add_error("name", str(taken))
        except MonthFull as full:
            form.add_error("member", str(full))
    return _page(request, found, form)


@require_POST
@visitor(Staff)
def calendar_place(request: ActorRequest, calendar_id: str) -> HttpResponse:
    """Put a calendar before or after another."""
    place_calendar(request.actor, parse_id(calendar_id), place_in(request.POST))
    return saved(request, _url("calendar", parse_id(calendar_id)))


@require_safe
@visitor(Staff)
def room_use(request: ActorRequest, room_id: str) -> HttpResponse:
    """What is still to take place in a room; a part of the room's page."""
    room = get_room(request.actor, parse_id(room_id))
    fragment = request.headers.get("HX-Request")
    template = "scheduling/settings/to_come.html" + ("#note" if fragment else "")
    context = {"room": room, "to_come": appointments_to_come(request.actor, room=room)}
    return render(request, template, context)


def _url(name: str, *arguments: object) -> str:
    return reverse(f"scheduling_settings:{name}", args=arguments)


def _form(request: ActorRequest, found: Calendar) -> CalendarForm:
    # The page's heading names the calendar as it is, not as it is typed.
    whole = may_change_book(request.actor)
    return CalendarForm(
        request.POST if request.method == "POST" else None,
        instance=copy(found),
        actor=request.actor,
        may_say_whose=whole,
        may_change=whole or may_change_calendar(request.actor, found),
    )


def _thing(found: Calendar) -> Thing:
    whose = found.member.name if found.member else _("of no practitioner")
    return Thing(
        found.pk,
        found.name,
        _url("calendar", found.pk),
        found.colour,
        detail=whose if whose != found.name else "",
        initials=found.initials,
        retired=found.retired_at is not None,
    )


def _page(
    request: ActorRequest, found: Calendar | None, form: CalendarForm | None, *, chosen: bool = True
) -> HttpResponse:
    whole = may_change_book(request.actor)
    may_change = whole or (found is not None and may_change_calendar(request.actor, found))
    listing = Listing(
        url=_url("calendars"),
        things=[_thing(one) for one in calendars_in_order(request.actor, retired=True)],
        current=_thing(found) if found else None,
        chosen=chosen,
        new_url=_url("new_calendar") if whole else "",
        place_url=_url("calendar_place", found.pk) if found and whole else "",
        retirement_url=_url("calendar_retirement", found.pk) if found and may_change else "",
        save=may_change,
        key="" if found else request.POST.get("key", "") or form_key(),
    )
    context = {
        "listing": listing,
        "form": form,
        "no_video": types_without_video(request.actor, found) if found and not found.retired_at else [],
        "to_come": appointments_to_come(request.actor, calendar=found) if found else None,
    }
    status = 422 if form and form.errors else 200
    return render(request, "scheduling/settings/calendars.html", context, status=status)
