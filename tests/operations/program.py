"""`sprechzeit run` as a person starts it, for tests: a process, what it printed, and what it started."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil

PATIENCE = 90.0  # seconds for anything to happen on a busy machine


class Program:
    """One start of `sprechzeit run` on a free port of its own."""

    def __init__(self, data_dir: Path, **variables: str) -> None:
        self.port = free_port()
        self.lines: list[str] = []
        environment = {**os.environ, "SPRECHZEIT_DATA_DIR": str(data_dir), "PORT": str(self.port), **variables}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "sprechzeit.cli", "run"],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment, start_new_session=True,
        )  # fmt: skip
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self) -> "Program":
        return self

    def __exit__(self, *_error: object) -> None:
        """Nothing of it stays, whatever the test found out."""
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self._reader.join(10)
        assert self.process.stdout
        self.process.stdout.close()

    @property
    def output(self) -> str:
        return "".join(self.lines)

    def wait_until_ready(self) -> None:
        # A first start makes a database and the demo practice: half a minute alone, minutes beside other work.
        until(lambda: "Ctrl-C" in self.output or self.process.poll() is not None, 240)
        assert self.process.poll() is None, self.output

    def health(self) -> tuple[int, dict[str, Any], http.client.HTTPMessage | None]:
        """Status, JSON and headers of `/health`; status 0 when nobody answers."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("GET", "/health")
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read()), answer.headers
        except (OSError, http.client.HTTPException):
            return 0, {}, None
        finally:
            connection.close()

    def processes(self) -> list[psutil.Process]:
        """Everything that runs below this program, and itself."""
        main = psutil.Process(self.process.pid)
        return [main, *main.children(recursive=True)]

    def part(self, name: str) -> psutil.Process:
        """web (the server), page (one of its processes), worker or postgres. Raises `LookupError`."""
        if name == "page":
            return self.part("web").children()[0]
        words = {"web": "granian", "worker": "work_off", "postgres": "bin/postgres -D"}
        for process in psutil.Process(self.process.pid).children():
            if words[name] in " ".join(process.cmdline()):
                return process
        raise LookupError(name)

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        code = self.process.wait(PATIENCE)
        self._reader.join(10)
        return code

    def _read(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            self.lines.append(line)


def ended(processes: list[psutil.Process]) -> bool:
    return all(not it.is_running() or it.status() == psutil.STATUS_ZOMBIE for it in processes)


def until(fact: Callable[[], bool], patience: float = PATIENCE) -> None:
    deadline = time.monotonic() + patience
    while not fact():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.1)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def command(*arguments: str, stdin: str = "", **variables: str) -> subprocess.CompletedProcess[str]:
    """Run `sprechzeit` with `arguments` to its end."""
    return subprocess.run(
        [sys.executable, "-m", "sprechzeit.cli", *arguments],
        input=stdin, text=True, capture_output=True, check=False, timeout=PATIENCE, env={**os.environ, **variables},
    )  # fmt: skip
