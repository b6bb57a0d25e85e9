"""The settings of the video service, and what it was told, for administrators (PUSH-2, PUSH-5, PUSH-8)."""

from copy import copy
from typing import Any
from urllib.parse import urlsplit

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from sprechzeit.accounts.fresh import require_fresh
from sprechzeit.core.acting import require, run_as
from sprechzeit.core.errors import NotAllowed
from sprechzeit.core.ids import parse_id
from sprechzeit.integrations.video_service.actions.former import empty_former, leave_former
from sprechzeit.integrations.video_service.actions.outcome import put_pushes_aside, send_push_again
from sprechzeit.integrations.video_service.actions.service import Answered, change_service, note_answer
from sprechzeit.integrations.video_service.errors import NoVideoAddress, OwnVideoSide, VideoServiceUnnamed
from sprechzeit.integrations.video_service.forms import VideoServiceForm
from sprechzeit.integrations.video_service.models import Push, Why
from sprechzeit.integrations.video_service.policy import visible_formers
from sprechzeit.integrations.video_service.queries import (
    pushes_shown,
    service_to_ask,
    standing_at,
    troubled_pushes,
    video_service,
)
from sprechzeit.integrations.video_service.reaching import target
from sprechzeit.integrations.video_service.sending import ask
from sprechzeit.practice.models import VideoService
from sprechzeit.practice.policy import may_change_practice
from sprechzeit.practice.queries import practice_of
from sprechzeit.practice.visitors import ActorRequest, Staff, visitor
from sprechzeit.ui.settings import saved

PAGE = 50
UNPROCESSABLE = 422


@require_http_methods(["GET", "HEAD", "POST"])
@visitor(Staff)
def service(request: ActorRequest) -> HttpResponse:
    """Which service it is, what it is told of a patient, what is wrong, and what it was told."""
    require(may_change_practice(request.actor), NotAllowed)
    form = _form(request)
    if request.method == "POST" and form.is_valid():
        if form.opens_more():
            require_fresh(request)
        try:
            change_service(request.actor, form.changes())
            return saved(request, reverse("video_service:service"))
        except NoVideoAddress as refused:
            form.add_error("url", str(refused))
        except (OwnVideoSide, VideoServiceUnnamed) as refused:
            form.add_error("new_token", str(refused))
    return _page(request, form)


@require_POST
@visitor(Staff, in_steps=True)
def test(request: ActorRequest) -> HttpResponse:
    """Ask the service whom it knows, and say what came of it. Nothing is kept open for it but this page."""
    actor = request.actor
    asked = run_as(actor, lambda: service_to_ask(actor))
    answer = ask(asked)

    def shown() -> HttpResponse:
        answered = note_answer(actor, asked, answer)
        return _page(request, VideoServiceForm(instance=copy(_kept(request))), answered)

    return run_as(actor, shown)


@require_POST
@visitor(Staff)
def again(request: ActorRequest, push_id: str) -> HttpResponse:
    """What the service did not take is sent once more."""
    send_push_again(request.actor, parse_id(push_id))
    return saved(request, reverse("video_service:service"), _("It is being sent again."))


@require_POST
@visitor(Staff)
def aside(request: ActorRequest) -> HttpResponse:
    """What the service did not take for good is left at that."""
    put_pushes_aside(request.actor)
    return saved(request, reverse("video_service:service"), _("It is left at that."))


@require_POST
@visitor(Staff)
def former_cancellation(request: ActorRequest, former_id: str) -> HttpResponse:
    """What stands at a service that the practice had before is cancelled there."""
    empty_former(request.actor, parse_id(former_id))
    return saved(request, reverse("video_service:service"), _("They are being cancelled there."))


@require_POST
@visitor(Staff)
def farewell(request: ActorRequest, former_id: str) -> HttpResponse:
    """What stands there stays, and the service is told nothing more."""
    leave_former(request.actor, parse_id(former_id))
    return saved(request, reverse("video_service:service"), _("It is left at that."))


def _formers(request: ActorRequest) -> list[dict[str, Any]]:
    """The services before at which appointments to come stand."""
    found = [(one, standing_at(request.actor, one.target).count()) for one in visible_formers(request.actor)]
    return [{"former": one, "host": urlsplit(one.url).netloc, "count": count} for one, count in found if count]


def _kept(request: ActorRequest) -> VideoService:
    return video_service(request.actor) or VideoService(practice_id=request.actor.practice_id)


def _form(request: ActorRequest) -> VideoServiceForm:
    return VideoServiceForm(request.POST if request.method == "POST" else None, instance=copy(_kept(request)))


def _page(request: ActorRequest, form: VideoServiceForm, answered: Answered | None = None) -> HttpResponse:
    actor, kept, practice = request.actor, _kept(request), practice_of(request.actor)
    troubled = troubled_pushes(actor)
    context = {
        "form": form,
        "service": kept,
        "is_elsewhere": kept.is_on and not kept.is_here,
        "fault": Why(kept.fault).label if kept.fault in Why.values else "",
        "answered": answered,
        "answered_why": Why(answered.why).label if answered and answered.why else "",
        "waiting": troubled.filter(state=Push.State.WAITING).count(),
        "failed": troubled.filter(state=Push.State.FAILED).count(),
        "stands": 0 if kept.is_here else standing_at(actor, target(kept)).count(),
        "formers": _formers(request),
        "page": Paginator(pushes_shown(actor), PAGE).get_page(request.GET.get("page")),
        "writes": practice.patient_messages,
        "zone": practice.zone,
    }
    return render(request, "integrations/video_service.html", context, status=UNPROCESSABLE if form.errors else 200)
