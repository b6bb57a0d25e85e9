"""A real mail server for tests: aiosmtpd as its own process, each mail a file."""

import email
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

_SERVER = """
import asyncio, pathlib, sys, uuid
from aiosmtpd.controller import UnthreadedController
folder = pathlib.Path(sys.argv[2])
class Keep:
    async def handle_DATA(self, server, session, envelope):
        name = uuid.uuid4().hex
        (folder / (name + '.part')).write_bytes(envelope.content)
        (folder / (name + '.part')).rename(folder / (name + '.eml'))
        while (folder / 'silent').exists():
            await asyncio.sleep(0.05)
        return '250 kept'
loop = asyncio.new_event_loop()
asyncio.set_event_loop(loop)
controller = UnthreadedController(Keep(), hostname='127.0.0.1', port=int(sys.argv[1]), loop=loop)
loop.run_until_complete(controller._create_server())
loop.call_later(600, loop.stop)
loop.run_forever()
"""


def free_port() -> int:
    """A loopback port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_for_port(port: int, seconds: float = 20) -> None:
    """Return when something listens there. Raises TimeoutError."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with socket.socket() as probe:
            probe.settimeout(0.5)
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise TimeoutError(f"nothing listens on port {port}")


@dataclass
class Mailbox:
    """What arrived at a mail server on `port`."""

    port: int
    folder: Path
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Serve, until `stop` or ten minutes."""
        self.process = subprocess.Popen([sys.executable, "-c", _SERVER, str(self.port), str(self.folder)])
        wait_for_port(self.port)

    def stop(self) -> None:
        """Be away."""
        if self.process:
            self.process.terminate()
            self.process.wait(10)
            self.process = None

    def silent(self, *, on: bool = True) -> None:
        """Take mails, and do not say so."""
        (self.folder / "silent").touch() if on else (self.folder / "silent").unlink()

    def mails(self) -> list[EmailMessage]:
        """All mails so far, oldest first."""
        files = sorted(self.folder.glob("*.eml"), key=lambda file: file.stat().st_mtime_ns)
        return [email.message_from_bytes(file.read_bytes(), policy=default) for file in files]

    def wait(self, count: int, seconds: float = 30) -> list[EmailMessage]:
        """The mails, once there are `count`. Raises TimeoutError."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            mails = self.mails()
            if len(mails) >= count:
                return mails
            time.sleep(0.05)
        raise TimeoutError(f"{len(self.mails())} of {count} mails arrived")


@contextmanager
def mail_server(*, running: bool = True) -> Iterator[Mailbox]:
    """A mailbox, served or (yet) away."""
    with tempfile.TemporaryDirectory() as folder:
        box = Mailbox(free_port(), Path(folder))
        if running:
            box.start()
        try:
            yield box
        finally:
            box.stop()
