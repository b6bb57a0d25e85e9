"""Bringing one practice back, out of an administrator's backup, into an installation that does not have it (OPS-20)."""

import json
import secrets
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import psycopg
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db.migrations.loader import MigrationLoader
from psycopg import sql

from sprechzeit.operations.backup import DIGESTS, MANIFEST, PRACTICE
from sprechzeit.operations.backup.archive import Backup
from sprechzeit.operations.backup.files import put_file
from sprechzeit.operations.errors import BackupUnreadable, Differs, NotRestored
from sprechzeit.operations.personal.dump import TABLE
from sprechzeit.operations.terminal import _

Connection = psycopg.Connection[tuple[Any, ...]]
# What must not go on: times that visitors kept, what waited to be sent to people, to booking partners and to the video
# service, archives that are not there.
_FINISH = (
    "UPDATE scheduling_occupancy SET active = false WHERE active AND kind = 'hold' AND practice_id = %s",
    "UPDATE messages_message SET failed_at = now(), error = 'restored' "
    "WHERE sent_at IS NULL AND failed_at IS NULL AND withdrawn_at IS NULL AND practice_id = %s",
    "UPDATE video_visitmessage SET failed_at = now(), error = 'restored' "
    "WHERE sent_at IS NULL AND failed_at IS NULL AND withdrawn_at IS NULL AND practice_id = %s",
    "UPDATE partners_delivery SET state = 'failed', error = 'restored', next_at = NULL "
    "WHERE state = 'waiting' AND practice_id = %s",
    "UPDATE integrations_push SET state = 'failed', error = 'restored', next_at = NULL "
    "WHERE state = 'waiting' AND practice_id = %s",
    # What portals read since has numbers that are forgotten: the feed goes on beyond all of them.
    "UPDATE partners_feed SET number = number + 1000000 WHERE practice_id = %s",
    "UPDATE operations_personalbackup SET removed_at = now() "
    "WHERE made_at IS NOT NULL AND removed_at IS NULL AND practice_id = %s",
    "UPDATE operations_personalbackup SET failed_at = now() "
    "WHERE made_at IS NULL AND failed_at IS NULL AND practice_id = %s",
    # A new epoch of its log: this server may count transactions otherwise.
    "UPDATE audit_head SET upto = 0, upto_entry = 0 WHERE practice_id = %s",
)
_SEQUENCES = """
SELECT pg_get_serial_sequence('public.' || c.relname, a.attname), a.attname::text
  FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
 WHERE c.relnamespace = 'public'::regnamespace AND c.relname = %s AND a.attnum > 0 AND NOT a.attisdropped
   AND pg_get_serial_sequence('public.' || c.relname, a.attname) IS NOT NULL
"""
# Sequences that belong to no column.
_OF_NO_COLUMN = {"patients_patient": ("patients_number", "number")}


def restore_practice(owner_url: str, home: Path, backup: Backup) -> str:
    """All rows of it with their ids, in one transaction, and the heads of its log. Its name. Raises `CannotRun`."""
    _require_same_version(backup)
    with _files() as written, psycopg.connect(owner_url, connect_timeout=10) as connection:
        facts: dict[str, Any] = {}
        try:
            for name, frames in backup.parts():
                if name == PRACTICE:
                    facts = json.loads(b"".join(frames))
                    _require_absent(connection, facts)
                    tables = [one.removeprefix(TABLE) for one in backup.names if one.startswith(TABLE)]
                    _stand_still(connection, tables)
                    accounts = _accounts(connection, facts["accounts"])
                elif name.startswith(TABLE):
                    _fill(connection, name.removeprefix(TABLE), facts["columns"], frames)
                elif name not in (MANIFEST, DIGESTS):
                    written.extend([home / name] if put_file(home, name, frames) else [])
            _name_accounts(connection, accounts)
            connection.execute("SET CONSTRAINTS ALL IMMEDIATE")
            for table in tables:
                _go_on(connection, table)
            _compare(connection, facts["id"], backup.manifest.rows)
            _finish(connection, facts["id"])
        except psycopg.errors.UniqueViolation as error:
            raise NotRestored(
                _(
                    "Rows of the table %(name)s are in this installation already, with the same ids or names. Nothing "
                    "was restored: it would write over them. Restore into an installation of its own."
                )
                % {"name": error.diag.table_name}
            ) from error
    return str(facts["name"])


@contextmanager
def _files() -> Iterator[list[Path]]:
    """Files that were written; of a practice that does not come back none stays."""
    written: list[Path] = []
    try:
        yield written
    except BaseException:
        for file in written:
            file.unlink(missing_ok=True)
        raise


def _require_same_version(backup: Backup) -> None:
    if PRACTICE not in backup.names:
        raise NotRestored(_("This is no backup of one practice. For a whole one use “sprechzeit restore”."))
    if {(app, name) for app, name in backup.manifest.migrations} != set(MigrationLoader(None).disk_migrations):
        raise NotRestored(
            _(
                "The backup was made by version %(version)s of Sprechzeit. Install that version, restore, and bring it "
                "to a later one then."
            )
            % {"version": backup.manifest.version}
        )


