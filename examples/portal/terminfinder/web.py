"""The portal's web server: a WSGI application on the standard library's server."""

import logging
import re
import time
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta
from http import HTTPStatus
from http.cookies import SimpleCookie
from pathlib import Path
from socketserver import ThreadingMixIn
from typing import Any
from urllib.parse import parse_qsl
from uuid import UUID
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from terminfinder.desk import Desk
from terminfinder.hooks import BadHook, opened
from terminfinder.pages import Pages
from terminfinder.practice import Answer, Json, Unanswered
from terminfinder.words import LANGUAGES, language_of, say

STYLE = (Path(__file__).parent / "style.css").read_bytes()
MOST = 100_000  # bytes of a form or a webhook
HEADERS = [
    ("Content-Security-Policy", "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; "
     "frame-ancestors 'none'"),
    ("Referrer-Policy", "no-referrer"),  # the link is the secret
    ("X-Content-Type-Options", "nosniff"),
    ("Cache-Control", "no-store"),
]  # fmt: skip
REPEATED = 409  # the answer to a webhook that is a replay
log = logging.getLogger("terminfinder")


class Elsewhere(Exception):
    """Go there."""


class Request:
    """What a browser, or the practice, sent."""

    def __init__(self, environ: dict[str, Any]) -> None:
        self.method, self.path = environ["REQUEST_METHOD"], environ["PATH_INFO"] or "/"
        self.query = dict(parse_qsl(environ.get("QUERY_STRING", "")))
        length = environ.get("CONTENT_LENGTH") or "0"
        self.body = environ["wsgi.input"].read(min(int(length), MOST)) if length.isdigit() else b""
        self.headers = {name[5:].replace("_", "-").lower(): one for name, one in environ.items() if name[:5] == "HTTP_"}
        self.form = dict(parse_qsl(self.body.decode("utf-8", "replace"))) if self.method == "POST" else {}
        kept = SimpleCookie(environ.get("HTTP_COOKIE", "")).get("language")
        chosen = self.query.get("lang") or (kept.value if kept else "")
        self.language = chosen if chosen in LANGUAGES else language_of(self.headers.get("accept-language", ""))

    @property
    def key(self) -> str:
        """Of the form. Raises `ValueError` for one that we never made."""
        return str(UUID(self.form.get("key", "")))

    def time(self) -> Json:
        """The time whose button was pressed. Raises `ValueError`."""
        calendar, _, starts_at = self.form.get("time", "").partition(" ")
        if datetime.fromisoformat(starts_at).tzinfo is None:
            raise ValueError
        return {"calendar": calendar, "starts_at": starts_at}


