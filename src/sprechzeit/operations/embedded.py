"""PostgreSQL under our own supervision: made, started, adopted, stopped (architecture §1)."""

import contextlib
import fcntl
import json
import os
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import IO, Self
from urllib.parse import quote

import psutil
import psycopg

from sprechzeit.operations import leftovers, places, postgres_setup
from sprechzeit.operations.account import HOME, Account, server_account
from sprechzeit.operations.binaries import major_version, wheel_binaries
from sprechzeit.operations.errors import AlreadyRunning, CannotRun, DatabaseFailed, DiskFull, NotOurs, WrongVersion
from sprechzeit.operations.parent import die_with_parent
from sprechzeit.operations.terminal import _

ROLES = {
    "superuser": "postgres",
    "owner": postgres_setup.OWNER,
    "app": postgres_setup.APP,
    "backup": postgres_setup.BACKUP,
}
PATIENCE = 60.0  # seconds without any progress until a start is given up
STOP_PATIENCE = 30.0  # seconds for a fast shutdown, before an immediate one
LARGEST_LOG = 10_000_000  # bytes

SETTINGS = {
    "listen_addresses": "",
    "port": "5432",
    "unix_socket_permissions": "0700",
    "password_encryption": "scram-sha-256",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_startup_progress_interval": "1s",
    # A statement that fails, and the row that it fails for, may name a patient: neither stands in the server's log.
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_parameter_max_length_on_error": "0",
    "jit": "off",
}
NOT_DURABLE = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off", "max_connections": "200"}


