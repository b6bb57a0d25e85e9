"""The rendered pages on loopback, under the real content security policy, for a real browser."""

import mimetypes
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from urllib.parse import urlsplit

from csp.utils import build_policy
from django.contrib.staticfiles import finders
from django.utils.safestring import SafeString
from playwright.sync_api import Browser, Playwright

from tests.ui import pages, samples

CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
HTML = "text/html; charset=utf-8"


class PageServer(ThreadingHTTPServer):
    """Serves every page by its name. `events` is what the live stream says next; None ends the stream."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.events: SimpleQueue[str | None] = SimpleQueue()
        self.live = True
        self.missed = False
        self.columns_fetched: list[str] = []

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def whole_book(self) -> str:
        """What the page fetches when its stream begins: as it was, or with what it `missed`."""
        columns = [column.calendar for column in samples.book()["book"]["columns"]]
        return "".join(self.column(one) for one in columns) if self.missed else ""

    def column(self, calendar_id: str) -> str:
        """A column after a change: the first entry has gone."""
        self.columns_fetched.append(calendar_id)
        content = samples.book()
        columns = content["book"]["columns"]
        number = [column.calendar for column in columns].index(calendar_id)
        column = replace(columns[number], entries=SafeString("".join(samples.entries(number)[1:])))
        return pages.render_template(
            "scheduling/book.html#column", pages.request(), book=content["book"], column=column
        )


class Handler(BaseHTTPRequestHandler):
    """Static files, pages by name, the live stream, and the fragments the book fetches."""

    server: PageServer

    def do_GET(self) -> None:
        address = urlsplit(self.path)
        parts = address.path.strip("/").split("/")
        if parts[0] == "static":
            self._static(address.path.removeprefix("/static/"))
        elif parts[0] == "live" and self.server.live:
            self._stream()
        elif parts[:2] == ["book", "calendars"]:
            self._answer(self.server.column(parts[2]), HTML)
        elif parts[:2] == ["book", "appointments"]:
            self._answer(
                pages.render_template(
                    "scheduling/appointment.html#appointment", pages.request(), appointment=samples.APPOINTMENT
                ),
                HTML,
            )
        elif parts == ["book"] and self.headers["HX-Request"]:
            self._answer(self.server.whole_book(), HTML)
        elif parts[0] in pages.PAGES:
            self._answer(pages.render(parts[0], theme=address.query), HTML)
        else:
            self.send_error(HTTPStatus.NOT_FOUND)

    def _stream(self) -> None:
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        self.wfile.write(b"event: listening\ndata:\n\n")
        self.wfile.flush()
        while (event := self.server.events.get()) is not None:
            self.wfile.write(event.encode())
            self.wfile.flush()

    def _static(self, name: str) -> None:
        path = finders.find(name)
        if path is None:
            self.send_error(HTTPStatus.NOT_FOUND)
            return
        self._answer(Path(path).read_bytes(), mimetypes.guess_type(name)[0] or "application/octet-stream")

    def _answer(self, content: str | bytes, kind: str) -> None:
        body = content.encode() if isinstance(content, str) else content
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Security-Policy", build_policy())
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the base class names it so
        """Quiet."""


@contextmanager
def serving() -> Iterator[PageServer]:
    """The server, while the `with` block lasts."""
    server = PageServer()
    # How long it may be until it notices that it shall end: half a second a test adds up.
    thread = Thread(target=server.serve_forever, args=[0.02], daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.events.put(None)
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def browser(playwright: Playwright) -> Iterator[Browser]:
    """Debian's Chromium without a window."""
    chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
    try:
        yield chromium
    finally:
        chromium.close()
