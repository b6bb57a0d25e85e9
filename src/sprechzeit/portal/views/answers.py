"""The pages that answer what a visitor of the booking page does."""

from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _

from sprechzeit.access.actor import Actor
from sprechzeit.core.crypto import link_token
from sprechzeit.core.errors import TooMany
from sprechzeit.core.ids import new_id
from sprechzeit.core.limits import Limit, address_of
from sprechzeit.patients.matching import email_key
from sprechzeit.portal import pages, typed
from sprechzeit.portal.asked import own_hold
from sprechzeit.portal.forms import DetailsForm, proof_of
from sprechzeit.portal.pages import Search
from sprechzeit.portal.patients_page import other_language
from sprechzeit.practice.visitors import ActorRequest
from sprechzeit.scheduling.actions.book import Details, book_held_time
from sprechzeit.scheduling.actions.cancel import is_in_time
from sprechzeit.scheduling.actions.code import ask_for_code, is_proven, needs_code, waiting_code
from sprechzeit.scheduling.actions.hold import hold_token
from sprechzeit.scheduling.errors import (
    CodeMissing,
    HoldsFull,
    NotForThisPatient,
    NotOffered,
    OpenBookingsFull,
    TimeTaken,
)
from sprechzeit.scheduling.models import Hold

BOOKINGS = Limit("booking", settings.BOOKINGS_PER_HOUR_AND_EMAIL, 3600)
CODES = Limit("booking code", settings.BOOKINGS_PER_HOUR_AND_EMAIL, 3600)
CODES_BY_ADDRESS = Limit("booking code by address", settings.HOLDS_PER_HOUR_AND_ADDRESS, 3600)
SEE_OTHER = 303
OK, CONFLICT, GONE, UNPROCESSABLE, TOO_MANY = 200, 409, 410, 422, 429


def count_booking(actor: Actor, search: Search, details: Details) -> None:
    """Count a booking of this e-mail address, refused or not. Raises `TooMany` (BOO-8).

    Where a code comes first, it counts when that was typed: nobody can use up somebody else's.
    """
    if not needs_code(search.practice, search.type) or is_proven(actor, details.code_id, details.recipient):
        BOOKINGS.attempt(email_key(details.recipient.email))


def too_many_words() -> str:
    """What to do when there were too many bookings or codes from one e-mail address."""
    return _(
        "With this e-mail address as much has been asked for as is possible within an hour. "
        "Please try again later, or call the practice."
    )


def book(request: ActorRequest, search: Search, held: Hold, form: DetailsForm) -> HttpResponse:
    """The last press: done, or a code first, or what speaks against it. The caller has counted it and locked `held`."""
    token = hold_token(held.id)
    try:
        book_held_time(request.actor, token, form.details(), locked=held)
    except CodeMissing:
        return ask_code(request, search, held, form)
    except NotForThisPatient as refused:
        form.refuse(refused.reasons)
        return details_page(request, search, held, form, status=UNPROCESSABLE)
    except (TimeTaken, NotOffered) as refused:
        return conflict_page(request, search, held.starts_at, refused, form.kept())
    except OpenBookingsFull as refused:
        form.add_error(None, str(refused.message))
        return details_page(request, search, held, form, status=UNPROCESSABLE)
    return see_other(search.url("done", token, calendar="", held=""))


def ask_code(
    request: ActorRequest, search: Search, held: Hold, form: DetailsForm, *, again: bool = False
) -> HttpResponse:
    """A code goes to the address that was typed; the next page asks for it."""
    recipient = form.details().recipient
    try:
        if again or waiting_code(request.actor, held, recipient) is None:
            CODES.attempt(email_key(recipient.email))
            CODES_BY_ADDRESS.attempt(address_of(request))
        code = ask_for_code(request.actor, hold_token(held.id), recipient, again=again)
    except TooMany:
        form.add_error(None, too_many_words())
        return details_page(request, search, held, form, status=TOO_MANY)
    except HoldsFull as refused:
        form.add_error(None, str(refused.message))
        return details_page(request, search, held, form, status=TOO_MANY)
    except (TimeTaken, NotOffered) as refused:
        return conflict_page(request, search, held.starts_at, refused, form.kept())
    kept = form.kept() | {"proof": proof_of(code.id)}
    return code_page(request, search, held, kept, sent_again=again)


