"""Live updates: the database tells every process that a column of an appointment book changed (CAL-14)."""

from uuid import UUID

from django.db import connection

CHANNEL = "sprechzeit_book"


def announce(practice_id: UUID, calendar_id: UUID) -> None:
    """Tell open books, once the transaction commits. Ids only: the pages fetch what they may see."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, %s)", [CHANNEL, f"{practice_id} {calendar_id}"])


def announce_practice(practice_id: UUID) -> None:
    """Tell open pages that something changed which stands in no single column."""
    announce(practice_id, practice_id)


def announce_person(user_id: UUID) -> None:
    """Tell the open pages of a user to ask anew whether they may still be open."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, %s)", [CHANNEL, f"{user_id} {user_id}"])
