"""The first middleware: an id for each request, and a plain refusal of text no database can hold."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from sprechzeit.core.acting import request_id
from sprechzeit.core.ids import new_id


class RequestMiddleware:
    """Gives each request its id (it stands in the log and in `X-Request-Id`), and refuses NUL in addresses."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        token = request_id.set(str(new_id()))
        try:
            if "\x00" in request.path_info or "%00" in request.META.get("QUERY_STRING", ""):
                return render(None, "ui/errors/400.html", status=400)  # type: ignore[arg-type] – needs no request
            response = self.get_response(request)
            response.setdefault("X-Request-Id", request_id.get())
            return response
        finally:
            request_id.reset(token)
