"""The page behind a mailed link (BOO-6). Its secret is all the authority there is."""

from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from sprechzeit.core.errors import NotFound
from sprechzeit.core.limits import Limit
from sprechzeit.messages.calendar_event import calendar_event
from sprechzeit.portal import pages
from sprechzeit.portal.patients_page import own_practice, patients_page
from sprechzeit.portal.rescheduling import EVERYBODY, OtherTime, suggestions
from sprechzeit.portal.visitors import Link
from sprechzeit.practice.visitors import ActorRequest, visitor
from sprechzeit.scheduling.actions.cancel import cancel_appointment, cancel_deadline, cancelled_by_practice
from sprechzeit.scheduling.actions.reschedule import (
    NewTime,
    is_booked_online,
    may_still_change,
    reschedule_appointment,
)
from sprechzeit.scheduling.errors import ChangedMeanwhile, NotOffered, TimeTaken, TooLate
from sprechzeit.scheduling.models import Appointment, Calendar
from sprechzeit.scheduling.policy import visible_appointments, visible_calendars
from sprechzeit.scheduling.queries.appointment import read_appointment

MOVES = Limit("reschedule", settings.HOLDS_PER_HOUR_AND_ADDRESS, 3600)
SEE_OTHER = 303
OK, CONFLICT, UNPROCESSABLE = 200, 409, 422
PRESSED = ("GET", "HEAD", "POST")
LONGEST_REASON = 300


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


def _manage_page(
    request: ActorRequest, token: str, found: Appointment, *, status: int = OK, notice: str = ""
) -> HttpResponse:
    practice = own_practice(request)
    may_change = may_still_change(practice, found)
    may_move = may_change and is_booked_online(practice, found)
    context = {
        "practice": practice,
        "appointment": pages.summary(practice, found),
        "joining": pages.how_to_join(request.actor, practice, found),
        "ends_at": found.ends_at.astimezone(practice.zone),
        "times_url": reverse("portal:other_times", args=[token]) if may_move else "",
        "suggestions": suggestions(request.actor, _search(request, token, found)) if may_move else [],
        "cancel_url": reverse("portal:cancellation", args=[token]),
        "manage_url": reverse("portal:manage", args=[token]),
        "ics_url": reverse("portal:calendar_file", args=[token]),
        "services_url": reverse("portal:services", args=[practice.slug]),
        "deadline": cancel_deadline(practice, found).astimezone(practice.zone),
        "may_change": may_change,
        "is_over": found.starts_at <= timezone.now(),
        "cancelled": hasattr(found, "cancellation"),
        "by_practice": cancelled_by_practice(found),
        "moved": found.sequence > 0 and "moved" in request.GET,
        "notice": notice,
    }
    return render(request, "portal/manage.html", context, status=status)


@patients_page
@csrf_exempt
@require_POST
@visitor(Link)
def cancellation(request: ActorRequest, token: str) -> HttpResponse:
    """The button on the link's page was pressed."""
    found = _linked(request)
    reason = request.POST.get("reason", "").replace("\x00", "").strip()[:LONGEST_REASON]
    try:
        cancel_appointment(request.actor, found.id, reason=reason)
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


# --- Another time ---------------------------------------------------------------------------------------------------


@patients_page
@require_safe
@visitor(Link)
def other_times(request: ActorRequest, token: str) -> HttpResponse:
    """What the appointment could be moved to: what somebody could book."""
    found = _linked(request)
    if not _may_move(request, found):
        return _to_manage(token)
    whole_week = "day" not in request.GET
    try:
        wanted = request.GET.get("week" if whole_week else "day")
        day = date.fromisoformat(wanted) if wanted is not None else None
    except ValueError:
        raise NotFound from None
    search = _search(request, token, found)
    context = pages.times_context(request.actor, search, day, whole_week=whole_week)
    return render(request, "portal/other_times.html", {**context, **_own(request, token, found)})


