"""The log of messages: per practice, appointment and patient (NOT-5)."""

from typing import Any

import pytest
from django.test import Client

from sprechzeit.audit.models import Entry
from sprechzeit.core.acting import acting
from sprechzeit.core.jobs import WAITS_MINUTES
from sprechzeit.messages.jobs import send_booked, send_moved
from sprechzeit.messages.models import Message
from sprechzeit.scheduling.actions.told import tell_patient
from sprechzeit.scheduling.models import Appointment
from tests.messages.test_reminders import DAY, reminds, the_clock_is
from tests.messages.test_sending import posting_to, send
from tests.messages.test_sms import known
from tests.scheduling.test_move import move
from tests.support.cast import Cast, book
from tests.support.mailbox import Mailbox, mail_server
from tests.support.routes import signed_in

pytestmark = [pytest.mark.req("NOT-5")]


def fails(found: Appointment, *, job: Any = send_booked, final: bool = False) -> None:
    with mail_server(running=False) as away, posting_to(away), pytest.raises(OSError):
        send(found, job=job, attempts=len(WAITS_MINUTES) if final else 0)


def page(client: Client, address: str = "/messages/") -> str:
    return client.get(address, headers={"accept-language": "en"}).content.decode()


def test_each_state_its_reason_and_its_filter(cast: Cast, mailbox: Mailbox) -> None:
    people = {name: f"{name.lower()}@example.org" for name in ("Sent", "Failed", "Again", "Unwanted")}
    booked = {
        name: book(cast.albers, f"{hour:02}:00", last_name=name, email=email)
        for hour, (name, email) in zip((8, 9, 10, 11), people.items(), strict=True)
    }
    with posting_to(mailbox):
        send(booked["Sent"])
    fails(booked["Failed"], final=True)
    fails(booked["Again"])
    reminds(cast.albers)
    known(cast.albers, booked["Unwanted"], reminders="none")
    the_clock_is(cast.albers, booked["Unwanted"].starts_at - DAY)
    client = signed_in(cast, "secretary")
    shown = page(client)
    assert "1 message did not arrive" in shown and "Send again" in shown
    assert "New attempt at" in shown and "The mail server is not reached. · 1 attempt" in shown
    assert "The patient wants no reminders." in shown
    for state, inside, outside in (("failed", "Failed", "Again"), ("again", "Again", "Failed")):
        listed = page(client, f"/messages/?state={state}&span=today&channel=email")
        assert people[inside] in listed and people[outside] not in listed
    assert "No message fits" in page(client, "/messages/?state=waiting&channel=sms")
    assert client.get("/messages/?state=nonsense&span=x&channel=y&page=z").status_code == 200
    with acting(cast.albers.system):
        sent = Message.objects.get(sent_at__isnull=False)
    whole = page(client, f"/messages/{sent.pk}/")
    assert "Gespräch" in whole and "/appointment/" in whole
    with acting(cast.albers.system):
        assert Entry.objects.filter(table_name="messages_message", row_id=sent.pk, operation="read").exists()


def test_in_the_details_of_the_appointment(cast: Cast, mailbox: Mailbox) -> None:
    found, other = book(cast.albers, "09:00"), book(cast.albers, "11:00", first_name="Max", email="max@example.org")
    with posting_to(mailbox):
        send(found)
        send(other)
    client = signed_in(cast, "secretary")
    assert f"/appointments/{found.pk}/messages/" in page(client, f"/appointments/{found.pk}/")
    part = page(client, f"/appointments/{found.pk}/messages/")
    assert "Booking confirmation" in part and "paula@example.org" in part and "max@example.org" not in part
    assert signed_in(cast, "stranger").get(f"/appointments/{found.pk}/messages/").status_code == 404


@pytest.mark.req("CAL-23")
@pytest.mark.parametrize("final", [True, False])
def test_who_could_not_be_told_of_a_new_time_is_not_told(cast: Cast, final: bool) -> None:
    found = book(cast.albers, "09:00")
    move(cast, found, "11:00")
    miriam = cast.albers.actor("miriam")
    with acting(miriam):
        told = tell_patient(miriam, found.pk, by_mail=True)
        assert told.told_starts_at == told.starts_at
    fails(found, job=send_moved, final=final)
    with acting(miriam):
        now = Appointment.objects.get(pk=found.pk)
        assert (now.told_starts_at != now.starts_at) is final
