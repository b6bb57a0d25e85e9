"""Retiring a calendar, a room or an appointment type: first what it touches, then it is asked."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from sprechzeit.access.actor import Actor
from sprechzeit.core.acting import require
from sprechzeit.core.errors import NotAllowed
from sprechzeit.core.ids import parse_id
from sprechzeit.practice.actions import bring_back_room, retire_room
from sprechzeit.practice.errors import RoomsFull
from sprechzeit.practice.policy import get_room, may_change_practice
from sprechzeit.practice.queries import practice_of
from sprechzeit.practice.visitors import ActorRequest, Staff, visitor
from sprechzeit.scheduling.actions.settings import bring_back_calendar, bring_back_type, retire_calendar, retire_type
from sprechzeit.scheduling.models import Appointment
from sprechzeit.scheduling.policy import get_calendar, get_type, may_change_book, may_change_calendar
from sprechzeit.scheduling.queries.settings import appointments_to_come, offered_nowhere_else
from sprechzeit.ui.settings import saved, wants_retirement

PRESSED = ("GET", "HEAD", "POST")
NEXT_ONES = 5
Change = Callable[[Actor, UUID], None]


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is to be retired. `kind`: 'calendar', 'room' or 'type'; `url`: its page; `left`: offers that end with it."""

    kind: str
    thing: Any
    url: str
    to_come: QuerySet[Appointment]
    retire: Change
    bring_back: Change
    left: Any = ()


@require_http_methods(PRESSED)
@visitor(Staff)
def calendar(request: ActorRequest, calendar_id: str) -> HttpResponse:
    """Retire a calendar, or bring it back."""
    found = get_calendar(request.actor, parse_id(calendar_id), retired=True)
    require(may_change_calendar(request.actor, found), NotAllowed)
    url = reverse("scheduling_settings:calendar", args=[found.pk])
    to_come = appointments_to_come(request.actor, calendar=found)
    return _answer(request, _Asked("calendar", found, url, to_come, retire_calendar, bring_back_calendar))


@require_http_methods(PRESSED)
@visitor(Staff)
def room(request: ActorRequest, room_id: str) -> HttpResponse:
    """Retire a room, or bring it back."""
    found = get_room(request.actor, parse_id(room_id))
    require(may_change_practice(request.actor), NotAllowed)
    url = reverse("practice:room", args=[found.pk])
    to_come, left = appointments_to_come(request.actor, room=found), offered_nowhere_else(request.actor, found)
    return _answer(request, _Asked("room", found, url, to_come, retire_room, bring_back_room, left))


@require_http_methods(PRESSED)
@visitor(Staff)
def appointment_type(request: ActorRequest, type_id: str) -> HttpResponse:
    """Retire an appointment type, or bring it back."""
    found = get_type(request.actor, parse_id(type_id), retired=True)
    require(may_change_book(request.actor), NotAllowed)
    url = reverse("scheduling_settings:type", args=[found.pk])
    to_come = appointments_to_come(request.actor, appointment_type=found)
    return _answer(request, _Asked("type", found, url, to_come, retire_type, bring_back_type))


def _answer(request: ActorRequest, asked: _Asked) -> HttpResponse:
    refused: RoomsFull | None = None
    if request.method == "POST":
        change = asked.retire if wants_retirement(request.POST) else asked.bring_back
        try:
            change(request.actor, asked.thing.pk)
            return saved(request, asked.url)
        except RoomsFull as full:
            refused = full
    context = {
        "asked": asked,
        "refused": refused and str(refused),
        "count": asked.to_come.count(),
        "next_ones": list(asked.to_come.select_related("type", "calendar", "room")[:NEXT_ONES]),
        "zone": practice_of(request.actor).zone,
    }
    return render(request, "scheduling/settings/retirement.html", context, status=refused.status if refused else 200)
