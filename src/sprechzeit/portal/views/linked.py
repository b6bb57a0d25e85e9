"""The mailed link: see an appointment and cancel it (BOO-6). Its secret is all the authority there is."""

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from sprechzeit.core.errors import NotFound
from sprechzeit.messages.calendar_event import calendar_event
from sprechzeit.portal import pages
from sprechzeit.portal.patients_page import own_practice, patients_page
from sprechzeit.portal.visitors import Link
from sprechzeit.practice.visitors import ActorRequest, visitor
from sprechzeit.scheduling.actions.cancel import cancel_appointment, cancel_deadline, cancelled_by_practice
from sprechzeit.scheduling.errors import TooLate
from sprechzeit.scheduling.models import Appointment
from sprechzeit.scheduling.policy import visible_appointments
from sprechzeit.scheduling.queries.appointment import read_appointment

SEE_OTHER, UNPROCESSABLE = 303, 422


def _linked(request: ActorRequest) -> Appointment:
    only = visible_appointments(request.actor).first()
    if only is None:
        raise NotFound
    return read_appointment(request.actor, only.id)


@patients_page
@require_safe
@visitor(Link)
def manage(request: ActorRequest, token: str) -> HttpResponse:
    """The mailed link's page. Opening it changes nothing."""
    return _manage_page(request, token, _linked(request))


def _manage_page(request: ActorRequest, token: str, found: Appointment, *, status: int = 200) -> HttpResponse:
    practice = own_practice(request)
    deadline = cancel_deadline(practice, found)
    context = {
        "practice": practice,
        "appointment": pages.summary(practice, found),
        "cancel_url": reverse("portal:cancellation", args=[token]),
        "ics_url": reverse("portal:calendar_file", args=[token]),
        "services_url": reverse("portal:services", args=[practice.slug]),
        "deadline": deadline.astimezone(practice.zone),
        "may_cancel": timezone.now() <= deadline,
        "cancelled": hasattr(found, "cancellation"),
        "by_practice": cancelled_by_practice(found),
    }
    return render(request, "portal/manage.html", context, status=status)


@patients_page
@csrf_exempt
@require_POST
@visitor(Link)
def cancellation(request: ActorRequest, token: str) -> HttpResponse:
    """The button on the link's page was pressed."""
    found = _linked(request)
    try:
        cancel_appointment(request.actor, found.id)
    except TooLate:
        return _manage_page(request, token, found, status=UNPROCESSABLE)
    return HttpResponseRedirect(reverse("portal:manage", args=[token]), status=SEE_OTHER)


@require_safe
@visitor(Link)
def calendar_file(request: ActorRequest, token: str) -> HttpResponse:
    """The appointment as a calendar file (STD-1)."""
    content = calendar_event(own_practice(request), _linked(request))
    return HttpResponse(
        content,
        content_type="text/calendar; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="appointment.ics"'},
    )
