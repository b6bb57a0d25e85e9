"""Answering a writing call once: repeated with its key it gets the very same bytes (OTV-6).

What is kept: what the call did, and every refusal by which it was decided (404, 409, 422): a call that comes late a
second time must not book what its sender has given up. What is not: 429, which says to try again, and whatever is
refused before the call is looked at (signature, JSON, fields) or failed by our fault; those leave the key unused.
"""

import json
from collections.abc import Callable, Sequence
from typing import Annotated, Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from ninja import Header, Schema
from pydantic import Field

from sprechzeit.access.actor import Actor
from sprechzeit.core.errors import DomainError
from sprechzeit.core.interface import bytes_of
from sprechzeit.partners.actions.answers import Told, answer_once
from sprechzeit.partners.problems import MEDIA_TYPE, problem
from sprechzeit.practice.once import LONGEST_KEY, SHORTEST_KEY
from sprechzeit.scheduling.availability import Offer
from sprechzeit.scheduling.errors import NotForThisPatient, NotOffered, TimeTaken

Key = Annotated[
    str,
    Header(
        alias="Idempotency-Key",
        min_length=SHORTEST_KEY,
        max_length=LONGEST_KEY,
        pattern=r"^[\x21-\x7e]+$",
        description="New for every new call, the same when a call is repeated; good for seven days.",
        examples=["0f8fad5b-d9cb-469f-a165-70867728950e"],
    ),
]
_JSON = "application/json; charset=utf-8"
_FIRST_REFUSAL = 400
_KEPT_REFUSALS = (404, 409, 422)


class Problem(Schema):
    """Why a call was refused (RFC 9457)."""

    type: str = Field(examples=["/problems/time_taken"])
    title: str = Field(examples=["This time has just been taken"])
    status: int = Field(examples=[409])
    detail: str = Field(examples=["This time has just been taken. Please choose another one."])
    code: str = Field(description="Stable; see the documentation.", examples=["time_taken"])


def answered(
    request: HttpRequest,
    key: str,
    status: int,
    work: Callable[[], Schema],
    next_free: Callable[[Sequence[Offer]], list[dict[str, Any]]] | None = None,
) -> HttpResponse:
    """The answer to a call: what `work()` answers now, with `status`, or what the first call with this key was told.

    `next_free`: the next free times of a refusal as the partner is told them.
    """
    actor: Actor = request.actor  # type: ignore[attr-defined]  # the door has set who it is
    first: list[HttpResponse] = []

    def make() -> Told:
        try:
            with transaction.atomic():
                body = bytes_of(work())
        except DomainError as refused:
            if refused.status not in _KEPT_REFUSALS:
                raise
            _explain(refused, next_free)
            response = problem(refused)
            # So that the door notes it like every other refusal.
            response.refused_with = refused  # type: ignore[attr-defined]
            first.append(response)
            return Told(response.status_code, response.content)
        return Told(status, body)

    told = answer_once(actor, key, _asked(request), make)
    kind = MEDIA_TYPE if told.status >= _FIRST_REFUSAL else _JSON
    return first[0] if first else HttpResponse(told.body, status=told.status, content_type=kind)


def read(body: Schema) -> HttpResponse:
    """The answer to a call that only reads, written as the answers that are kept."""
    return HttpResponse(bytes_of(body), content_type=_JSON)


def _asked(request: HttpRequest) -> str:
    """What the call asks for, however its JSON is written."""
    body = json.loads(request.body) if request.body else None
    return f"{request.method} {request.path} {json.dumps(body, sort_keys=True)}"


def _explain(refused: DomainError, next_free: Callable[[Sequence[Offer]], list[dict[str, Any]]] | None) -> None:
    """What a partner is told beside the words: what to choose instead, or which rules of the type stand against it.
    Why a time is not offered is the practice's own.
    """
    if isinstance(refused, TimeTaken | NotOffered):
        offers = list(refused.next_free)
        refused.details = {**refused.details, "next_free": next_free(offers) if next_free and offers else []}
    elif isinstance(refused, NotForThisPatient):
        refused.details = {**refused.details, "reasons": list(refused.reasons)}
