"""What other machines fetch: the script that embeds the booking page (BOO-1), and what search engines may read."""

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_safe

from sprechzeit.practice.visitors import ActorRequest, Anyone, visitor

CACHED_SECONDS = 3600
SCRIPT = Path(__file__).parent.parent / "static/portal/embed.js"
# Who may not look at a page cannot read there that it is not to be listed, and may list its address: a secret.
ROBOTS = "User-agent: *\nDisallow:\n"

View = Callable[..., HttpResponse]


def _for_everybody(view: View) -> View:
    """Outermost decorator of what is the same for all: it may be cached."""

    @wraps(view)
    def answered(request: HttpRequest, **arguments: Any) -> HttpResponse:
        response = view(request, **arguments)
        if response.status_code == 200:
            del response["Cache-Control"]
            patch_cache_control(response, public=True, max_age=CACHED_SECONDS)
        return response

    return answered


@_for_everybody
@require_safe
@visitor(Anyone)
def script(request: ActorRequest) -> HttpResponse:
    """The script for a practice's website, at an address that stays."""
    response = HttpResponse(SCRIPT.read_bytes(), content_type="text/javascript; charset=utf-8")
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


@_for_everybody
@require_safe
@visitor(Anyone)
def robots(request: ActorRequest) -> HttpResponse:
    """RFC 9309: everything may be looked at; what is one visitor's or the practice's says that it is not to be listed
    (decision 28).
    """
    return HttpResponse(ROBOTS, content_type="text/plain; charset=utf-8")
