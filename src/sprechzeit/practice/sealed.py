"""Every column that the practices' data keys seal, and its values sealed anew with another key (PRI-1)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import connection, models

from sprechzeit.core import crypto
from sprechzeit.practice.models import PracticeSealedText

AT_ONCE = 200
FIRST = UUID(int=0)
# Bytes 2 to 17 of a sealed value name its key (core/crypto.py). In order of the ids, so that it can go on from there.
_OTHERS = """
SELECT id, "{column}" FROM "{table}"
 WHERE practice_id = %s AND id > %s AND "{column}" IS NOT NULL AND substring("{column}" FROM 2 FOR 16) <> %s
 ORDER BY id LIMIT {most}{locked}
"""
_KEYS = "SELECT id, wrapped FROM practice_datakey WHERE practice_id = %s"
_WRITE = 'UPDATE "{table}" SET "{column}" = %s WHERE practice_id = %s AND id = %s'


@dataclass(frozen=True, slots=True)
class Column:
    """One sealed column of one table."""

    model: type[models.Model]
    field: PracticeSealedText

    def statement(self, template: str, **more: object) -> str:
        """With the names of our own tables."""
        return template.format(table=self.model._meta.db_table, column=self.field.column, **more)


@dataclass(frozen=True, slots=True)
class Batch:
    """What was done at once. `last`: where to go on; None where nothing is left after it. `unreadable`: ids of rows."""

    done: int
    unreadable: Sequence[UUID]
    last: UUID | None


def sealed_columns() -> Iterator[Column]:
    """Of all rooms: a column that is sealed tomorrow is found tomorrow."""
    for model in apps.get_models():
        for field in model._meta.local_fields:
            if isinstance(field, PracticeSealedText):
                yield Column(model, field)


def seal_anew(practice_id: UUID, column: Column, key: crypto.DataKey, keys: Mapping[UUID, bytes], after: UUID) -> Batch:
    """Seal the next values of a column with `key`; nobody changes these rows meanwhile. `keys`: all, as they are kept.

    A value that cannot be opened stays as it is: it is not this program's to lose.
    """
    unreadable: list[UUID] = []
    with connection.cursor() as cursor:
        find = column.statement(_OTHERS, most=AT_ONCE, locked=" FOR UPDATE")
        cursor.execute(find, [practice_id, after, key.id.bytes])
        rows = cursor.fetchall()
        for row_id, sealed in rows:
            identity = column.field.identity(column.model(pk=row_id))
            try:
                key_id = crypto.key_id_of(bytes(sealed))
                plain = crypto.unwrap(key_id, keys.get(key_id, b"")).open(bytes(sealed), identity)
            except crypto.Unreadable:
                unreadable.append(row_id)
                continue
            cursor.execute(column.statement(_WRITE), [key.seal(plain, identity), practice_id, row_id])
    return Batch(len(rows) - len(unreadable), unreadable, rows[-1][0] if len(rows) == AT_ONCE else None)


def open_all(rows: Sequence[models.Model], *names: str) -> None:
    """Open sealed columns of rows of one practice, whose keys are asked for once. Raises `Unreadable`."""
    if not rows:
        return
    practice_id: UUID = rows[0].practice_id  # type: ignore[attr-defined]  # every protected model has it
    with connection.cursor() as cursor:
        cursor.execute(_KEYS, [practice_id])
        keys = {key_id: crypto.unwrap(key_id, bytes(wrapped)) for key_id, wrapped in cursor.fetchall()}
    for row in rows:
        for name in names:
            field: Any = row._meta.get_field(name)
            sealed = row.__dict__[name]
            if isinstance(sealed, bytes | memoryview):
                key = keys.get(crypto.key_id_of(bytes(sealed)))
                if key is None:
                    raise crypto.Unreadable("sealed with a key that this practice does not have")
                setattr(row, name, key.open(bytes(sealed), field.identity(row)).decode())


def is_sealed_otherwise(practice_id: UUID, key_id: UUID) -> bool:
    """Whether any value is sealed with another key than this."""
    with connection.cursor() as cursor:
        for column in sealed_columns():
            cursor.execute(column.statement(_OTHERS, most=1, locked=""), [practice_id, FIRST, key_id.bytes])
            if cursor.fetchone() is not None:
                return True
    return False
