"""The sealed log, for tests: proving it, and giving it something new."""

import time

from django.db import connection

from sprechzeit.access.actor import Actor
from sprechzeit.audit.findings import Proof
from sprechzeit.audit.models import Seal
from sprechzeit.audit.sealing import seal_log
from sprechzeit.audit.verification import check_log
from sprechzeit.core.acting import acting, run_as
from sprechzeit.practice.models import Room


def proof_of(actor: Actor) -> Proof:
    """What a check of the practice's chain finds."""
    return run_as(actor, lambda: check_log(actor))


def change(actor: Actor, room: Room, position: int) -> None:
    """One entry more, committed."""
    with acting(actor):
        Room.objects.filter(pk=room.pk).update(position=position)


def sealed_entries(actor: Actor) -> list[int]:
    """The entries in the order of the chain."""
    with acting(actor):
        seals = Seal.objects.filter(practice_id=actor.practice_id).order_by("place")
        return list(seals.values_list("entry_id", flat=True))


def seal_next(actor: Actor) -> int:
    """Seal what was committed, once no transaction is under way that began before: those of other tests hold it up."""
    deadline = time.monotonic() + 90
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_xact_id()::text::bigint")
        (mine,) = cursor.fetchone()
        while time.monotonic() < deadline:
            cursor.execute("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint > %s", [mine])
            if cursor.fetchone()[0]:
                break
            time.sleep(0.02)
    return seal_log(actor)
