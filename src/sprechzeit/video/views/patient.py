"""The pages behind a consultation's link (VID-3, VID-4)."""

import json
from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from sprechzeit.core.limits import Limit
from sprechzeit.practice.queries import practice_of
from sprechzeit.practice.visitors import ActorRequest, visitor
from sprechzeit.ui.initials import initials
from sprechzeit.video.actions.consultation import try_tan
from sprechzeit.video.addresses import guest_urls
from sprechzeit.video.errors import LinkNotOpen, TanLocked
from sprechzeit.video.queries.consultation import Meeting, meeting_of
from sprechzeit.video.views.answers import (
    GONE,
    SEE_OTHER,
    UNPROCESSABLE,
    relays_of,
    seat_left,
    seat_taken,
    signal_sent,
    with_devices,
)
from sprechzeit.video.visitors import COOKIE, Guest, Joiner, is_proven, remember

# From one address of the internet; each link has its own, narrower limit.
TRIES = Limit("consultation TAN", 30, 3600)


@with_devices
@require_safe
@visitor(Joiner)
def join(request: ActorRequest, link: str) -> HttpResponse:
    """The link's page: asks for the TAN, or is the room; before and after its time it says when that is."""
    meeting = meeting_of(request.actor, pk=request.actor.identity)
    if not meeting.is_open(timezone.now()):
        return _closed(request, meeting)
    if not is_proven(request.actor, request.COOKIES.get(COOKIE, "")):
        return _tan_page(request, link, meeting)
    name = meeting.calendar.name
    context = _context(request, meeting) | {
        "initials": initials(*name.removeprefix("Dr. ").split()[:1], *name.split()[-1:]),
        "facts": json.dumps(guest_urls(link)),
        "is_on": bool(meeting.consultation and meeting.consultation.is_on),
        "seconds_on": meeting.consultation.seconds_on(timezone.now()) if meeting.consultation else 0,
        "other": name,
    }
    return render(request, "video/room.html", context)


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@visitor(Joiner, limit=TRIES)
def tan(request: ActorRequest, link: str) -> HttpResponse:
    """The TAN was typed; who only comes back to where that was is led to the page."""
    page = reverse("video:join", args=[link])
    if request.method != "POST":
        return HttpResponseRedirect(page)
    meeting = meeting_of(request.actor, pk=request.actor.identity)
    try:
        tried = try_tan(request.actor, request.POST.get("tan", ""))
    except TanLocked:
        return _tan_page(request, link, meeting, status=UNPROCESSABLE)
    except LinkNotOpen:
        return HttpResponseRedirect(page, status=SEE_OTHER)
    if not tried.is_whole:
        return _tan_page(request, link, meeting, is_part=True, status=UNPROCESSABLE)
    if not tried.is_right:
        fresh = meeting_of(request.actor, pk=request.actor.identity)
        return _tan_page(request, link, fresh, left=tried.left, status=UNPROCESSABLE)
    response = HttpResponseRedirect(page, status=SEE_OTHER)
    remember(response, request.actor, page)
    return response


@csrf_exempt
@require_POST
@visitor(Guest)
def seat(request: ActorRequest, link: str) -> HttpResponse:
    """The patient checks camera and microphone, or waits."""
    return seat_taken(request, request.actor.identity)


@csrf_exempt
@require_POST
@visitor(Guest)
def departure(request: ActorRequest, link: str) -> HttpResponse:
    """The patient goes."""
    return seat_left(request, request.actor.identity)


@csrf_exempt
@require_POST
@visitor(Guest)
def signal(request: ActorRequest, link: str) -> HttpResponse:
    """For the practitioner's page."""
    return signal_sent(request, request.actor.identity)


@require_safe
@visitor(Guest)
def relays(request: ActorRequest, link: str) -> HttpResponse:
    """How to reach the practitioner."""
    return relays_of(request.actor, meeting_of(request.actor, pk=request.actor.identity))


def _context(request: ActorRequest, meeting: Meeting) -> dict[str, Any]:
    practice = practice_of(request.actor)
    return {
        "practice": practice,
        "meeting": meeting,
        "starts_at": meeting.starts_at.astimezone(practice.zone),
        "ends_at": meeting.ends_at.astimezone(practice.zone),
        "is_today": timezone.now().astimezone(practice.zone).date()
        == meeting.starts_at.astimezone(practice.zone).date(),
    }


def _closed(request: ActorRequest, meeting: Meeting) -> HttpResponse:
    """When it is, or was; that it is not."""
    is_early = not meeting.is_cancelled and meeting.opening.is_early(timezone.now())
    context = _context(request, meeting)
    zone = context["practice"].zone
    context |= {
        "is_early": is_early,
        "opens_at": meeting.opening.opens_at.astimezone(zone),
    }
    return render(request, "video/closed.html", context, status=200 if is_early else GONE)


def _tan_page(
    request: ActorRequest,
    link: str,
    meeting: Meeting,
    *,
    left: int | None = None,
    is_part: bool = False,
    status: int = 200,
) -> HttpResponse:
    """`left`: how many more tries after a wrong one; `is_part`: what was typed has more or fewer digits than a TAN."""
    context = _context(request, meeting) | {
        "tan_url": reverse("video:tan", args=[link]),
        "is_locked": meeting.is_locked,
        "left": left,
        "is_part": is_part,
    }
    return render(request, "video/tan.html", context, status=status)
