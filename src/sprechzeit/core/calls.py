"""Calling a machine of others at an address that somebody typed (OTV-9, PUSH-5), and no other machine by it.

The name is resolved when it is called, every address of it is judged (peers.py), and the connection goes to the judged
address: a name that means another machine a moment later gains nothing. No redirect is followed, no proxy asked; of
what is answered nothing is read but the head (`post`), or so much as the caller says (`call`).
"""

import socket
import ssl
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import httpcore

from sprechzeit.core.peers import Network, Target, Unusable, may_be_called, target_of


@dataclass(frozen=True, slots=True)
class Answer:
    """The status of what was answered; `later`: in how long one is to ask again at the earliest (Retry-After)."""

    status: int
    later: timedelta


@dataclass(frozen=True, slots=True)
class Reply(Answer):
    """An answer with its body, and of what media type that is said to be, in small letters and without parameters."""

    body: bytes
    media_type: str


class NotReached(Exception):
    """There was no answer. `code`: 'address', 'header' (one has letters that none can have: of a token that somebody
    typed), 'name', 'connection', 'encryption', 'timeout', 'protocol' or 'too_long'.

    `was_sent`: something of what was asked may have arrived there, so that it may have been done.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code
        self.was_sent = False


MOST_BYTES = 64 * 1024
"""Of the body of an answer, unless the caller says less."""


def post(url: str, body: bytes, headers: Mapping[str, str], *, seconds: float, named: Sequence[Network] = ()) -> Answer:
    """Send `body` and take the status, all in so many seconds; the system's resolver has its own time besides.

    `named`: networks that the operator lets be called though they are not the world's. Raises `NotReached`.
    """
    with _asked("POST", url, body, headers, seconds, named) as response:
        return Answer(response.status, retry_after(_header(response, b"retry-after")))


def call(
    method: str,
    url: str,
    headers: Mapping[str, str],
    *,
    seconds: float,
    body: bytes = b"",
    named: Sequence[Network] = (),
    most_bytes: int = MOST_BYTES,
) -> Reply:
    """Ask, and take the status and the body, all in so many seconds as `post`; the answer must not be compressed.

    Raises `NotReached`, with 'too_long' for a body of more than `most_bytes`, of which no more is read.
    """
    sent = {"Accept-Encoding": "identity", "Connection": "close", **headers}
    with _asked(method, url, body, sent, seconds, named) as response:
        read = bytearray()
        for chunk in response.iter_stream():
            read += chunk
            if len(read) > most_bytes:
                raise NotReached("too_long")
        media_type = _header(response, b"content-type").decode("latin-1").partition(";")[0].strip().lower()
        return Reply(response.status, retry_after(_header(response, b"retry-after")), bytes(read), media_type)


@contextmanager
def _asked(
    method: str, url: str, body: bytes, headers: Mapping[str, str], seconds: float, named: Sequence[Network]
) -> Iterator[httpcore.Response]:
    """The answer's head, while its body can be read. Raises `NotReached`."""
    network: _Network | None = None
    if not all(one.isascii() and one.isprintable() for one in headers.values()):
        raise NotReached("header")
    try:
        target = target_of(url, named)
        network = _Network(target, named, time.monotonic() + seconds)
        with (
            httpcore.ConnectionPool(ssl_context=ssl.create_default_context(), network_backend=network) as pool,
            pool.stream(method, _address(target), headers=[*_host(target), *headers.items()], content=body) as response,
        ):
            yield response
    except Unusable:
        raise NotReached("address") from None
    except httpcore.TimeoutException:
        raise _sent("timeout", network) from None
    except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.UnsupportedProtocol) as error:
        raise _sent(_why(error), network) from None
    except NotReached as error:
        raise _sent(error.code, network) from None


def _sent(code: str, network: "_Network | None") -> NotReached:
    error = NotReached(code)
    error.was_sent = network is not None and network.was_written
    return error


