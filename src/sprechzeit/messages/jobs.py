"""Sending messages. The database is not kept waiting for the mail server: no transaction is open while it answers."""

from datetime import timedelta
from functools import partial
from uuid import UUID

from procrastinate.contrib.django import app

from sprechzeit.access.actor import Actor, system
from sprechzeit.audit.jobs import each_practice
from sprechzeit.core.acting import run_as
from sprechzeit.core.jobs import defer, is_last_attempt, job, wait_after
from sprechzeit.core.mail import Mail, send
from sprechzeit.messages.actions import (
    give_up,
    hold_for_link,
    link_message_due,
    mark_attempt,
    mark_sent,
    message_due,
    note_link,
    withdraw,
)
from sprechzeit.messages.actions.reminders import plan_reminders, still_reminds
from sprechzeit.messages.code import compose_code
from sprechzeit.messages.handing import fault_of, hand_over
from sprechzeit.messages.models import Message
from sprechzeit.messages.policy import get_message
from sprechzeit.messages.queries import (
    is_confirmed,
    last_sent,
    link_wait,
    practitioner_to_tell,
    waiting_for_link,
    writes_to_patients,
)
from sprechzeit.messages.sample_jobs import send_sample as send_sample  # a job: the worker finds it here
from sprechzeit.messages.sms_jobs import send_test_sms as send_test_sms  # a job too
from sprechzeit.messages.texts import Text, compose
from sprechzeit.messages.visits import tell_visit as tell_visit  # a job: the worker finds it here
from sprechzeit.practice.models import Practice
from sprechzeit.practice.queries import practice_of
from sprechzeit.scheduling.actions.told import mark_untold
from sprechzeit.scheduling.models import Appointment
from sprechzeit.scheduling.policy import get_appointment
from sprechzeit.scheduling.queries.reaching import EMAIL, Way, way_to


@job(subject="appointment_id")
def send_booked(attempts: int, *, practice_id: str, appointment_id: str) -> None:
    """The confirmation of an online booking, with the calendar entry and the link (BOO-6)."""
    _send(attempts, system(UUID(practice_id)), UUID(appointment_id), Message.Kind.BOOKED)


@job(subject="appointment_id")
def send_cancelled(attempts: int, *, practice_id: str, appointment_id: str, sequence: str = "") -> None:
    """The appointment is cancelled; the calendar entry goes away.

    `sequence`: the appointment's by that cancellation. Undone and cancelled once more it has another, which is told by
    its own job, or on purpose by none. Empty: whichever stands.
    """
    actor, of = system(UUID(practice_id)), int(sequence) if sequence else None
    _send(attempts, actor, UUID(appointment_id), Message.Kind.CANCELLED, of=of)


@job(subject="appointment_id")
def send_moved(attempts: int, *, practice_id: str, appointment_id: str) -> None:
    """The appointment has another time; the calendar entry moves (CAL-23)."""
    _send(attempts, system(UUID(practice_id)), UUID(appointment_id), Message.Kind.MOVED)


@job(subject="appointment_id")
def follow_booking_undone(attempts: int, *, practice_id: str, appointment_id: str) -> None:
    """Who already has the confirmation of a booking that was taken back is told; nobody else."""
    actor = system(UUID(practice_id))
    if run_as(actor, lambda: last_sent(actor, UUID(appointment_id))) is not None:
        _send(attempts, actor, UUID(appointment_id), Message.Kind.CANCELLED)


@job(subject="appointment_id")
def follow_cancellation_undone(attempts: int, *, practice_id: str, appointment_id: str) -> None:
    """Who was told of a cancellation that was taken back does not know of the appointment any more (CAL-23)."""
    actor = system(UUID(practice_id))

    def look() -> None:
        if last_sent(actor, UUID(appointment_id)) == Message.Kind.CANCELLED:
            mark_untold(actor, UUID(appointment_id))

    run_as(actor, look)


@job(subject="code_id")
def send_booking_code(attempts: int, *, practice_id: str, code_id: str) -> None:
    """The code that a visitor is to type. Too late for it, nothing is sent (BOO-4)."""
    actor = system(UUID(practice_id))
    mail = run_as(actor, lambda: compose_code(actor, UUID(code_id)))
    if mail is not None:
        send(
            Mail(
                key=f"code-{code_id}",
                to=mail.to,
                subject=mail.subject,
                text=mail.plain,
                html=mail.html,
                sender=mail.sender,
                reply_to=mail.reply_to,
            )
        )


