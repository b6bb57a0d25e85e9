"""Booking in three steps: what for, when, who (BOO-1, BOO-3).

No cookie carries a booking, so these pages need none and are exempt from the cookie-bound CSRF check: a form's
authority is the secret in its address, and `@visitor` refuses what another site's page sends. What was typed travels
in the forms, signed.
"""

from collections.abc import Callable
from datetime import date
from functools import wraps
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from sprechzeit.core.errors import NotFound, TooMany
from sprechzeit.core.limits import Limit, address_of
from sprechzeit.portal import pages
from sprechzeit.portal.asked import is_live, search_of, typed_in
from sprechzeit.portal.cards import card
from sprechzeit.portal.forms import DetailsForm
from sprechzeit.portal.pages import Search
from sprechzeit.portal.patients_page import chosen_language, other_language, own_practice, patients_page
from sprechzeit.portal.views.answers import (
    OK,
    TOO_MANY,
    UNPROCESSABLE,
    ask_code,
    book,
    code_page,
    conflict_page,
    count_booking,
    details_page,
    gone_page,
    see_other,
    times_page,
    too_many_words,
)
from sprechzeit.practice.visitors import ActorRequest, Public, visitor
from sprechzeit.scheduling.actions.book import manage_token
from sprechzeit.scheduling.actions.cancel import is_in_time
from sprechzeit.scheduling.actions.code import try_code
from sprechzeit.scheduling.actions.hold import get_hold, give_hold_back, hold_time, hold_token
from sprechzeit.scheduling.errors import CodeSpent, HoldsFull, NotOffered, TimeTaken
from sprechzeit.scheduling.models import Hold
from sprechzeit.scheduling.policy import visible_offerings, visible_types
from sprechzeit.scheduling.queries.booking import type_and_calendar, type_by_reference

HOLDS = Limit("hold", settings.HOLDS_PER_HOUR_AND_ADDRESS, 3600)
CODES_TYPED = Limit("booking code typed", 60, 3600)
DIGITS = 6
SAID = ("known", "new")
PRESSED = ("GET", "HEAD", "POST")


@patients_page
@require_safe
@visitor(Public)
def services(request: ActorRequest, slug: str) -> HttpResponse:
    """Step 1: what for. Who says whether they have been here before sees what is for them."""
    found = list(visible_types(request.actor).order_by("position", "name"))
    lengths: dict[UUID, list[int]] = {}
    for offering in visible_offerings(request.actor).select_related("type"):
        lengths.setdefault(offering.type_id, []).append(offering.duration or offering.type.duration)
    said, language, practice = request.GET.get("patient", ""), chosen_language(request), own_practice(request)
    context = {
        "practice": practice,
        "answers": pages.answers(found, said),
        "said": said,
        "types": [
            card(one, practice, lengths.get(one.pk, ()))
            | {"url": Search(practice, one, (), language=language).url("times")}
            for one in pages.types_for(found, said)
        ],
        "language": language,
        "language_url": f"?language={other_language()}" + (f"&patient={said}" if said in SAID else ""),
    }
    return render(request, "portal/services.html", context)


