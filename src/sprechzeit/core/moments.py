"""From when on somebody has to ask again, who asks for what changed since a moment."""

from datetime import datetime

from django.db import connection

# Of the program's own database role, whose transactions it may see. One that has no number yet has written nothing; it
# will do so later than this statement began.
_SETTLED = """
SELECT least(statement_timestamp(), min(xact_start)) FROM pg_stat_activity
 WHERE datname = current_database() AND backend_xid IS NOT NULL AND pid <> pg_backend_pid()
"""


def settled() -> datetime:
    """The moment up to which everything that was written is to be seen by the statements that follow.

    What another transaction writes bears the time at which it is written, and is seen by others only when that
    transaction ends. So nobody may go on from 'now': what is under way meanwhile would be missed. Read this first,
    then the rows; next time ask from it on.
    """
    with connection.cursor() as cursor:
        cursor.execute(_SETTLED)
        (found,) = cursor.fetchone() or (None,)
    assert isinstance(found, datetime)  # noqa: S101 – the time is there, be nobody else
    return found
