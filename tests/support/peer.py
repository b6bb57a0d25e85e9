"""Machines of others as processes of their own: what they share.

A peer answers as it was told beforehand, one word for each call, the last one for all that follow, and writes down what
came. What it understands of that is its own: hook_peer.py, sms_gateway.py, video_peer.py.
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
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, TypeVar

from tests.support.mailbox import free_port, wait_for_port

Calls = list[dict[str, Any]]

# --- The process ----------------------------------------------------------------------------------------------------


def listen(port: int, handle: Callable[[socket.socket, int], None]) -> None:
    """Until it is ended: each call, with how many came before it."""
    count = 0
    with socket.create_server(("127.0.0.1", port)) as server:
        while True:
            connection, _address = server.accept()
            # A mere look whether somebody listens is no call.
            if not select.select([connection], [], [], 5)[0] or not connection.recv(1, socket.MSG_PEEK):
                connection.close()
                continue
            threading.Thread(target=handle, args=[connection, count], daemon=True).start()
            count += 1


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


def word_for(folder: Path, number: int) -> str:
    """What the call of this number is answered."""
    words = (folder / "answers").read_text().split()
    return words[min(number, len(words) - 1)]


def write_down(folder: Path, call: dict[str, Any]) -> None:
    """That it came."""
    with (folder / "calls.jsonl").open("a") as log:
        log.write(json.dumps(call) + "\n")


def cut(connection: socket.socket) -> None:
    """The connection is reset when it is closed, not ended."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def hang(connection: socket.socket) -> None:
    """Nothing, until the other side has enough."""
    select.select([connection], [], [], 60)


# --- For the tests --------------------------------------------------------------------------------------------------


@dataclass
class Peer:
    """The process, and what came there."""

    MODULE: ClassVar[str]

    port: int
    folder: Path
    scheme: str = "http"
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    def prepare(self) -> None:
        """What has to be there before it starts."""

    def start(self) -> None:
        """Be there; the answers begin anew."""
        self.process = subprocess.Popen(
            [sys.executable, "-m", self.MODULE, str(self.port), str(self.folder)], env=os.environ
        )
        wait_for_port(self.port)

    def stop(self) -> None:
        """Be away."""
        if self.process:
            self.process.terminate()
            self.process.wait(10)
            self.process = None

    def answers(self, *words: str) -> None:
        """What calls are answered from the beginning of the process, one by one."""
        (self.folder / "answers").write_text(" ".join(words))

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


P = TypeVar("P", bound=Peer)


@contextmanager
def peer_of(kind: type[P], *words: str, running: bool, scheme: str = "http") -> Iterator[P]:
    """One on a port and in a folder of its own, which go with it."""
    with tempfile.TemporaryDirectory() as name:
        peer = kind(free_port(), Path(name), scheme)
        peer.prepare()
        peer.answers(*words)
        try:
            if running:
                peer.start()
            yield peer
        finally:
            peer.stop()