def _header(response: httpcore.Response, wanted: bytes) -> bytes:
    return next((value for name, value in response.headers if name.lower() == wanted), b"")


def _address(target: Target) -> httpcore.URL:
    scheme = b"http" if target.is_loopback_only else b"https"
    return httpcore.URL(scheme=scheme, host=target.host, port=target.port, target=target.path.encode())


def _host(target: Target) -> list[tuple[str, str]]:
    """The header where the library would write an address of IPv6 without its brackets (RFC 3986 3.2.2)."""
    return [("Host", f"[{target.host}]:{target.port}")] if ":" in target.host else []


def _why(error: Exception) -> str:
    if isinstance(error, httpcore.NetworkError):
        return "encryption" if isinstance(error.__context__, ssl.SSLError) else "connection"
    return "protocol"


def retry_after(value: bytes, now: datetime | None = None) -> timedelta:
    """How long to wait, from seconds or a date (RFC 9110 10.2.3); nothing where that cannot be read."""
    text = value.decode("ascii", "replace").strip()
    if text.isdigit():
        return timedelta(seconds=min(int(text[:9]), 10**8))
    try:
        until = parsedate_to_datetime(text)
    except ValueError:
        return timedelta(0)
    until = until if until.tzinfo else until.replace(tzinfo=UTC)
    return max(timedelta(0), until - (now or datetime.now(UTC)))


class _Network(httpcore.NetworkBackend):
    """Connects to judged addresses only, and ends at a moment (of the monotonic clock) whatever comes.

    `was_written`: a part of the request may have left this machine.
    """

    def __init__(self, target: Target, named: Sequence[Network], until: float) -> None:
        self._target, self._named, self._until = target, named, until
        self.was_written = False

    def left(self) -> float:
        """For how many seconds one may still wait. Raises `httpcore.ReadTimeout` from the moment on."""
        return _left(self._until)

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """To the first address that takes the connection. Raises `NotReached`, `httpcore.ConnectError`."""
        failure: Exception = NotReached("name")
        for address in self._judged(host):
            try:
                stream = httpcore.SyncBackend().connect_tcp(address, port, self.left())
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
            else:
                return _Stream(stream, self)
        raise failure

    def connect_unix_socket(
        self, path: str, timeout: float | None = None, socket_options: Iterable[Any] | None = None
    ) -> httpcore.NetworkStream:
        """Never. Raises `NotReached`."""
        raise NotReached("address")

    def _judged(self, host: str) -> list[str]:
        """What the name stands for now. Raises `NotReached` if any of it may not be called."""
        try:
            found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):  # the second of what can be no name
            raise NotReached("name") from None
        addresses = list(dict.fromkeys(str(one[4][0]) for one in found))
        only = self._target.is_loopback_only
        if not all(may_be_called(one, self._named, is_loopback_only=only) for one in addresses):
            raise NotReached("address")
        return addresses


class _Stream(httpcore.NetworkStream):
    """A connection that ends at a moment: bytes that come one by one do not make it longer."""

    def __init__(self, stream: httpcore.NetworkStream, network: _Network) -> None:
        self._stream, self._network = stream, network

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Raises `httpcore.ReadTimeout` from the moment on."""
        return self._stream.read(max_bytes, self._network.left())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Raises `httpcore.WriteTimeout` from the moment on."""
        left = self._network.left()
        self._network.was_written = True
        self._stream.write(buffer, left)

    def close(self) -> None:
        """At once."""
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        """With the name that was asked for, not the address that was found."""
        return _Stream(self._stream.start_tls(ssl_context, server_hostname, self._network.left()), self._network)

    def get_extra_info(self, info: str) -> Any:
        """As the connection has it."""
        return self._stream.get_extra_info(info)


def _left(until: float) -> float:
    left = until - time.monotonic()
    if left <= 0:
        raise httpcore.ReadTimeout("too late")
    return left
