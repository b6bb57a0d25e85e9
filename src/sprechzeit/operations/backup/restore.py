"""Restoring a backup into an empty installation, so that it can be used and sends nothing old."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings
from django.db.migrations.loader import MigrationLoader

from sprechzeit.core.ids import new_id
from sprechzeit.operations.backup import DATABASE, DIGESTS, MANIFEST
from sprechzeit.operations.backup.archive import Backup, Manifest
from sprechzeit.operations.backup.files import put_file
from sprechzeit.operations.backup.load import load
from sprechzeit.operations.backup.make import counts
from sprechzeit.operations.errors import Differs, NotRestored
from sprechzeit.operations.terminal import _

_HERE = Path(__file__).parent
# Stands in the database from its first row until everything that follows is done; so long nothing else starts.
MARK = "sprechzeit_restore"
# In the transaction that loads: nothing that waits can ever be sent, whatever happens then.
_PUT_AWAY = f"""
CREATE TABLE public.{MARK} AS
SELECT '{{name}}'::text AS backup, id AS job, task_name::text AS task, args, scheduled_at
  FROM public.procrastinate_jobs WHERE status IN ('todo', 'doing') UNION ALL SELECT '{{name}}', 0, '', '{{{{}}}}', NULL;
UPDATE public.procrastinate_jobs SET status = 'cancelled', worker_id = NULL WHERE status = 'todo';
UPDATE public.procrastinate_jobs SET status = 'failed', worker_id = NULL WHERE status = 'doing';
"""  # noqa: S608 - the name is made of hexadecimal digits

Connection = psycopg.Connection[tuple[Any, ...]]


def require_not_newer(manifest: Manifest) -> bool:
    """Refuse a backup of a later version. Whether it is of an earlier one. Raises `NotRestored`."""
    known = set(MigrationLoader(None).disk_migrations)
    made = {(app, name) for app, name in manifest.migrations}
    if made - known:
        raise NotRestored(
            _("The backup was made by version %(version)s of Sprechzeit, which is newer. Install that version first.")
            % {"version": manifest.version}
        )
    return made != known


def require_full(backup: Backup) -> None:
    """Refuse what is a single practice's. Raises `NotRestored`."""
    if DATABASE not in backup.names:
        raise NotRestored(
            _("This is the backup of one practice, not of an installation. Use “sprechzeit restore-practice”.")
        )


def begin(owner_url: str, backup: Backup) -> bool:
    """Refuse what is not empty or in use; make room. Whether this backup is loaded already. Raises `NotRestored`."""
    with psycopg.connect(owner_url, connect_timeout=10) as connection:
        marked = _marked(connection)
        if marked is not None and marked != backup.name:
            raise NotRestored(
                _(
                    "The restore of another backup was interrupted here. Run “sprechzeit restore” with that one again, "
                    "or begin with an empty database and data folder."
                )
            )
        _require_nobody(connection)
        if marked is None:
            _require_empty(connection)
            connection.execute((_HERE / "make_room.sql").read_bytes())
    return marked is not None


def restore_database(owner_url: str, dump: Iterator[bytes], backup: Backup) -> None:
    """Load it, with all jobs put away in the same transaction; then see that all rows are there. Raises `CannotRun`."""
    load(owner_url, dump, then=_PUT_AWAY.format(name=backup.name))
    with psycopg.connect(owner_url) as connection:
        # Putting jobs away writes events.
        found = {name: count for name, count in counts(connection).items() if not name.startswith("procrastinate_")}
        compare({name: backup.manifest.rows.get(name, count) for name, count in found.items() if name != MARK}, found)


def restore_files(home: Path, backup: Backup, owner_url: str, *, is_loaded: bool) -> None:
    """Go through the backup once: the database unless it is loaded, and the files. Raises `CannotRun`."""
    for name, frames in backup.parts():
        if name == DATABASE and not is_loaded:
            restore_database(owner_url, frames, backup)
        elif name not in (DATABASE, MANIFEST, DIGESTS):
            put_file(home, name, frames)


def compare(said: dict[str, int], found: dict[str, int]) -> None:
    """Name the first table that has not the rows that the backup says. Raises `Differs`."""
    for name in sorted(said):
        if said[name] != found.get(name):
            raise Differs(
                _("Rows of the table %(name)s: %(found)s; the backup says: %(said)s.")
                % {"name": name, "said": said[name], "found": found.get(name, 0)}
            )


def finish(owner_url: str) -> list[tuple[str, int]]:
    """After the migrations: end what must not go on, and say which jobs were put away, by what they do.

    Holds end, messages that waited stand as not sent, where somebody sees them and may send them again, and the log
    begins a new epoch: this server counts transactions otherwise. One transaction; afterwards the mark is gone.
    """
    with psycopg.connect(owner_url) as connection:
        connection.execute(
            "SELECT set_config('sprechzeit.actor', 'operator', true), "
            "set_config('sprechzeit.request', 'command:restore', true)"
        )
        put_away = connection.execute(
            "SELECT task, count(*) FROM sprechzeit_restore WHERE job > 0 AND NOT args ? 'timestamp' GROUP BY task "
            "ORDER BY task"
        ).fetchall()
        untold = connection.execute((_HERE / "untold.sql").read_bytes()).fetchall()
        for row in untold:
            connection.execute(
                "INSERT INTO messages_message (id, practice_id, appointment_id, kind, sequence, address, subject, "
                "attempts, failed_at, error) VALUES (%s, %s, %s, %s, %s, %s, '', 0, now(), 'restored') "
                "ON CONFLICT DO NOTHING",
                [new_id(), *row],
            )
        connection.execute((_HERE / "finish.sql").read_bytes())
    return [(str(task), int(count)) for task, count in put_away]


def _marked(connection: Connection) -> str | None:
    """The backup whose restore was begun and not finished."""
    if connection.execute("SELECT to_regclass(%s)", [f"public.{MARK}"]).fetchone() == (None,):
        return None
    row = connection.execute("SELECT backup FROM sprechzeit_restore LIMIT 1").fetchone()
    return str(row[0]) if row else None


def _require_nobody(connection: Connection) -> None:
    row = connection.execute(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
        "AND usename IN ('sprechzeit_app', 'sprechzeit_owner') AND pid <> pg_backend_pid()"
    ).fetchone()
    if row and row[0]:
        raise NotRestored(_("Sprechzeit runs with this database. Stop it everywhere, then restore."))


def _require_empty(connection: Connection) -> None:
    tables = {
        str(name)
        for (name,) in connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
    }
    if tables and "django_migrations" not in tables:
        raise NotRestored(_("The database holds tables of another program. Restore into a database of its own."))
    for name in tables & {"practice_practice", "accounts_user"}:
        row = connection.execute(f"SELECT EXISTS (SELECT FROM {name})".encode()).fetchone()  # noqa: S608
        if row and row[0]:
            raise NotRestored(
                _(
                    "This installation is not empty, so nothing was restored: a restore never writes over anything. "
                    "Choose a data folder that does not exist yet (SPRECHZEIT_DATA_DIR), or with a PostgreSQL of your "
                    "own an empty database, and restore before the first start."
                )
            )


def home() -> Path:
    """The data folder."""
    return Path(settings.DATA_DIR)
