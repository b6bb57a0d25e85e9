"""The practice's side: today's consultations, and the call (VID-3)."""

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from sprechzeit.core.acting import require
from sprechzeit.core.errors import NotAllowed
from sprechzeit.core.ids import parse_id
from sprechzeit.practice.visitors import ActorRequest, Staff, visitor
from sprechzeit.scheduling.policy import may_hold
from sprechzeit.video.actions.consultation import admit, end_call, unlock_tan
from sprechzeit.video.actions.seats import say_soon
from sprechzeit.video.addresses import call_url
from sprechzeit.video.call_page import call_context
from sprechzeit.video.list_page import list_context, waiting_elsewhere
from sprechzeit.video.queries.consultation import Meeting, meeting_of, opened_meeting, waiting_count
from sprechzeit.video.views.answers import (
    NO_CONTENT,
    SEE_OTHER,
    relays_of,
    seat_left,
    seat_taken,
    signal_sent,
    with_devices,
)


@require_safe
@visitor(Staff)
def consultations(request: ActorRequest) -> HttpResponse:
    """Today's, and who waits."""
    template = "video/list.html#consultations" if _by_script(request) else "video/list.html"
    return render(request, template, list_context(request.actor, timezone.now()))


@require_safe
@visitor(Staff)
def count(request: ActorRequest) -> HttpResponse:
    """How many wait: what the navigation shows."""
    return render(request, "video/count.html", {"count": waiting_count(request.actor)})


@with_devices
@require_safe
@visitor(Staff)
def devices(request: ActorRequest) -> HttpResponse:
    """Camera, microphone and loudspeaker, to be tried before somebody waits."""
    return render(request, "video/devices.html")


@with_devices
@require_safe
@visitor(Staff)
def appointment(request: ActorRequest, appointment_id: str) -> HttpResponse:
    """The call of an appointment."""
    return _call(request, opened_meeting(request.actor, appointment_id=parse_id(appointment_id)))


@with_devices
@require_safe
@visitor(Staff)
def visit(request: ActorRequest, block_id: str) -> HttpResponse:
    """The call of what was pushed here by another booking system: by the block that it is in the book."""
    return _call(request, opened_meeting(request.actor, block_id=parse_id(block_id)))


def _call(request: ActorRequest, meeting: Meeting) -> HttpResponse:
    require(may_hold(request.actor, meeting.calendar), NotAllowed)
    return render(request, "video/call.html", call_context(request, meeting))


@require_safe
@visitor(Staff)
def waiting(request: ActorRequest, video_id: str) -> HttpResponse:
    """Who else waits, for the page of a call."""
    others = waiting_elsewhere(request.actor, timezone.now(), but=parse_id(video_id))
    return render(request, "video/waiting.html", {"others": others})


@require_POST
@visitor(Staff)
def seat(request: ActorRequest, video_id: str) -> HttpResponse:
    """The practitioner's page is open."""
    return seat_taken(request, parse_id(video_id))


@require_POST
@visitor(Staff)
def departure(request: ActorRequest, video_id: str) -> HttpResponse:
    """The practitioner's page was closed."""
    return seat_left(request, parse_id(video_id))


@require_POST
@visitor(Staff)
def signal(request: ActorRequest, video_id: str) -> HttpResponse:
    """For the patient's page."""
    return signal_sent(request, parse_id(video_id))


@require_safe
@visitor(Staff)
def relays(request: ActorRequest, video_id: str) -> HttpResponse:
    """How to reach the patient."""
    meeting = meeting_of(request.actor, pk=parse_id(video_id))
    require(may_hold(request.actor, meeting.calendar), NotAllowed)
    return relays_of(request.actor, meeting)


@require_POST
@visitor(Staff)
def admission(request: ActorRequest, video_id: str) -> HttpResponse:
    """Let the patient in; from the list on to the call."""
    wanted = parse_id(video_id)
    admit(request.actor, wanted)
    return _done(request, call_url(meeting_of(request.actor, pk=wanted)))


@require_POST
@visitor(Staff)
def end(request: ActorRequest, video_id: str) -> HttpResponse:
    """End the call."""
    end_call(request.actor, parse_id(video_id))
    return _done(request, reverse("video:list"))


@require_POST
@visitor(Staff)
def soon(request: ActorRequest, video_id: str) -> HttpResponse:
    """The waiting patient is told that it will not be long."""
    say_soon(request.actor, parse_id(video_id))
    return _done(request, reverse("video:list"), _("The patient now reads that you will be there in a moment."))


@require_POST
@visitor(Staff)
def unlocking(request: ActorRequest, video_id: str) -> HttpResponse:
    """The TAN may be typed again."""
    unlock_tan(request.actor, parse_id(video_id))
    return _done(request, reverse("video:list"), _("The TAN can be typed again."))


def _by_script(request: ActorRequest) -> bool:
    return bool(request.headers.get("HX-Request"))


def _done(request: ActorRequest, page: str, said: str = "") -> HttpResponse:
    """A script stays on its page."""
    if _by_script(request):
        return HttpResponse(status=NO_CONTENT)
    if said:
        messages.success(request, said)
    return HttpResponseRedirect(page, status=SEE_OTHER)