@job(subject="appointment_id")
def send_once_more(attempts: int, *, practice_id: str, appointment_id: str, message_id: str) -> None:
    """A message that had failed, as it is now: it waits again, and is found as what is due of its kind."""
    actor = system(UUID(practice_id))
    message = run_as(actor, lambda: get_message(actor, UUID(message_id)))
    _send_as_it_is(attempts, actor, UUID(appointment_id), message)


@job(subject="appointment_id")
def send_reminder(attempts: int, *, practice_id: str, appointment_id: str, message_id: str) -> None:
    """A reminder, if the appointment still takes place at the time of which it reminds (NOT-4)."""
    _remind(attempts, system(UUID(practice_id)), UUID(appointment_id), UUID(message_id))


@app.periodic(cron="* * * * *")
@app.task(name="messages.remind", queueing_lock="remind", lock="remind")
def remind(timestamp: int) -> None:
    """Every minute: the reminders whose time has come, be it while nobody looked."""
    each_practice(lambda actor: run_as(actor, partial(plan_reminders, actor)), f"remind:{timestamp}")


@job(subject="appointment_id")
def bring_link(attempts: int, *, practice_id: str, appointment_id: str) -> None:
    """There is a link to the video call: what waited for it goes, and who was told without it gets it (PUSH-8)."""
    actor, of = system(UUID(practice_id)), UUID(appointment_id)
    for message in run_as(actor, lambda: waiting_for_link(actor, of)):
        _send_as_it_is(attempts, actor, of, message)
    _send_link(attempts, actor, of)


@job(subject="once", line="message_waits")
def waited_for_link(attempts: int, *, practice_id: str, appointment_id: str, message_id: str, once: str) -> None:
    """The practice waits no longer for the link (PUSH-8). Waiting in the appointment's own line, it would hold up what
    happens meanwhile.
    """
    actor = system(UUID(practice_id))

    def look() -> None:
        message = get_message(actor, UUID(message_id))
        if not message.waits_for_link:
            return
        wait = link_wait(actor, message, get_appointment(actor, UUID(appointment_id)))
        if wait:
            _look_later(actor, message, wait)
        else:
            send_once_more.follow(
                {"practice_id": practice_id, "appointment_id": appointment_id, "message_id": message_id}
            )

    run_as(actor, look)


@job(subject="appointment_id")
def tell_practitioner(attempts: int, *, practice_id: str, appointment_id: str) -> None:
    """Somebody has booked online with a practitioner who wants to hear of it (BOO-10)."""
    _tell(attempts, system(UUID(practice_id)), UUID(appointment_id))


def _tell(attempts: int, actor: Actor, appointment_id: UUID) -> None:
    """The message to the practitioner."""

    def prepare() -> Prepared | None:
        appointment = get_appointment(actor, appointment_id)
        member = practitioner_to_tell(actor, appointment)
        if member is None:
            give_up(actor, appointment, Message.Kind.NEW_BOOKING)
            return None
        message = _still_due(actor, appointment, Message.Kind.NEW_BOOKING, Way(EMAIL, member.user.email))
        return _composed(actor, message, appointment)

    _deliver(attempts, actor, run_as(actor, prepare))


Prepared = tuple[Message, Text, Practice]

# What tells a cancellation is over when it was undone; what tells anything else, when the appointment is cancelled.
_TELLS_CANCELLATION = (Message.Kind.CANCELLED,)


def _send(attempts: int, actor: Actor, appointment_id: UUID, kind: str, *, of: int | None = None) -> None:
    """The message of this kind to the patient, unless a partner writes to them (OTV-13).

    `of`: the appointment's `sequence` that it is about; None: any.
    """

    def prepare() -> Prepared | None:
        appointment = get_appointment(actor, appointment_id)
        if not writes_to_patients(actor, appointment):
            give_up(actor, appointment, kind)
            return None
        if kind == Message.Kind.BOOKED and not is_confirmed(appointment):
            return _composed(actor, link_message_due(actor, appointment), appointment)
        way = way_to(actor, appointment)
        if way is None:
            return None
        return _composed(actor, _still_due(actor, appointment, kind, way, of=of), appointment)

    _deliver(attempts, actor, run_as(actor, prepare))


