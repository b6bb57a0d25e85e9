"""Pages for patients: booking in three steps, and the mailed link (BOO-1, BOO-3, BOO-6).

No cookie carries a booking, so these pages need none and are exempt from the cookie-bound CSRF check: a form's
authority is the secret in its address, and `@visitor` refuses what another site's page sends.
"""

from collections.abc import Sequence
from datetime import date

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from sprechzeit.core.crypto import link_token
from sprechzeit.core.errors import NotFound
from sprechzeit.core.ids import new_id
from sprechzeit.core.limits import Limit, address_of
from sprechzeit.messages.calendar_event import calendar_event
from sprechzeit.portal import pages
from sprechzeit.portal.forms import DetailsForm
from sprechzeit.portal.visitors import Link
from sprechzeit.practice.queries import practice_of
from sprechzeit.practice.visitors import ActorRequest, Public, visitor
from sprechzeit.scheduling import availability as engine
from sprechzeit.scheduling.actions.book import book_held_time, manage_token
from sprechzeit.scheduling.actions.cancel import cancel_appointment, cancel_deadline, cancelled_by_practice
from sprechzeit.scheduling.actions.hold import get_hold, give_hold_back, hold_time, hold_token
from sprechzeit.scheduling.errors import HoldsFull, NotOffered, OpenBookingsFull, TimeTaken, TooLate
from sprechzeit.scheduling.models import Appointment, AppointmentType, Hold
from sprechzeit.scheduling.policy import visible_appointments, visible_calendars, visible_types
from sprechzeit.scheduling.queries.appointment import read_appointment

HOLDS = Limit("hold", settings.HOLDS_PER_HOUR_AND_ADDRESS, 3600)
SEE_OTHER = 303
OK, CONFLICT, UNPROCESSABLE, TOO_MANY = 200, 409, 422, 429


def _type(request: ActorRequest, reference: str) -> AppointmentType:
    found = visible_types(request.actor).filter(reference=reference).first()
    if found is None:
        raise NotFound
    return found


@require_safe
@visitor(Public)
def services(request: ActorRequest, slug: str) -> HttpResponse:
    """Step 1: what for."""
    types = [
        {
            "name": one.name,
            "minutes": one.duration,
            "colour": one.colour,
            "url": reverse("portal:times", args=[slug, one.reference]),
        }
        for one in visible_types(request.actor).order_by("position", "name")
    ]
    return render(request, "portal/services.html", {"practice": practice_of(request.actor), "types": types})


@require_safe
@visitor(Public)
def times(request: ActorRequest, slug: str, type_reference: str) -> HttpResponse:
    """Step 2: when."""
    try:
        day = date.fromisoformat(request.GET["day"]) if "day" in request.GET else None
    except ValueError:
        raise NotFound from None
    return _times_page(request, _type(request, type_reference), day)


def _times_page(
    request: ActorRequest,
    appointment_type: AppointmentType,
    day: date | None,
    *,
    next_free: Sequence[engine.Offer] | None = None,
    notice: str = "",
    kept: Sequence[tuple[str, str]] = (),
) -> HttpResponse:
    """The page of times; after a conflict with the next free ones first and what was typed kept."""
    practice = practice_of(request.actor)
    context = {
        **pages.times_context(request.actor, practice, appointment_type, day),
        "practice": practice,
        "key": link_token("form", new_id()),
        "kept": kept,
        "notice": notice,
    }
    status = TOO_MANY if notice else OK
    if next_free is not None:
        calendars = visible_calendars(request.actor)
        context |= {"taken": True, "next_free": pages.next_buttons(practice, next_free, calendars)}
        status = CONFLICT
    return render(request, "portal/times.html", context, status=status)


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@visitor(Public, limit=HOLDS)
def hold(request: ActorRequest, slug: str, type_reference: str) -> HttpResponse:
    """A time was pressed: keep it, and go on to the details; taken meanwhile: the next free ones.

    The answer to a refused press stands at this address: loaded again, it leads back to the times.
    """
    appointment_type = _type(request, type_reference)
    if request.method != "POST":
        return redirect("portal:times", slug, type_reference)
    choice = pages.parse_choice(request.POST.get("start", ""))
    key = request.POST.get("key", "")
    if choice is None or not 20 <= len(key) <= 80:
        raise NotFound
    starts, reference = choice
    calendar = visible_calendars(request.actor).filter(reference=reference).first()
    if calendar is None:
        raise NotFound
    typed = DetailsForm(request.POST)
    try:
        held = hold_time(
            request.actor,
            appointment_type,
            calendar.id,
            starts,
            address=address_of(request),
            form=key,
        )
    except HoldsFull as refused:
        day = starts.astimezone(practice_of(request.actor).zone).date()
        return _times_page(request, appointment_type, day, notice=str(refused.message), kept=typed.kept())
    except (TimeTaken, NotOffered) as refused:
        day = starts.astimezone(practice_of(request.actor).zone).date()
        return _times_page(request, appointment_type, day, next_free=refused.next_free, kept=typed.kept())
    if typed.kept():
        form = DetailsForm(initial=dict(typed.kept()))
        return _details_page(request, get_hold(request.actor, hold_token(held.id)), form)
    return _see_other("portal:details", slug, hold_token(held.id))


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@visitor(Public)
def details(request: ActorRequest, slug: str, token: str) -> HttpResponse:
    """Step 3: who."""
    held = get_hold(request.actor, token)
    if held.appointment_id:
        return redirect("portal:done", slug, token)
    if request.method != "POST":
        if not held.occupancy.active or (held.occupancy.expires_at or timezone.now()) <= timezone.now():
            return _gone(request, held)
        return _details_page(request, held, DetailsForm())
    form = DetailsForm(request.POST)
    if not form.is_valid():
        return _details_page(request, held, form, status=UNPROCESSABLE)
    try:
        book_held_time(request.actor, token, form.details())
    except (TimeTaken, NotOffered) as refused:
        day = held.starts_at.astimezone(practice_of(request.actor).zone).date()
        return _times_page(request, held.type, day, next_free=refused.next_free, kept=form.kept())
    except OpenBookingsFull as refused:
        form.add_error(None, str(refused.message))
        return _details_page(request, held, form, status=UNPROCESSABLE)
    return _see_other("portal:done", slug, token)


