"""Answering a booking system's call once, and in problems what it is refused with.

What is kept for a repeated call: what the call did, and every refusal by which it was decided (404, 409, 422). Not kept
is what says to try again, and what is refused before the call is looked at; those leave the key unused.
"""

import json
from collections.abc import Callable, Mapping
from typing import Annotated, Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import Header, Schema
from ninja.errors import ValidationError

from sprechzeit.access.actor import Actor
from sprechzeit.core.errors import DomainError, TooMany
from sprechzeit.core.interface import bytes_of
from sprechzeit.core.problems import MEDIA_TYPE, Away
from sprechzeit.core.problems import as_refusal as refusal_of
from sprechzeit.core.problems import problem as problem_of
from sprechzeit.practice.once import LONGEST_KEY, SHORTEST_KEY
from sprechzeit.scheduling.errors import ChangedMeanwhile
from sprechzeit.video import errors
from sprechzeit.video.actions.answers import Told, answer_once

Key = Annotated[
    str,
    Header(
        alias="Idempotency-Key",
        min_length=SHORTEST_KEY,
        max_length=LONGEST_KEY,
        pattern=r"^[\x21-\x7e]+$",
        description="New for every new call, the same when a call is repeated; good for seven days.",
        examples=["7c9e6679-7425-40de-944b-e07fc1f90ae7"],
    ),
]
MEMBERS = ("fields", "retry_after")
_JSON = "application/json; charset=utf-8"
_FIRST_REFUSAL = 400
_KEPT_REFUSALS = (404, 409, 422)


def answered(request: HttpRequest, key: str, status: int, work: Callable[[], Schema]) -> HttpResponse:
    """The answer to a call: what `work()` answers now, with `status`, or what the first call with this key was told."""
    actor: Actor = request.actor  # type: ignore[attr-defined]  # the door has set who it is
    refusals: list[DomainError] = []

    def make() -> Told:
        try:
            with transaction.atomic():
                body = bytes_of(work())
        except ChangedMeanwhile as changed:
            # Somebody moved it in that instant. Tried again it is there.
            raise Away(retry_after=1) from changed
        except DomainError as refused:
            if refused.status not in _KEPT_REFUSALS:
                raise
            refusals.append(refused)
            response = problem(refused)
            return Told(response.status_code, response.content.decode())
        return Told(status, body.decode())

    told = answer_once(actor, key, _asked(request), make)
    if refusals:
        response = problem(refusals[0])
        # So that the door notes it like every other refusal.
        response.refused_with = refusals[0]  # type: ignore[attr-defined]
        return response
    kind = MEDIA_TYPE if told.status >= _FIRST_REFUSAL else _JSON
    return HttpResponse(told.body, status=told.status, content_type=kind)


def _asked(request: HttpRequest) -> str:
    """What the call asks for, however its JSON is written."""
    body = json.loads(request.body) if request.body else None
    return f"{request.method} {request.path} {json.dumps(body, sort_keys=True)}"


def problem(error: DomainError) -> HttpResponse:
    """The response that says what was wrong and what to do."""
    response = problem_of(error, MEMBERS)
    if error.status == 401:
        response["WWW-Authenticate"] = "Bearer"  # RFC 6750 3
    return response


def as_refusal(error: Exception) -> DomainError:
    """The refusal that an exception of an operation is told as. What was typed is never repeated."""
    if isinstance(error, TooMany):
        return errors.TooManyPushes(error.retry_after)
    return refusal_of(error, _invalid)


def _invalid(error: ValidationError) -> DomainError:
    """Fields that are not taken are said before all others: they tell of somebody what nobody needs to know."""
    fields = [_field(one) for one in error.errors]
    foreign = [one for one in fields if one["problem"] == "extra_forbidden"]
    return errors.UnknownFields(fields=foreign) if foreign else errors.InvalidPush(fields=fields)


def _field(error: Mapping[str, Any]) -> dict[str, str]:
    """Where a field stands, and what is wrong with it; never its value."""
    where, *names = error["loc"]
    # Of a body the first name is that of our own argument.
    names = names[1:] if where == "body" else names
    return {
        "field": ".".join(map(str, names)) or str(where),
        "message": _words(str(error["type"])),
        "problem": str(error["type"]),
    }


def _words(fault: str) -> str:
    match fault:
        case "extra_forbidden":
            return _("This field is not taken here.")
        case "missing":
            return _("This field is missing.")
        case "email":
            return _("This is no e-mail address.")
        case "whole_minute":
            return _("Appointments begin with a whole minute.")
        case "timezone_aware":
            return _("The time has no offset, as in 2026-03-02T09:00:00+01:00.")
        case _:
            return _("This is not as the contract says.")
