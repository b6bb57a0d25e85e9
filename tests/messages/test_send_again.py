"""A message that could not be delivered is sent again when the practice wants it (NOT-1, NOT-5)."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from procrastinate.contrib.django.models import ProcrastinateJob

from sprechzeit.core.acting import acting
from sprechzeit.core.jobs import WAITS_MINUTES
from sprechzeit.messages.jobs import send_booked, send_cancelled, send_moved, send_once_more, tell_practitioner
from sprechzeit.messages.models import Message
from sprechzeit.scheduling.actions.cancel import cancel_appointment
from sprechzeit.scheduling.actions.told import tell_patient
from sprechzeit.scheduling.models import Appointment, AppointmentType
from tests.messages.test_sending import posting_to, send
from tests.scheduling.test_move import move
from tests.support.cast import Cast, book
from tests.support.mailbox import Mailbox, mail_server

pytestmark = pytest.mark.req("NOT-1")


def fail(found: Appointment, job: Any) -> None:
    """The mail server was away for a day."""
    with mail_server(running=False) as away, posting_to(away), pytest.raises(OSError):
        send(found, job=job, attempts=len(WAITS_MINUTES))


def press(cast: Cast, *, who: str = "jana") -> Any:
    """*Send again* on the page of messages, and the worker's part of it."""
    client = Client(headers={"accept-language": "en"})
    client.force_login(cast.albers.user(who))
    page = client.get(reverse("messages:deliveries")).content.decode()
    (address,) = re.findall(r'action="(/messages/[^"]+/again/)"', page)
    return client.post(address, follow=True)


def work_off(mailbox: Mailbox) -> list[Any]:
    """What arrives when the job is done, and done once more after a crash."""
    (job,) = ProcrastinateJob.objects.filter(task_name="messages.send_once_more")
    with posting_to(mailbox):
        for _ in range(2):
            send_once_more.work(0, **job.args)
    return mailbox.mails()


@pytest.mark.req("NOT-5")
@pytest.mark.parametrize(
    ("kind", "job", "subject"),
    [
        ("booked", send_booked, "Ihr Termin"),
        ("moved", send_moved, "Neue Zeit"),
        ("cancelled", send_cancelled, "Abgesagt"),
    ],
)
def test_each_kind_that_failed_is_sent_once_more(
    cast: Cast, mailbox: Mailbox, kind: str, job: Any, subject: str
) -> None:
    found = book(cast.albers, "09:00")
    if kind == "cancelled":
        with acting(cast.albers.system):
            cancel_appointment(cast.albers.system, found.pk)
    fail(found, job)
    answer = press(cast)
    assert answer.status_code == 200 and b"The message is being sent again." in answer.content
    assert b"Waiting" in answer.content and b"Not delivered" not in answer.content
    (mail,) = work_off(mailbox)
    assert mail["subject"].startswith(subject) and mail["to"] == "paula@example.org"
    with acting(cast.albers.system):
        message = Message.objects.get()
        assert (message.kind, message.attempts, message.failed_at) == (kind, 1, None) and message.sent_at


def test_a_new_time_that_is_told_again_after_a_failure_goes_out(cast: Cast, mailbox: Mailbox) -> None:
    """Not by the page of messages: staff press *Tell them now* once more, of the same time."""
    found, actor = book(cast.albers, "09:00"), cast.albers.actor("jana")
    move(cast, found, "11:00")
    with acting(actor):
        tell_patient(actor, found.pk, by_mail=True)
    fail(found, send_moved)
    with acting(actor):
        tell_patient(actor, found.pk, by_mail=True)
    with posting_to(mailbox):
        send(found, job=send_moved)
    assert len(mailbox.mails()) == 1


@pytest.mark.req("BOO-10")
def test_that_to_the_practitioner_goes_to_them(cast: Cast, mailbox: Mailbox) -> None:
    with acting(cast.albers.system):
        AppointmentType.objects.update(tells_practitioner=True)
    found = book(cast.albers, "09:00")
    fail(found, tell_practitioner)
    press(cast)
    (mail,) = work_off(mailbox)
    assert mail["to"] == "miriam@albers.example.org"


def test_what_is_cancelled_meanwhile_is_not_told_any_more(cast: Cast, mailbox: Mailbox) -> None:
    found = book(cast.albers, "09:00")
    fail(found, send_booked)
    with acting(cast.albers.system):
        cancel_appointment(cast.albers.system, found.pk, tell=False)
    press(cast)
    assert work_off(mailbox) == []
    with acting(cast.albers.system):
        assert Message.objects.get().withdrawn_at is not None


def test_pressed_twice_it_is_one_job(cast: Cast) -> None:
    found = book(cast.albers, "09:00")
    fail(found, send_booked)
    client = Client()
    client.force_login(cast.albers.user("jana"))
    with acting(cast.albers.system):
        address = reverse("messages:again", args=[Message.objects.get().pk])
    assert [client.post(address).status_code for _ in range(2)] == [303, 303]
    assert ProcrastinateJob.objects.filter(task_name="messages.send_once_more").count() == 1
