"""The practice's logo, for its booking page."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpResponse
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_safe

from sprechzeit.practice.queries import logo_of
from sprechzeit.practice.visitors import ActorRequest, Public, visitor

YEAR_SECONDS = 31_536_000


def _never_changes(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Outermost decorator of what has another address as soon as it is different: it may be cached for good."""

    @wraps(view)
    def answered(request: ActorRequest, **arguments: Any) -> HttpResponse:
        response = view(request, **arguments)
        if response.status_code == 200:
            del response["Cache-Control"]
            patch_cache_control(response, public=True, max_age=YEAR_SECONDS, immutable=True)
        return response

    return answered


@_never_changes
@require_safe
@visitor(Public)
def logo(request: ActorRequest, slug: str, digest: str) -> HttpResponse:
    """The image itself, drawn by ourselves (`practice.logo`): a browser takes it for an image and for nothing else."""
    response = HttpResponse(logo_of(request.actor, digest), content_type="image/webp")
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    response["Content-Disposition"] = "inline"
    return response
