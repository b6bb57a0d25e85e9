"""The processes of the program under the supervisor: started, started again, stopped with all they started."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping

from sprechzeit.operations.account import Account
from sprechzeit.operations.parent import die_with_parent

FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0  # seconds before a dead child is started again
STEADY = 60.0  # seconds a child has to live until its past is forgotten
STOP_PATIENCE = 8.0  # seconds to end politely


class Child:
    """One command of `sprechzeit` that should always run, such as `web`."""

    def __init__(self, command: str, environment: Mapping[str, str], account: Account) -> None:
        self.command = command
        self._environment = environment
        self._account = account
        self._process: subprocess.Popen[bytes] | None = None
        self._started_at = 0.0
        self._pause = FIRST_PAUSE
        self._start_at: float | None = None

    @property
    def failures(self) -> bool:
        """Whether it ended before it was steady, and waits for its next start."""
        return self._start_at is not None

    def tend(self) -> int | None:
        """Start it if it should run and does not. Returns the exit code when it is seen to have ended."""
        now = time.monotonic()
        if self._process is None:
            if self._start_at is None or now >= self._start_at:
                self._start()
            return None
        ended_with = self._process.poll()
        if ended_with is None:
            return None
        self._end_group(signal.SIGKILL)
        if now - self._started_at > STEADY:
            self._pause = FIRST_PAUSE
        self._start_at, self._pause = now + self._pause, min(self._pause * 2, LONGEST_PAUSE)
        self._process = None
        return ended_with

    def ask_to_stop(self) -> None:
        """Let it finish what it is at."""
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                self._process.terminate()

    def stop(self, deadline: float) -> None:
        """Wait until it ended, to `deadline` (monotonic seconds) at most; then end it and all it started."""
        if self._process is None:
            return
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(max(0.0, deadline - time.monotonic()))
        self._end_group(signal.SIGKILL)
        self._process.wait()
        self._process = None

    def _start(self) -> None:
        self._started_at, self._start_at = time.monotonic(), None
        self._process = subprocess.Popen(
            [sys.executable, "-m", "sprechzeit.cli", self.command],
            stdin=subprocess.DEVNULL, cwd="/", env=dict(self._environment),
            # A group of its own: what it leaves behind when killed can be ended, and Ctrl-C is ours to pass on.
            start_new_session=True, preexec_fn=die_with_parent(signal.SIGTERM), **self._account.process(),
        )  # fmt: skip

    def _end_group(self, ending: signal.Signals) -> None:
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, ending)


def stop_all(children: list[Child]) -> None:
    """Stop them together, in bounded time."""
    for child in children:
        child.ask_to_stop()
    deadline = time.monotonic() + STOP_PATIENCE
    for child in children:
        child.stop(deadline)
