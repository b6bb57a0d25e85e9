"""The delivery log (NOT-5)."""

from django.core.paginator import Paginator
from django.db.models import F
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from sprechzeit.messages.policy import visible_messages
from sprechzeit.practice.queries import practice_of
from sprechzeit.practice.visitors import ActorRequest, Staff, visitor

PAGE = 50


@require_safe
@visitor(Staff)
def deliveries(request: ActorRequest) -> HttpResponse:
    """What was sent when, to which address, with what result; failures first."""
    messages = (
        visible_messages(request.actor)
        .select_related("appointment", "appointment__patient", "appointment__type", "appointment__calendar")
        .defer("text")
        .order_by(F("failed_at").desc(nulls_last=True), "-created_at")
    )
    page = Paginator(messages, PAGE).get_page(request.GET.get("page"))
    zone = practice_of(request.actor).zone
    return render(request, "messages/deliveries.html", {"page": page, "zone": zone})
