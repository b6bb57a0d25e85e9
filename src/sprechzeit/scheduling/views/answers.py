"""How the book answers a write: with what was done and the way to undo it, or with the reason why not."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from sprechzeit.access.actor import Actor
from sprechzeit.core.errors import DomainError
from sprechzeit.practice.queries import practice_of
from sprechzeit.practice.visitors import ActorRequest
from sprechzeit.scheduling.actions.place import NEVER_ALL_THE_SAME
from sprechzeit.scheduling.errors import NotOffered, TimeTaken
from sprechzeit.scheduling.models import BookChange
from sprechzeit.scheduling.queries.conflicts import log_named
from sprechzeit.scheduling.reasons import words_of

CHANGED = "X-Changed-Columns"


def is_fragment(request: ActorRequest) -> bool:
    """Whether a script asks, for a part of the page it has."""
    return bool(request.headers.get("HX-Request"))


def done(
    request: ActorRequest,
    message: str,
    *,
    calendars: Iterable[UUID],
    at: datetime,
    change: BookChange | None = None,
    **context: Any,
) -> HttpResponse:
    """It is done: a toast that holds the way to undo it; without script back to the book of that day."""
    if not is_fragment(request):
        messages.success(request, message)
        day = at.astimezone(practice_of(request.actor).zone).date()
        back = redirect(f"{reverse('scheduling:book')}?day={day:%Y-%m-%d}")
        back.status_code = 303
        return back
    response = render(request, "scheduling/done.html", {"message": message, "change": change, **context})
    response[CHANGED] = ",".join(sorted({str(one) for one in calendars}))
    return response


def explained(actor: Actor, error: DomainError) -> dict[str, Any]:
    """Why not, in words: the reasons, what has the time, and what may be accepted all the same.

    That it names others' appointments is logged (AUD-2).
    """
    if isinstance(error, NotOffered | TimeTaken):
        log_named(actor, error.named)
    reasons = list(error.reasons) if isinstance(error, NotOffered) else []
    meanings = error.meanings if isinstance(error, NotOffered) else {}
    conflicts = list(error.conflicts) if isinstance(error, NotOffered | TimeTaken) else []
    may_confirm = bool(reasons) and not NEVER_ALL_THE_SAME.intersection(reasons)
    return {
        "message": _heading(reasons, may_confirm) if reasons else str(error.message),
        "reasons": [meanings.get(one) or str(words_of(one)) for one in reasons],
        "conflicts": conflicts,
        "codes": ",".join(reasons),
        "may_confirm": may_confirm,
        "overbooks": "calendar_taken" in reasons,
        "swap_with": error.swap_with if isinstance(error, NotOffered) else None,
    }


def _heading(reasons: Collection[str], may_confirm: bool) -> str:
    """A question where a person may answer it; else a refusal."""
    if not may_confirm:
        return _("This is not possible.")
    return _("Overbook on purpose?") if "calendar_taken" in reasons else _("Enter it all the same?")


def refused(request: ActorRequest, error: DomainError, **context: Any) -> HttpResponse:
    """The refusal, with the same question once more where it may be answered all the same."""
    template = "scheduling/refused.html#refusal" if is_fragment(request) else "scheduling/refused.html"
    kept = [
        (name, value)
        for name in request.POST
        if name not in ("csrfmiddlewaretoken", "confirmed")
        for value in request.POST.getlist(name)
    ]
    page = {
        "refusal": explained(request.actor, error),
        "kept": kept,
        "confirmed": request.POST.get("confirmed", ""),
        **context,
    }
    return render(request, template, page, status=error.status)
