"""Another system writes: the practice's switches (NOT-6)."""

import pytest
from django.test import Client
from procrastinate.contrib.django.models import ProcrastinateJob

from sprechzeit.core.acting import acting
from sprechzeit.messages.actions.reminders import switch_messages
from sprechzeit.messages.jobs import send_booked, send_booking_code, send_cancelled, send_moved, tell_practitioner
from sprechzeit.messages.models import Message
from sprechzeit.scheduling.actions.cancel import cancel_appointment
from sprechzeit.scheduling.actions.code import Recipient, ask_for_code
from sprechzeit.scheduling.actions.hold import hold_token
from sprechzeit.scheduling.actions.told import tell_patient
from sprechzeit.scheduling.errors import NoAddress
from tests.messages.test_per_type import wants
from tests.messages.test_reminders import DAY, reminds, the_clock_is
from tests.messages.test_sending import posting_to, send
from tests.support.cast import Cast, book, hold
from tests.support.mailbox import Mailbox, mail_server
from tests.support.routes import signed_in

pytestmark = [pytest.mark.req("NOT-6")]


def switched(cast: Cast, *, patients: bool = True, practitioners: bool = True) -> None:
    with acting(cast.albers.system):
        switch_messages(cast.albers.system, to_patients=patients, to_practitioners=practitioners)


def test_off_for_patients_nothing_about_appointments_goes_to_them(cast: Cast, mailbox: Mailbox) -> None:
    wants(cast, tells_practitioner=True)
    found = book(cast.albers, "09:00")
    reminds(cast.albers)
    switched(cast, patients=False)
    with posting_to(mailbox):
        for job in (send_booked, send_moved):
            send(found, job=job)
        assert the_clock_is(cast.albers, found.starts_at - DAY) == 0
        send(found, job=tell_practitioner)
        with acting(cast.albers.system):
            cancel_appointment(cast.albers.system, found.pk)
        send(found, job=send_cancelled)
    assert [mail["to"] for mail in mailbox.mails()] == ["miriam@albers.example.org"]


def test_off_for_practitioners_patients_are_told_all_the_same(cast: Cast, mailbox: Mailbox) -> None:
    wants(cast, tells_practitioner=True)
    found = book(cast.albers, "09:00")
    switched(cast, practitioners=False)
    with posting_to(mailbox):
        send(found, job=tell_practitioner)
        send(found)
    assert [mail["to"] for mail in mailbox.mails()] == ["paula@example.org"]


def test_what_waits_when_it_is_switched_off_is_not_sent(cast: Cast, mailbox: Mailbox) -> None:
    found = book(cast.albers, "09:00")
    with mail_server(running=False) as away, posting_to(away), pytest.raises(OSError):
        send(found)
    switched(cast, patients=False)
    with posting_to(mailbox):
        send(found, attempts=1)
    with acting(cast.albers.system):
        (message,) = Message.objects.defer("text")
        assert message.withdrawn_at and message.error == "switched_off"
    assert mailbox.mails() == []


@pytest.mark.req("BOO-4")
def test_the_code_for_booking_goes_out_all_the_same(cast: Cast, mailbox: Mailbox) -> None:
    switched(cast, patients=False, practitioners=False)
    held = hold(cast.albers, "09:00")
    with acting(cast.albers.visitor):
        ask_for_code(cast.albers.visitor, hold_token(held.pk), Recipient("paula@example.org", "de"))
    (job,) = ProcrastinateJob.objects.filter(task_name="messages.send_booking_code")
    with posting_to(mailbox):
        send_booking_code.work(0, **job.args)
    assert len(mailbox.mails()) == 1


@pytest.mark.req("CAL-23")
def test_nobody_is_promised_a_mail(cast: Cast) -> None:
    """The practice cannot tell by mail; the booking page says that none follows."""
    found = book(cast.albers, "09:00")
    switched(cast, patients=False)
    miriam = cast.albers.actor("miriam")
    with acting(miriam), pytest.raises(NoAddress):
        tell_patient(miriam, found.pk, by_mail=True)
    client = signed_in(cast, "administrator")
    details = client.get(f"/appointments/{found.pk}/", headers={"accept-language": "en"}).content.decode()
    assert "Tell the patient by e-mail" not in details


def test_administrators_switch_them_on_the_page(cast: Cast) -> None:
    assert signed_in(cast, "secretary").post("/messages/reminders/switches/", {}).status_code == 403
    client: Client = signed_in(cast, "administrator")
    assert client.post("/messages/reminders/switches/", {"practitioners": "yes"}).status_code == 303
    page = client.get("/messages/reminders/", headers={"accept-language": "en"}).content.decode()
    assert "nobody is reminded" in page
