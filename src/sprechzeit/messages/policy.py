"""Who sees which messages. Decided here and nowhere else."""

from uuid import UUID

from django.db.models import QuerySet

from sprechzeit.access.actor import Actor
from sprechzeit.access.table import Data, Reach, Use
from sprechzeit.core.errors import NotFound
from sprechzeit.messages.models import Message, MessageTemplate, Reminder
from sprechzeit.scheduling.policy import visible_appointments


def visible_messages(actor: Actor) -> QuerySet[Message]:
    """A message is seen by who sees its appointment; no access opens messages."""
    messages = Message.objects.filter(practice_id__in=actor.practices)
    match actor.reach(Data.MESSAGES):
        case Reach.ALL:
            return messages
        case Reach.OWN:
            return messages.filter(appointment__in=visible_appointments(actor.by_role()))
        case _:
            return messages.none()


def get_message(actor: Actor, message_id: UUID) -> Message:
    """Raises NotFound alike for strangers and for ids that never were (ACC-6)."""
    message = visible_messages(actor).filter(pk=message_id).first()
    if message is None:
        raise NotFound
    return message


def may_send_again(actor: Actor) -> bool:
    """Whether the actor may have a failed message sent once more."""
    return actor.reach(Data.MESSAGES, Use.WRITE) is Reach.ALL


def visible_reminders(actor: Actor) -> QuerySet[Reminder]:
    """The practice's reminders: they are settings of the practice."""
    if actor.reach(Data.PRACTICE) is not Reach.ALL:
        return Reminder.objects.none()
    return Reminder.objects.filter(practice_id__in=actor.practices)


def get_reminder(actor: Actor, reminder_id: UUID) -> Reminder:
    """Raises NotFound alike for strangers and for ids that never were (ACC-6)."""
    found = visible_reminders(actor).filter(pk=reminder_id).first()
    if found is None:
        raise NotFound
    return found


def visible_templates(actor: Actor) -> QuerySet[MessageTemplate]:
    """The practice's own texts: they are settings of the practice."""
    if actor.reach(Data.PRACTICE) is not Reach.ALL:
        return MessageTemplate.objects.none()
    return MessageTemplate.objects.filter(practice_id__in=actor.practices)
