"""Statements that are planned once a connection: for the hot ones, planning takes longer than following the plan.

By PREPARE and EXECUTE, whose plans stay until the connection ends, rolled back or not. Not for statements whose best
plan hangs on their parameters, as on the ends of a span of time or on what an index leaves out: PostgreSQL guesses what
it does not know, and would read a calendar's years for a day. `tests/scheduling/test_plans.py` tries both.
"""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from hashlib import sha256
from typing import Any
from weakref import WeakKeyDictionary

from django.db import connection

Parameters = Sequence[Any] | Mapping[str, Any]

_PLACE = re.compile(r"%(?:%|s|\((\w+)\)s)")
_OWN_PROCESS = "SELECT pg_backend_pid()"
_NAME = re.compile(r"EXECUTE (planned_\w+)")

# The statements by their names.
_statements: dict[str, str] = {}

# What each connection has prepared; None where a pooler hands its statements to one server connection or another.
_prepared: WeakKeyDictionary[Any, set[str] | None] = WeakKeyDictionary()


def planned(statement: str, parameters: Parameters) -> tuple[str, Parameters]:
    """The same statement with its parameters, to be executed at once on this connection, by a plan that is kept.

    For statements of which there are few: each keeps its plan. PostgreSQL infers a parameter's type from where it
    stands, as for a literal; an array's is said: `%s::uuid[]`.
    """
    connection.close_if_health_check_failed()
    connection.ensure_connection()
    if connection.connection not in _prepared:
        _prepared[connection.connection] = None if _is_pooled() else set()
    known = _prepared[connection.connection]
    if known is None:
        return statement, parameters
    name, numbered, names, execute = _numbered(statement)
    if name not in known:
        with connection.wrap_database_errors, connection.connection.cursor() as cursor:
            cursor.execute(f"PREPARE {name} AS {numbered}")
        known.add(name)
    return execute, [parameters[one] for one in names] if isinstance(parameters, Mapping) else parameters


def statement_of(execute: str) -> str:
    """The statement behind an EXECUTE that `planned` gave; any other as it is."""
    found = _NAME.match(execute)
    return _statements[found[1]] if found else execute


@lru_cache(maxsize=1024)
def _numbered(statement: str) -> tuple[str, str, list[str], str]:
    """Its name, the statement as PREPARE takes it, the names of its parameters in their order, and the EXECUTE."""
    names: list[str] = []
    count = 0

    def numbered(found: re.Match[str]) -> str:
        nonlocal count
        if found[0] == "%%":
            return "%"
        if found[1] is None:
            count += 1
            return f"${count}"
        if found[1] not in names:
            names.append(found[1])
        return f"${names.index(found[1]) + 1}"

    text = _PLACE.sub(numbered, statement)
    name = "planned_" + sha256(statement.encode()).hexdigest()[:16]
    _statements[name] = statement
    places = ", ".join(["%s"] * (count or len(names)))
    return name, text, names, f"EXECUTE {name} ({places})" if places else f"EXECUTE {name}"


def _is_pooled() -> bool:
    """Whether a pooler stands between: it does not know which process of the server it will reach."""
    with connection.wrap_database_errors, connection.connection.cursor() as cursor:
        row = cursor.execute(_OWN_PROCESS).fetchone()
    return bool(row[0] != connection.connection.info.backend_pid)
