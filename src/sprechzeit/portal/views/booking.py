"""Booking in three steps: what for, when, who (BOO-1, BOO-3).

No cookie carries a booking, so these pages need none and are exempt from the cookie-bound CSRF check: a form's
authority is the secret in its address, and `@visitor` refuses what another site's page sends. What was typed travels
in the forms, signed.
"""

from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from sprechzeit.core.crypto import link_token
from sprechzeit.core.errors import NotFound
from sprechzeit.core.ids import new_id
from sprechzeit.core.limits import Limit, address_of
from sprechzeit.portal import pages, typed
from sprechzeit.portal.actions import hold_instead
from sprechzeit.portal.cards import card
from sprechzeit.portal.forms import DetailsForm
from sprechzeit.portal.pages import Search
from sprechzeit.portal.patients_page import own_practice, patients_page
from sprechzeit.practice.visitors import ActorRequest, Public, visitor
from sprechzeit.scheduling.actions.book import book_held_time, manage_token
from sprechzeit.scheduling.actions.hold import get_hold, give_hold_back, hold_token
from sprechzeit.scheduling.errors import HoldsFull, NotOffered, OpenBookingsFull, TimeTaken
from sprechzeit.scheduling.models import AppointmentType, Calendar, Hold
from sprechzeit.scheduling.policy import visible_calendars, visible_types

HOLDS = Limit("hold", settings.HOLDS_PER_HOUR_AND_ADDRESS, 3600)
SEE_OTHER = 303
OK, CONFLICT, GONE, UNPROCESSABLE, TOO_MANY = 200, 409, 410, 422, 429
PRESSED = ("GET", "HEAD", "POST")


@patients_page
@require_safe
@visitor(Public)
def services(request: ActorRequest, slug: str) -> HttpResponse:
    """Step 1: what for."""
    types = [
        card(one) | {"url": reverse("portal:times", args=[slug, one.reference])}
        for one in visible_types(request.actor).order_by("position", "name")
    ]
    return render(request, "portal/services.html", {"practice": own_practice(request), "types": types})


@patients_page
@csrf_exempt
@require_http_methods(PRESSED)
@visitor(Public)
def times(request: ActorRequest, slug: str, type_reference: str) -> HttpResponse:
    """Step 2: when. Posted, it carries what was typed already; it changes nothing."""
    search = _search(request, _type(request, type_reference))
    whole_week = "day" not in request.GET
    try:
        wanted = request.GET.get("week" if whole_week else "day")
        day = date.fromisoformat(wanted) if wanted is not None else None
    except ValueError:
        raise NotFound from None
    return _times_page(request, search, day, whole_week=whole_week, kept=_typed(request))


@patients_page
@csrf_exempt
@require_http_methods(PRESSED)
@visitor(Public, limit=HOLDS)
def hold(request: ActorRequest, slug: str, type_reference: str) -> HttpResponse:
    """A time was pressed: keep it, and go on to the details; taken meanwhile: the next free ones.

    The answer to a refused press stands at this address: loaded again, it leads back to the times.
    """
    search = _search(request, _type(request, type_reference))
    if request.method != "POST":
        return HttpResponseRedirect(search.url("times"))
    choice = pages.parse_choice(request.POST.get("start", ""))
    key = request.POST.get("key", "")
    if choice is None or not 20 <= len(key) <= 80:
        raise NotFound
    starts, reference = choice
    kept = _typed(request)
    try:
        held = hold_instead(
            request.actor,
            search.type,
            _calendar(request, reference),
            starts,
            address=address_of(request),
            form=key,
            former=search.held,
        )
    except HoldsFull as refused:
        day = search.local_day(starts)
        return _times_page(request, search, day, notice=str(refused.message), kept=kept)
    except (TimeTaken, NotOffered) as refused:
        return _conflict_page(request, search, starts, refused, kept)
    token = hold_token(held.id)
    if not kept:
        return _see_other(search.url("details", token, held=""))
    form = DetailsForm(kept)
    if "book" in request.POST and form.is_valid():
        return _book(request, search, get_hold(request.actor, token), form)
    return _details_page(request, search, get_hold(request.actor, token), DetailsForm(initial=kept))


