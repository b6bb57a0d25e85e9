"""Transaction advisory locks. Lock order everywhere: quota → calendars and spaces → patient → month of
the plan → invoice counter."""

from django.db import connection

from sprechzeit.core.plans import planned

_LOCK = (
    "SELECT pg_advisory_xact_lock(key) FROM "
    "(SELECT DISTINCT hashtextextended(name, 0) AS key FROM unnest(%s::text[]) AS name ORDER BY key) AS sorted"
)


def lock(*names: str) -> None:
    """Take the locks of all `names`, in one order for everybody, until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute(*planned(_LOCK, [list(names)]))
