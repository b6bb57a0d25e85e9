"""All rows of one practice, sealed with the installation's key: the part of a backup that can be restored (OPS-20).

It is a sealed stream as that of a full backup (`backup/sealed.py`): a list of what it is, the practice, its accounts,
each table in an order in which it can be filled, the files of documents, and the signed heads of the log.
"""

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from typing import IO, Any
from uuid import UUID

from django.conf import settings
from django.db import connection
from psycopg import sql

from sprechzeit.access.actor import Actor
from sprechzeit.core.acting import require
from sprechzeit.core.errors import NotAllowed
from sprechzeit.operations.backup import PRACTICE
from sprechzeit.operations.backup.archive import Manifest, Packing
from sprechzeit.operations.backup.files import frames_of, kept_files
from sprechzeit.operations.backup.heads import heads_in, lines_of
from sprechzeit.operations.policy import sees_everything

TABLE = "table/"
# They are of the archive itself; a community is of several practices, and is no more where one of them comes back.
LEFT_OUT = (
    "operations_backuppiece", "community_membership", "community_communitycode", "community_communityevent",
)  # fmt: skip
# Whose rows are found otherwise than by `practice_id`; %s is the practice.
OTHERS = {
    "practice_practice": "id = {practice}",
    "practice_space": "id IN (SELECT unnest(space_id || former_spaces) FROM practice_room"
    " WHERE practice_id = {practice})",
}
_TABLES = """
SELECT c.relname::text, array_agg(a.attname::text ORDER BY a.attnum)
  FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
 WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped
   AND a.attgenerated = '' AND c.relname <> ALL (%s)
 GROUP BY c.relname HAVING 'practice_id' = ANY (array_agg(a.attname)) OR c.relname = ANY (%s)
"""
_KEYS = """
SELECT DISTINCT conrelid::regclass::text, confrelid::regclass::text FROM pg_constraint
 WHERE contype = 'f' AND conrelid <> confrelid
"""
_ACCOUNTS = """
SELECT id, email, name, language FROM accounts_user WHERE id IN (
    SELECT user_id FROM practice_member WHERE practice_id = %s
     UNION SELECT user_id FROM practice_accessgrant WHERE practice_id = %s) ORDER BY id
"""


def write_dump(actor: Actor, out: IO[bytes]) -> None:
    """Write it to `out`; in one transaction that sees one moment, after the log was sealed. Raises `NotAllowed`."""
    require(sees_everything(actor), NotAllowed)
    practice = actor.practice_id
    columns = tables_with_columns()
    order = in_order(columns)
    heads = [one for one in heads_in(_raw()) if one.practice_id == practice]
    packing = Packing(out, settings.MASTER_KEY)
    packing.add_manifest(_manifest(practice, order))
    packing.add(PRACTICE, [json.dumps(_facts(practice, columns)).encode()])
    for table in order:
        packing.add(f"{TABLE}{table}", _rows(practice, table, columns[table]))
    for name, file in kept_files(f"{practice}/"):
        packing.add(name, frames_of(file))
    for head in heads:
        packing.add(*lines_of(head))
    packing.finish()


def tables_with_columns() -> dict[str, list[str]]:
    """Each table that has rows of a practice, of all rooms, with the columns that are stored."""
    return {str(name): list(columns) for name, columns in _asked(_TABLES, [list(LEFT_OUT), list(OTHERS)])}


def in_order(tables: Sequence[str] | dict[str, list[str]]) -> list[str]:
    """The tables so that each comes after those that its rows refer to."""
    needs: dict[str, set[str]] = {name: set() for name in tables}
    for table, other in _asked(_KEYS, []):
        if table in needs and other in needs:
            needs[table].add(other)
    order: list[str] = []
    while needs:
        ready = sorted(name for name, others in needs.items() if not others - set(order))
        if not ready:
            raise RuntimeError(f"tables that refer to one another in a circle: {sorted(needs)}")
        order += ready
        needs = {name: others for name, others in needs.items() if name not in ready}
    return order


def _manifest(practice: UUID, order: Sequence[str]) -> Manifest:
    return Manifest(
        version=version("sprechzeit"),
        made_at=datetime.now(UTC).isoformat(timespec="seconds"),
        postgresql=_raw().info.server_version,
        migrations=[[str(app), str(name)] for app, name in _asked("SELECT app, name FROM django_migrations", [])],
        rows={table: _count(practice, table) for table in order},
        heads={str(practice): []},
        files=0,
    )


def _facts(practice: UUID, columns: dict[str, list[str]]) -> dict[str, Any]:
    ((name, slug),) = _asked("SELECT name, slug FROM practice_practice WHERE id = %s", [practice])
    accounts = [[str(key), email, called, language] for key, email, called, language in
                _asked(_ACCOUNTS, [practice, practice])]  # fmt: skip
    return {"id": str(practice), "name": name, "slug": slug, "columns": columns, "accounts": accounts}


def _count(practice: UUID, table: str) -> int:
    query = sql.SQL("SELECT count(*) FROM {} WHERE {}").format(sql.Identifier(table), _of(practice, table))
    return int(_asked(query, [])[0][0])


def _rows(practice: UUID, table: str, columns: Sequence[str]) -> Iterator[bytes]:
    """As COPY writes them. In order of the keys, so that the same rows give the same bytes."""
    query = sql.SQL("COPY (SELECT {} FROM {} WHERE {} ORDER BY 1) TO STDOUT").format(
        sql.SQL(", ").join(map(sql.Identifier, columns)), sql.Identifier(table), _of(practice, table)
    )
    with _raw().cursor() as cursor, cursor.copy(query) as copied:
        for piece in copied:
            yield bytes(piece)


def _of(practice: UUID, table: str) -> sql.Composable:
    condition = OTHERS.get(table, "practice_id = {practice}")
    return sql.SQL(condition).format(practice=sql.Literal(str(practice)))


def _asked(query: Any, values: Sequence[Any]) -> list[tuple[Any, ...]]:
    found: list[tuple[Any, ...]] = _raw().execute(query, values or None).fetchall()
    return found


def _raw() -> Any:
    """Below Django: it does not know COPY."""
    connection.ensure_connection()
    return connection.connection
