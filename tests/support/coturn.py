"""A relay of its own for a test: Debian's coturn, which asks for credentials that end."""

import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.support.mailbox import free_port

# Debian's package `coturn`; setup/debian.sh installs it.
TURNSERVER = "/usr/bin/turnserver"
SECRET = "only-for-tests"


@dataclass
class Relay:
    """The relay, which can be stopped and started as a network comes and goes."""

    folder: Path
    port: int
    process: subprocess.Popen[bytes] | None = field(default=None)

    @property
    def url(self) -> str:
        return f"turn:127.0.0.1:{self.port}?transport=udp"

    def start(self) -> None:
        line = [
            TURNSERVER, "-n", "--listening-ip", "127.0.0.1", "--relay-ip", "127.0.0.1",
            "--listening-port", str(self.port), "--use-auth-secret", "--static-auth-secret", SECRET,
            "--realm", "sprechzeit.example", "--no-tls", "--no-dtls", "--no-cli", "--allow-loopback-peers",
            "--verbose", "--log-file", str(self.folder / "log"), "--simple-log", "--new-log-timestamp",
            "--pidfile", str(self.folder / "pid"), "--userdb", str(self.folder / "users"),
        ]  # fmt: skip
        self.process = subprocess.Popen(line, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        end = time.monotonic() + 20
        while "IPv4. UDP listener opened on" not in self.log() and "listener opened" not in self.log():
            assert self.process.poll() is None and time.monotonic() < end, self.log()
            time.sleep(0.1)

    def stop(self) -> None:
        if self.process:
            self.process.terminate()
            self.process.wait(10)
            self.process = None

    def log(self) -> str:
        """What it has done so far."""
        return "".join(one.read_text(errors="replace") for one in sorted(self.folder.glob("log*")))


@contextmanager
def relay() -> Iterator[Relay]:
    assert Path(TURNSERVER).exists(), "coturn is missing: `make relay` installs it"
    folder = Path(tempfile.mkdtemp(prefix="sz-turn-"))
    one = Relay(folder, free_port())
    try:
        one.start()
        yield one
    finally:
        one.stop()
        shutil.rmtree(folder)