def code_page(
    request: ActorRequest,
    search: Search,
    held: Hold,
    kept: dict[str, str],
    *,
    error: str = "",
    spent: bool = False,
    sent_again: bool = False,
    status: int = OK,
) -> HttpResponse:
    """The code from the mail is asked for. `spent`: only a new one helps."""
    token = hold_token(held.id)
    context = {
        "practice": search.practice,
        "email": kept.get("email", ""),
        "typed": typed.pack(kept),
        "error": error,
        "spent": spent,
        "sent_again": sent_again,
        "summary": pages.summary(search.practice, held),
        "action": search.url("code", token, held=""),
        "details_url": search.url("details", token, held=""),
        "language_url": search.url("code", token, held="", language=other_language()),
        "language_form": "code-form",
        "language_press": "look",
    }
    return render(request, "portal/code.html", context, status=status)


def times_page(
    request: ActorRequest,
    search: Search,
    day: date | None,
    *,
    kept: dict[str, str],
    whole_week: bool = False,
    notice: str = "",
) -> HttpResponse:
    """Step 2."""
    context = {
        **pages.times_context(request.actor, search, day, whole_week=whole_week),
        **_form(search, kept),
        "own": _own_time(search, own_hold(request, search.held)),
        "language_url": search.url("times", language=other_language(), **_shown(request)),
        "language_form": "times" if kept else "",
        "notice": notice,
    }
    return render(request, "portal/times.html", context, status=TOO_MANY if notice else OK)


def _shown(request: ActorRequest) -> dict[str, str]:
    """The day or week that is looked at."""
    return {name: request.GET[name] for name in ("day", "week") if name in request.GET}


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


def conflict_page(
    request: ActorRequest, search: Search, starts: datetime, refused: TimeTaken | NotOffered, kept: dict[str, str]
) -> HttpResponse:
    """The time is somebody else's: the nearest one is chosen instead, and one press books it."""
    clock = pages.clock(starts.astimezone(search.practice.zone))
    what = _("%(time)s has just been taken.") if isinstance(refused, TimeTaken) else _("%(time)s is not offered.")
    if isinstance(refused, NotOffered) and "month_full" in refused.reasons:
        what = _("Nothing more is free in this month.")
    return _again_page(request, search, starts, kept, what=what % {"time": clock}, status=CONFLICT)


def gone_page(request: ActorRequest, search: Search, held: Hold, kept: dict[str, str]) -> HttpResponse:
    """The time is kept no longer."""
    what = _("The time is no longer kept for you.")
    return _again_page(request, search, held.starts_at, kept, what=what, status=GONE)


def _again_page(
    request: ActorRequest, search: Search, since: datetime, kept: dict[str, str], *, what: str, status: int
) -> HttpResponse:
    """Choose again, with nothing lost of what was typed."""
    day = search.local_day(since)
    ready = bool(kept) and DetailsForm(kept, appointment_type=search.type).is_valid()
    context = {
        **pages.choice_context(search),
        **_form(search, kept),
        "what": what,
        "books": ready,
        "days": pages.other_times(request.actor, search, since),
        "hold_url": search.url("hold"),
        "times_url": search.url("times", week=f"{day:%Y-%m-%d}"),
        "everybody_url": search.url("times", calendar="") if search.calendar else "",
        "language_url": search.url("times", week=f"{day:%Y-%m-%d}", language=other_language()),
        "language_form": "again" if kept else "",
    }
    return render(request, "portal/again.html", context, status=status)


def details_page(
    request: ActorRequest, search: Search, held: Hold, form: DetailsForm, *, status: int = OK
) -> HttpResponse:
    """Step 3."""
    token = hold_token(held.id)
    context = {
        "practice": search.practice,
        "form": form,
        "code_first": needs_code(search.practice, search.type),
        "summary": pages.summary(search.practice, held),
        "expires_at": _until(search, held),
        "final": not is_in_time(search.practice, held),
        "action": search.url("details", token, held=""),
        "language_url": search.url("details", token, held="", language=other_language()),
        "language_form": "details",
        "times_url": search.url("times", held=token, day=f"{search.local_day(held.starts_at):%Y-%m-%d}"),
    }
    return render(request, "portal/details.html", context, status=status)


def see_other(address: str) -> HttpResponse:
    """After a POST: on to a page that may be loaded again (RFC 9110 15.4.4)."""
    return HttpResponseRedirect(address, status=SEE_OTHER)