@patients_page
@csrf_exempt
@require_http_methods(PRESSED)
@visitor(Public)
def details(request: ActorRequest, slug: str, token: str) -> HttpResponse:
    """Step 3: who."""
    held = get_hold(request.actor, token)
    search = _search(request, held.type)
    if held.appointment_id:
        return HttpResponseRedirect(search.url("done", token, calendar="", held=""))
    if request.method == "POST" and "again" not in request.POST:
        form = DetailsForm(request.POST)
        if form.is_valid():
            return _book(request, search, held, form)
        return _details_page(request, search, held, form, status=UNPROCESSABLE)
    kept = _typed(request)
    if not _is_live(held):
        return _gone_page(request, search, held, kept)
    return _details_page(request, search, held, DetailsForm(initial=kept))


@patients_page
@csrf_exempt
@require_POST
@visitor(Public)
def give_back(request: ActorRequest, slug: str, token: str) -> HttpResponse:
    """Another time, please: this one is free again at once."""
    held = get_hold(request.actor, token)
    give_hold_back(request.actor, token)
    search = _search(request, held.type)
    day = search.local_day(held.starts_at)
    if kept := _typed(request):
        return _times_page(request, search, day, whole_week=True, kept=kept)
    return _see_other(search.url("times", held="", week=f"{day:%Y-%m-%d}"))


@patients_page
@require_safe
@visitor(Public)
def done(request: ActorRequest, slug: str, token: str) -> HttpResponse:
    """It is booked."""
    held = get_hold(request.actor, token)
    if not held.appointment_id:
        return HttpResponseRedirect(_search(request, held.type).url("details", token))
    practice = own_practice(request)
    link = manage_token(held.appointment_id)
    context = {
        "practice": practice,
        "summary": pages.summary(practice, held),
        "email": held.appointment.email,
        "manage_url": reverse("portal:manage", args=[link]),
        "ics_url": reverse("portal:calendar_file", args=[link]),
    }
    return render(request, "portal/done.html", context)


# --- What was asked for ---------------------------------------------------------------------------------------------


def _type(request: ActorRequest, reference: str) -> AppointmentType:
    found = visible_types(request.actor).filter(reference=reference).first()
    if found is None:
        raise NotFound
    return found


def _calendar(request: ActorRequest, reference: str) -> Calendar:
    found = visible_calendars(request.actor).filter(reference=reference).first()
    if found is None:
        raise NotFound
    return found


def _search(request: ActorRequest, appointment_type: AppointmentType) -> Search:
    """The type, the practitioner and the kept time that the address names. Raises NotFound."""
    offering = visible_calendars(request.actor).filter(offerings__type=appointment_type)
    calendars = tuple(offering.order_by("position", "name"))
    reference = request.GET.get("calendar", "")
    calendar = next((one for one in calendars if one.reference == reference), None)
    if reference and calendar is None:
        raise NotFound
    held = request.GET.get("held", "")
    return Search(own_practice(request), appointment_type, calendars, calendar, held if _own(request, held) else "")


def _own(request: ActorRequest, token: str) -> Hold | None:
    """The time that the visitor keeps, as long as it is kept."""
    try:
        held = get_hold(request.actor, token) if token else None
    except NotFound:
        return None
    return held if held and not held.appointment_id and _is_live(held) else None


def _is_live(held: Hold) -> bool:
    return held.occupancy.active and (held.occupancy.expires_at or timezone.now()) > timezone.now()


def _typed(request: HttpRequest) -> dict[str, str]:
    """What the visitor typed before: in the form of the details itself, or carried by another one."""
    if packed := request.POST.get(typed.FIELD, ""):
        return dict(DetailsForm(typed.unpack(packed)).kept())
    return dict(DetailsForm(request.POST).kept())


# --- Answers --------------------------------------------------------------------------------------------------------


