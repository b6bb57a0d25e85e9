"""Reading the log."""

from uuid import UUID

from django.db import connection

from sprechzeit.access.actor import Actor
from sprechzeit.access.table import Data, Reach
from sprechzeit.audit.models import Entry
from sprechzeit.core.acting import require
from sprechzeit.core.crypto import pseudonym
from sprechzeit.core.errors import NotAllowed


def log_read(actor: Actor, practice_id: UUID, table: str, row_id: UUID) -> None:
    """Log that a record is opened, in the transaction that reads it, before the data leaves (AUD-2)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT log_read(%s, %s, %s, %s)", [practice_id, table, row_id, actor.why])


def log_search(actor: Actor, table: str, terms: str, hits: int) -> None:
    """Log that somebody searched, and how many they were shown (AUD-2). In place of a row stands a keyed digest of the
    terms: the same search is recognised, what was typed cannot be read.
    """
    digest = UUID(bytes=pseudonym("search", terms)[:16])
    with connection.cursor() as cursor:
        for practice_id in actor.practices:
            cursor.execute("SELECT log_read(%s, %s, %s, %s)", [practice_id, table, digest, f"{actor.why}: {hits} hits"])


def history_of(actor: Actor, practice_id: UUID, row_ids: list[UUID]) -> list[Entry]:
    """What was done to these rows, oldest first (CAL-15, AUD-4): for who may read the log of what they see."""
    require(actor.reach(Data.LOG) >= Reach.OWN, NotAllowed)
    return list(
        Entry.objects.filter(practice_id=practice_id, row_id__in=row_ids)
        .exclude(operation="read")
        .select_related("value")
        .order_by("id")
    )
