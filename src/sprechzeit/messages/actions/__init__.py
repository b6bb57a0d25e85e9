"""What becomes of a message: due, sent, failed."""

from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db.models.functions import Now
from django.utils import timezone

from sprechzeit.access.actor import Actor
from sprechzeit.access.table import Data, Reach, Use
from sprechzeit.core.acting import action, require
from sprechzeit.core.errors import NotAllowed, NotFound
from sprechzeit.core.events import publish
from sprechzeit.core.ids import new_id
from sprechzeit.messages.errors import PlaceholderUnknown, TextMissing
from sprechzeit.messages.events import MessageWantedAgain, SampleWanted
from sprechzeit.messages.models import Message, MessageTemplate
from sprechzeit.messages.placeholders import faults, one_line, suppresses, tidy
from sprechzeit.messages.policy import get_message, may_send_again, visible_templates
from sprechzeit.messages.queries import is_confirmed, last_told
from sprechzeit.messages.template_events import EVENTS, Channel, TemplateKey
from sprechzeit.practice.policy import may_change_practice
from sprechzeit.scheduling.actions.told import mark_told, mark_untold
from sprechzeit.scheduling.models import Appointment
from sprechzeit.scheduling.policy import get_appointment, get_type
from sprechzeit.scheduling.queries.reaching import Way, way_to
from sprechzeit.scheduling.queries.video import video_of


@action
def message_due(
    actor: Actor, appointment: Appointment, kind: str, *, address: str = "", channel: str = Channel.EMAIL
) -> Message:
    """The one message of this kind about the appointment as it is now, made at the first call (NOT-1).

    One that still waits tells how it is now, instead of what it was made for; one that failed for good or was withdrawn
    waits again, since it is wanted anew. That it was booked is told once, however often it was moved since. `address`:
    where it goes, if not to the appointment's e-mail. Once made it keeps its channel whatever becomes of the patient's
    wish: nothing is told twice by two ways.
    """
    require(actor.reach(Data.MESSAGES, Use.WRITE) is Reach.ALL, NotAllowed)
    of_kind = Message.objects.filter(practice_id=appointment.practice_id, appointment=appointment, kind=kind)
    told = of_kind.filter(sent_at__isnull=False).first() if kind in Message.ONCE else None
    if told:
        return told
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
            "channel": channel,
            "address": address or appointment.email,
        },
    )
    if _wait_again(message) and address:
        _send_to(message, Way(channel, address))
    if message.withdrawn_at:
        message.withdrawn_at, message.attempts = None, 0
        message.save(update_fields=["withdrawn_at", "attempts"])
    return message


@action
def link_message_due(actor: Actor, appointment: Appointment) -> Message | None:
    """The message that brings the link to the video call by itself: to who was told without it, or of another one; and
    to who booked what its type does not confirm, since nobody comes in without link and TAN.

    None where they know it, are still to be told of the appointment, or it does not take place. One for each link
    (PUSH-8). By it they know when the appointment is, too.
    """
    require(actor.reach(Data.MESSAGES, Use.WRITE) is Reach.ALL, NotAllowed)
    video, told = video_of(actor, appointment), last_told(actor, appointment)
    way = Way(told.channel, told.address) if told else _way_of_unconfirmed(actor, appointment)
    of_kind = Message.objects.filter(
        practice_id=appointment.practice_id, appointment=appointment, kind=Message.Kind.VIDEO_LINK
    )
    unsent = of_kind.filter(sent_at=None, failed_at=None)
    if video is None or way is None or hasattr(appointment, "cancellation") or (told and told.link_id == video.pk):
        unsent.filter(withdrawn_at=None).update(withdrawn_at=timezone.now(), next_at=None)
        return None
    if appointment.told_starts_at != appointment.starts_at:
        mark_told(actor, appointment.pk)
    waiting = unsent.order_by("-sequence").first()
    if waiting is not None:
        of_kind.filter(pk=waiting.pk).update(withdrawn_at=None)
        return waiting
    return Message.objects.create(
        practice_id=appointment.practice_id,
        appointment=appointment,
        kind=Message.Kind.VIDEO_LINK,
        sequence=of_kind.count(),
        channel=way.channel,
        address=way.address,
    )


def _way_of_unconfirmed(actor: Actor, appointment: Appointment) -> Way | None:
    return None if is_confirmed(appointment) else way_to(actor, appointment)


@action
def hold_for_link(actor: Actor, message: Message) -> None:
    """It is held back until there is a link to the video call (PUSH-8)."""
    require(actor.reach(Data.MESSAGES, Use.WRITE) is Reach.ALL, NotAllowed)
    if not message.waits_for_link:
        message.waits_for_link = True
        message.save(update_fields=["waits_for_link"])


@action
def note_link(actor: Actor, message: Message, appointment: Appointment) -> None:
    """Which link to the video call it brings, now that it goes."""
    require(actor.reach(Data.MESSAGES, Use.WRITE) is Reach.ALL, NotAllowed)
    video = video_of(actor, appointment)
    link_id = video.pk if video else None
    if message.waits_for_link or message.link_id != link_id:
        message.waits_for_link, message.link_id = False, link_id
        message.save(update_fields=["waits_for_link", "link_id"])


