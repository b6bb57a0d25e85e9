"""Reading the practice that an actor acts in."""

from sprechzeit.access.actor import Actor
from sprechzeit.practice.models import Member, Practice


def practice_of(actor: Actor) -> Practice:
    """The one practice of an actor that acts in one. Whoever acts in a practice sees its name and address."""
    return Practice.objects.get(pk=actor.practice_id)


def member_of(actor: Actor) -> Member:
    """The member that a staff actor is."""
    return Member.objects.get(practice_id=actor.practice_id, pk=actor.identity)
