"""Reading what another machine answers: so much of it and no more, and whether anything was sent (PUSH-5)."""

import socket
from collections.abc import Iterator
from threading import Thread

import pytest

from sprechzeit.core.calls import NotReached, Reply, call
from tests.core.test_calls import HERE
from tests.support.mailbox import free_port
from tests.support.peer import read_request

pytestmark = pytest.mark.req("PUSH-5")


class Answers:
    """A machine that answers each call with these bytes, and keeps what it was asked."""

    def __init__(self, server: socket.socket) -> None:
        self.server, self.answer = server, b""
        self.asked: list[tuple[str, dict[str, str], bytes]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.getsockname()[1]}/some/where?one=1"

    def serve(self) -> None:
        while True:
            try:
                connection, _ = self.server.accept()
            except OSError:
                return
            with connection:
                self.asked.append(read_request(connection))
                connection.sendall(self.answer)


@pytest.fixture
def peer() -> Iterator[Answers]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        made = Answers(server)
        Thread(target=made.serve, daemon=True).start()
        yield made
        server.shutdown(socket.SHUT_RDWR)


def reply(head: str, body: bytes) -> bytes:
    return f"HTTP/1.1 {head}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


def asked(peer: Answers, method: str = "GET", **more: bytes) -> Reply:
    return call(method, peer.url, {"X-One": "1"}, seconds=3, named=HERE, **more)  # type: ignore[arg-type]  # bytes


def test_the_body_and_what_it_is(peer: Answers) -> None:
    peer.answer = reply("201 So\r\nContent-Type: Application/JSON; charset=utf-8\r\nRetry-After: 7", b'{"one": 1}')
    got = asked(peer, "PUT", body=b"sent")
    assert (got.status, got.body, got.media_type, got.later.total_seconds()) == (
        201,
        b'{"one": 1}',
        "application/json",
        7,
    )
    ((first, headers, body),) = peer.asked
    assert first == "PUT /some/where?one=1 HTTP/1.1" and body == b"sent"
    assert headers["x-one"] == "1" and headers["accept-encoding"] == "identity"


def test_no_more_is_read_than_may_be(peer: Answers) -> None:
    peer.answer = reply("200 So", b"x" * 65536)
    assert len(asked(peer).body) == 65536
    peer.answer = reply("200 So", b"x" * 65537)
    with pytest.raises(NotReached) as failure:
        asked(peer)
    assert (failure.value.code, failure.value.was_sent) == ("too_long", True)


def test_a_body_that_breaks_off(peer: Answers) -> None:
    peer.answer = b"HTTP/1.1 200 So\r\nContent-Length: 100\r\n\r\nhalf"
    with pytest.raises(NotReached) as failure:
        asked(peer)
    assert (failure.value.code, failure.value.was_sent) == ("protocol", True)


def test_where_nobody_is_nothing_was_sent() -> None:
    """What was never sent cannot have been done."""
    for url, code in (
        (f"http://127.0.0.1:{free_port()}/", "connection"),
        ("https://nobody-has-this-name.invalid/", "name"),
        ("https://10.0.0.1/", "address"),
        ("ftp://example.org/", "address"),
    ):
        with pytest.raises(NotReached) as failure:
            call("POST", url, {}, seconds=3, body=b"x", named=HERE)
        assert (failure.value.code, failure.value.was_sent) == (code, False)
