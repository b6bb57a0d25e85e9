"""Reminding patients of their appointments: the practice's reminders, and what is due of them (NOT-4)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils import timezone

from sprechzeit.access.actor import Actor
from sprechzeit.access.table import Data, Reach, Use
from sprechzeit.core.acting import action, require
from sprechzeit.core.constraints import refused_by
from sprechzeit.core.errors import NotAllowed
from sprechzeit.core.events import publish
from sprechzeit.core.ids import new_id
from sprechzeit.messages.actions import mark_attempt, withdraw
from sprechzeit.messages.errors import ReminderThere
from sprechzeit.messages.events import ReminderDue
from sprechzeit.messages.models import Message, Reminder
from sprechzeit.messages.policy import get_reminder
from sprechzeit.messages.queries import writes_to_patients
from sprechzeit.messages.queries.reminders import due_reminders
from sprechzeit.patients.models import Patient
from sprechzeit.practice.models import Practice
from sprechzeit.practice.policy import may_change_practice
from sprechzeit.practice.queries import practice_of
from sprechzeit.scheduling.models import Appointment
from sprechzeit.scheduling.policy import get_type
from sprechzeit.scheduling.queries.appointment import who_writes
from sprechzeit.scheduling.queries.reaching import Way, way_to


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a reminder is to be. `type_id`: of appointments; None: of all that have none of their own."""

    hours_before: int
    channel: str
    type_id: UUID | None = None


@action
def add_reminder(actor: Actor, wanted: Wanted, *, reminder_id: UUID | None = None) -> Reminder:
    """One reminder more, from now on. Raises `NotAllowed`, `NotFound`, `ReminderThere`."""
    require(may_change_practice(actor), NotAllowed)
    if wanted.type_id:
        get_type(actor, wanted.type_id)
    with refused_by("reminder_once", ReminderThere):
        return Reminder.objects.create(
            id=reminder_id or new_id(),
            practice_id=actor.practice_id,
            type_id=wanted.type_id,
            hours_before=wanted.hours_before,
            channel=wanted.channel,
        )


@action
def change_reminder(actor: Actor, reminder_id: UUID, hours_before: int, channel: str) -> None:
    """Another time or way. What was due by the new time before now is not sent.

    Raises `NotAllowed`, `NotFound`, `ReminderThere`.
    """
    require(may_change_practice(actor), NotAllowed)
    found = get_reminder(actor, reminder_id)
    if (found.hours_before, found.channel) == (hours_before, channel):
        return
    found.hours_before, found.channel, found.counts_from = hours_before, channel, timezone.now()
    with refused_by("reminder_once", ReminderThere):
        found.save(update_fields=["hours_before", "channel", "counts_from"])


@action
def switch_reminder(actor: Actor, reminder_id: UUID, *, on: bool) -> None:
    """On or off. What was due while it was off is not sent later. Raises `NotAllowed`, `NotFound`."""
    require(may_change_practice(actor), NotAllowed)
    found = get_reminder(actor, reminder_id)
    if found.is_on is not on:
        found.is_on, found.counts_from = on, timezone.now()
        found.save(update_fields=["is_on", "counts_from"])


@action
def remove_reminder(actor: Actor, reminder_id: UUID) -> None:
    """It is no more; what went out by it stays. Raises `NotAllowed`, `NotFound`."""
    require(may_change_practice(actor), NotAllowed)
    get_reminder(actor, reminder_id).delete()


@action
def switch_messages(actor: Actor, *, to_patients: bool, to_practitioners: bool) -> None:
    """Whether appointment messages go out at all (NOT-6). Raises `NotAllowed`."""
    require(may_change_practice(actor), NotAllowed)
    Practice.objects.filter(pk=actor.practice_id).update(
        patient_messages=to_patients, practitioner_messages=to_practitioners
    )


@action
def plan_reminders(actor: Actor, now: datetime | None = None) -> int:
    """Enter what is due by now, each once, and have it sent. How many.

    Of several that are due for one appointment, since nothing could be sent meanwhile, the latest one says enough.
    """
    require(actor.reach(Data.MESSAGES, Use.WRITE) is Reach.ALL, NotAllowed)
    if not practice_of(actor).patient_messages:
        return 0
    due = due_reminders(actor, now or timezone.now())
    return sum(_enter(actor, appointment, reminders) for appointment, reminders in due.values())


def _enter(actor: Actor, appointment: Appointment, due: Sequence[Reminder]) -> int:
    if who_writes(actor, appointment):
        # Entered all the same: else it would be found due each minute, and those after it perhaps not.
        for hours in {one.hours_before for one in due}:
            _put_away(appointment, hours, "partner")
        return 0
    latest = min(one.hours_before for one in due)
    for hours in {one.hours_before for one in due} - {latest}:
        _put_away(appointment, hours, "superseded")
    if appointment.patient.reminders == Patient.Reminders.NONE:
        _put_away(appointment, latest, "unwanted")
        return 0
    ways = [way_to(actor, appointment, wanted=one.channel) for one in due if one.hours_before == latest]
    by_channel: Mapping[str, Way] = {way.channel: way for way in ways if way}
    if not by_channel:
        _put_away(appointment, latest, "no_address")
    return sum(_have_sent(appointment, latest, way) for way in by_channel.values())


def _have_sent(appointment: Appointment, hours: int, way: Way) -> int:
    message, made = _message(appointment, hours, way.channel, address=way.address)
    if made:
        publish(ReminderDue(message.practice_id, appointment.pk, message.pk))
    return int(made)


def _put_away(appointment: Appointment, hours: int, why: str) -> None:
    """It is not sent, and the log of messages says why."""
    _message(appointment, hours, Message.WAYS[0], withdrawn_at=timezone.now(), error=why)


def _message(appointment: Appointment, hours: int, channel: str, **more: object) -> tuple[Message, bool]:
    """The one message of this time; whether it was made just now. The database lets nobody make another one."""
    return Message.objects.get_or_create(
        practice_id=appointment.practice_id,
        appointment=appointment,
        kind=Message.Kind.REMINDER,
        hours_before=hours,
        channel=channel,
        starts_at=appointment.starts_at,
        defaults={"sequence": appointment.sequence} | more,
    )


@action
def still_reminds(actor: Actor, message: Message, appointment: Appointment, now: datetime | None = None) -> bool:
    """Whether a reminder that waits is to be sent; else it is withdrawn, or has failed if it was tried in time."""
    require(actor.reach(Data.MESSAGES, Use.WRITE) is Reach.ALL, NotAllowed)
    if hasattr(appointment, "cancellation") or appointment.starts_at != message.starts_at:
        # It is told so by another message, and of the new time it is reminded anew.
        withdraw(actor, message)
    elif appointment.patient.reminders == Patient.Reminders.NONE:
        withdraw(actor, message, "unwanted")
    elif not writes_to_patients(actor, appointment):
        withdraw(actor, message, "switched_off")
    elif appointment.starts_at > (now or timezone.now()):
        return True
    elif message.attempts:
        mark_attempt(actor, message, "late", final=True)
    else:
        withdraw(actor, message, "late")
    return False
