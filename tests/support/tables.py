"""What stands in a database's tables, seen from outside: to prove that something changed nothing."""

from collections.abc import Collection

import psycopg
from psycopg import sql

# Counted and kept on purpose, whatever becomes of the request.
ALWAYS_KEPT = frozenset({"core_attempts", "core_cache", "accounts_session"})


def fingerprints(superuser_url: str, *, without: Collection[str] = ALWAYS_KEPT) -> dict[str, str]:
    """For each table, the versions of all its rows. Equal before and after: no row was written, changed or deleted."""
    with psycopg.connect(superuser_url, autocommit=True) as connection:
        tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1").fetchall()
        return {name: _fingerprint(connection, name) for (name,) in tables if name not in without}


def _fingerprint(connection: psycopg.Connection[tuple[str, ...]], table: str) -> str:
    query = sql.SQL(
        "SELECT count(*) || ' ' || coalesce(md5(string_agg(xmin::text || ctid::text, ',' ORDER BY ctid)), '') FROM {}"
    )
    (value,) = connection.execute(query.format(sql.Identifier(table))).fetchone() or ("",)
    return value


def changed(before: dict[str, str], after: dict[str, str]) -> list[str]:
    """The tables that differ."""
    return [name for name in after if before.get(name) != after[name]]
