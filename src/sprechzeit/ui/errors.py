"""Pages for what went wrong: in plain words, and what to do now."""

import sys
from collections.abc import Callable

from django.core.exceptions import DisallowedHost, RequestDataTooBig
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.loader import render_to_string

from sprechzeit.core.errors import DomainError, Moved
from sprechzeit.core.problems import InvalidRequest, problem

RETRY_AFTER_SECONDS = 30
INTERFACES = "/api/"
PAGES = frozenset({400, 403, 404, 405, 409, 413, 429, 500, 503})


class NotAllowedMiddleware:
    """Where Django answers a page asked for in the wrong way with nothing (405), says what to do."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if not isinstance(response, HttpResponseNotAllowed) or response.content or request.method == "HEAD":
            return response
        page = error_page(request, response.status_code)
        page["Allow"] = response["Allow"]
        return page


def error_page(
    request: HttpRequest, status: int, *, error: DomainError | None = None, retry_after_seconds: int | None = None
) -> HttpResponse:
    """The page for `status`: 400, 403, 404, 405, 409, 413, 429, 500 or 503. Uses no database."""
    page = render_to_string(f"ui/errors/{status}.html", {"request": request, "error": error})
    response = HttpResponse(page, status=status)
    if retry_after_seconds is not None:
        response["Retry-After"] = str(retry_after_seconds)
    return response


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's `handler400`, and the problem that programs get. A form that is too large is called that: 413 (RFC 9110
    15.5.14).
    """
    if request.path_info.startswith(INTERFACES):
        is_host = isinstance(exception, DisallowedHost)
        wrong = ("host", "unknown") if is_host else ("address", "not_text")
        return problem(InvalidRequest(fields=[dict(zip(("field", "problem"), wrong, strict=True))]), ["fields"])
    return error_page(request, 413 if isinstance(exception, RequestDataTooBig) else 400)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's `handler403`."""
    return error_page(request, 403)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's `handler404`: the same for what is not there and for what the visitor may not see (ACC-6)."""
    return error_page(request, 404)


def server_error(request: HttpRequest) -> HttpResponse:
    """Django's `handler500`. That the database is away is no fault of the program: 503, and when to come back."""
    if isinstance(sys.exc_info()[1], OperationalError | InterfaceError):
        return unavailable(request)
    return error_page(request, 500)


def refusal(request: HttpRequest, error: DomainError) -> HttpResponse:
    """The page for a refusal that no view answered itself; for who looks at what has moved, the way there."""
    if isinstance(error, Moved) and request.method in ("GET", "HEAD"):
        return HttpResponseRedirect(request.get_full_path().replace(str(error.former), str(error.now)))
    if error.status in PAGES:
        return error_page(request, error.status, error=error, retry_after_seconds=getattr(error, "retry_after", None))
    # Like all these pages without context processors: what they ask for is hidden outside `acting`.
    page = render_to_string("ui/errors/refused.html", {"request": request, "message": error.message})
    return HttpResponse(page, status=error.status)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Django's `CSRF_FAILURE_VIEW`: most often a form that stood open over a sign-out."""
    return error_page(request, 403)


def unavailable(request: HttpRequest) -> HttpResponse:
    """The database is away: try again soon; nothing was half done."""
    return error_page(request, 503, retry_after_seconds=RETRY_AFTER_SECONDS)
