"""Refusals as programs get them: problem responses (RFC 9457) with a stable code, in the language of the call."""

import json
from collections.abc import Callable, Collection
from typing import Any

from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpResponse
from django.utils.translation import gettext_lazy as _
from ninja.errors import HttpError, ValidationError

from sprechzeit.core.errors import DomainError, NotFound

MEDIA_TYPE = "application/problem+json"
TYPES = "/problems/"
AWAY_SECONDS = 30


class BodyTooLarge(DomainError):
    """The body has more than 64 KiB."""

    code = "body_too_large"
    status = 413
    message = _("The body is too large: 64 KiB at most.")


class NotJson(DomainError):
    """The body is no JSON that can be stored (RFC 8259): malformed, NUL, half characters, NaN."""

    code = "malformed_json"
    status = 400
    message = _("The body is no valid JSON.")


class WrongMediaType(DomainError):
    """The body says that it is something else than JSON."""

    code = "not_json"
    status = 415
    message = _("Send the body as JSON, with Content-Type application/json.")


class InvalidRequest(DomainError):
    """Fields are missing or not as the contract says. `fields`: which, and what about them."""

    code = "invalid_request"
    status = 422
    message = _("Some fields are missing, or not as the contract says. They are named in “fields”.")


class NoSuchMethod(DomainError):
    """The address knows other methods only."""

    code = "method_not_allowed"
    status = 405
    message = _("This address does not answer to this method. “Allow” names those that it does.")


class Failed(DomainError):
    """A fault of the program. What happened stands in its log, by the id of the request."""

    code = "server_error"
    status = 500
    message = _("This did not work, and it is our fault. Please try again; if it stays so, tell the practice.")


class Away(DomainError):
    """The database is away."""

    code = "unavailable"
    status = 503
    message = _("The practice's system is not available now. Please try again in half a minute.")


def problem(error: DomainError, members: Collection[str]) -> HttpResponse:
    """The response that says what was wrong and what to do. `members`: which of its details may leave the house."""
    text = str(error)
    says: dict[str, Any] = {
        "type": f"{TYPES}{error.code}",
        "title": text.partition(". ")[0].rstrip("."),
        "status": error.status,
        "detail": text,
        "code": error.code,
    }
    says |= {name: error.details[name] for name in members if name in error.details}
    body = json.dumps(says, ensure_ascii=False).encode()
    response = HttpResponse(body, status=error.status, content_type=MEDIA_TYPE)
    if isinstance(retry_after := error.details.get("retry_after"), int):
        response["Retry-After"] = str(retry_after)
    return response


def as_refusal(error: Exception, invalid: Callable[[ValidationError], DomainError]) -> DomainError:
    """The refusal that an exception of an operation is told as. What was typed is never repeated. `invalid`: of a call
    whose fields are not as the contract says.
    """
    match error:
        case DomainError():
            return error
        case ValidationError():
            return invalid(error)
        case HttpError():
            return NotJson()
        case Http404():
            return NotFound()
        case OperationalError() | InterfaceError():
            return Away(retry_after=AWAY_SECONDS)
        case _:
            return Failed()