def _require_absent(connection: Connection, facts: Mapping[str, Any]) -> None:
    for column, value in (("id", facts["id"]), ("slug", facts["slug"])):
        query = sql.SQL("SELECT name FROM practice_practice WHERE {} = %s").format(sql.Identifier(column))
        if row := connection.execute(query, [value]).fetchone():
            raise NotRestored(
                _("The practice “%(name)s” is in this installation already; nothing was restored.") % {"name": row[0]}
            )


def _stand_still(connection: Connection, tables: list[str]) -> None:
    """What the database does by itself at a change was done when these rows were written."""
    for table in tables:
        connection.execute(sql.SQL("ALTER TABLE {} DISABLE TRIGGER USER").format(sql.Identifier(table)))


def _go_on(connection: Connection, table: str) -> None:
    connection.execute(sql.SQL("ALTER TABLE {} ENABLE TRIGGER USER").format(sql.Identifier(table)))
    found = connection.execute(_SEQUENCES, [table]).fetchall()
    if table in _OF_NO_COLUMN:
        found.append(_OF_NO_COLUMN[table])
    for sequence, column in found:
        query = sql.SQL("SELECT setval({}, greatest((SELECT max({}) FROM {}), nextval({})))")
        name = sql.Literal(str(sequence))
        connection.execute(query.format(name, sql.Identifier(str(column)), sql.Identifier(table), name))


def _accounts(connection: Connection, accounts: list[list[str]]) -> dict[str, str]:
    """Make those that are not there; who is there by their e-mail is the same person. Which id another one became.

    None has a password: it is set by the mail of “Forgot password”.
    """
    others = {}
    for key, email, name, language in accounts:
        row = connection.execute("SELECT id FROM accounts_user WHERE lower(email) = lower(%s)", [email]).fetchone()
        if row is not None:
            others[key] = str(row[0])
            continue
        password = UNUSABLE_PASSWORD_PREFIX + secrets.token_urlsafe(30)
        connection.execute(
            "INSERT INTO accounts_user (id, email, name, language, password, is_active, created_at, wrong_codes) "
            "VALUES (%s, %s, %s, %s, %s, true, now(), 0)",
            [key, email, name, language, password],
        )
    return {key: other for key, other in others.items() if key != other}


def _name_accounts(connection: Connection, others: Mapping[str, str]) -> None:
    for key, other in others.items():
        for table in ("practice_member", "practice_accessgrant"):
            query = sql.SQL("UPDATE {} SET user_id = %s WHERE user_id = %s").format(sql.Identifier(table))
            connection.execute(query, [other, key])


def _fill(connection: Connection, table: str, columns: Mapping[str, list[str]], frames: Iterator[bytes]) -> None:
    """By way of a table of this session: COPY does not write where row security holds.

    A space that another practice here shares is there already.
    """
    target, names = sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, columns[table]))
    alike = sql.SQL("CREATE TEMP TABLE restored ON COMMIT DROP AS SELECT {} FROM {} WITH NO DATA")
    connection.execute(alike.format(names, target))
    with (
        connection.cursor() as cursor,
        cursor.copy(sql.SQL("COPY restored ({}) FROM STDIN").format(names)) as copied,
    ):
        for frame in frames:
            copied.write(frame)
    insert = sql.SQL("INSERT INTO {} ({}) OVERRIDING SYSTEM VALUE SELECT {} FROM restored {}")
    known = sql.SQL("ON CONFLICT DO NOTHING" if table == "practice_space" else "")
    connection.execute(insert.format(target, names, names, known))
    connection.execute("DROP TABLE restored")


def _compare(connection: Connection, practice: str, said: Mapping[str, int]) -> None:
    for table, count in said.items():
        if table in ("practice_practice", "practice_space"):
            continue
        query = sql.SQL("SELECT count(*) FROM {} WHERE practice_id = %s").format(sql.Identifier(table))
        row = connection.execute(query, [practice]).fetchone()
        if row is None or row[0] != count:
            raise Differs(
                _("Rows of the table %(name)s: %(found)s; the backup says: %(said)s.")
                % {"name": table, "said": count, "found": row[0] if row else 0}
            )


def _finish(connection: Connection, practice: str) -> None:
    connection.execute(
        "SELECT set_config('sprechzeit.actor', 'operator', true), "
        "set_config('sprechzeit.request', 'command:restore-practice', true)"
    )
    for statement in _FINISH:
        connection.execute(statement, [practice])


@contextmanager
def sealed_part(file: IO[bytes]) -> Iterator[IO[bytes]]:
    """The part of an archive that can be restored; or the file itself, where it was taken out. `BackupUnreadable`."""
    if not zipfile.is_zipfile(file):
        file.seek(0)
        yield file
        return
    try:
        with zipfile.ZipFile(file) as archive:
            names = [one for one in archive.namelist() if one.startswith("restore/")]
            if not names:
                raise BackupUnreadable(
                    _("This backup is partial and cannot be restored: only an administrator's is whole.")
                )
            with archive.open(names[0]) as opened:
                yield opened
    except zipfile.BadZipFile as error:
        raise BackupUnreadable(_("The backup is damaged: %(reason)s. Take another one.") % {"reason": error}) from error
