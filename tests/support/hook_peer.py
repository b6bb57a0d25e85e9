"""The address of a portal to which changes are reported, as a process of its own: `python -m tests.support.hook_peer`.

It knows nothing of the program: it is made from the text of Standard Webhooks and `cryptography`. What comes is checked
(signature over `id.timestamp.body`, five minutes, each id once) and written down; what it answers is told beforehand,
one word for each call, the last one for all that follow: a status ('500', '429:120' with Retry-After, '302'), or
'reset', 'lose' (all is read and nothing answered), 'hang', 'drip' (the head comes byte by byte), 'endless' (a body
without end), 'garbage', 'slow:2'.
"""

import base64
import json
import os
import select
import socket
import ssl
import struct
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from tests.support.mailbox import free_port, wait_for_port

Calls = list[dict[str, Any]]


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


def read_request(connection: socket.socket) -> tuple[str, dict[str, str], bytes]:
    """The first line, the headers and the body."""
    got = b""
    while b"\r\n\r\n" not in got:
        more = connection.recv(65536)
        if not more:
            return "", {}, b""
        got += more
    head, _, body = got.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    while len(body) < int(headers.get("content-length", "0")):
        body += connection.recv(65536)
    return first, headers, body


def answer(connection: socket.socket, word: str) -> None:
    """As it was told."""
    kind, _, more = word.partition(":")
    match kind:
        case "reset":
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        case "lose":
            pass
        case "hang":
            select.select([connection], [], [], 60)
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
    lock, count = threading.Lock(), 0

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
                words = (folder / "answers").read_text().split()
                call = {
                    "line": first, "headers": headers, "body": body.decode(), "wrong": wrong, "at": time.time(),
                }  # fmt: skip
                with (folder / "calls.jsonl").open("a") as log:
                    log.write(json.dumps(call) + "\n")
            answer(connection, words[min(number, len(words) - 1)])

    with socket.create_server(("127.0.0.1", port)) as server:
        while True:
            connection, _address = server.accept()
            # A mere look whether somebody listens is no call.
            if not select.select([connection], [], [], 5)[0] or not connection.recv(1, socket.MSG_PEEK):
                connection.close()
                continue
            threading.Thread(target=handle, args=[connection, count], daemon=True).start()
            count += 1


# --- For the tests --------------------------------------------------------------------------------------------------


@dataclass
class HookPeer:
    """The process, and what came there."""

    port: int
    folder: Path
    scheme: str = "http"
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    @property
    def url(self) -> str:
        """Where it takes webhooks."""
        host = "localhost" if self.scheme == "https" else "127.0.0.1"
        return f"{self.scheme}://{host}:{self.port}/hook?portal=1"

    def start(self) -> None:
        """Be there."""
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.hook_peer", str(self.port), str(self.folder)], env=os.environ
        )
        wait_for_port(self.port)

    def stop(self) -> None:
        """Be away."""
        if self.process:
            self.process.terminate()
            self.process.wait(10)
            self.process = None

    def answers(self, *words: str) -> None:
        """What the calls are answered from the beginning of the process, one by one."""
        (self.folder / "answers").write_text(" ".join(words))

    def trusts(self, *keys: str) -> None:
        """Public keys in base64."""
        (self.folder / "keys.json").write_text(json.dumps(keys))

    def calls(self) -> Calls:
        """What came, in its order."""
        log = self.folder / "calls.jsonl"
        return [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []

    def wait(self, count: int, seconds: float = 30) -> Calls:
        """The calls, once there are so many. Raises TimeoutError."""
        end = time.monotonic() + seconds
        while len(self.calls()) < count:
            if time.monotonic() > end:
                raise TimeoutError(f"{len(self.calls())} of {count} calls came")
            time.sleep(0.05)
        return self.calls()


@contextmanager
def hook_peer(*words: str, certificate: bytes = b"", running: bool = True) -> Iterator[HookPeer]:
    """A portal's address on a port of its own."""
    with tempfile.TemporaryDirectory() as name:
        peer = HookPeer(free_port(), Path(name), "https" if certificate else "http")
        if certificate:
            (peer.folder / "cert.pem").write_bytes(certificate)
        peer.answers(*(words or ("204",)))
        peer.trusts()
        try:
            if running:
                peer.start()
            yield peer
        finally:
            peer.stop()


if __name__ == "__main__":
    serve(int(sys.argv[1]), Path(sys.argv[2]))
