"""Why is this time not offered? (CAL-10)"""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from sprechzeit.core.ids import parse_id
from sprechzeit.practice.queries import practice_of
from sprechzeit.practice.visitors import ActorRequest, StaffAndDelegates, visitor
from sprechzeit.scheduling.explain_page import ExplainPage
from sprechzeit.scheduling.forms.explain import ExplainForm
from sprechzeit.scheduling.models import Appointment
from sprechzeit.scheduling.policy import get_calendar, get_type
from sprechzeit.scheduling.queries.appointment import read_appointment
from sprechzeit.scheduling.queries.explain import explain as explanation_of
from sprechzeit.scheduling.views.answers import is_fragment

UNPROCESSABLE = 422


@require_safe
@visitor(StaffAndDelegates)
def explain(request: ActorRequest) -> HttpResponse:
    """The reasons against a time and the nearest that is offered: for the drawer, and as a page of its own."""
    template = "scheduling/explain.html#answer" if is_fragment(request) else "scheduling/explain.html"
    about = request.GET.get("appointment")
    moved = read_appointment(request.actor, parse_id(about)) if about else None
    if calendar := request.GET.get("calendar"):
        get_calendar(request.actor, parse_id(calendar))
    if asked_type := request.GET.get("type"):
        get_type(request.actor, parse_id(asked_type), retired=moved is not None)
    context: dict[str, Any] = {"as_page": not is_fragment(request), "back": reverse("scheduling:book")}
    asked = _asked(request, moved)
    form = ExplainForm(asked, actor=request.actor, moved=moved)
    if not form.is_valid():
        status = UNPROCESSABLE if asked else 200
        return render(request, template, {**context, "form": form}, status=status)
    shown = explanation_of(request.actor, form.question())
    page = ExplainPage(request.actor, shown)
    changed = {**asked, "type": shown.type.pk, "by": shown.free.asker.channel.value}
    again = ExplainForm(initial=changed, actor=request.actor, moved=moved)
    context["back"] += f"?day={page.starts_at:%Y-%m-%d}"
    return render(request, template, {**context, "form": again, "page": page, "shown": shown})


def _asked(request: ActorRequest, moved: Appointment | None) -> dict[str, str]:
    """The question; of an appointment, what is left out is as it stands."""
    given = {name: str(value) for name, value in request.GET.items()}
    if moved is None or "start" in given:
        return given
    return ExplainForm.about(moved, practice_of(request.actor).zone) | given
