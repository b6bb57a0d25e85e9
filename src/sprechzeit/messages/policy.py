"""Who sees which messages. Decided here and nowhere else."""

from django.db.models import QuerySet

from sprechzeit.access.actor import Actor
from sprechzeit.access.table import Data, Reach
from sprechzeit.messages.models import Message
from sprechzeit.scheduling.policy import visible_appointments


def visible_messages(actor: Actor) -> QuerySet[Message]:
    """A message is seen by who sees its appointment."""
    messages = Message.objects.filter(practice_id__in=actor.practices)
    match actor.reach(Data.MESSAGES):
        case Reach.ALL:
            return messages
        case Reach.OWN:
            return messages.filter(appointment__in=visible_appointments(actor))
        case _:
            return messages.none()
