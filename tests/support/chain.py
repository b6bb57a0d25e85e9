"""The sealed log, for tests: proving it, and giving it something new."""

from sprechzeit.access.actor import Actor
from sprechzeit.audit.models import Seal
from sprechzeit.audit.verification import Proof, check_log
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
