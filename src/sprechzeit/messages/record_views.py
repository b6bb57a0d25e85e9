"""The messages of one record, on its page (PAT-3, NOT-5)."""

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from sprechzeit.core.ids import parse_id
from sprechzeit.messages.log_page import rows_of
from sprechzeit.messages.queries import messages_to
from sprechzeit.patients.record_page import record_frame
from sprechzeit.practice.queries import practice_of
from sprechzeit.practice.visitors import ActorRequest, Staff, visitor

PAGE = 50


@require_safe
@visitor(Staff)
def record_messages(request: ActorRequest, patient_id: str) -> HttpResponse:
    """What the patient was sent, when, to which address, with what result; the latest first."""
    frame = record_frame(request.actor, parse_id(patient_id), "record_messages")
    found = messages_to(request.actor, frame["patient"].pk)
    page, zone = Paginator(found, PAGE).get_page(request.GET.get("page")), practice_of(request.actor).zone
    context = frame | {"page": page, "rows": rows_of(page, zone), "zone": zone}
    return render(request, "messages/record_messages.html", context)
