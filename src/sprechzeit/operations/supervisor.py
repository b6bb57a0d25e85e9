"""`sprechzeit run`: the database, the pages and the jobs as one program that starts, heals and stops by itself."""

import contextlib
import http.client
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping

from sprechzeit.operations.account import Account
from sprechzeit.operations.checks import check_application_role
from sprechzeit.operations.children import LONGEST_PAUSE, Child, stop_all
from sprechzeit.operations.embedded import Cluster
from sprechzeit.operations.errors import CannotRun, Misconfigured, PortTaken, StepFailed
from sprechzeit.operations.installation import URLS, Installation
from sprechzeit.operations.parent import die_with_parent
from sprechzeit.operations.terminal import _

TICK = 0.3  # seconds between looks at the processes
START_PATIENCE = 120.0  # seconds until the pages have to answer


class Stopped(BaseException):
    """Somebody asked the program to stop: Ctrl-C, SIGTERM, or the terminal was closed."""


def run(installation: Installation) -> None:
    """Start everything and keep it running until a signal asks to stop. Raises `CannotRun`."""
    check_port(installation)
    cluster = installation.cluster() if installation.database_url is None else None
    children: list[Child] = []
    with contextlib.suppress(Stopped), _stopping_at_signals():
        try:
            account = installation.program_account()
            if cluster is not None:
                say(_("Starting the database …"))
                cluster.start()
            variables = installation.variables(cluster, account)
            prepare(installation, variables, account)
            children += [Child(command, variables, account) for command in ("web", "worker")]
            _tend_until_ready(installation, cluster, children)
            _welcome(installation, variables, account)
            while True:
                tend(cluster, children)
                time.sleep(TICK)
        finally:
            # Once stopping has begun, a second signal must not tear it apart; every step of it ends in bounded time.
            _ignore_signals()
            stop_all(children)
            if cluster is not None:
                cluster.stop()
    say(_("Stopped."))


def prepare(installation: Installation, variables: Mapping[str, str], account: Account) -> None:
    """Bring the database and the static files to the state of this version. Raises `CannotRun`."""
    check_application_role(variables[URLS["app"]])
    owner = variables.get(URLS["owner"])
    if not owner:
        raise Misconfigured(_("SPRECHZEIT_DATABASE_OWNER_URL is missing: the owner of the database migrates it."))
    say(_("Preparing the database and the files …"))
    manage(["migrate", "--no-input", "--verbosity", "0"], {**variables, URLS["app"]: owner}, account)
    manage(["collectstatic", "--no-input", "--verbosity", "0"], variables, account)
    if installation.demo:
        manage(["demo_practice"], variables, account)


def manage(command: list[str], variables: Mapping[str, str], account: Account) -> None:
    """Run a command of Django in a process of its own. Raises `StepFailed`."""
    done = subprocess.run(
        [sys.executable, "-m", "django", *command],
        stdin=subprocess.DEVNULL, cwd="/", env=dict(variables), start_new_session=True, check=False,
        preexec_fn=die_with_parent(signal.SIGTERM), **account.process(),
    )  # fmt: skip
    if done.returncode != 0:
        raise StepFailed(_("“%(command)s” failed; what it said stands above.") % {"command": command[0]})


def check_port(installation: Installation) -> None:
    """Raises `PortTaken` when something listens already where the pages should be."""
    family = socket.AF_INET6 if ":" in installation.host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((installation.host, installation.port))
        except OSError as error:
            raise PortTaken(
                _(
                    "Sprechzeit cannot listen on %(host)s, port %(port)s (%(reason)s). Perhaps it runs already. "
                    "Choose another port, for example: PORT=%(other)s make run"
                )
                % {
                    "host": installation.host,
                    "port": installation.port,
                    "reason": error.strerror,
                    "other": installation.port % 65535 + 1,
                }
            ) from error


def tend(cluster: Cluster | None, children: list[Child]) -> None:
    """Look at everything once and start again what ended."""
    if cluster is not None and not cluster.alive:
        say(_("The database ended unexpectedly; starting it again."))
        _revive(cluster)
    for child in children:
        code = child.tend()
        if code is not None:
            say(
                _("“%(command)s” ended unexpectedly (%(code)s); starting it again.")
                % {"command": child.command, "code": code}
            )


def healthy(installation: Installation) -> bool:
    """Whether `/health` answers that everything is ready."""
    hosts = [host for host in installation.given.get("SPRECHZEIT_HOSTS", "").split(",") if host and "*" not in host]
    headers = {"Host": hosts[0]} if hosts else {}
    request = urllib.request.Request(f"{installation.address}/health", headers=headers)  # noqa: S310 - our own address
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:  # noqa: S310
            return bool(answer.status == 200)
    except (urllib.error.URLError, http.client.HTTPException, OSError):
        return False


def say(message: str) -> None:
    """One line for the person at the terminal, at once also when the output is a file."""
    print(message, flush=True)


def _tend_until_ready(installation: Installation, cluster: Cluster | None, children: list[Child]) -> None:
    deadline = time.monotonic() + START_PATIENCE
    while not healthy(installation):
        tend(cluster, children)
        if time.monotonic() > deadline:
            raise StepFailed(_("The pages do not answer; what stands in the way is said above."))
        time.sleep(TICK)


def _welcome(installation: Installation, variables: Mapping[str, str], account: Account) -> None:
    say(_("Sprechzeit is ready: %(address)s") % {"address": installation.address})
    if account.uid == 0:
        say(_("It runs as root, since the user “sprechzeit” can read neither this folder nor Python."))
    if installation.demo:
        manage(["demo_practice", "--sign-ins"], variables, account)
    say(_("Data: %(folder)s. Stop with Ctrl-C.") % {"folder": installation.data_dir})


def _revive(cluster: Cluster) -> None:
    """Start the database again, however often it takes: what stands in the way may go (a full disk)."""
    pause = 1.0
    while True:
        try:
            cluster.revive()
        except CannotRun as error:
            say(str(error))
            time.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)
        else:
            return


def _ignore_signals() -> None:
    for number in _STOPPING:
        signal.signal(number, signal.SIG_IGN)


@contextlib.contextmanager
def _stopping_at_signals() -> Iterator[None]:
    """SIGINT, SIGTERM and SIGHUP raise `Stopped` at whatever is going on."""
    if threading.current_thread() is not threading.main_thread():
        raise RuntimeError("signals reach the main thread only")

    def stop(_number: int, _frame: object) -> None:
        _ignore_signals()
        raise Stopped

    former = {number: signal.signal(number, stop) for number in _STOPPING}
    try:
        yield
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)


_STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
