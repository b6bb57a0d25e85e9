"""The program itself for tests: pages and worker as processes, on a port of their own."""

import atexit
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import httpx
from django.conf import settings

from tests.support.databases import Databases
from tests.support.licence import licensed
from tests.support.mailbox import free_port

APPLICATION = "sprechzeit.config.dispatcher:application"


@dataclass
class Program:
    """The program, serving a test's own database."""

    url: str
    variables: dict[str, str]
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    application: str = APPLICATION

    def start_web(self, workers: int = 1) -> None:
        """Serve the pages."""
        port = self.variables["SPRECHZEIT_PORT"]
        self.processes["web"] = subprocess.Popen(
            [
                sys.executable, "-m", "granian", "--interface", "asgi", "--no-ws", "--log-level", "warning",
                "--host", "127.0.0.1", "--port", port, "--workers", str(workers), "--workers-kill-timeout", "3",
                self.application,
            ],
            env=self.variables,
        )  # fmt: skip

    def start_worker(self, *, slots: int = 1) -> None:
        """Work off the jobs, so many of each queue at once."""
        command = [sys.executable, "-m", "django", "work_off", "--slots", str(slots), "--patience", "1"]
        self.processes["worker"] = subprocess.Popen(command, env=self.variables)

    def wait_until_ready(self, seconds: float = 60) -> None:
        """Until `/health` answers 200. Raises TimeoutError."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                if httpx.get(f"{self.url}/health", timeout=2).status_code == 200:
                    return
            except httpx.TransportError:
                pass
            time.sleep(0.1)
        raise TimeoutError("the program does not answer")

    def stop(self) -> None:
        """End every process that was started."""
        for process in self.processes.values():
            process.terminate()
        for process in self.processes.values():
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(10)


@contextmanager
def running(
    databases: Databases, *, worker: bool = True, workers: int = 1, application: str = APPLICATION, **extra: str
) -> Iterator[Program]:
    """The program on the test's own database; `extra` are further variables, as `SMTP_PORT='2525'`."""
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        variables = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "sprechzeit.config.settings",
            "SPRECHZEIT_DATABASE_URL": databases.url("app"),
            "SPRECHZEIT_DATABASE_LISTEN_URL": databases.url("listen"),
            "SPRECHZEIT_DATA_DIR": folder,
            "SPRECHZEIT_SECRET_KEY": str(settings.SECRET_KEY),
            "SPRECHZEIT_MASTER_KEY": str(settings.MASTER_KEY),
            "SPRECHZEIT_LICENCE_FILE": str(licensed()),
            "SPRECHZEIT_PORT": str(port),
            "SPRECHZEIT_PUBLIC_URL": f"http://127.0.0.1:{port}",
            **{f"SPRECHZEIT_{name}": value for name, value in extra.items()},
        }
        shutil.copytree(collected_static(), Path(folder) / "static", copy_function=os.link)
        program = Program(f"http://127.0.0.1:{port}", variables, application=application)
        try:
            program.start_web(workers)
            if worker:
                program.start_worker()
            program.wait_until_ready()
            yield program
        finally:
            program.stop()


@cache
def collected_static() -> Path:
    """The static files, collected once for all programs of this process."""
    folder = Path(tempfile.mkdtemp(prefix="sz-static-"))
    atexit.register(shutil.rmtree, folder)
    variables = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "sprechzeit.config.settings",
        "SPRECHZEIT_DATA_DIR": str(folder),
        "SPRECHZEIT_SECRET_KEY": str(settings.SECRET_KEY),
        "SPRECHZEIT_MASTER_KEY": str(settings.MASTER_KEY),
    }
    collect_static(folder, variables)
    return folder / "static"


def collect_static(folder: Path, variables: dict[str, str]) -> None:
    """The static files with their hashed names, as `make run` makes them."""
    command = [sys.executable, "-m", "django", "collectstatic", "--no-input", "--verbosity", "0"]
    subprocess.run(command, env=variables, check=True)
