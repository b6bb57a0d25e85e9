"""What every page for patients has: it may stand in the practice's own website, and a refusal says whom to call."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from sprechzeit.access.actor import Actor
from sprechzeit.core.acting import run_as
from sprechzeit.core.errors import DomainError
from sprechzeit.practice.models import Practice
from sprechzeit.practice.origins import origins_of
from sprechzeit.practice.queries import practice_of
from sprechzeit.practice.visitors import ActorRequest, Public, Visitor

View = Callable[..., HttpResponse]
NOT_FOUND, WRONG_METHOD = 404, 405
# Redirects show nothing, and 5xx may have no database to ask.
_WITHOUT_PAGE = range(300, 400)
_BROKEN = 500


def own_practice(request: ActorRequest) -> Practice:
    """The practice of the request's actor, asked for once."""
    if not hasattr(request, "practice"):
        keep_practice(request, practice_of(request.actor))
    practice: Practice = request.practice  # type: ignore[attr-defined]
    return practice


def keep_practice(request: ActorRequest, practice: Practice) -> None:
    """The practice of the request's actor was read with something else."""
    request.practice = practice  # type: ignore[attr-defined]


def chosen_language(request: HttpRequest) -> str:
    """The language that the address names; empty for the browser's. Within another website no cookie keeps it."""
    code = request.GET.get("language", "")
    return code if code in dict(settings.LANGUAGES) else ""


def other_language() -> str:
    """The language that is not spoken now."""
    spoken = translation.get_language()
    return next(code for code, _name in settings.LANGUAGES if code != spoken)


def patients_page(view: View) -> View:
    """Outermost decorator of the pages for patients (BOO-1)."""
    visitor: Visitor = view.visitor  # type: ignore[attr-defined]  # every view has one

    @wraps(view)
    def answered(request: ActorRequest, **arguments: Any) -> HttpResponse:
        if code := chosen_language(request):
            with translation.override(code):
                response = framed(request, arguments)
            response["Content-Language"] = code
            return response
        return framed(request, arguments)

    def framed(request: ActorRequest, arguments: dict[str, Any]) -> HttpResponse:
        response = view(request, **arguments)
        if response.status_code in _WITHOUT_PAGE or response.status_code >= _BROKEN:
            return response
        practice = getattr(request, "practice", None) or _practice(visitor, request, arguments)
        if practice is None:
            return response
        if _says_nothing_of_the_practice(response, visitor):
            response.content = _refusal(request, practice, response.status_code)
            response["Content-Type"] = "text/html; charset=utf-8"
        _allow_frames(response, practice)
        return response

    return answered


def _practice(visitor: Visitor, request: HttpRequest, arguments: dict[str, Any]) -> Practice | None:
    """The practice at this address, for a request that was refused before it had an actor."""
    try:
        admitted = visitor.admit(request, arguments)
        return run_as(admitted, lambda: practice_of(admitted)) if isinstance(admitted, Actor) else None
    except DomainError:
        return None


def _says_nothing_of_the_practice(response: HttpResponse, visitor: Visitor) -> bool:
    """Whether it is a refusal that no view put into words. What is no link stays the same 'not found' for all."""
    if response.status_code == NOT_FOUND:
        return visitor is Public
    return response.status_code == WRONG_METHOD or response.has_header("Retry-After")


def _refusal(request: HttpRequest, practice: Practice, status: int) -> bytes:
    context = {
        "request": request,
        "practice": practice,
        "status": status,
        "services_url": reverse("portal:services", args=[practice.slug]),
    }
    return render_to_string("portal/refused.html", context).encode()


def _allow_frames(response: HttpResponse, practice: Practice) -> None:
    """Let the practice's websites, and no others, show the page within theirs."""
    try:
        origins = origins_of(practice.embed_origins)
    except ValidationError:
        return
    if origins:
        response._csp_replace = {"frame-ancestors": origins}  # type: ignore[attr-defined]  # django-csp reads it
        response.xframe_options_exempt = True  # it knows no list; CSP's word counts
