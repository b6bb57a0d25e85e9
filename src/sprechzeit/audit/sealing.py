"""Sealing the log: what is committed goes into the practice's chain, and the chain's head is signed (AUD-3)."""

from django.db import connection

from sprechzeit.access.actor import Actor
from sprechzeit.audit.heads import SignedHead, keep
from sprechzeit.audit.queries import head_of
from sprechzeit.core.acting import run_as

BATCH = 10_000


def seal_log(actor: Actor) -> int:
    """Seal a practice's committed entries, in transactions of `BATCH`; sign and keep the new head. How many.

    Call it outside `acting`. The head is signed after its commit: what is kept outside is certainly in the database.
    An interruption in between is made up for at the next call.
    """
    sealed = 0
    while batch := run_as(actor, lambda: _seal(actor)):
        sealed += batch
        if batch < BATCH:
            break
    _sign(actor)
    return sealed


def _seal(actor: Actor) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT seal_entries(%s, %s)", [actor.practice_id, BATCH])
        (sealed,) = cursor.fetchone()
    return int(sealed)


def _sign(actor: Actor) -> None:
    head = run_as(actor, lambda: head_of(actor))
    if head is None or head.signature:
        return
    signed = SignedHead(head.practice_id, head.place, head.entry_id, bytes(head.digest), head.sealed_at).signed()
    keep(signed)

    def note() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT sign_head(%s, %s, %s)", [actor.practice_id, signed.place, signed.signature])

    run_as(actor, note)