def _send_as_it_is(attempts: int, actor: Actor, of: UUID, message: Message) -> None:
    """What is due of the kind of a message that is there; of a reminder that one."""
    if message.is_to_staff:
        _tell(attempts, actor, of)
    elif message.kind == Message.Kind.VIDEO_LINK:
        _send_link(attempts, actor, of)
    elif message.kind == Message.Kind.REMINDER:
        _remind(attempts, actor, of, message.pk)
    else:
        _send(attempts, actor, of, message.kind)


def _remind(attempts: int, actor: Actor, appointment_id: UUID, message_id: UUID) -> None:
    """The reminder to the patient."""

    def prepare() -> Prepared | None:
        appointment, message = get_appointment(actor, appointment_id), get_message(actor, message_id)
        is_over = message.sent_at or message.failed_at or message.withdrawn_at
        if is_over or not still_reminds(actor, message, appointment):
            return None
        return _composed(actor, message, appointment)

    _deliver(attempts, actor, run_as(actor, prepare))


def _send_link(attempts: int, actor: Actor, appointment_id: UUID) -> None:
    """The link by itself, to who knows of the appointment without it."""

    def prepare() -> Prepared | None:
        appointment = get_appointment(actor, appointment_id)
        if not writes_to_patients(actor, appointment):
            give_up(actor, appointment, Message.Kind.VIDEO_LINK)
            return None
        return _composed(actor, link_message_due(actor, appointment), appointment)

    _deliver(attempts, actor, run_as(actor, prepare))


def _composed(actor: Actor, message: Message | None, appointment: Appointment) -> Prepared | None:
    """The message with its words; withdrawn where the practice's template suppresses it (NOT-3), held back for a link
    (PUSH-8).
    """
    if message is None or _is_held_back(actor, message, appointment):
        return None
    note_link(actor, message, appointment)
    practice = practice_of(actor)
    text = compose(message, practice, appointment)
    if text is None:
        withdraw(actor, message)
        return None
    return message, text, practice


def _is_held_back(actor: Actor, message: Message, appointment: Appointment) -> bool:
    """Whether it waits for the link to the video call; looked at again when that is there, or the time is over."""
    wait = link_wait(actor, message, appointment)
    if not wait:
        return False
    if not message.waits_for_link:
        hold_for_link(actor, message)
        _look_later(actor, message, wait)
    return True


def _look_later(actor: Actor, message: Message, after: timedelta) -> None:
    arguments = {
        "practice_id": str(actor.practice_id),
        "appointment_id": str(message.appointment_id),
        "message_id": str(message.pk),
        "once": str(message.pk),
    }
    defer(waited_for_link.due(arguments, after=after))


def _still_due(actor: Actor, appointment: Appointment, kind: str, way: Way, *, of: int | None = None) -> Message | None:
    message = message_due(actor, appointment, kind, address=way.address, channel=way.channel)
    if message.sent_at:
        return None
    is_another = of is not None and of != appointment.sequence
    if is_another or hasattr(appointment, "cancellation") is not (kind in _TELLS_CANCELLATION):
        # It was undone, or the mail server was away for so long; another message tells enough.
        withdraw(actor, message)
        return None
    if kind == Message.Kind.MOVED and appointment.told_starts_at != appointment.starts_at:
        # Undone, or moved once more: that time is told to nobody any more, and nobody said to tell the new one.
        withdraw(actor, message)
        return None
    return message


def _deliver(attempts: int, actor: Actor, prepared: Prepared | None) -> None:
    """Send and mark. Killed between the two it is sent again, with the same Message-ID, or the same key to a gateway.

    What will never be taken is not tried again.
    """
    if prepared is None:
        return
    message, text, practice = prepared
    try:
        hand_over(actor, message, text, practice)
    except Exception as error:
        fault = fault_of(error)
        is_over, is_last = fault.is_final, is_last_attempt(attempts)
        again_in = timedelta(0) if is_last else wait_after(attempts, fault.after)
        run_as(actor, lambda: mark_attempt(actor, message, fault.code, final=is_over or is_last, again_in=again_in))
        if is_over:
            return
        raise
    run_as(actor, lambda: mark_sent(actor, message, text.subject, text.plain))