class Portal:
    """The pages of one practice, and the address for its webhooks."""

    def __init__(self, desk: Desk, trusted: Iterable[Ed25519PublicKey] = ()) -> None:
        self.desk, self.practice, self._trusted = desk, desk.practice, tuple(trusted)
        self._routes: list[tuple[str, str, Callable[..., str]]] = [
            ("GET", r"/", self.start),
            ("GET", r"/type/([\w-]+)", self.who),
            ("GET", r"/times", self.times),
            ("POST", r"/hold", self.hold),
            ("GET", r"/b/([0-9a-f]{40})", self.booking),
            ("POST", r"/b/([0-9a-f]{40})/book", self.book),
            ("GET", r"/b/([0-9a-f]{40})/(?:book|cancel)", self.back),
            ("GET", r"/b/([0-9a-f]{40})/move", self.new_time),
            ("POST", r"/b/([0-9a-f]{40})/move", self.move),
            ("POST", r"/b/([0-9a-f]{40})/cancel", self.cancel),
        ]

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        request = Request(environ)
        if request.path == "/style.css":
            start_response("200 OK", [("Content-Type", "text/css"), ("Cache-Control", "max-age=3600")])
            return [STYLE]
        if request.path == "/webhook":
            return self._plain(start_response, *self.hook(request))
        status, page, headers = self._page(request)
        if request.query.get("lang") in LANGUAGES:
            headers.append(
                ("Set-Cookie", f"language={request.language}; Path=/; SameSite=Lax; HttpOnly; Max-Age=31536000")
            )
        start_response(
            f"{status.value} {status.phrase}", [("Content-Type", "text/html; charset=utf-8"), *HEADERS, *headers]
        )
        return [page.encode()]

    def _page(self, request: Request) -> tuple[HTTPStatus, str, list[tuple[str, str]]]:
        """The page for a request; where nothing can be said because the practice is silent, that."""
        try:
            for method, pattern, view in self._routes:
                found = re.fullmatch(pattern, request.path)
                if found and method == request.method:
                    return HTTPStatus.OK, view(request, *found.groups()), []
            return HTTPStatus.NOT_FOUND, self._pages(request).lost("not_found"), []
        except Elsewhere as there:
            return HTTPStatus.SEE_OTHER, "", [("Location", str(there))]
        except (LookupError, ValueError):
            return HTTPStatus.NOT_FOUND, self._pages(request).lost("not_found"), []
        except Unanswered as error:
            log.warning("no answer for %s: %s", request.path.split("/")[1], error)
            nobody = Pages({"name": "", "time_zone": "UTC"}, request.language)
            return HTTPStatus.SERVICE_UNAVAILABLE, nobody.lost("away"), [("Retry-After", "60")]

    # Looking for a time.

    def start(self, request: Request) -> str:
        return self._pages(request).types(self.practice.types())

    def who(self, request: Request, kind: str) -> str:
        offering = self._offering(kind)
        if len(offering) < 2:
            raise Elsewhere(f"/times?type={kind}&who={next(iter(offering), '')}")
        return self._pages(request).who(self._type(kind), offering)

    def times(self, request: Request, problem: str = "", free: list[Json] | None = None) -> str:
        pages, asked = self._pages(request), {**request.query, **request.form}
        kind, who = self._type(asked.get("type", "")), asked.get("who", "")
        first, found = self._free(request, pages, kind["type"], who)
        if free:
            found = ([], free)
        hidden = {"type": kind["type"], "who": who, "from": first.isoformat()}
        summary = pages.chosen(kind, self.practice.names().get(who, ""))
        return pages.times("/hold", hidden, first, found, self.practice.names(), summary, problem)

    def hold(self, request: Request) -> str:
        form = request.form
        kind = self._type(form.get("type", ""))["type"]
        secret = self.desk.store.secret_of(request.key)
        try:
            _, answer = self.desk.hold(request.key, kind, form.get("who", ""), request.time(), request.language)
        except Unanswered:
            raise Elsewhere(f"/b/{secret}") from None
        if answer.good:
            raise Elsewhere(f"/b/{secret}")
        return self.times(request, answer.problem, answer.body.get("next_free"))

    # One's own booking.

    def booking(self, request: Request, secret: str) -> str:
        booking, pages = self._booking(secret), self._pages(request)
        waiting = self.desk.store.one("SELECT 1 FROM call WHERE booking = ? AND status IS NULL", booking["id"])
        if waiting is not None:
            return pages.waits()
        if booking["state"] in ("asked", "refused"):
            return pages.lost("again", booking["problem"])
        if booking["state"] == "held":
            return self._details(request, secret, {}, {})
        over = datetime.fromisoformat(booking["starts_at"]) < datetime.now(UTC)
        kind = {one["type"]: one["name"] for one in self.practice.types()}.get(booking["type"], "")
        return pages.booked(secret, booking, kind, self.practice.names().get(booking["calendar"], ""), over=over)

    def back(self, request: Request, secret: str) -> str:
        """Who asks for the answer to a form by its address, as a link to the other language does."""
        raise Elsewhere(f"/b/{secret}?lang={request.language}")

    def book(self, request: Request, secret: str) -> str:
        form = {name: one.strip() for name, one in request.form.items()}
        wrong = {name: say(request.language, "missing") for name in ("first_name", "last_name", "date_of_birth")
                 if not form.get(name)}  # fmt: skip
        if not (form.get("email") or form.get("mobile")):
            wrong["email"] = say(request.language, "a_contact")
        if wrong:
            return self._details(request, secret, form, wrong)
        contacts = [{"kind": kind, "value": form[kind]} for kind in ("email", "mobile") if form.get(kind)]
        names = ("first_name", "last_name", "date_of_birth", "insurance", "remark")
        person = {name: form[name] for name in names if form.get(name)}
        person |= {"contacts": contacts, "language": request.language}
        answer = self._done(
            secret, lambda: self.desk.book(request.key, secret, person, form.get("email", ""), request.language)
        )
        wrong = {str(one["field"]): say(request.language, "wrong") for one in answer.body.get("fields", [])}
        return self._details(request, secret, form, wrong)

    def new_time(self, request: Request, secret: str, problem: str = "", free: list[Json] | None = None) -> str:
        booking, pages = self._booking(secret), self._pages(request)
        first, found = self._free(request, pages, booking["type"], "")
        found = ([], free) if free else found
        return pages.times(f"/b/{secret}/move", {}, first, found, self.practice.names(), pages.time(booking), problem)

    def move(self, request: Request, secret: str) -> str:
        answer = self._done(secret, lambda: self.desk.move(request.key, secret, request.time(), request.language))
        return self.new_time(request, secret, answer.problem, answer.body.get("next_free"))

    def cancel(self, request: Request, secret: str) -> str:
        self._done(secret, lambda: self.desk.cancel(request.key, secret, request.language))
        raise Elsewhere(f"/b/{secret}")

    def hook(self, request: Request) -> tuple[int, str]:
        """Status and word for a webhook."""
        try:
            event = opened(request.headers, request.body, [*self.practice.keys.values(), *self._trusted], time.time())
        except BadHook as bad:
            return 401, str(bad)
        return (200, "taken") if self.desk.take_hook(*event) else (REPEATED, "replayed")

    def _done(self, secret: str, call: Callable[[], Answer]) -> Answer:
        """Make a call; whatever is good, or open, shows on the booking's page. Returns a refusal."""
        self._booking(secret)
        try:
            answer = call()
        except Unanswered:
            raise Elsewhere(f"/b/{secret}") from None
        if answer.good:
            raise Elsewhere(f"/b/{secret}")
        return answer

    def _details(self, request: Request, secret: str, typed: dict[str, str], wrong: dict[str, str]) -> str:
        booking, pages = self._booking(secret), self._pages(request)
        if datetime.fromisoformat(booking["expires_at"]) < datetime.now(UTC):
            return pages.lost("expired", booking["problem"])
        name = self.practice.names().get(booking["calendar"], "")
        return pages.details(secret, booking, self._type(booking["type"]), name, typed, wrong)

    def _free(self, request: Request, pages: Pages, kind: str, who: str) -> tuple[date, tuple[list[Json], list[Json]]]:
        """A week of free times, from the day that is asked for, or today."""
        given = request.query.get("from") or request.form.get("from") or ""
        first = max(date.fromisoformat(given) if given else pages.today(), pages.today())
        return first, self.practice.free(kind, first.isoformat(), (first + timedelta(days=6)).isoformat(), who)

    def _offering(self, kind: str) -> dict[str, str]:
        names = self.practice.names()
        return {
            one["calendar"]: names.get(one["calendar"], "") for one in self.practice.offerings() if one["type"] == kind
        }

    def _type(self, kind: str) -> Json:
        return {one["type"]: one for one in self.practice.types()}[kind]

    def _booking(self, secret: str) -> Any:
        found = self.desk.store.booking(secret)
        if found is None:
            raise LookupError
        return found

    def _pages(self, request: Request) -> Pages:
        return Pages(self.practice.itself(), request.language)

    def _plain(self, start_response: Callable[..., Any], status: int, word: str) -> Iterable[bytes]:
        start_response(f"{status} {HTTPStatus(status).phrase}", [("Content-Type", "text/plain")])
        return [word.encode()]


class Server(ThreadingMixIn, WSGIServer):
    """A thread a request."""

    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Somebody hung up, or did not believe the certificate: nothing that anybody here could mend."""
        log.debug("a connection broke", exc_info=True)


class Quiet(WSGIRequestHandler):
    """Addresses hold secrets: they are not written anywhere."""

    def log_message(self, *_: Any) -> None:
        pass
