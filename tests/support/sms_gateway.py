"""A gateway for SMS, as a process of its own: `python -m tests.support.sms_gateway`.

It knows nothing of the program but what docs/developers/sms.md asks of a gateway. It takes a POST of a JSON object,
knows its customer by a token, and sends what comes twice with the same `Idempotency-Key` once. What it answers is told
beforehand, one word for each call, the last one for all that follow: a status ('202', '500', '429:120' with
Retry-After), or 'lose' (it is sent, and nothing answered), 'hang' (it is sent, and the answer does not come), 'reset'.
Nothing is sent unless the answer is 2xx, 'lose' or 'hang'.
"""

import json
import os
import select
import socket
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

from tests.support.hook_peer import read_request
from tests.support.mailbox import free_port, wait_for_port

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
    lock, count = threading.Lock(), 0

    def take(headers: dict[str, str], body: bytes, word: str) -> None:
        """Write down that it came; send it, if it has not been sent before."""
        key, kind = headers["idempotency-key"], word.partition(":")[0]
        call = {"key": key, "word": word, **json.loads(body)}
        with lock:
            sends = (kind in ("lose", "hang") or kind.startswith("2")) and key not in known
            with (folder / "calls.jsonl").open("a") as log:
                log.write(json.dumps(call | {"sent": sends}) + "\n")
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
            words = (folder / "answers").read_text().split()
            word = words[min(number, len(words) - 1)]
            take(headers, body, word)
            kind, _, wait = word.partition(":")
            match kind:
                case "lose":
                    pass
                case "reset":
                    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                case "hang":
                    select.select([connection], [], [], 60)
                case _:
                    reply(connection, kind, wait)

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
class Gateway:
    """The process, and what came there."""

    port: int
    folder: Path
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    @property
    def url(self) -> str:
        """Where it takes SMS."""
        return f"http://127.0.0.1:{self.port}/v1/sms"

    def start(self) -> None:
        """Be there."""
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.sms_gateway", str(self.port), str(self.folder)], env=os.environ
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

    def calls(self) -> list[dict[str, Any]]:
        """What came, in its order."""
        log = self.folder / "calls.jsonl"
        return [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []

    def sent(self) -> list[dict[str, Any]]:
        """What phones got."""
        return [one for one in self.calls() if one["sent"]]

    def wait(self, count: int, seconds: float = 30) -> list[dict[str, Any]]:
        """The calls, once there are so many. Raises TimeoutError."""
        end = time.monotonic() + seconds
        while len(self.calls()) < count:
            if time.monotonic() > end:
                raise TimeoutError(f"{len(self.calls())} of {count} calls came")
            time.sleep(0.05)
        return self.calls()


@contextmanager
def sms_gateway(*words: str, running: bool = True) -> Iterator[Gateway]:
    """A gateway on a port of its own."""
    with tempfile.TemporaryDirectory() as name:
        gateway = Gateway(free_port(), Path(name))
        gateway.answers(*(words or ("202",)))
        try:
            if running:
                gateway.start()
            yield gateway
        finally:
            gateway.stop()


if __name__ == "__main__":
    serve(int(sys.argv[1]), Path(sys.argv[2]))