def _the_same_on_the_way_back(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Outermost decorator of a page that names nobody: back from the details it stands there as it was left.

    So its form has the key that the kept time was pressed with, and another time pressed gives that one back (BOO-7).
    """

    @wraps(view)
    def answered(request: ActorRequest, **arguments: Any) -> HttpResponse:
        response = view(request, **arguments)
        if request.method == "GET" and response.status_code == OK:
            response["Cache-Control"] = "private, no-cache"
        return response

    return answered


@_the_same_on_the_way_back
@patients_page
@csrf_exempt
@require_http_methods(PRESSED)
@visitor(Public)
def times(request: ActorRequest, slug: str, type_reference: str) -> HttpResponse:
    """Step 2: when. Posted, it carries what was typed already; it changes nothing."""
    search = search_of(request, type_by_reference(request.actor, type_reference))
    whole_week = "day" not in request.GET
    try:
        wanted = request.GET.get("week" if whole_week else "day")
        day = date.fromisoformat(wanted) if wanted is not None else None
    except ValueError:
        raise NotFound from None
    return times_page(request, search, day, whole_week=whole_week, kept=typed_in(request))


@patients_page
@csrf_exempt
@require_http_methods(PRESSED)
@visitor(Public, limit=HOLDS)
def hold(request: ActorRequest, slug: str, type_reference: str) -> HttpResponse:
    """A time was pressed: keep it, and go on to the details; taken meanwhile: the next free ones.

    The answer to a refused press stands at this address: loaded again, it leads back to the times.
    """
    if request.method != "POST":
        search = search_of(request, type_by_reference(request.actor, type_reference))
        return HttpResponseRedirect(search.url("times"))
    choice = pages.parse_choice(request.POST.get("start", ""))
    key = request.POST.get("key", "")
    if choice is None or not 20 <= len(key) <= 80:
        raise NotFound
    starts, reference = choice
    appointment_type, calendar_id = type_and_calendar(request.actor, type_reference, reference)
    search = search_of(request, appointment_type)
    kept = typed_in(request)
    form = DetailsForm(kept, appointment_type=search.type) if "book" in request.POST else None
    books = form if form is not None and form.is_valid() else None
    try:
        if books:
            count_booking(request.actor, search, books.details())
        held = hold_time(
            request.actor,
            search.type,
            calendar_id,
            starts,
            address=address_of(request),
            form=key,
            former=search.held,
        )
    except TooMany:
        return times_page(request, search, search.local_day(starts), notice=too_many_words(), kept=kept)
    except HoldsFull as refused:
        day = search.local_day(starts)
        return times_page(request, search, day, notice=str(refused.message), kept=kept)
    except (TimeTaken, NotOffered) as refused:
        return conflict_page(request, search, starts, refused, kept)
    token = hold_token(held.id)
    if not kept:
        return see_other(search.url("details", token, held=""))
    held = get_hold(request.actor, token, lock=books is not None)
    if books:
        return book(request, search, held, books)
    return details_page(request, search, held, DetailsForm(initial=kept, appointment_type=held.type))


@patients_page
@csrf_exempt
@require_http_methods(PRESSED)
@visitor(Public)
def details(request: ActorRequest, slug: str, token: str) -> HttpResponse:
    """Step 3: who."""
    held = get_hold(request.actor, token, lock=request.method == "POST")
    search = search_of(request, held.type)
    if held.appointment_id:
        return HttpResponseRedirect(search.url("done", token, calendar="", held=""))
    if request.method == "POST" and "again" not in request.POST:
        form = DetailsForm(request.POST, appointment_type=held.type)
        if form.is_valid():
            return _counted(request, search, held, form)
        return details_page(request, search, held, form, status=UNPROCESSABLE)
    kept = typed_in(request)
    if not is_live(held):
        return gone_page(request, search, held, kept)
    return details_page(request, search, held, DetailsForm(initial=kept, appointment_type=held.type))


def _counted(request: ActorRequest, search: Search, held: Hold, form: DetailsForm) -> HttpResponse:
    """Book, unless too much was booked from this e-mail address."""
    try:
        count_booking(request.actor, search, form.details())
    except TooMany:
        form.add_error(None, too_many_words())
        return details_page(request, search, held, form, status=TOO_MANY)
    return book(request, search, held, form)


@patients_page
@csrf_exempt
@require_http_methods(PRESSED)
@visitor(Public, limit=CODES_TYPED)
def code(request: ActorRequest, slug: str, token: str) -> HttpResponse:
    """The code from the mail was typed, or another one is wanted; what else was typed comes along, signed. `look`: the
    same page, in the language that its address says.

    The answer to wrong digits stands at this address: loaded again, it leads back to the details.
    """
    held = get_hold(request.actor, token, lock=request.method == "POST")
    search = search_of(request, held.type)
    if request.method != "POST":
        return HttpResponseRedirect(search.url("details", token, held=""))
    kept = typed_in(request)
    form = DetailsForm(kept, appointment_type=held.type)
    if held.appointment_id or not form.is_valid():
        return see_other(search.url("details", token, held=""))
    if "look" in request.POST:
        return code_page(request, search, held, kept)
    code_id, digits = form.details().code_id, request.POST.get("code", "")
    if "again" in request.POST or code_id is None:
        return ask_code(request, search, held, form, again=True)
    if sum(map(str.isdecimal, digits)) != DIGITS:
        words = _("Please type the six digits from the mail.")
        return code_page(request, search, held, kept, error=words, status=UNPROCESSABLE)
    try:
        if not try_code(request.actor, code_id, digits):
            words = _("This is not the code. Please look again.")
            return code_page(request, search, held, kept, error=words, status=UNPROCESSABLE)
    except CodeSpent as refused:
        return code_page(request, search, held, kept, error=str(refused.message), spent=True, status=UNPROCESSABLE)
    return _counted(request, search, held, form)


@patients_page
@csrf_exempt
@require_POST
@visitor(Public)
def give_back(request: ActorRequest, slug: str, token: str) -> HttpResponse:
    """Another time, please: this one is free again at once."""
    held = get_hold(request.actor, token)
    give_hold_back(request.actor, token)
    search = search_of(request, held.type)
    day = search.local_day(held.starts_at)
    if kept := typed_in(request):
        return times_page(request, search, day, whole_week=True, kept=kept)
    return see_other(search.url("times", held="", week=f"{day:%Y-%m-%d}"))


@patients_page
@require_safe
@visitor(Public)
def done(request: ActorRequest, slug: str, token: str) -> HttpResponse:
    """It is booked."""
    held = get_hold(request.actor, token)
    search = search_of(request, held.type)
    if not held.appointment_id:
        return HttpResponseRedirect(search.url("details", token))
    link = manage_token(held.appointment_id)
    context = {
        "practice": search.practice,
        "summary": pages.summary(search.practice, held),
        "email": held.appointment.email,
        "may_change": is_in_time(search.practice, held.appointment),
        "unconfirmed": not (held.type.confirms_to_patient and search.practice.patient_messages),
        "is_written_to": search.practice.patient_messages,
        "language_url": search.url("done", token, held="", language=other_language()),
        "manage_url": reverse("portal:manage", args=[link]),
        "ics_url": reverse("portal:calendar_file", args=[link]),
    }
    response = render(request, "portal/done.html", context)
    response["X-Robots-Tag"] = "noindex"
    return response