def _book(request: ActorRequest, search: Search, held: Hold, form: DetailsForm) -> HttpResponse:
    token = hold_token(held.id)
    try:
        book_held_time(request.actor, token, form.details())
    except (TimeTaken, NotOffered) as refused:
        return _conflict_page(request, search, held.starts_at, refused, dict(form.kept()))
    except OpenBookingsFull as refused:
        form.add_error(None, str(refused.message))
        return _details_page(request, search, held, form, status=UNPROCESSABLE)
    return _see_other(search.url("done", token, calendar="", held=""))


def _times_page(
    request: ActorRequest,
    search: Search,
    day: date | None,
    *,
    kept: dict[str, str],
    whole_week: bool = False,
    notice: str = "",
) -> HttpResponse:
    context = {
        **pages.times_context(request.actor, search, day, whole_week=whole_week),
        **_form(search, kept),
        "own": _own_time(search, _own(request, search.held)),
        "notice": notice,
    }
    return render(request, "portal/times.html", context, status=TOO_MANY if notice else OK)


def _own_time(search: Search, held: Hold | None) -> dict[str, Any] | None:
    """The visitor's own time, which others see as taken."""
    if held is None:
        return None
    token = hold_token(held.id)
    return {
        "summary": pages.summary(search.practice, held),
        "until": _until(search, held),
        "details_url": search.url("details", token, held=""),
        "give_back_url": search.url("give_back", token, held=""),
    }


def _until(search: Search, held: Hold) -> datetime | None:
    expires_at = held.occupancy.expires_at
    return expires_at.astimezone(search.practice.zone) if expires_at else None


def _form(search: Search, kept: dict[str, str]) -> dict[str, Any]:
    """What each form on the way carries."""
    return {"practice": search.practice, "key": link_token("form", new_id()), "typed": typed.pack(kept)}


def _conflict_page(
    request: ActorRequest, search: Search, starts: datetime, refused: TimeTaken | NotOffered, kept: dict[str, str]
) -> HttpResponse:
    """The time is somebody else's: the nearest one is chosen instead, and one press books it."""
    clock = pages.clock(starts.astimezone(search.practice.zone))
    what = _("%(time)s has just been taken.") if isinstance(refused, TimeTaken) else _("%(time)s is not offered.")
    return _again_page(request, search, starts, kept, what=what % {"time": clock}, status=CONFLICT)


def _gone_page(request: ActorRequest, search: Search, held: Hold, kept: dict[str, str]) -> HttpResponse:
    what = _("The time is no longer kept for you.")
    return _again_page(request, search, held.starts_at, kept, what=what, status=GONE)


def _again_page(
    request: ActorRequest, search: Search, since: datetime, kept: dict[str, str], *, what: str, status: int
) -> HttpResponse:
    """Choose again, with nothing lost of what was typed."""
    day = search.local_day(since)
    ready = bool(kept) and DetailsForm(kept).is_valid()
    context = {
        **pages.choice_context(search),
        **_form(search, kept),
        "what": what,
        "books": ready,
        "days": pages.other_times(request.actor, search, since),
        "hold_url": search.url("hold"),
        "times_url": search.url("times", week=f"{day:%Y-%m-%d}"),
        "everybody_url": search.url("times", calendar="") if search.calendar else "",
    }
    return render(request, "portal/again.html", context, status=status)


def _details_page(
    request: ActorRequest, search: Search, held: Hold, form: DetailsForm, *, status: int = OK
) -> HttpResponse:
    token = hold_token(held.id)
    context = {
        "practice": search.practice,
        "form": form,
        "summary": pages.summary(search.practice, held),
        "expires_at": _until(search, held),
        "action": search.url("details", token, held=""),
        "times_url": search.url("times", held=token, day=f"{search.local_day(held.starts_at):%Y-%m-%d}"),
    }
    return render(request, "portal/details.html", context, status=status)


def _see_other(address: str) -> HttpResponse:
    """After a POST: on to a page that may be loaded again (RFC 9110 15.4.4)."""
    return HttpResponseRedirect(address, status=SEE_OTHER)
