"""What staff have sent to a patient waits until it can no longer be undone with a touch (NOT-2, CAL-16)."""

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from sprechzeit.access.actor import Actor, ActorKind
from sprechzeit.access.table import Role
from sprechzeit.core.acting import acting
from sprechzeit.messages.jobs import follow_cancellation_undone, send_cancelled, send_moved
from sprechzeit.messages.models import Message
from sprechzeit.scheduling.actions.cancel import cancel_appointment
from sprechzeit.scheduling.actions.change import UNDO_TIME
from sprechzeit.scheduling.actions.told import tell_patient
from sprechzeit.scheduling.actions.undo import undo
from sprechzeit.scheduling.models import Appointment, AppointmentLink
from tests.scheduling.test_move import move
from tests.support.cast import Cast, book

pytestmark = pytest.mark.req("NOT-2", "CAL-16")


def run(appointment: Appointment, job: Any) -> None:
    """As the worker does, when it is time."""
    job.work(0, practice_id=str(appointment.practice_id), appointment_id=str(appointment.id))


def told_of_cancellations(cast: Cast, found: Appointment) -> list[int]:
    """How many mails are out after each job that the cancellations made, in their order."""
    out = []
    for one in ProcrastinateJob.objects.filter(task_name="messages.send_cancelled").order_by("id"):
        assert one.args["appointment_id"] == str(found.pk)
        send_cancelled.work(0, **one.args)
        out.append(len(mail.outbox))
    return out


def cancel_undo_cancel(cast: Cast, found: Appointment, *, first: bool, then: bool) -> None:
    jana = cast.albers.actor("jana")
    with acting(jana):
        cancel_appointment(jana, found.pk, tell=first)
        undo(jana)
        cancel_appointment(jana, found.pk, tell=then)


def waits(task: str) -> timedelta | None:
    """How long the one job of this name still waits; None: it is due."""
    found = ProcrastinateJob.objects.get(task_name=f"messages.{task}")
    return found.scheduled_at - timezone.now() if found.scheduled_at else None


def kept(cast: Cast, kind: str) -> Message:
    with acting(cast.albers.system):
        return Message.objects.get(kind=kind)


def test_a_cancellation_that_is_undone_at_once_is_told_to_nobody(cast: Cast) -> None:
    found, jana = book(cast.albers, "09:00"), cast.albers.actor("jana")
    with acting(jana):
        cancel_appointment(jana, found.pk)
    wait = waits("send_cancelled")
    assert wait is not None
    assert UNDO_TIME - timedelta(seconds=10) < wait <= UNDO_TIME
    with acting(jana):
        undo(jana)
    run(found, send_cancelled)
    run(found, follow_cancellation_undone)
    assert mail.outbox == []
    assert kept(cast, Message.Kind.CANCELLED).withdrawn_at is not None
    with acting(jana):
        assert Appointment.objects.get(pk=found.pk).told_starts_at == found.starts_at, "and they still know of it"


def test_one_that_stands_is_told(cast: Cast) -> None:
    found, jana = book(cast.albers, "09:00"), cast.albers.actor("jana")
    with acting(jana):
        cancel_appointment(jana, found.pk)
    run(found, send_cancelled)
    assert len(mail.outbox) == 1


def test_one_cancelled_anew_without_a_message_is_told_to_nobody(cast: Cast) -> None:
    """The first cancellation was to be told; the one that stands was not."""
    found = book(cast.albers, "09:00")
    cancel_undo_cancel(cast, found, first=True, then=False)
    assert told_of_cancellations(cast, found) == [0]
    assert kept(cast, Message.Kind.CANCELLED).withdrawn_at is not None


def test_one_cancelled_anew_is_told_once_and_when_its_own_time_to_undo_is_over(cast: Cast) -> None:
    found = book(cast.albers, "09:00")
    cancel_undo_cancel(cast, found, first=True, then=True)
    assert told_of_cancellations(cast, found) == [0, 1]
    assert told_of_cancellations(cast, found) == [1, 1], "and not again, done once more after a crash"


def test_one_told_only_anew_is_told(cast: Cast) -> None:
    found = book(cast.albers, "09:00")
    cancel_undo_cancel(cast, found, first=False, then=True)
    assert told_of_cancellations(cast, found) == [1]


def test_what_a_patient_cancels_is_confirmed_at_once(cast: Cast) -> None:
    found = book(cast.albers, "09:00")
    with acting(cast.albers.system):
        key = AppointmentLink.objects.get(appointment=found).pk
    link = Actor(ActorKind.LINK, (found.practice_id,), Role.LINK, key)
    with acting(link):
        cancel_appointment(link, found.pk)
    assert waits("send_cancelled") is None


def moved_and_told(cast: Cast, found: Appointment) -> Actor:
    jana = cast.albers.actor("jana")
    move(cast, found, "11:00")
    with acting(jana):
        tell_patient(jana, found.pk, by_mail=True)
    return jana


def test_a_move_that_is_undone_after_it_was_to_be_told_is_told_to_nobody(cast: Cast) -> None:
    found = book(cast.albers, "09:00")
    jana = moved_and_told(cast, found)
    assert waits("send_moved") is not None
    with acting(jana):
        undo(jana)
    run(found, send_moved)
    assert mail.outbox == []
    assert kept(cast, Message.Kind.MOVED).withdrawn_at is not None
    with acting(jana):
        assert Appointment.objects.get(pk=found.pk).told_starts_at is None, "nobody knows what they know"


def test_a_move_that_stands_is_told(cast: Cast) -> None:
    found = book(cast.albers, "09:00")
    moved_and_told(cast, found)
    run(found, send_moved)
    assert len(mail.outbox) == 1


def told_time(cast: Cast, found: Appointment) -> Any:
    with acting(cast.albers.system):
        return Appointment.objects.get(pk=found.pk).told_starts_at


@pytest.mark.req("CAL-23")
def test_what_was_withdrawn_is_sent_when_it_is_wanted_anew(cast: Cast) -> None:
    found = book(cast.albers, "09:00")
    jana = moved_and_told(cast, found)
    with acting(jana):
        undo(jana)
    run(found, send_moved)
    with acting(jana):
        tell_patient(jana, found.pk, by_mail=True)
    run(found, send_moved)
    run(found, send_moved)
    assert len(mail.outbox) == 1 and "09:00" in mail.outbox[0].body
    message = kept(cast, Message.Kind.MOVED)
    assert message.sent_at and message.withdrawn_at is None and message.attempts == 1
    assert told_time(cast, found) == found.starts_at


@pytest.mark.req("CAL-23")
def test_moved_once_more_before_it_was_told_neither_time_is_told(cast: Cast) -> None:
    found = book(cast.albers, "09:00")
    jana = moved_and_told(cast, found)
    move(cast, found, "14:00")
    run(found, send_moved)
    run(found, send_moved)
    assert mail.outbox == []
    assert kept(cast, Message.Kind.MOVED).withdrawn_at is not None
    assert told_time(cast, found) is None, "11:00 was told to nobody, and 14:00 was not to be told"
    with acting(jana):
        tell_patient(jana, found.pk, by_mail=True)
    run(found, send_moved)
    assert len(mail.outbox) == 1 and "14:00" in mail.outbox[0].body
