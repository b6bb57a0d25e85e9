"""Refusals at the start: what would make the promises of this program empty."""

import psycopg

from sprechzeit.operations.errors import CannotRun, Misconfigured
from sprechzeit.operations.terminal import _

OLDEST = 150000  # PostgreSQL 15, as server_version_num


def check_application_role(url: str) -> None:
    """Refuse a database that is too old, cannot be reached or is half restored; a role that row security does not bind.

    Raises `Misconfigured` or `CannotRun`.
    """
    with _connected(url) as connection:
        row = connection.execute(
            "SELECT current_user, rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user"
        ).fetchone()
        version = connection.info.server_version
        mark = connection.execute("SELECT to_regclass('public.sprechzeit_restore')").fetchone()
    if version < OLDEST:
        raise Misconfigured(_("PostgreSQL 15 or later is needed; this is %(version)s.") % {"version": version // 10000})
    if mark and mark[0] is not None:
        raise CannotRun(
            _("A restore into this database was interrupted. Run “sprechzeit restore” with the same backup again.")
        )
    if row is None or row[1]:
        raise Misconfigured(
            _(
                "SPRECHZEIT_DATABASE_URL signs in as “%(role)s”, which may read every practice: row security does not "
                "hold for it. Run once what “sprechzeit database sql” prints, and sign in as “sprechzeit_app”."
            )
            % {"role": row[0] if row else "?"}
        )


def _connected(url: str) -> psycopg.Connection[tuple[object, ...]]:
    try:
        return psycopg.connect(url, connect_timeout=10, autocommit=True)
    except psycopg.OperationalError as error:
        raise CannotRun(
            _("The database of SPRECHZEIT_DATABASE_URL cannot be reached: %(reason)s") % {"reason": str(error).strip()}
        ) from error
    except psycopg.ProgrammingError as error:
        raise Misconfigured(
            _("SPRECHZEIT_DATABASE_URL is not a database address: %(reason)s") % {"reason": str(error).strip()}
        ) from error
