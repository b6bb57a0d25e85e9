"""Rows as plain SQL finds them: making a statement by the ORM takes several times as long as asking it.

Who sees what stays the policies' word: they are asked before, or their rows are the subquery that is read from.
"""

from collections.abc import Callable, Collection, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache, cached_property, lru_cache
from itertools import islice
from typing import Any, Generic, Protocol, TypeVar
from uuid import UUID

from django.core.exceptions import EmptyResultSet
from django.db import DEFAULT_DB_ALIAS, connection, models
from django.db.models import Field, Model, QuerySet
from django.db.models.expressions import DatabaseDefault

from sprechzeit.core.plans import Parameters, planned

M = TypeVar("M", bound=Model)
# What these fields store as it is: asking each of them how costs more than the statement's text.
_STORED_AS_IT_IS: dict[type[Any], type] = {
    models.BooleanField: bool,
    models.CharField: str,
    models.DateField: date,
    models.DateTimeField: datetime,
    models.EmailField: str,
    models.TextField: str,
    models.UUIDField: UUID,
}


def fetch(statement: str, parameters: Parameters) -> list[tuple[Any, ...]]:
    """All rows of a statement."""
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows


def partly(model: type[M], **known: Any) -> M:
    """A row of which these fields are known; the others are read where they are asked for."""
    fields = _in_order(model, tuple(known))
    return model.from_db(DEFAULT_DB_ALIAS, fields, [known[name] for name in fields])


@cache
def _in_order(model: type[Model], wanted: Collection[str]) -> list[str]:
    """Names of fields as `from_db` wants them."""
    return [one.attname for one in model._meta.concrete_fields if one.attname in wanted]


def subquery(visible: QuerySet[Any]) -> tuple[str, tuple[Any, ...]]:
    """What a policy lets somebody see, to be read from, with its parameters."""
    try:
        statement, parameters = visible.query.sql_with_params()
    except EmptyResultSet:
        return f"(SELECT * FROM {visible.model._meta.db_table} WHERE false)", ()  # noqa: S608
    return f"({statement})", parameters


class Sees(Hashable, Protocol):
    """What a statement's parameters are taken from. `access.Actor` is the one that sees."""

    def alike(self) -> tuple[Any, Mapping[UUID, UUID]]:
        """Who stands for all that see alike, and whose ids its ids stand for."""
        ...


A = TypeVar("A", bound=Sees)


def seen(policy: Callable[[A], QuerySet[Any]], actor: A) -> tuple[str, tuple[Any, ...]]:
    """`subquery(policy(actor))`, made once for all actors who see alike.

    For policies that ask for nothing else of an actor than its kind, its role, its practices, its id and its access.
    """
    like, ids = actor.alike()
    statement, parameters = _made_once(policy, like)
    return statement, tuple(ids.get(one, one) if isinstance(one, UUID) else one for one in parameters)


@lru_cache(maxsize=256)
def _made_once(policy: Callable[[Any], QuerySet[Any]], like: Any) -> tuple[str, tuple[Any, ...]]:
    return subquery(policy(like))


def count_each(actor: A, *policies: Callable[[A], QuerySet[Any]]) -> list[int]:
    """How many rows the actor sees of each, in one statement; as `seen`."""
    parts = [seen(policy, actor) for policy in policies]
    counts = ", ".join(f"(SELECT count(*) FROM {statement} counted)" for statement, _ in parts)  # noqa: S608
    (row,) = fetch(f"SELECT {counts}", [one for _, parameters in parts for one in parameters])
    return list(row)


