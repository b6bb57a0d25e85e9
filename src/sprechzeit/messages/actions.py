"""What becomes of a message: due, sent, failed."""

from uuid import UUID

from django.conf import settings
from django.db.models.functions import Now
from django.utils import timezone

from sprechzeit.access.actor import Actor
from sprechzeit.access.table import Data, Reach, Use
from sprechzeit.core.acting import action, require
from sprechzeit.core.errors import NotAllowed, NotFound
from sprechzeit.core.events import publish
from sprechzeit.messages.errors import PlaceholderUnknown, TextMissing
from sprechzeit.messages.events import MessageWantedAgain
from sprechzeit.messages.models import Message, MessageTemplate
from sprechzeit.messages.placeholders import faults, one_line, suppresses, tidy
from sprechzeit.messages.policy import get_message, may_send_again, visible_templates
from sprechzeit.messages.template_events import EVENTS, Channel, TemplateKey
from sprechzeit.practice.policy import may_change_practice
from sprechzeit.scheduling.models import Appointment
from sprechzeit.scheduling.policy import get_type


@action
def message_due(actor: Actor, appointment: Appointment, kind: str, *, address: str = "") -> Message:
    """The one message of this kind about the appointment as it is now, made at the first call (NOT-1).

    One that still waits tells how it is now, instead of what it was made for; one that failed for good or was withdrawn
    waits again, since it is wanted anew. `address`: of somebody other than the patient.
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
    _wait_again(message)
    if message.withdrawn_at:
        message.withdrawn_at, message.attempts = None, 0
        message.save(update_fields=["withdrawn_at", "attempts"])
    return message


def _wait_again(message: Message) -> bool:
    """A message that failed for good is tried from the beginning; False if it has not failed."""
    failed = Message.objects.filter(practice_id=message.practice_id, pk=message.pk, failed_at__isnull=False)
    message.failed_at = None
    return bool(failed.update(failed_at=None, attempts=0))


@action
def send_again(actor: Actor, message_id: UUID) -> Message:
    """A message that failed for good waits again, and is tried for another day. Harmless for one that has not failed.

    Raises `NotFound`, `NotAllowed`.
    """
    message = get_message(actor, message_id)
    require(may_send_again(actor), NotAllowed)
    if _wait_again(message):
        publish(MessageWantedAgain(message.practice_id, message.appointment_id, message.id))
    return message


@action
def save_template(actor: Actor, key: TemplateKey, subject: str, text: str) -> MessageTemplate:
    """The practice says it in its own words from now on (NOT-2).

    Raises `NotAllowed`, `NotFound`, `TextMissing`, and `PlaceholderUnknown` with its `faults`.
    """
    _require_template(actor, key)
    subject, text = one_line(subject), tidy(text)
    if key.channel == Channel.SMS:
        subject = ""
    is_mail = key.channel == Channel.EMAIL
    found = faults(f"{subject}\n{text}", EVENTS[key.event].usable(key.channel))
    if found:
        raise PlaceholderUnknown(faults=found)
    if not (is_mail and suppresses(subject, text)):
        require(bool(subject) or key.channel == Channel.SMS, TextMissing)
        require(bool(text) or key.channel == Channel.CALENDAR, TextMissing)
    template, _made = MessageTemplate.objects.update_or_create(
        practice_id=actor.practice_id, **key._asdict(), defaults={"subject": subject, "text": text, "changed_at": Now()}
    )
    return template


@action
def reset_template(actor: Actor, key: TemplateKey) -> None:
    """Own words no more: what is said of all types again, or what the program brings along. Done twice it is done.

    Raises `NotAllowed`, `NotFound`.
    """
    _require_template(actor, key)
    visible_templates(actor).filter(**key._asdict()).delete()


def _require_template(actor: Actor, key: TemplateKey) -> None:
    require(may_change_practice(actor), NotAllowed)
    event = EVENTS.get(key.event)
    is_one = event is not None and key.channel in event.channels and key.language in dict(settings.LANGUAGES)
    require(is_one, NotFound)
    if key.type_id:
        get_type(actor, key.type_id, retired=True)


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
