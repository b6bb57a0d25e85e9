"""A gateway for SMS, as a process of its own: `python -m tests.support.sms_gateway`.

It knows nothing of the program but what docs/developers/sms.md asks of a gateway. It takes a POST of a JSON object,
knows its customer by a token, and sends what comes twice with the same `Idempotency-Key` once. What it answers is told
beforehand, one word for each call, the last one for all that follow: a status ('202', '500', '429:120' with
Retry-After), or 'lose' (it is sent, and nothing answered), 'hang' (it is sent, and the answer does not come), 'reset'.
Nothing is sent unless the answer is 2xx, 'lose' or 'hang'.
"""

import json
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.support.peer import Calls, Peer, cut, hang, listen, peer_of, read_request, word_for, write_down

TOKEN = "gateway-secret"


# --- The process ----------------------------------------------------------------------------------------------------


def wrong_with(first: str, headers: dict[str, str], body: bytes) -> int:
    """The status with which what is no SMS of its customer is refused; 0: it is one."""
    if not first.startswith("POST "):
        return 405
    if headers.get("authorization") != f"Bearer {TOKEN}":
        return 401
    try:
        sms = json.loads(body)
        good = sms["to"].startswith("+") and sms["to"][1:].isdigit() and sms["text"]
    except (ValueError, KeyError, AttributeError):
        return 400
    return 0 if good and headers.get("idempotency-key") else 422


def reply(connection: socket.socket, status: int | str, wait: str = "") -> None:
    after = f"Retry-After: {wait}\r\n" if wait else ""
    connection.sendall(f"HTTP/1.1 {status} So\r\n{after}Content-Length: 2\r\n\r\n{{}}".encode())


def serve(port: int, folder: Path) -> None:
    """Until it is ended."""
    known: set[str] = set()
    lock = threading.Lock()

    def take(headers: dict[str, str], body: bytes, word: str) -> None:
        """Write down that it came; send it, if it has not been sent before."""
        key, kind = headers["idempotency-key"], word.partition(":")[0]
        call = {"key": key, "word": word, **json.loads(body)}
        with lock:
            sends = (kind in ("lose", "hang") or kind.startswith("2")) and key not in known
            write_down(folder, call | {"sent": sends})
            if sends:
                known.add(key)

    def handle(connection: socket.socket, number: int) -> None:
        with suppress(OSError), connection:
            first, headers, body = read_request(connection)
            if not first:
                return
            if status := wrong_with(first, headers, body):
                reply(connection, status)
                return
            word = word_for(folder, number)
            take(headers, body, word)
            kind, _, wait = word.partition(":")
            match kind:
                case "lose":
                    pass
                case "reset":
                    cut(connection)
                case "hang":
                    hang(connection)
                case _:
                    reply(connection, kind, wait)

    listen(port, handle)


# --- For the tests --------------------------------------------------------------------------------------------------


class Gateway(Peer):
    """The process, and what came there."""

    MODULE = "tests.support.sms_gateway"

    @property
    def url(self) -> str:
        """Where it takes SMS."""
        return f"http://127.0.0.1:{self.port}/v1/sms"

    def sent(self) -> Calls:
        """What phones got."""
        return [one for one in self.calls() if one["sent"]]


@contextmanager
def sms_gateway(*words: str, running: bool = True) -> Iterator[Gateway]:
    """A gateway on a port of its own."""
    with peer_of(Gateway, *(words or ("202",)), running=running) as gateway:
        yield gateway


if __name__ == "__main__":
    serve(int(sys.argv[1]), Path(sys.argv[2]))
