"""What hangs on a record goes to another one, and back again (PAT-4): whatever table of whatever room it stands in."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import F, Model, UniqueConstraint

from sprechzeit.core.rows import fetch
from sprechzeit.patients.attached import OnMerge
from sprechzeit.patients.models import Patient

_MOVE = """
UPDATE {table} AS one SET {column} = %s
 WHERE one.practice_id = %s AND one.{column} = %s {more}{same}
RETURNING one.id, to_jsonb(one)::text
"""
# What is unique of a record: a row of which the other one has the same.
_SAME = """
   AND NOT EXISTS (SELECT 1 FROM {table} other
                    WHERE other.practice_id = one.practice_id AND other.{column} = %s{equal})
"""


@dataclass(frozen=True, slots=True)
class Relation:
    """A foreign key to a record, and how it moves."""

    model: type[Model]
    name: str
    column: str
    how: OnMerge | None

    @property
    def table(self) -> str:
        """Where its rows stand."""
        return str(self.model._meta.db_table)


def relations() -> Iterator[Relation]:
    """Every foreign key to a record, of all rooms, those without a way back among them."""
    for found in Patient._meta.get_fields(include_hidden=True):
        if found.auto_created and not found.concrete and found.is_relation:
            field: Any = found.field  # type: ignore[union-attr]  # what is made by a foreign key has one
            how = getattr(field.model, "ON_MERGE", {}).get(field.name)
            yield Relation(field.model, field.name, field.column, how)


def move(
    relation: Relation, practice_id: UUID, from_id: UUID, to_id: UUID, more: str = "", given: Sequence[Any] = ()
) -> list[tuple[str, dict[str, Any]]]:
    """Rows of one record are another one's now, but those of which it has the same. Their ids, and what they are now.

    `more`: a further condition on `one`, with what is `given` to it.
    """
    table, column = relation.table, relation.column
    same, times = "", 0
    for others in _unique_with(relation):
        equal = "".join(f" AND other.{name} IS NOT DISTINCT FROM one.{name}" for name in others)
        same += _SAME.format(table=table, column=column, equal=equal)
        times += 1
    statement = _MOVE.format(table=table, column=column, more=more, same=same)
    rows = fetch(statement, [to_id, practice_id, from_id, *given, *[to_id] * times])
    return [(str(row_id), json.loads(text)) for row_id, text in rows]


def move_back(relation: Relation, practice_id: UUID, from_id: UUID, to_id: UUID, ids: Sequence[str]) -> int:
    """Those rows that are still there are the former record's again; how many."""
    return len(move(relation, practice_id, from_id, to_id, "AND one.id = ANY (%s::uuid[])", [list(ids)]))


def rows_of(relation: Relation, practice_id: UUID, ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    """These rows as they are now, by id."""
    statement = (
        f"SELECT id, to_jsonb(one)::text FROM {relation.table} one WHERE practice_id = %s AND id = ANY (%s::uuid[])"  # noqa: S608 – names of our own tables
    )
    return {str(row_id): json.loads(text) for row_id, text in fetch(statement, [practice_id, list(ids)])}


def count(relation: Relation, practice_id: UUID, patient_id: UUID) -> int:
    """How many rows hang on a record."""
    statement = f"SELECT count(*) FROM {relation.table} WHERE practice_id = %s AND {relation.column} = %s"  # noqa: S608 – names of our own
    ((number,),) = fetch(statement, [practice_id, patient_id])
    return int(number)


def _unique_with(relation: Relation) -> Iterator[list[str]]:
    """The other columns of each constraint by which there is one such row of a record."""
    field = relation.model._meta.get_field(relation.name)
    if getattr(field, "unique", False):
        yield []
    for constraint in relation.model._meta.constraints:
        if isinstance(constraint, UniqueConstraint):
            named: list[Any] = [one for one in constraint.expressions if isinstance(one, F)]
            names = [*constraint.fields, *(one.name for one in named)]
            if relation.name in names:
                others = (one for one in names if one not in (relation.name, "practice"))
                yield [str(relation.model._meta.get_field(one).column) for one in others]  # type: ignore[union-attr]
