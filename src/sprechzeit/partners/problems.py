"""Refusals as partners get them: problem responses (RFC 9457) with a stable code, in the language of the call."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse
from ninja.errors import ValidationError

from sprechzeit.core.errors import DomainError, NotFound
from sprechzeit.core.licence import LicenceOver, Unlicensed
from sprechzeit.core.problems import MEDIA_TYPE, TYPES
from sprechzeit.core.problems import as_refusal as refusal_of
from sprechzeit.core.problems import problem as problem_of
from sprechzeit.partners import errors
from sprechzeit.partners.signing import ACCEPTED

__all__ = ["DOOR", "MEDIA_TYPE", "MEMBERS", "TYPES", "as_refusal", "problem"]

# Of an error's details what may leave the house; everything else is for ourselves.
MEMBERS = ("next_free", "reasons", "fields", "missing", "retry_after")
DOOR: tuple[type[DomainError], ...] = (
    errors.Unsigned, errors.SignatureUnreadable, errors.SignatureIncomplete, errors.SignatureStale,
    errors.SignatureWrong, errors.DigestWrong, errors.NonceReused, *errors.TROUBLES.values(), Unlicensed, LicenceOver,
    errors.TooManyCalls, errors.BodyTooLarge, errors.WrongMediaType, errors.NotJson, errors.InvalidRequest, NotFound,
    errors.NoSuchMethod, errors.Failed, errors.Away,
)  # fmt: skip
"""What every call may be refused with, in the order in which it is looked at."""


def problem(error: DomainError) -> HttpResponse:
    """The response that says what was wrong and what to do."""
    response = problem_of(error, MEMBERS)
    if error.status == 401:
        # RFC 9110 15.5.2 wants a challenge, RFC 9421 5.1 says how a signature is asked for.
        response["WWW-Authenticate"] = "Signature"
        response["Accept-Signature"] = ACCEPTED
    return response


def as_refusal(error: Exception) -> DomainError:
    """The refusal that an exception of an operation is told as. What was typed is never repeated."""
    return refusal_of(error, _invalid)


def _invalid(error: ValidationError) -> DomainError:
    return errors.InvalidRequest(fields=[field for one in error.errors for field in _fields(one)])


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