@dataclass(frozen=True)
class Part(Generic[M]):
    """A model's place in a statement that finds several at once: its columns, and what a row holds.

    `before`: what stands in the statement before each column's name, as 'one.'.
    """

    model: type[M]
    before: str
    without: Collection[str] = ()

    @cached_property
    def _fields(self) -> list[str]:
        return [one.attname for one in self.model._meta.concrete_fields if one.attname not in self.without]

    @cached_property
    def columns(self) -> str:
        """For the statement."""
        return ", ".join(f"{self.before}{name}" for name in self._fields)

    def take(self, values: Iterator[Any]) -> M:
        """The next columns of a row."""
        return self.model.from_db(DEFAULT_DB_ALIAS, self._fields, list(islice(values, len(self._fields))))

    def take_any(self, values: Iterator[Any]) -> M | None:
        """The next columns of a row; None where an outer join found nothing."""
        found = self.take(values)
        return None if found.pk is None else found


def add(*rows: Model, also: tuple[str, Sequence[Any]] | None = None) -> None:
    """Insert new rows, of one model or of several, by one statement, and fill in what the database has a default for.

    A row may refer to another one of them. `also`: what else the statement changes, with its parameters.
    """
    inserts: list[str] = []
    parameters: list[Any] = []
    filled: list[tuple[Model, Field[Any, Any], str]] = []
    for number, row in enumerate(rows):
        values = {one: one.pre_save(row, add=True) for one in row._meta.concrete_fields}
        given = [one for one in values if not isinstance(values[one], DatabaseDefault)]
        filled += [(row, one, f"row{number}.{one.column}") for one in values if one not in given]
        parameters += [_as_stored(one, values[one]) for one in given]
        inserts.append(
            f"row{number} AS (INSERT INTO {row._meta.db_table} ({', '.join(str(one.column) for one in given)}) "  # noqa: S608
            f"VALUES ({', '.join(['%s'] * len(given))}) RETURNING *)"
        )
    if also:
        inserts.append(f"also AS ({also[0]})")
        parameters += also[1]
    names = ", ".join(name for _, _, name in filled) or "1"
    tables = ", ".join(f"row{number}" for number in range(len(rows)))
    statement = f"WITH {', '.join(inserts)} SELECT {names} FROM {tables}"  # noqa: S608 – of models
    (found,) = fetch(*planned(statement, parameters))
    for (row, one, _), value in zip(filled, found, strict=False):
        setattr(row, one.attname, value)
    for row in rows:
        row._state.adding, row._state.db = False, DEFAULT_DB_ALIAS


def add_all(*groups: Sequence[Model]) -> None:
    """Insert many new rows, each group of one model, all by one statement; what the database fills in is not read back.

    A row may refer to one of another group. What the database does after each row it does when all are there.
    """
    inserts: list[str] = []
    parameters: list[Any] = []
    for number, rows in enumerate(group for group in groups if group):
        meta = rows[0]._meta
        fields = [
            one for one in meta.concrete_fields if not isinstance(one.pre_save(rows[0], add=True), DatabaseDefault)
        ]
        parameters += [[_plainly_stored(one, one.pre_save(row, add=True)) for row in rows] for one in fields]
        arrays = ", ".join(f"%s::{_array_of(one)}[]" for one in fields)
        inserts.append(
            f"group{number} AS (INSERT INTO {meta.db_table} ({', '.join(str(one.column) for one in fields)}) "  # noqa: S608 – of models
            f"SELECT * FROM unnest({arrays}))"
        )
    if inserts:
        with connection.cursor() as cursor:
            cursor.execute(f"WITH {', '.join(inserts)} SELECT 1", parameters)


def _plainly_stored(field: "Field[Any, Any]", value: Any) -> Any:
    return value if isinstance(value, bytes) else _as_stored(field, value)


def _array_of(field: "Field[Any, Any]") -> str:
    """A cast to varchar(n) would cut off what is too long; in place of an error there must be none of that."""
    kind = field.rel_db_type(connection) if field.is_relation else field.db_type(connection)
    return "text" if (kind or "").startswith("varchar") else kind or "text"


def _as_stored(field: "Field[Any, Any]", value: Any) -> Any:
    own = UUID if isinstance(field, models.ForeignKey) else _STORED_AS_IT_IS.get(type(field))
    return value if own and (value is None or type(value) is own) else field.get_db_prep_save(value, connection)
