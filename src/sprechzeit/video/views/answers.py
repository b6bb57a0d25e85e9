"""What the pages of a consultation ask for on both sides."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse

from sprechzeit.access.actor import Actor
from sprechzeit.core.acting import require
from sprechzeit.core.errors import NotFound
from sprechzeit.core.ids import parse_id
from sprechzeit.practice.visitors import ActorRequest
from sprechzeit.video.actions.seats import Sent, leave_seat, send_signal, take_seat
from sprechzeit.video.models import Seat, Signal
from sprechzeit.video.opening import GOES_ON
from sprechzeit.video.queries.consultation import Meeting
from sprechzeit.video.relays import ice_servers

NO_CONTENT, SEE_OTHER, UNPROCESSABLE, GONE = 204, 303, 422, 410
# Elsewhere no page may use any of these (settings).
DEVICES = ("camera", "microphone", "display-capture")
SENT_BY_PAGES = (Signal.Kind.DESCRIPTION, Signal.Kind.CANDIDATES, Signal.Kind.RESTART)

View = Callable[..., HttpResponse]


def with_devices(view: View) -> View:
    """Outermost decorator of the few pages that use camera, microphone and screen: they and nothing within them."""
    allowed = [f"{name}=(self)" for name in DEVICES]
    policy = ", ".join([*allowed, *(f"{name}=()" for name in settings.PERMISSIONS_POLICY if name not in DEVICES)])

    @wraps(view)
    def answered(request: HttpRequest, **arguments: Any) -> HttpResponse:
        response = view(request, **arguments)
        response._permissions_policy_override = policy  # type: ignore[attr-defined]  # its middleware reads it
        return response

    return answered


def seat_taken(request: ActorRequest, video_id: UUID) -> HttpResponse:
    """The page has a seat: its id. `seat`: the one that it has already."""
    state = request.POST.get("state", "")
    require(state in (Seat.State.TESTING, Seat.State.WAITING), NotFound)
    known = request.POST.get("seat", "")
    seat = take_seat(request.actor, video_id, state, parse_id(known) if known else None)
    return JsonResponse({"seat": str(seat.pk)})


def seat_left(request: ActorRequest, video_id: UUID) -> HttpResponse:
    """Nobody sits there any more."""
    leave_seat(request.actor, video_id, parse_id(request.POST.get("seat", "")))
    return HttpResponse(status=NO_CONTENT)


def signal_sent(request: ActorRequest, video_id: UUID) -> HttpResponse:
    """It is put down for the other page."""
    given = request.POST
    kind, taken = given.get("kind", ""), given.get("taken", "0")
    require(kind in SENT_BY_PAGES and taken.isascii() and taken.isdigit() and len(taken) < 10, NotFound)
    sent = Sent(parse_id(given.get("seat", "")), parse_id(given.get("to", "")), kind, given.get("body", ""), int(taken))
    send_signal(request.actor, video_id, sent)
    return HttpResponse(status=NO_CONTENT)


def relays_of(actor: Actor, meeting: Meeting) -> HttpResponse:
    """How the two browsers find each other: told once the patient was let in. Raises `NotFound`."""
    require(meeting.consultation is not None and meeting.consultation.is_on, NotFound)
    servers = ice_servers(settings.TURN_URLS, settings.TURN_SECRET, meeting.opening.closes_at + GOES_ON)
    policy = "relay" if settings.TURN_ONLY else "all"
    return JsonResponse({"iceServers": servers, "iceTransportPolicy": policy})
