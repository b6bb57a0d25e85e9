"""Making a backup: one snapshot of the database, sealed as it streams; nothing lies on a disk in the clear."""

import contextlib
import secrets
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version

import psycopg
from django.conf import settings
from django.db import DatabaseError
from psycopg import sql

from sprechzeit.access.actor import system
from sprechzeit.audit.jobs import all_practices
from sprechzeit.audit.sealing import seal_log
from sprechzeit.operations.backup import DATABASE, STAMP, SUFFIX
from sprechzeit.operations.backup.archive import FRAME, Manifest, Packing
from sprechzeit.operations.backup.files import frames_of, kept_files
from sprechzeit.operations.backup.heads import heads_in, lines_of
from sprechzeit.operations.backup.programs import address, programs_for
from sprechzeit.operations.backup.targets import Target
from sprechzeit.operations.errors import BackupFailed
from sprechzeit.operations.parent import die_with_parent
from sprechzeit.operations.terminal import _

# Sessions end with a restore, so they are in no backup: it opens no browser. Personal backups are made anew.
LEFT_OUT = ("accounts_session", "django_session", "operations_backuppiece")
# Never two at once, on whichever machine: held by the session that has the snapshot.
LOCK = "SELECT pg_try_advisory_lock(hashtext('sprechzeit backup'))"

_TABLES = """
SELECT relname::text FROM pg_class
 WHERE relkind = 'r' AND relpersistence = 'p' AND relnamespace = 'public'::regnamespace AND relname <> ALL (%s)
   AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = pg_class.oid AND deptype = 'e')
 ORDER BY relname
"""


@dataclass(frozen=True)
class Made:
    """A backup that was made. `where`: its file, or its address in the storage; `size`: in bytes."""

    where: str
    size: int
    manifest: Manifest


def make_backup(target: Target) -> Made:
    """Seal the log, then write a backup of everything to `target`. Raises `CannotRun`; then nothing of it stays."""
    if not settings.DATABASE_BACKUP_URL:
        raise BackupFailed(_("%(name)s is missing.") % {"name": "SPRECHZEIT_DATABASE_BACKUP_URL"})
    try:
        target.prepare()
        with _snapshot() as (connection, snapshot):
            target.remove_halves()
            manifest = _manifest(connection)
            return _written(target, connection, snapshot, manifest)
    except (DatabaseError, psycopg.Error) as error:
        reason = " ".join(str(error).split())
        raise BackupFailed(
            _("No backup was made: the database does not answer, or ended in between (%(reason)s). Try again.")
            % {"reason": reason}
        ) from error
    except OSError as error:
        raise BackupFailed(target.trouble(error)) from error


@contextlib.contextmanager
def _snapshot() -> Iterator[tuple["psycopg.Connection[tuple[object, ...]]", str]]:
    """A session that sees the database as it is now, after all of the log that is committed was sealed."""
    with psycopg.connect(settings.DATABASE_BACKUP_URL, connect_timeout=10, autocommit=True) as connection:
        if connection.execute(LOCK).fetchone() != (True,):
            raise BackupFailed(_("Another backup is being made. This one was not begun."))
        for practice_id in all_practices():
            seal_log(system(practice_id))
        connection.execute("SET idle_in_transaction_session_timeout = 0")
        connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        row = connection.execute("SELECT pg_export_snapshot()").fetchone()
        yield connection, str(row[0]) if row else ""


def _manifest(connection: "psycopg.Connection[tuple[object, ...]]") -> Manifest:
    return Manifest(
        version=version("sprechzeit"),
        made_at=datetime.now(UTC).isoformat(timespec="seconds"),
        postgresql=connection.info.server_version,
        migrations=[
            [str(app), str(name)]
            for app, name in connection.execute("SELECT app, name FROM django_migrations ORDER BY id").fetchall()
        ],
        rows=counts(connection),
        heads={str(one.practice_id): [str(one.place), one.digest.hex()] for one in heads_in(connection)},
        files=sum(1 for _file in kept_files()),
    )


def counts(connection: "psycopg.Connection[tuple[object, ...]]") -> dict[str, int]:
    """How many rows each table has, but for those that are left out."""
    names = [str(name) for (name,) in connection.execute(_TABLES, [list(LEFT_OUT)]).fetchall()]
    found = {}
    for name in names:
        row = connection.execute(sql.SQL("SELECT count(*) FROM public.{}").format(sql.Identifier(name))).fetchone()
        found[name] = int(str(row[0])) if row else 0
    return found


def _written(
    target: Target, connection: "psycopg.Connection[tuple[object, ...]]", snapshot: str, manifest: Manifest
) -> Made:
    name = f"{datetime.fromisoformat(manifest.made_at):{STAMP}}-{secrets.token_hex(3)}{SUFFIX}"
    with target.writing(name) as half:
        packing = Packing(half.out, settings.MASTER_KEY)
        packing.add_manifest(manifest)
        with _dump(connection, snapshot) as dumped:
            packing.add(DATABASE, dumped)
        for file_name, file in kept_files():
            packing.add(file_name, frames_of(file))
        heads = heads_in(connection)
        for head in heads:
            packing.add(*lines_of(head))
        packing.finish()
        where, size = half.finish("".join(f"{one.line()}\n" for one in heads))
    return Made(where, size, manifest)


@contextlib.contextmanager
def _dump(connection: "psycopg.Connection[tuple[object, ...]]", snapshot: str) -> Iterator[Iterator[bytes]]:
    """What `pg_dump` writes of the snapshot. Raises `BackupFailed` when it did not come to its end."""
    database, environment = address(settings.DATABASE_BACKUP_URL)
    with tempfile.TemporaryFile() as complaints:
        process = subprocess.Popen(
            [
                programs_for(connection.info.server_version) / "pg_dump", "--dbname", database, "--format", "custom",
                "--snapshot", snapshot, "--no-password", "--no-comments", "--no-unlogged-table-data",
                # Roles, extensions and the database itself are made anew where it is restored.
                "--exclude-extension", "*", *(f"--exclude-table-data=public.{name}" for name in LEFT_OUT),
            ],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=complaints, cwd="/", env=environment,
            preexec_fn=die_with_parent(signal.SIGTERM),
        )  # fmt: skip
        assert process.stdout  # noqa: S101 - asked for above
        try:
            yield iter(partial(process.stdout.read, FRAME), b"")
            code = process.wait()
        finally:
            process.kill()
            process.stdout.close()
            process.wait()
        if code != 0:
            complaints.seek(0)
            said = complaints.read().decode(errors="replace").strip()
            raise BackupFailed(
                _("No backup was made: the database could not be read to its end. pg_dump said:\n%(said)s")
                % {"said": said[-1000:]}
            )
