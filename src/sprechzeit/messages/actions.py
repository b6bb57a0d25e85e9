"""What becomes of a message: due, sent, failed."""

from django.utils import timezone

from sprechzeit.access.actor import Actor
from sprechzeit.access.table import Data, Reach, Use
from sprechzeit.core.acting import action, require
from sprechzeit.core.errors import NotAllowed
from sprechzeit.messages.models import Message
from sprechzeit.scheduling.models import Appointment


@action
def message_due(actor: Actor, appointment: Appointment, kind: str, *, address: str = "") -> Message:
    """The one message of this kind about the appointment as it is now, made at the first call (NOT-1).

    One that still waits tells how it is now, instead of what it was made for. `address`: of somebody other than the
    patient.
    """
    require(actor.reach(Data.MESSAGES, Use.WRITE) is Reach.ALL, NotAllowed)
    of_kind = Message.objects.filter(practice_id=appointment.practice_id, appointment=appointment, kind=kind)
    waiting = of_kind.filter(sent_at=None, failed_at=None, withdrawn_at=None).first()
    if waiting:
        if waiting.sequence != appointment.sequence:
            waiting.sequence = appointment.sequence
            waiting.save(update_fields=["sequence"])
        return waiting
    message, _made = of_kind.get_or_create(
        sequence=appointment.sequence,
        defaults={
            "practice_id": appointment.practice_id,
            "appointment": appointment,
            "kind": kind,
            "address": address or appointment.email,
        },
    )
    return message


@action
def withdraw(actor: Actor, message: Message) -> None:
    """What it tells is over: it is not sent any more."""
    require(actor.reach(Data.MESSAGES, Use.WRITE) is Reach.ALL, NotAllowed)
    message.withdrawn_at = timezone.now()
    message.save(update_fields=["withdrawn_at"])


@action
def mark_sent(actor: Actor, message: Message, subject: str, text: str) -> None:
    """The mail server has it. What was sent is kept, sealed."""
    require(actor.reach(Data.MESSAGES, Use.WRITE) is Reach.ALL, NotAllowed)
    message.attempts += 1
    message.sent_at = timezone.now()
    message.subject, message.text, message.error = subject, text, ""
    message.save(update_fields=["attempts", "sent_at", "subject", "text", "error"])


@action
def mark_attempt(actor: Actor, message: Message, error: str, *, final: bool) -> None:
    """It could not be sent; `final`: and is not tried again, which the practice sees."""
    require(actor.reach(Data.MESSAGES, Use.WRITE) is Reach.ALL, NotAllowed)
    message.attempts += 1
    message.error = error[:250]
    message.failed_at = timezone.now() if final else None
    message.save(update_fields=["attempts", "error", "failed_at"])
