"""Loading a backup's database into an empty one: as one transaction, so that it is there as a whole or not at all."""

import contextlib
import signal
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from typing import IO

import psycopg

from sprechzeit.operations.backup.archive import FRAME
from sprechzeit.operations.backup.programs import address, programs_for
from sprechzeit.operations.errors import NotRestored
from sprechzeit.operations.parent import die_with_parent
from sprechzeit.operations.terminal import _

# What new tables grant by themselves would come on top of what the backup grants; it brings this back at its end.
_BEGIN = """\
\\set ON_ERROR_STOP on
BEGIN;
ALTER DEFAULT PRIVILEGES FOR ROLE sprechzeit_owner IN SCHEMA public REVOKE ALL ON TABLES FROM sprechzeit_app;
ALTER DEFAULT PRIVILEGES FOR ROLE sprechzeit_owner IN SCHEMA public REVOKE ALL ON SEQUENCES FROM sprechzeit_app;
"""
# Before 17 a server does not know it, and the programs of later versions set it.
_UNKNOWN_SETTING, _KNOWN_FROM = b"SET transaction_timeout = 0;\n", 170000


def load(owner_url: str, dump: Iterator[bytes], *, then: str = "") -> None:
    """Load what `pg_dump` wrote, and run the statements `then`, all in one transaction. Raises `NotRestored`.

    Killed at any moment, nothing of it is in the database: only who has seen the dump to its end commits.
    """
    with psycopg.connect(owner_url, connect_timeout=10) as connection:
        server = connection.info.server_version
    folder = programs_for(server)
    database, environment = address(owner_url)
    with (
        _running([folder / "pg_restore", "--format", "custom", "--file", "-"], environment) as reading,
        _running(
            [folder / "psql", "--no-psqlrc", "--quiet", "--no-password", "--dbname", database],
            environment, is_silent=True,
        ) as loading,
    ):  # fmt: skip
        feeder = _Feeder(dump, reading.input)
        try:
            loading.write(_BEGIN.encode())
            for number, script in enumerate(iter(lambda: reading.output.read(FRAME), b"")):
                is_first = number == 0 and server < _KNOWN_FROM
                loading.write(script.replace(_UNKNOWN_SETTING, b"") if is_first else script)
        except BaseException:
            reading.stop()
            raise
        finally:
            feeder.join()
        feeder.raise_failure()
        reading.require_success()
        loading.write(f"\nSET row_security = on;\nSET search_path = public;\n{then}\nCOMMIT;\n".encode())
        loading.require_success()


class _Feeder(threading.Thread):
    """Gives the dump to `pg_restore`, while what that makes of it is read."""

    def __init__(self, dump: Iterator[bytes], target: IO[bytes]) -> None:
        super().__init__(daemon=True)
        self._dump, self._target = dump, target
        self._failure: BaseException | None = None
        self.start()

    def run(self) -> None:
        # It may have ended early, which its exit status says.
        with contextlib.suppress(BrokenPipeError), self._target:
            try:
                for frame in self._dump:
                    self._target.write(frame)
            except BrokenPipeError:
                raise
            except BaseException as error:
                self._failure = error

    def raise_failure(self) -> None:
        """What went wrong with the dump itself."""
        if self._failure is not None:
            raise self._failure


class _Process:
    """One of PostgreSQL's programs at work."""

    def __init__(self, process: subprocess.Popen[bytes], complaints: IO[bytes]) -> None:
        self._process, self._complaints = process, complaints

    @property
    def input(self) -> IO[bytes]:
        """Where it reads."""
        assert self._process.stdin  # noqa: S101 - asked for below
        return self._process.stdin

    @property
    def output(self) -> IO[bytes]:
        """What it writes."""
        assert self._process.stdout  # noqa: S101 - asked for below
        return self._process.stdout

    def write(self, script: bytes) -> None:
        """Give it more. Raises `NotRestored` when it has ended."""
        try:
            self.input.write(script)
            self.input.flush()
        except BrokenPipeError:
            raise self._failure() from None

    def stop(self) -> None:
        """Nobody listens any more."""
        self._process.kill()

    def require_success(self) -> None:
        """See it to its end. Raises `NotRestored`."""
        with contextlib.suppress(BrokenPipeError):
            self.input.close()
        if self._process.wait() != 0:
            raise self._failure()

    def _failure(self) -> NotRestored:
        self._process.wait()
        self._complaints.seek(0)
        said = self._complaints.read().decode(errors="replace").strip()
        return NotRestored(
            _("The database could not be loaded; it is as empty as before. It said:\n%(said)s") % {"said": said[:1000]}
        )


@contextlib.contextmanager
def _running(command: list[object], environment: dict[str, str], *, is_silent: bool = False) -> Iterator[_Process]:
    with tempfile.TemporaryFile() as complaints:
        process = subprocess.Popen(
            [str(part) for part in command],
            stdin=subprocess.PIPE, stdout=subprocess.DEVNULL if is_silent else subprocess.PIPE, stderr=complaints,
            cwd="/", env=environment, preexec_fn=die_with_parent(signal.SIGKILL),
        )  # fmt: skip
        try:
            yield _Process(process, complaints)
        finally:
            # Killed before it is told to commit, its transaction is undone.
            process.kill()
            process.wait()
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    with contextlib.suppress(BrokenPipeError):
                        pipe.close()