def _wait_again(message: Message) -> bool:
    """A message that failed for good is tried from the beginning; False if it has not failed."""
    failed = Message.objects.filter(practice_id=message.practice_id, pk=message.pk, failed_at__isnull=False)
    message.failed_at = None
    return bool(failed.update(failed_at=None, attempts=0))


def _send_to(message: Message, way: Way) -> None:
    """Where it did not arrive; it goes by this way, if the record was put right since."""
    if (message.channel, message.address) != way:
        message.channel, message.address = way
        message.save(update_fields=["channel", "address"])


@action
def send_again(actor: Actor, message_id: UUID) -> Message:
    """A message that failed for good waits again, and is tried for another day. Harmless for one that has not failed.

    Raises `NotFound`, `NotAllowed`.
    """
    message = get_message(actor, message_id)
    require(may_send_again(actor), NotAllowed)
    if _wait_again(message):
        way = None if message.is_to_staff else way_to(actor, get_appointment(actor, message.appointment_id))
        if way:
            _send_to(message, way)
        _say_told(actor, message)
        publish(MessageWantedAgain(message.practice_id, message.appointment_id, message.id))
    return message


def _say_told(actor: Actor, message: Message) -> None:
    """What tells of a new time tells it after all, unless it was moved once more since (CAL-23)."""
    appointment = get_appointment(actor, message.appointment_id)
    is_now = message.kind == Message.Kind.MOVED and message.sequence == appointment.sequence
    if is_now and not hasattr(appointment, "cancellation"):
        mark_told(actor, appointment.pk)


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


@action
def ask_for_sample(actor: Actor, key: TemplateKey) -> None:
    """Mail the practice's own text to who asks, with the data of nobody (NOT-2).

    Raises `NotAllowed`, and `NotFound` where there is no text of one's own.
    """
    _require_template(actor, key)
    template = visible_templates(actor).filter(**key._asdict()).filter(channel=Channel.EMAIL).first()
    if template is None:
        raise NotFound
    publish(SampleWanted(template.practice_id, template.pk, actor.identity, new_id()))


def _require_template(actor: Actor, key: TemplateKey) -> None:
    require(may_change_practice(actor), NotAllowed)
    event = EVENTS.get(key.event)
    is_one = event is not None and key.channel in event.channels and key.language in dict(settings.LANGUAGES)
    require(is_one, NotFound)
    if key.type_id:
        get_type(actor, key.type_id, retired=True)


@action
def withdraw(actor: Actor, message: Message, error: str = "") -> None:
    """What it tells is over: it is not sent any more. `error`: why, as a code."""
    require(actor.reach(Data.MESSAGES, Use.WRITE) is Reach.ALL, NotAllowed)
    message.withdrawn_at, message.next_at, message.error = timezone.now(), None, error
    message.waits_for_link = False
    message.save(update_fields=["withdrawn_at", "next_at", "error", "waits_for_link"])
    _say_untold(actor, message)


@action
def give_up(actor: Actor, appointment: Appointment, kind: str) -> None:
    """What waits of a kind is not sent, since nobody is to be written to any more (NOT-6, OTV-13, BOO-10)."""
    require(actor.reach(Data.MESSAGES, Use.WRITE) is Reach.ALL, NotAllowed)
    waiting = Message.objects.filter(practice_id=appointment.practice_id, appointment=appointment, kind=kind)
    waiting.filter(sent_at=None, failed_at=None, withdrawn_at=None).update(
        withdrawn_at=timezone.now(), next_at=None, error="switched_off", waits_for_link=False
    )


@action
def mark_sent(actor: Actor, message: Message, subject: str, text: str) -> None:
    """The mail server, or the gateway, has it. What was sent is kept, sealed."""
    require(actor.reach(Data.MESSAGES, Use.WRITE) is Reach.ALL, NotAllowed)
    message.attempts += 1
    message.sent_at, message.next_at = timezone.now(), None
    message.subject, message.text, message.error = subject, text, ""
    message.save(update_fields=["attempts", "sent_at", "next_at", "subject", "text", "error"])


@action
def mark_attempt(
    actor: Actor, message: Message, error: str, *, final: bool, again_in: timedelta = timedelta(0)
) -> None:
    """It could not be sent; `final`: and is not tried again, which the practice sees; else `again_in` so long."""
    require(actor.reach(Data.MESSAGES, Use.WRITE) is Reach.ALL, NotAllowed)
    message.attempts += 1
    message.error, now = error[:250], timezone.now()
    message.failed_at, message.next_at = (now, None) if final else (None, now + again_in)
    message.save(update_fields=["attempts", "error", "failed_at", "next_at"])
    if final:
        _say_untold(actor, message)


def _say_untold(actor: Actor, message: Message) -> None:
    """Who was to be told of a new time was not (CAL-23)."""
    if message.kind in (Message.Kind.MOVED, Message.Kind.VIDEO_LINK):
        appointment = get_appointment(actor, message.appointment_id)
        is_now = message.kind == Message.Kind.VIDEO_LINK or message.sequence == appointment.sequence
        if is_now and not hasattr(appointment, "cancellation"):
            mark_untold(actor, appointment.pk)
