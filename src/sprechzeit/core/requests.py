"""The middlewares of our own: an id for each request, and a refusal of text that no database can hold."""

from collections.abc import Callable
from typing import Any, NoReturn

from django.conf import settings
from django.core.exceptions import BadRequest
from django.core.files.uploadhandler import FileUploadHandler
from django.http import HttpRequest, HttpResponse

from sprechzeit.core.acting import request_id
from sprechzeit.core.ids import new_id

Answer = Callable[[HttpRequest], HttpResponse]


class RequestMiddleware:
    """The first: gives each request its id, which stands in the log and in `X-Request-Id`."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        token = request_id.set(str(new_id()))
        try:
            response = self.get_response(request)
            response.setdefault("X-Request-Id", request_id.get())
            if settings.SECURE:
                # Django sends it only where it sees TLS itself, which ends at the proxy (RFC 6797).
                response.setdefault("Strict-Transport-Security", "max-age=31536000")
            return response
        finally:
            request_id.reset(token)


class PlainTextMiddleware:
    """Refuses NUL in address, query and cookies: no text of the database can hold it.

    It stands after the middleware that knows the visitor's language, so that the refusal can be read. Fields of
    forms refuse NUL themselves, with a word to the person.
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if _has_nul(request):
            raise BadRequest("text that cannot be stored")
        return self.get_response(request)


def _has_nul(request: HttpRequest) -> bool:
    query = request.META.get("QUERY_STRING", "")
    return "%00" in query or any("\x00" in text for text in (request.path_info, query, *request.COOKIES.values()))


class NoUpload(FileUploadHandler):
    """No page takes a file, so none is written to the disk, however large."""

    def new_file(self, *_args: Any, **_kwargs: Any) -> NoReturn:
        raise BadRequest("no upload is taken here")

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Never reached."""

    def file_complete(self, file_size: int) -> None:
        """Never reached."""
