"""The work list: bookings that the practice did not make itself, until somebody has seen them (BOO-12)."""

from contextlib import suppress
from datetime import UTC, datetime

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_POST, require_safe

from sprechzeit.core.acting import require
from sprechzeit.core.errors import NotFound
from sprechzeit.core.ids import parse_id
from sprechzeit.patients.actions import accept_contact, decline_contact, reopen_proposal
from sprechzeit.practice.visitors import ActorRequest, Staff, visitor
from sprechzeit.scheduling.actions.seen import mark_seen, undo_seen, unmark_seen
from sprechzeit.scheduling.bookings_page import ALL, page_of
from sprechzeit.scheduling.queries.new_bookings import work_count
from sprechzeit.scheduling.views.answers import is_fragment

SEE_OTHER = 303


@require_safe
@visitor(Staff)
def bookings(request: ActorRequest) -> HttpResponse:
    """What is new. `done`: what was just done here and can be taken back."""
    context = page_of(request.actor, request.GET.get("show", ALL), mine="mine" in request.GET) | _undo(request)
    template = "scheduling/bookings.html#work-list" if is_fragment(request) else "scheduling/bookings.html"
    return render(request, template, context)


@require_safe
@visitor(Staff)
def count(request: ActorRequest) -> HttpResponse:
    """How much is new: what the navigation shows."""
    return render(request, "scheduling/bookings_count.html", {"count": work_count(request.actor)})


@require_POST
@visitor(Staff)
def seen(request: ActorRequest) -> HttpResponse:
    """The bookings that the form names are seen."""
    at = mark_seen(request.actor, [parse_id(one) for one in request.POST.getlist("booking")])
    return _back(request, seen=at.isoformat())


@require_POST
@visitor(Staff)
def unseen(request: ActorRequest) -> HttpResponse:
    """Undo: what was marked at a moment, or the bookings that the form names, are new again."""
    if "at" in request.POST:
        undo_seen(request.actor, _moment(request.POST["at"]))
    else:
        unmark_seen(request.actor, [parse_id(one) for one in request.POST.getlist("booking")])
    return _back(request)


@require_POST
@visitor(Staff)
def acceptance(request: ActorRequest, proposal_id: str) -> HttpResponse:
    """The proposed contact point is right."""
    accept_contact(request.actor, parse_id(proposal_id), beside="beside" in request.POST)
    return _back(request, contact=proposal_id)


@require_POST
@visitor(Staff)
def refusal(request: ActorRequest, proposal_id: str) -> HttpResponse:
    """The record stays as it is."""
    decline_contact(request.actor, parse_id(proposal_id))
    return _back(request, contact=proposal_id)


@require_POST
@visitor(Staff)
def reopening(request: ActorRequest, proposal_id: str) -> HttpResponse:
    """Undo: it is to be decided again."""
    reopen_proposal(request.actor, parse_id(proposal_id))
    return _back(request)


def _undo(request: ActorRequest) -> dict[str, str]:
    """What was just done, as the address says it; what is none of ours is nothing."""
    seen, contact = request.GET.get("seen", ""), request.GET.get("contact", "")
    with suppress(NotFound):
        return {"undo_seen": _moment(seen).isoformat()} if seen else {"undo_contact": str(parse_id(contact))}
    return {}


def _moment(text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
        require(at.tzinfo is not None, NotFound)
        return at.astimezone(UTC)
    except (ValueError, OverflowError):
        raise NotFound from None


def _back(request: ActorRequest, **done: str) -> HttpResponse:
    """To the list as it was shown, with the way to undo."""
    shown = {"show": request.POST.get("show", ALL)} | ({"mine": "1"} if "mine" in request.POST else {}) | done
    return HttpResponseRedirect(f"{reverse('scheduling_bookings:bookings')}?{urlencode(shown)}", status=SEE_OTHER)