def _details_page(request: ActorRequest, held: Hold, form: DetailsForm, *, status: int = 200) -> HttpResponse:
    practice = practice_of(request.actor)
    expires_at = held.occupancy.expires_at
    context = {
        "practice": practice,
        "form": form,
        "summary": pages.summary(practice, held),
        "expires_at": expires_at.astimezone(practice.zone) if expires_at else None,
        "action": reverse("portal:details", args=[practice.slug, hold_token(held.id)]),
        "give_back_url": reverse("portal:give_back", args=[practice.slug, hold_token(held.id)]),
    }
    return render(request, "portal/details.html", context, status=status)


@csrf_exempt
@require_POST
@visitor(Public)
def give_back(request: ActorRequest, slug: str, token: str) -> HttpResponse:
    """Another time, please: this one is free again at once."""
    held = get_hold(request.actor, token)
    give_hold_back(request.actor, token)
    return _see_other("portal:times", slug, held.type.reference)


def _see_other(name: str, *arguments: str) -> HttpResponse:
    """After a POST: on to a page that may be loaded again (RFC 9110 15.4.4)."""
    response = redirect(name, *arguments)
    response.status_code = SEE_OTHER
    return response


def _gone(request: ActorRequest, held: Hold) -> HttpResponse:
    practice = practice_of(request.actor)
    context = {
        "practice": practice,
        "times_url": reverse("portal:times", args=[practice.slug, held.type.reference]),
    }
    return render(request, "portal/gone.html", context, status=410)


@require_safe
@visitor(Public)
def done(request: ActorRequest, slug: str, token: str) -> HttpResponse:
    """It is booked."""
    held = get_hold(request.actor, token)
    if not held.appointment_id:
        return redirect("portal:details", slug, token)
    practice = practice_of(request.actor)
    link = manage_token(held.appointment_id)
    context = {
        "practice": practice,
        "summary": pages.summary(practice, held),
        "email": held.appointment.email,
        "manage_url": reverse("portal:manage", args=[link]),
        "ics_url": reverse("portal:calendar_file", args=[link]),
    }
    return render(request, "portal/done.html", context)


def _linked(request: ActorRequest) -> Appointment:
    only = visible_appointments(request.actor).first()
    if only is None:
        raise NotFound
    return read_appointment(request.actor, only.id)


@require_safe
@visitor(Link)
def manage(request: ActorRequest, token: str) -> HttpResponse:
    """The mailed link's page. Opening it changes nothing."""
    return _manage_page(request, token, _linked(request))


def _manage_page(request: ActorRequest, token: str, found: Appointment, *, status: int = 200) -> HttpResponse:
    practice = practice_of(request.actor)
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
    return _see_other("portal:manage", token)


@require_safe
@visitor(Link)
def calendar_file(request: ActorRequest, token: str) -> HttpResponse:
    """The appointment as a calendar file (STD-1)."""
    content = calendar_event(practice_of(request.actor), _linked(request))
    return HttpResponse(
        content,
        content_type="text/calendar; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="appointment.ics"'},
    )
