"""The address of a portal to which changes are reported, as a process of its own: `python -m tests.support.hook_peer`.

It knows nothing of the program: it is made from the text of Standard Webhooks and `cryptography`. What comes is checked
(signature over `id.timestamp.body`, five minutes, each id once) and written down; what it answers is told beforehand,
one word for each call, the last one for all that follow: a status ('500', '429:120' with Retry-After, '302'), or
'reset', 'lose' (all is read and nothing answered), 'hang', 'drip' (the head comes byte by byte), 'endless' (a body
without end), 'garbage', 'slow:2'.
"""

import base64
import json
import socket
import ssl
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from tests.support.peer import Peer, cut, hang, listen, peer_of, read_request, word_for, write_down

# --- The process ----------------------------------------------------------------------------------------------------


def check(headers: dict[str, str], body: bytes, keys: list[str], known: set[str]) -> str:
    """What is wrong with a webhook, by the specification; empty: it is good. A repeated one is 'known'."""
    try:
        identity, timestamp, signatures = (headers[f"webhook-{name}"] for name in ("id", "timestamp", "signature"))
    except KeyError:
        return "headers"
    if abs(time.time() - int(timestamp)) > 300:
        return "old"
    signed = f"{identity}.{timestamp}.".encode() + body
    given = [base64.b64decode(one[4:]) for one in signatures.split(" ") if one.startswith("v1a,")]
    for key in keys:
        public = Ed25519PublicKey.from_public_bytes(base64.b64decode(key))
        for signature in given:
            with suppress(InvalidSignature):
                public.verify(signature, signed)
                if identity in known:
                    return "known"
                known.add(identity)
                return ""
    return "signature"


def answer(connection: socket.socket, word: str) -> None:
    """As it was told."""
    kind, _, more = word.partition(":")
    match kind:
        case "reset":
            cut(connection)
        case "lose":
            pass
        case "hang":
            hang(connection)
        case "drip":
            for one in b"HTTP/1.1 200 OK\r\nX-Slow: " + b"x" * 600:
                connection.sendall(bytes([one]))
                time.sleep(0.1)
        case "endless":
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n")
            while True:
                connection.sendall(b"x" * 65536)
        case "garbage":
            connection.sendall(b"what is this\r\n\r\n")
        case "slow":
            time.sleep(float(more))
            connection.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")
        case _:
            wait = f"Retry-After: {more}\r\n" if more else ""
            place = "Location: http://127.0.0.1:1/elsewhere\r\n" if kind.startswith("3") else ""
            connection.sendall(f"HTTP/1.1 {kind} So\r\n{wait}{place}Content-Length: 2\r\n\r\nno".encode())


def serve(port: int, folder: Path) -> None:
    """Until it is ended."""
    known: set[str] = set()
    lock = threading.Lock()

    def handle(connection: socket.socket, number: int) -> None:
        with suppress(OSError, ssl.SSLError), connection:
            if (folder / "cert.pem").exists():
                context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
                context.load_cert_chain(folder / "cert.pem")
                connection = context.wrap_socket(connection, server_side=True)
            first, headers, body = read_request(connection)
            if not first:
                return
            with lock:
                wrong = check(headers, body, json.loads((folder / "keys.json").read_text()), known)
                call = {
                    "line": first, "headers": headers, "body": body.decode(), "wrong": wrong, "at": time.time(),
                }  # fmt: skip
                write_down(folder, call)
            answer(connection, word_for(folder, number))

    listen(port, handle)


# --- For the tests --------------------------------------------------------------------------------------------------


class HookPeer(Peer):
    """The process, and what came there."""

    MODULE = "tests.support.hook_peer"

    @property
    def url(self) -> str:
        """Where it takes webhooks."""
        host = "localhost" if self.scheme == "https" else "127.0.0.1"
        return f"{self.scheme}://{host}:{self.port}/hook?portal=1"

    def prepare(self) -> None:
        """It trusts nobody yet."""
        self.trusts()

    def trusts(self, *keys: str) -> None:
        """Public keys in base64."""
        (self.folder / "keys.json").write_text(json.dumps(keys))


@contextmanager
def hook_peer(*words: str, certificate: bytes = b"", running: bool = True) -> Iterator[HookPeer]:
    """A portal's address on a port of its own."""
    scheme = "https" if certificate else "http"
    with peer_of(HookPeer, *(words or ("204",)), running=running and not certificate, scheme=scheme) as peer:
        if certificate:
            (peer.folder / "cert.pem").write_bytes(certificate)
            if running:
                peer.start()
        yield peer


if __name__ == "__main__":
    serve(int(sys.argv[1]), Path(sys.argv[2]))
