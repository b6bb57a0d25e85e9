"""Refusals as partners get them: problem responses (RFC 9457) with a stable code, in the language of the call."""

import json
from collections.abc import Mapping
from typing import Any

from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpResponse
from ninja.errors import HttpError, ValidationError

from sprechzeit.core.errors import DomainError, NotFound
from sprechzeit.core.licence import LicenceOver, Unlicensed
from sprechzeit.partners import errors
from sprechzeit.partners.signing import ACCEPTED

MEDIA_TYPE = "application/problem+json"
TYPES = "/problems/"
# Of an error's details what may leave the house; everything else is for ourselves.
MEMBERS = ("next_free", "reasons", "fields", "missing", "retry_after")
AWAY_SECONDS = 30
DOOR: tuple[type[DomainError], ...] = (
    errors.Unsigned, errors.SignatureUnreadable, errors.SignatureIncomplete, errors.SignatureStale,
    errors.SignatureWrong, errors.DigestWrong, errors.NonceReused, *errors.TROUBLES.values(), Unlicensed, LicenceOver,
    errors.TooManyCalls, errors.BodyTooLarge, errors.WrongMediaType, errors.NotJson, errors.InvalidRequest, NotFound,
    errors.NoSuchMethod, errors.Failed, errors.Away,
)  # fmt: skip
"""What every call may be refused with, in the order in which it is looked at."""


def problem(error: DomainError) -> HttpResponse:
    """The response that says what was wrong and what to do."""
    text = str(error)
    says: dict[str, Any] = {
        "type": f"{TYPES}{error.code}",
        "title": text.partition(". ")[0].rstrip("."),
        "status": error.status,
        "detail": text,
        "code": error.code,
    }
    body = json.dumps(says | dict(members(error)), ensure_ascii=False).encode()
    response = HttpResponse(body, status=error.status, content_type=MEDIA_TYPE)
    if isinstance(retry_after := error.details.get("retry_after"), int):
        response["Retry-After"] = str(retry_after)
    if error.status == 401:
        # RFC 9110 15.5.2 wants a challenge, RFC 9421 5.1 says how a signature is asked for.
        response["WWW-Authenticate"] = "Signature"
        response["Accept-Signature"] = ACCEPTED
    return response


def members(error: DomainError) -> Mapping[str, Any]:
    """What a problem says beside its text."""
    return {name: error.details[name] for name in MEMBERS if name in error.details}


def as_refusal(error: Exception) -> DomainError:
    """The refusal that an exception of an operation is told as. What was typed is never repeated."""
    match error:
        case DomainError():
            return error
        case ValidationError():
            return errors.InvalidRequest(fields=[field for one in error.errors for field in _fields(one)])
        case HttpError():
            return errors.NotJson()
        case Http404():
            return NotFound()
        case OperationalError() | InterfaceError():
            return errors.Away(retry_after=AWAY_SECONDS)
        case _:
            return errors.Failed()


def _fields(error: Mapping[str, Any]) -> list[dict[str, str]]:
    """Where a field stands, and which of pydantic's kinds of faults it has, or of ours; neither its value nor its text.

    What concerns several fields is told of each of them.
    """
    where, *names = error["loc"]
    # Of a body the first name is that of our own argument.
    names = names[1:] if where == "body" else names
    if error["type"] == "fields":
        more, problem = error["ctx"]["fields"], error["ctx"]["problem"]
        return [{"field": ".".join(map(str, (*names, one))), "problem": problem} for one in more]
    return [{"field": ".".join(map(str, names)) or str(where), "problem": str(error["type"])}]
