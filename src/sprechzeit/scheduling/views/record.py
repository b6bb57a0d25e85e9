"""The appointments of one record, on its page (PAT-3)."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from sprechzeit.core.ids import parse_id
from sprechzeit.patients.record_page import record_frame
from sprechzeit.practice.visitors import ActorRequest, StaffAndDelegates, visitor
from sprechzeit.scheduling.queries.record import visits_of_record
from sprechzeit.scheduling.record_page import MOST_PAST, visit_rows


@require_safe
@visitor(StaffAndDelegates)
def record_appointments(request: ActorRequest, patient_id: str) -> HttpResponse:
    """To come and past, with what became of each, and the way into the book."""
    frame = record_frame(request.actor, parse_id(patient_id), "scheduling:record_appointments")
    coming, past = visits_of_record(request.actor, frame["patient"], MOST_PAST + 1)
    context = frame | {
        "coming": visit_rows(request.actor, coming),
        "past": visit_rows(request.actor, past[:MOST_PAST]),
        "is_cut": len(past) > MOST_PAST,
    }
    return render(request, "scheduling/record_appointments.html", context)
