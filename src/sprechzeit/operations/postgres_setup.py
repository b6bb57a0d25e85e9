"""Roles and databases: what an administrator runs once on a PostgreSQL server of their own (architecture §1).

Everything here may be run again, on PostgreSQL 15 and later.
"""

import re
from collections.abc import Mapping

import psycopg
from psycopg import sql

from sprechzeit.operations.terminal import _

OWNER, APP, CROSSING, BACKUP = "sprechzeit_owner", "sprechzeit_app", "sprechzeit_crossing", "sprechzeit_backup"
DATABASE = "sprechzeit"

_ROLES = """\
-- owner: owns the database and migrates it. app: web and workers; owns nothing, row security holds for it.
-- crossing: owns the few functions that look across practices; nobody signs in as it. backup: reads everything.
DO $$
DECLARE
    role text[];
BEGIN
    FOREACH role SLICE 1 IN ARRAY ARRAY[
        ['sprechzeit_owner', 'LOGIN'], ['sprechzeit_app', 'LOGIN'],
        ['sprechzeit_crossing', 'NOLOGIN'], ['sprechzeit_backup', 'LOGIN BYPASSRLS']
    ] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role[1]) THEN
            EXECUTE format('CREATE ROLE %I %s', role[1], role[2]);
        END IF;
    END LOOP;
END $$;
GRANT sprechzeit_crossing TO sprechzeit_owner;
GRANT pg_read_all_data TO sprechzeit_backup;
"""

# Order by code point, letters by Unicode: the same on every version, whatever the server's own locale.
_DATABASE = """\
CREATE DATABASE {name} OWNER sprechzeit_owner TEMPLATE template0 ENCODING 'UTF8'
    LOCALE_PROVIDER libc LC_COLLATE 'C' LC_CTYPE 'C.UTF-8'"""

_ENTRY = """\
REVOKE ALL ON DATABASE {name} FROM PUBLIC;
GRANT CONNECT ON DATABASE {name} TO sprechzeit_owner, sprechzeit_app, sprechzeit_backup;
"""

_CONTENTS = """\
CREATE EXTENSION IF NOT EXISTS btree_gist;
CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE EXTENSION IF NOT EXISTS unaccent;
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT USAGE, CREATE ON SCHEMA public TO sprechzeit_owner, sprechzeit_crossing;
GRANT USAGE ON SCHEMA public TO sprechzeit_app, sprechzeit_backup;
ALTER DEFAULT PRIVILEGES FOR ROLE sprechzeit_owner IN SCHEMA public
    GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO sprechzeit_app;
ALTER DEFAULT PRIVILEGES FOR ROLE sprechzeit_owner IN SCHEMA public
    GRANT USAGE, SELECT ON SEQUENCES TO sprechzeit_app;
"""

_SCRIPT = """\
-- Run once as a superuser:  sprechzeit database sql | psql --dbname=postgres
-- Running it again changes nothing.
{roles}
SELECT $sql${database}$sql$
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = '{name}') \\gexec
{entry}
\\connect {name}
{contents}
-- Then give the three that sign in a password each, in psql:
--   \\password sprechzeit_owner
--   \\password sprechzeit_app
--   \\password sprechzeit_backup
"""


def setup_script(name: str = DATABASE) -> str:
    """The whole set-up as a script for psql."""
    return _SCRIPT.format(
        name=_checked(name), roles=_ROLES, database=_DATABASE.format(name=name), entry=_ENTRY.format(name=name),
        contents=_CONTENTS,
    )  # fmt: skip


def create_roles(superuser_url: str, passwords: Mapping[str, str] | None = None) -> None:
    """Make the four roles, and give those in `passwords` (role name → password) theirs.

    Passwords leave as SCRAM secrets, so that no log of the server can hold one in plain.
    """
    with psycopg.connect(superuser_url) as connection:
        # Role changes of two sessions at once fail with "tuple concurrently updated".
        connection.execute("SELECT pg_advisory_xact_lock(hashtext('sprechzeit roles'))")
        connection.execute(_trusted(_ROLES))
        for role, password in (passwords or {}).items():
            secret = connection.pgconn.encrypt_password(password.encode(), role.encode(), b"scram-sha-256")
            change = sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(role), secret.decode())
            connection.execute(change)


def create_database(superuser_url: str, name: str = DATABASE) -> None:
    """Make the database `name` with extensions and rights, or complete it if it is there. Needs the roles."""
    with psycopg.connect(superuser_url, autocommit=True) as connection:
        known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [_checked(name)]).fetchone()
        if not known:
            connection.execute(_trusted(_DATABASE.format(name=name)))
        connection.execute(_trusted(_ENTRY.format(name=name)))
    with psycopg.connect(superuser_url, dbname=name) as connection:
        connection.execute(_trusted(_CONTENTS))


def clone_database(superuser_url: str, template: str, name: str) -> None:
    """Make `name` a copy of `template`, which nobody may be connected to. Rights to connect are not copied."""
    with psycopg.connect(superuser_url, autocommit=True) as connection:
        # File by file: half the work of writing every page to the write-ahead log.
        copy = f"CREATE DATABASE {_checked(name)} OWNER {OWNER} TEMPLATE {_checked(template)} STRATEGY file_copy"
        connection.execute(_trusted(copy))
        connection.execute(_trusted(_ENTRY.format(name=name)))


def drop_database(superuser_url: str, name: str) -> None:
    """Remove the database `name`, if it is there, and end the sessions in it."""
    with psycopg.connect(superuser_url, autocommit=True) as connection:
        connection.execute(_trusted(f"DROP DATABASE IF EXISTS {_checked(name)} WITH (FORCE)"))


def _checked(name: str) -> str:
    """`name`, if it needs no quoting anywhere. Raises ValueError."""
    if not re.fullmatch(r"[a-z_][a-z0-9_]{0,62}", name):
        raise ValueError(_("“%(name)s” is no plain name of a database: a to z, 0 to 9 and _ only.") % {"name": name})
    return name


def _trusted(statement: str) -> sql.SQL:
    """Only statements of this file, filled with checked names, come here."""
    return sql.SQL(statement)