class Cluster:
    """One PostgreSQL server with its data in `folder`, reachable by a private socket only.

    `binaries` is the folder of `initdb` and `postgres`; by default the wheel's. `durable=False` is for tests: what
    is acknowledged may be lost in a crash of the machine, and the server ends with the process that started it.
    """

    def __init__(self, folder: Path, *, binaries: Path | None = None, durable: bool = True) -> None:
        self.folder = folder.resolve()
        self.home = self.folder  # until `start` knows better
        self.socket = self.folder
        self._binaries = binaries
        self._durable = durable
        self._account: Account
        self._lock: IO[str] | None = None
        self._child: subprocess.Popen[bytes] | None = None
        self._server: psutil.Process | None = None
        self._passwords: dict[str, str] = {}

    @classmethod
    @contextlib.contextmanager
    def temporary(cls, *, binaries: Path | None = None) -> Iterator[Self]:
        """A started, not durable cluster in a short-lived folder that PostgreSQL can reach, for tests."""
        folder = Path(tempfile.mkdtemp(prefix="sprechzeit-"))
        folder.chmod(0o755)
        cluster = cls(folder / "postgres", binaries=binaries, durable=False)
        try:
            with cluster:
                yield cluster
        finally:
            cluster.remove()
            folder.rmdir()

    @property
    def data(self) -> Path:
        """The data folder of the server itself (PGDATA)."""
        return self.home / "data"

    @property
    def log(self) -> Path:
        """What the server writes about itself."""
        return self.home / "server.log"

    @property
    def binaries(self) -> Path:
        """The folder of the programs in use."""
        return self._binaries or wheel_binaries(self._account)

    @property
    def alive(self) -> bool:
        """Whether the server's main process lives."""
        if self._child is not None:
            return self._child.poll() is None
        return self._server is not None and leftovers.postmaster(self.data) == self._server

    @property
    def process_id(self) -> int:
        """The number of the server's main process."""
        if self._server is None:
            raise DatabaseFailed(_("PostgreSQL is not started."))
        return int(self._server.pid)

    def url(self, role: str, database: str = postgres_setup.DATABASE) -> str:
        """The address of `database` for `role`: superuser, owner, app or backup."""
        password = self._passwords[role]
        return f"postgresql://{ROLES[role]}:{password}@/{database}?host={quote(str(self.socket), safe='/')}&port=5432"

    def start(self) -> None:
        """Start the server, or adopt the one left running by a supervisor that was killed; make it at the first time.

        Returns when it answers, with roles and database in place. Recovery may take as long as it gets on. Raises
        `CannotRun`.
        """
        self._find_places()
        self._take_lock()
        try:
            self._passwords = self._kept_passwords()
            self._make()
            self.revive()
            named = {ROLES[role]: word for role, word in self._passwords.items() if role != "superuser"}
            postgres_setup.create_roles(self.url("superuser", "postgres"), named)
            postgres_setup.create_database(self.url("superuser", "postgres"))
        except BaseException:
            self.stop()
            raise

    def attach(self) -> None:
        """Learn the addresses of a server that another process supervises, and leave it alone. Raises `CannotRun`."""
        self._find_places()
        self._passwords = self._kept_passwords()

    def revive(self) -> None:
        """Start the server again if it is gone, and wait until it answers. Harmless while it lives."""
        self._adopt()
        began_at = self.log.stat().st_size if self.log.exists() else 0
        if self._server is not None and self._became_ready(began_at):
            return
        leftovers.clear(self.data)
        self._launch()
        if not self._became_ready(began_at):
            raise self._failure(self._log_since(began_at))

    def stop(self) -> None:
        """Stop the server: sessions are ended, everything is written. Safe to call at any time."""
        self._end_server()
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def remove(self) -> None:
        """Stop the server and delete all its data."""
        self.stop()
        self._find_places()
        for folder in {self.socket, self.home, self.folder}:
            shutil.rmtree(folder, ignore_errors=True)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    def _find_places(self) -> None:
        self._account = server_account()
        self.home = places.cluster_home(self.folder, self._account)
        self.socket = places.socket_folder(self.home, self._account)

    def _take_lock(self) -> None:
        """One supervisor per folder. The lock ends with the process, however it ends."""
        lock = (self.home / "lock").open("a+")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            holder = lock.read().strip()
            lock.close()
            raise AlreadyRunning(
                _(
                    "Sprechzeit already runs with the data in %(folder)s (process %(number)s). "
                    "Stop it first, or choose another SPRECHZEIT_DATA_DIR."
                )
                % {"folder": self.folder, "number": holder}
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        self._lock = lock

    def _kept_passwords(self) -> dict[str, str]:
        file = self.home / "passwords.json"
        if not file.exists():
            if self.data.exists():
                raise DatabaseFailed(
                    _("%(file)s is missing, and with it the passwords of the database. Put it back from a backup.")
                    % {"file": file}
                )
            scratch = file.with_suffix(".new")
            scratch.unlink(missing_ok=True)
            with os.fdopen(os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
                json.dump({role: secrets.token_urlsafe(32) for role in ROLES}, out)
            scratch.rename(file)
        kept: dict[str, str] = json.loads(file.read_text())
        return kept

    def _make(self) -> None:
        """Make the data folder. It gets its name only when it is whole, so an interrupted first start heals."""
        if self.data.exists():
            self._check_data()
            return
        scratch, password = self.home / "data.new", self.home / "superuser"
        shutil.rmtree(scratch, ignore_errors=True)
        password.write_text(self._passwords["superuser"])
        self._account.own(password, 0o600)
        try:
            made = self._run(
                "initdb", "--pgdata", scratch, "--username", ROLES["superuser"], "--pwfile", password,
                "--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C.UTF-8", "--lc-collate", "C",
                "--data-checksums", *([] if self._durable else ["--no-sync"]),
            )  # fmt: skip
        finally:
            password.unlink()
        if made.returncode != 0:
            raise self._failure(made.stdout)
        scratch.rename(self.data)

    def _check_data(self) -> None:
        if self.data.stat().st_uid != self._account.uid:
            raise NotOurs(
                _("%(folder)s belongs to another user. Start Sprechzeit as the user who made it.")
                % {"folder": self.data}
            )
        made_by, ours = (self.data / "PG_VERSION").read_text().strip(), major_version(self.binaries)
        if made_by != str(ours):
            raise WrongVersion(
                _(
                    "The data in %(folder)s was made by PostgreSQL %(made_by)s, this is %(ours)s. Start with the "
                    "former version, save everything with pg_dump, and restore it into a new data folder."
                )
                % {"folder": self.folder, "made_by": made_by, "ours": ours}
            )

    def _adopt(self) -> None:
        """Take over a server that lives already; see one that is stopping to its end."""
        if self._child is not None and self._child.poll() is None:
            return
        self._child, self._server = None, leftovers.postmaster(self.data)
        if leftovers.server_status(self.data) == "stopping":
            self._end_server()

    def _end_server(self) -> None:
        server, self._server, child, self._child = self._server, None, self._child, None
        if server is None and self._lock is not None:
            server = leftovers.postmaster(self.data)  # a signal may have come between its start and our note of it
        if server is None:
            return
        for ending in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
            with contextlib.suppress(psutil.NoSuchProcess):
                server.send_signal(ending)
            if _ended(server, child, STOP_PATIENCE):
                break
        leftovers.clear(self.data)

    def _launch(self) -> None:
        if self.log.exists() and self.log.stat().st_size > LARGEST_LOG:
            self.log.replace(self.log.with_suffix(".log.1"))
        settings = SETTINGS | ({} if self._durable else NOT_DURABLE)
        settings["unix_socket_directories"] = '"' + str(self.socket).replace('"', '""') + '"'
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        with self.log.open("ab") as log:
            self._child = subprocess.Popen(
                [self.binaries / "postgres", "-D", self.data, *options],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/", env=_ENVIRONMENT, umask=0o077,
                # A session of its own: Ctrl-C in the terminal is for the supervisor, which stops the server last.
                start_new_session=True,
                preexec_fn=None if self._durable else die_with_parent(signal.SIGINT),
                **self._account.process(),
            )  # fmt: skip
        self._server = psutil.Process(self._child.pid)

    def _became_ready(self, began_at: int) -> bool:
        """Wait as long as there is progress; False when the server ended. Raises `CannotRun` when it stands still."""
        seen, seen_at, pause = (-1, -1.0), time.monotonic(), 0.01
        while self.alive:
            if leftovers.server_status(self.data) == "ready" and self._answers():
                return True
            mark = leftovers.progress(self.data, self.log)
            if mark != seen:
                seen, seen_at = mark, time.monotonic()
            elif time.monotonic() - seen_at > PATIENCE:
                raise self._failure(self._log_since(began_at))
            time.sleep(pause)
            pause = min(pause * 1.5, 0.5)
        return False

    def _answers(self) -> bool:
        try:
            with psycopg.connect(self.url("superuser", "postgres"), connect_timeout=10) as connection:
                connection.execute("SELECT 1")
        except psycopg.OperationalError as error:
            if "password authentication failed" in str(error):
                raise DatabaseFailed(
                    _("The database refuses the passwords in %(file)s. Put back the file that belongs to this data.")
                    % {"file": self.home / "passwords.json"}
                ) from error
            return False
        return True

    def _run(self, program: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [self.binaries / program, *arguments],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
            cwd="/", env=_ENVIRONMENT, umask=0o077, **self._account.process(),
        )  # fmt: skip

    def _log_since(self, position: int) -> str:
        with self.log.open("rb") as log:
            log.seek(position if position <= self.log.stat().st_size else 0)
            return log.read().decode(errors="replace")

    def _failure(self, output: str) -> CannotRun:
        if "No space left on device" in output:
            return DiskFull(
                _("The disk with %(folder)s is full. Make room and start again; nothing is lost.")
                % {"folder": self.home}
            )
        said = "\n".join(output.strip().splitlines()[-8:])
        return DatabaseFailed(
            _("PostgreSQL did not start. It said:\n%(said)s\n(all: %(log)s)") % {"said": said, "log": self.log}
        )


_ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "HOME": str(HOME)}


def _ended(server: psutil.Process, child: subprocess.Popen[bytes] | None, seconds: float) -> bool:
    """Whether it ended within `seconds`; our own child is collected, so that no zombie stays."""
    try:
        if child is not None:
            child.wait(seconds)
        else:
            server.wait(seconds)
    except (subprocess.TimeoutExpired, psutil.TimeoutExpired):
        return False
    return True
