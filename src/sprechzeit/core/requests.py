"""The middlewares of our own: an id for each request, a refusal of text that no database can hold; files in forms."""

from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from io import BytesIO
from typing import Any, NoReturn

from django.conf import settings
from django.core.exceptions import BadRequest
from django.core.files.uploadedfile import InMemoryUploadedFile
from django.core.files.uploadhandler import FileUploadHandler
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from sprechzeit.core.acting import request_id
from sprechzeit.core.ids import new_id

Answer = Callable[[HttpRequest], HttpResponse]
View = Callable[..., HttpResponse]
# What is larger still is not even read to say in the form that it is too large.
MOST_TIMES_LARGER = 5


class RequestMiddleware:
    """The first: gives each request its id, which stands in the log and in `X-Request-Id`.

    No answer is to be listed by search engines but what says so itself (decision 28).
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        token = request_id.set(str(new_id()))
        try:
            response = self.get_response(request)
            response.setdefault("X-Request-Id", request_id.get())
            response.setdefault("X-Robots-Tag", "noindex")
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


def takes_file(most_bytes: int, *, most_files: int = 1) -> Callable[[View], View]:
    """Outermost decorator of a view whose form brings a file of at most so many bytes, kept in memory; or several.

    The cookie-bound CSRF check reads the form, so it is made here, after it is said how files are taken.
    """

    def decorate(view: View) -> View:
        guarded = csrf_protect(view)

        @csrf_exempt
        @wraps(view)
        def answered(request: HttpRequest, **arguments: Any) -> HttpResponse:
            if int(request.META.get("CONTENT_LENGTH") or 0) > MOST_TIMES_LARGER * most_bytes:
                raise BadRequest("far more than the form asks for")
            known = request.user.is_authenticated
            # Of who has not signed in nothing is kept: they are sent to do so.
            # Sent before somebody confirmed who they are: it comes again without a file.
            with suppress(AttributeError):
                request.upload_handlers = [_InMemory(request, most_bytes if known else -1, most_files)]
            return guarded(request, **arguments)

        return answered

    return decorate


class _InMemory(FileUploadHandler):
    """Keeps files in memory. What is too large is read to its end and dropped, so that the form can say so."""

    def __init__(self, request: HttpRequest, most_bytes: int, most_files: int) -> None:
        super().__init__(request)
        self.most_bytes, self.most_files = most_bytes, most_files
        self.kept = BytesIO()
        self.count = 0

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """A file begins."""
        self.count += 1
        if self.count > self.most_files:
            raise BadRequest("more files than are taken here")
        super().new_file(*args, **kwargs)
        self.kept = BytesIO()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """A part of the file."""
        if start <= self.most_bytes:
            self.kept.write(raw_data)

    def file_complete(self, file_size: int) -> InMemoryUploadedFile:
        """The file has ended."""
        self.kept.seek(0)
        name, kind, charset = self.file_name, self.content_type, self.charset
        return InMemoryUploadedFile(self.kept, self.field_name, name, kind, file_size, charset)


class NoUpload(FileUploadHandler):
    """A page takes no file unless it says so, so none is written to the disk, however large."""

    def new_file(self, *_args: Any, **_kwargs: Any) -> NoReturn:
        raise BadRequest("no upload is taken here")

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Never reached."""

    def file_complete(self, file_size: int) -> None:
        """Never reached."""