@patients_page
@csrf_exempt
@require_http_methods(PRESSED)
@visitor(Link, limit=MOVES)
def place(request: ActorRequest, token: str) -> HttpResponse:
    """From where to where; the button pressed here moves it, once however often it is pressed."""
    found = _linked(request)
    starts, calendar = _chosen(request)
    if request.method != "POST":
        return _place_page(request, token, found, starts, calendar)
    try:
        to = NewTime(calendar.id, starts, seen=_seen(request))
        reschedule_appointment(request.actor, found.id, to)
    except (TimeTaken, NotOffered) as refused:
        return _conflict_page(request, _search(request, token, found, calendar), starts, refused)
    except (TooLate, ChangedMeanwhile) as refused:
        return _manage_page(request, token, _linked(request), status=refused.status, notice=str(refused.message))
    return HttpResponseRedirect(f"{reverse('portal:manage', args=[token])}?moved", status=SEE_OTHER)


def _place_page(
    request: ActorRequest, token: str, found: Appointment, starts: datetime, calendar: Calendar
) -> HttpResponse:
    if not _may_move(request, found) or (found.starts_at, found.calendar_id) == (starts, calendar.id):
        return _to_manage(token)
    search = _search(request, token, found, calendar)
    context = {
        **_own(request, token, found),
        "new": pages.when(starts.astimezone(search.practice.zone)),
        "new_name": calendar.name if calendar != found.calendar else "",
        "start": request.GET["start"],
        "seen": found.sequence,
        "times_url": search.url("times", day=f"{search.local_day(starts):%Y-%m-%d}"),
    }
    return render(request, "portal/place.html", context)


def _conflict_page(
    request: ActorRequest, search: OtherTime, starts: datetime, refused: TimeTaken | NotOffered
) -> HttpResponse:
    """The time is somebody else's: the appointment stays where it is, and others are offered."""
    clock = pages.clock(starts.astimezone(search.practice.zone))
    what = _("%(time)s has just been taken.") if isinstance(refused, TimeTaken) else _("%(time)s is not offered.")
    context = {
        **_own(request, search.token, search.appointment),
        "what": what % {"time": clock},
        "days": pages.other_times(request.actor, search, starts),
        "times_url": search.url("times", week=f"{search.local_day(starts):%Y-%m-%d}"),
    }
    return render(request, "portal/place_again.html", context, status=CONFLICT)


def _own(request: ActorRequest, token: str, found: Appointment) -> dict[str, Any]:
    practice = own_practice(request)
    return {
        "practice": practice,
        "appointment": pages.summary(practice, found),
        "manage_url": reverse("portal:manage", args=[token]),
        "place_url": reverse("portal:place", args=[token]),
    }


def _may_move(request: ActorRequest, found: Appointment) -> bool:
    practice = own_practice(request)
    return may_still_change(practice, found) and is_booked_online(practice, found)


def _to_manage(token: str) -> HttpResponse:
    """What is no longer possible is said on the link's page."""
    return HttpResponseRedirect(reverse("portal:manage", args=[token]))


def _search(request: ActorRequest, token: str, found: Appointment, calendar: Calendar | None = None) -> OtherTime:
    """With whom the address says; by default with the same practitioner, while they offer it. Raises NotFound."""
    offering = visible_calendars(request.actor).filter(offerings__type=found.type)
    calendars = tuple(offering.order_by("position", "name"))
    reference = request.GET.get("calendar", found.calendar.reference)
    chosen = calendar or next((one for one in calendars if one.reference == reference), None)
    if chosen is None and reference not in (EVERYBODY, found.calendar.reference):
        raise NotFound
    return OtherTime(own_practice(request), found.type, calendars, chosen, appointment=found, token=token)


def _chosen(request: ActorRequest) -> tuple[datetime, Calendar]:
    """The time that a button named. Raises NotFound for one that is none of ours."""
    choice = pages.parse_choice((request.POST if request.method == "POST" else request.GET).get("start", ""))
    calendar = visible_calendars(request.actor).filter(reference=choice[1]).first() if choice else None
    if choice is None or calendar is None:
        raise NotFound
    return choice[0], calendar


def _seen(request: ActorRequest) -> int:
    """The state that the pressed page showed. Raises NotFound for what is none of ours."""
    seen = request.POST.get("seen", "")
    if not (seen.isascii() and seen.isdigit() and len(seen) <= 9):
        raise NotFound
    return int(seen)
