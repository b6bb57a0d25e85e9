"""A practice named in the address: `/practices/<id>/appointments/…` is the page `/appointments/…` in that practice.

Who may act in several practices names one for a single request; what their session chose stays as it is. Every address
that such a page makes is of the same practice: links, forms and what scripts fetch carry it on, so that a form is
judged by the practice that it was made in. `practice/visitors.py` decides who may act there.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import get_script_prefix, set_script_prefix

from sprechzeit.practice.visitors import NAMED, Staff

_NAMED = re.compile(r"/practices/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?=/)")
_SAME_METHOD = 307
# What allauth keeps of a form until its sender has confirmed who they are; it would be sent without the practice.
_SUSPENDED = "account_reauthentication_state"


@contextmanager
def naming(practice_id: UUID) -> Iterator[None]:
    """Every address that is made in here is of this practice."""
    former = get_script_prefix()
    set_script_prefix(f"/practices/{practice_id}/")
    try:
        yield
    finally:
        set_script_prefix(former)


class NamedPracticeMiddleware:
    """Takes the practice out of the address, for pages of the practice's people; every other one has none."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        found = _NAMED.match(request.path_info)
        if found is None:
            return self.get_response(request)
        request.path_info = request.path_info[found.end() :]
        practice_id = UUID(found[1])
        setattr(request, NAMED, practice_id)
        with naming(practice_id):
            response = self.get_response(request)
        if request.method == "POST":
            request.session.pop(_SUSPENDED, None)
        return response

    def process_view(self, request: HttpRequest, view: Any, *_arguments: Any) -> HttpResponse | None:
        """What belongs to no practice, as one's own account, is at its own address."""
        if not hasattr(request, NAMED) or isinstance(getattr(view, "visitor", None), type(Staff)):
            return None
        query = request.META.get("QUERY_STRING", "")
        response = HttpResponseRedirect(f"{request.path_info}?{query}" if query else request.path_info)
        response.status_code = _SAME_METHOD
        return response
