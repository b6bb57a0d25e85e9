"""Rows as plain SQL finds them: making a statement by the ORM takes several times as long as asking it.

Who sees what stays the policies' word: they are asked before, or their rows are the subquery that is read from.
"""

from collections.abc import Collection, Sequence
from typing import Any, TypeVar

from django.core.exceptions import EmptyResultSet
from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models import Model, QuerySet

M = TypeVar("M", bound=Model)


def fetch(statement: str, parameters: Sequence[Any] | dict[str, Any]) -> list[tuple[Any, ...]]:
    """All rows of a statement."""
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows


def load(model: type[M], wanted: Collection[str], rest: str, parameters: Sequence[Any]) -> list[M]:
    """Rows of a model with these fields alone; `rest` is what the statement says after its table."""
    fields = [one.attname for one in model._meta.concrete_fields if one.attname in wanted]
    rows = fetch(f"SELECT {', '.join(fields)} FROM {model._meta.db_table} {rest}", parameters)  # noqa: S608
    return [model.from_db(DEFAULT_DB_ALIAS, fields, row) for row in rows]


def subquery(visible: QuerySet[Any]) -> tuple[str, tuple[Any, ...]]:
    """What a policy lets somebody see, to be read from, with its parameters."""
    try:
        statement, parameters = visible.query.sql_with_params()
    except EmptyResultSet:
        return f"(SELECT * FROM {visible.model._meta.db_table} WHERE false)", ()  # noqa: S608
    return f"({statement})", parameters
