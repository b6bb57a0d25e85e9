"""Taking the sandbox practice out again, with all that was made in it: as the owner of the database."""

from uuid import UUID

import psycopg
from psycopg import sql

from sprechzeit.access.actor import system
from sprechzeit.audit.sealing import seal_log
from sprechzeit.operations.errors import NotTheSandbox
from sprechzeit.operations.plans import OPERATOR
from sprechzeit.operations.sandbox_words import EMAIL, SLUG
from sprechzeit.operations.terminal import _

COMMAND = "command:partner sandbox"

_TABLES = """
    SELECT c.relname FROM pg_class c
      JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'practice_id' AND NOT a.attisdropped
     WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace
       AND c.relname NOT LIKE 'audit%' ORDER BY c.relname
"""


def remove_sandbox(owner_url: str) -> list[UUID]:
    """All rows of the practice but its log, which says who took it out and stays whole; what is left of it is sealed.

    Returns the accounts of its people, who may be members elsewhere. Raises `NotTheSandbox` for a practice of people
    that is called so.
    """
    with psycopg.connect(owner_url) as connection:
        found = connection.execute("SELECT id, email FROM practice_practice WHERE slug = %s", [SLUG]).fetchone()
        if found is None:
            return []
        if found[1] != EMAIL:
            raise NotTheSandbox(
                _(
                    "A practice of this installation has the address “%(slug)s”, but not the e-mail %(email)s of the "
                    "sandbox. Nothing was taken out: it may be a real practice. Use another installation."
                )
                % {"slug": SLUG, "email": EMAIL}
            )
        connection.execute(
            "SELECT set_config('sprechzeit.practices', %s, true), set_config('sprechzeit.actor', %s, true), "
            "set_config('sprechzeit.request', %s, true)", [str(found[0]), OPERATOR, COMMAND],
        )  # fmt: skip
        # A practice keeps an administrator, but for one that goes as a whole.
        connection.execute("ALTER TABLE practice_member DISABLE TRIGGER last_administrator")
        members = "SELECT user_id FROM practice_member WHERE practice_id = %s"
        users = [row[0] for row in connection.execute(members, [found[0]]).fetchall()]
        tables = [str(row[0]) for row in connection.execute(_TABLES).fetchall()]
        _empty(connection, tables, found[0])
        connection.execute("DELETE FROM practice_practice WHERE id = %s", [found[0]])
        connection.execute("ALTER TABLE practice_member ENABLE TRIGGER last_administrator")
    seal_log(system(found[0]))
    return users


def _empty(connection: psycopg.Connection, tables: list[str], practice_id: UUID) -> None:
    """Delete the practice's rows; a table that others still refer to waits for them."""
    while tables:
        waiting = []
        for table in tables:
            delete = sql.SQL("DELETE FROM {} WHERE practice_id = %s").format(sql.Identifier(table))
            try:
                with connection.transaction():
                    connection.execute(delete, [practice_id])
            except psycopg.errors.ForeignKeyViolation:
                waiting.append(table)
        if waiting == tables:
            raise RuntimeError(f"these refer to one another: {', '.join(tables)}")
        tables = waiting
