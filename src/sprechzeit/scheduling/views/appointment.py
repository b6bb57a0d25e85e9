"""One appointment: its details, and what is done with it."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from sprechzeit.audit.queries import history_of
from sprechzeit.core.ids import parse_id
from sprechzeit.practice.queries import practice_of
from sprechzeit.practice.visitors import ActorRequest, Staff, visitor
from sprechzeit.scheduling.actions.cancel import cancel_appointment
from sprechzeit.scheduling.history import lines_of
from sprechzeit.scheduling.models import Appointment
from sprechzeit.scheduling.policy import get_appointment, may_change_appointment
from sprechzeit.scheduling.queries.appointment import read_appointment


@require_safe
@visitor(Staff)
def appointment(request: ActorRequest, appointment_id: str) -> HttpResponse:
    """An appointment's details, for the popover."""
    return _details(request, read_appointment(request.actor, parse_id(appointment_id)))


@require_http_methods(["GET", "HEAD", "POST"])
@visitor(Staff)
def cancellation(request: ActorRequest, appointment_id: str) -> HttpResponse:
    """Cancel an appointment (CAL-7). Come to by the way of signing in, it leads to the appointment."""
    if request.method != "POST":
        return redirect("scheduling:appointment", get_appointment(request.actor, parse_id(appointment_id)).id)
    found = cancel_appointment(request.actor, parse_id(appointment_id))
    if request.headers.get("HX-Request"):
        return _details(request, read_appointment(request.actor, found.id))
    return redirect("scheduling:appointment", found.id)


def _details(request: ActorRequest, found: Appointment) -> HttpResponse:
    zone = practice_of(request.actor).zone
    starts, ends = found.starts_at.astimezone(zone), found.ends_at.astimezone(zone)
    cancelled = hasattr(found, "cancellation")
    icons = {"email": ("mail", "mailto:"), "mobile": ("phone", "tel:"), "phone": ("phone", "tel:")}
    context: dict[str, Any] = {
        "day": starts.date(),
        "title": found.patient.full_name,
        "date_of_birth": found.patient.date_of_birth,
        "type_name": found.type.name,
        "colour": found.type.colour,
        "when": f"{date_format(starts, 'WEEKDAY_DATE_FORMAT')}, {starts:%H:%M}–{ends:%H:%M}",
        "calendar_name": found.calendar.name,
        "room_name": found.room.name if found.room else "",
        "source_label": _("Source: %(source)s") % {"source": found.get_source_display()},
        "remark": found.remark,
        "contacts": [
            (icons[point.kind][0], point.value, icons[point.kind][1] + point.value)
            for point in found.patient.contact_points.order_by("kind", "value")
        ],
        "history": lines_of(history_of(request.actor, found.practice_id, [found.id]), zone),
        "cancelled": cancelled,
        "cancel_url": None
        if cancelled or not may_change_appointment(request.actor, found)
        else reverse("scheduling:cancellation", args=[found.id]),
    }
    # A fragment for the open book; a page of its own for who has no script, or follows the link in a new tab.
    as_page = not request.headers.get("HX-Request")
    template = "scheduling/appointment.html" if as_page else "scheduling/appointment.html#appointment"
    return render(request, template, {"appointment": context, "as_page": as_page})
