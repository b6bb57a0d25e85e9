"""What is done to the log: the erasure that law asks for, and the note of a check. Nothing else can be."""

from collections.abc import Sequence
from uuid import UUID

from django.db import connection

from sprechzeit.access.actor import Actor
from sprechzeit.audit.errors import NoReason
from sprechzeit.audit.findings import Proof
from sprechzeit.audit.policy import may_erase_values, may_read_log
from sprechzeit.audit.verification import check_log
from sprechzeit.core.acting import action, require
from sprechzeit.core.errors import NotAllowed


@action
def erase_values(actor: Actor, entry_ids: Sequence[int], reason: str) -> int:
    """Blank the old and new values of these entries for good; who, when and what stays. How many it was.

    Each erasure is an entry itself. What is erased already is left alone. PRI-3, PRI-20, AUD-3.
    """
    require(may_erase_values(actor), NotAllowed)
    require(bool(reason.strip()), NoReason)
    with connection.cursor() as cursor:
        cursor.execute("SELECT erase_values(%s, %s, %s)", [actor.practice_id, list(entry_ids), reason])
        (erased,) = cursor.fetchone()
    return int(erased)


@action
def erase_rows(actor: Actor, table: str, row_ids: Sequence[UUID], reason: str) -> int:
    """Blank all values that the log has of rows that are deleted, for good. How many entries it was.

    One entry a row says so. The database refuses a row that stands. PRI-21, AUD-3.
    """
    require(may_erase_values(actor), NotAllowed)
    require(bool(reason.strip()), NoReason)
    with connection.cursor() as cursor:
        cursor.execute("SELECT erase_rows(%s, %s, %s, %s)", [actor.practice_id, table, list(row_ids), reason])
        (erased,) = cursor.fetchone()
    return int(erased)


@action
def check_and_note(actor: Actor) -> Proof:
    """Check the whole chain and note what was found, for the page of the log."""
    require(may_read_log(actor), NotAllowed)
    proof = check_log(actor)
    found = proof.finding
    note = f"{found.trouble}:{found.entry_id or ''}" if found else ""
    with connection.cursor() as cursor:
        cursor.execute("SELECT note_check(%s, %s)", [actor.practice_id, note])
    return proof
