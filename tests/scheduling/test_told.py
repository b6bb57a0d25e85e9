"""Whether the patient knows the time (CAL-23)."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from procrastinate.contrib.django.models import ProcrastinateJob

from sprechzeit.core.acting import acting
from sprechzeit.core.errors import NotFound
from sprechzeit.messages.jobs import follow_booking_undone, follow_cancellation_undone, send_moved
from sprechzeit.messages.models import Message
from sprechzeit.scheduling.actions.cancel import cancel_appointment
from sprechzeit.scheduling.actions.told import tell_patient
from sprechzeit.scheduling.actions.undo import undo
from sprechzeit.scheduling.errors import ChangedMeanwhile, NoAddress
from sprechzeit.scheduling.models import Appointment
from tests.messages.test_sending import posting_to, send
from tests.scheduling.test_appoint import enter, wish
from tests.scheduling.test_move import move, reload
from tests.support.cast import Cast, at, book
from tests.support.mailbox import Mailbox

pytestmark = pytest.mark.req("CAL-23")


def tell(cast: Cast, found: Appointment, *, by_mail: bool) -> None:
    actor = cast.albers.actor("jana")
    with acting(actor):
        tell_patient(actor, found.id, by_mail=by_mail)


def jobs() -> list[str]:
    return [str(job.task_name) for job in ProcrastinateJob.objects.order_by("id")]


def test_a_move_tells_nobody_by_itself(cast: Cast) -> None:
    found = enter(cast, wish(cast, "09:00"))
    move(cast, found, "11:00")
    assert jobs() == []
    assert reload(cast.albers, found).told_starts_at == at("09:00")


def test_somebody_told_them(cast: Cast) -> None:
    found = enter(cast, wish(cast, "09:00"))
    move(cast, found, "11:00")
    tell(cast, found, by_mail=False)
    assert jobs() == []
    assert reload(cast.albers, found).told_starts_at == at("11:00")


@pytest.mark.req("STD-1")
def test_a_message_tells_the_new_time_and_moves_the_calendar_entry(cast: Cast, mailbox: Mailbox) -> None:
    found = book(cast.albers, "09:00")
    with posting_to(mailbox):
        send(found)
        move(cast, found, "11:00")
        tell(cast, found, by_mail=True)
        assert jobs()[-1] == "messages.send_moved"
        send(found, job=send_moved)
        send(found, job=send_moved)
        move(cast, found, "14:00")
        tell(cast, found, by_mail=True)
        send(found, job=send_moved)
    assert len(mailbox.mails()) == 3
    bodies = [mail.get_body(("plain",)) for mail in mailbox.mails()]
    first, *moved = [body.get_content() for body in bodies if body]
    assert "09:00" in first and "11:00" in moved[0] and "14:00" in moved[1]
    events = [part.get_content() for mail in mailbox.mails() for part in mail.walk() if part.get_filename()]
    uids = {line for event in events for line in str(event).splitlines() if line.startswith("UID")}
    sequences = [line for event in events for line in str(event).splitlines() if line.startswith("SEQUENCE")]
    assert len(uids) == 1 and sequences == ["SEQUENCE:0", "SEQUENCE:1", "SEQUENCE:2"]


def test_without_an_address_it_is_refused(cast: Cast) -> None:
    found = book(cast.albers, "09:00")
    with acting(cast.albers.system):
        Appointment.objects.update(email="")
        found.patient.contact_points.all().delete()
    move(cast, found, "11:00")
    with pytest.raises(NoAddress):
        tell(cast, found, by_mail=True)
    assert reload(cast.albers, found).told_starts_at == at("09:00")


def test_nobody_is_told_of_what_is_cancelled(cast: Cast) -> None:
    found = book(cast.albers, "09:00")
    with acting(cast.albers.system):
        cancel_appointment(cast.albers.system, found.id)
    with pytest.raises(ChangedMeanwhile):
        tell(cast, found, by_mail=False)


@pytest.mark.req("CAL-16")
def test_who_was_told_of_a_cancellation_that_was_undone_does_not_know(cast: Cast, mailbox: Mailbox) -> None:
    from sprechzeit.messages.jobs import send_cancelled

    found = book(cast.albers, "09:00")
    actor = cast.albers.actor("jana")
    with acting(actor):
        cancel_appointment(actor, found.id)
    with posting_to(mailbox):
        send(found, job=send_cancelled)
        with acting(actor):
            undo(actor)
        send(found, job=follow_cancellation_undone)
        assert reload(cast.albers, found).told_starts_at is None
        tell(cast, found, by_mail=True)
        send(found, job=send_moved)
    assert len(mailbox.mails()) == 2
    assert reload(cast.albers, found).told_starts_at == at("09:00")


@pytest.mark.req("CAL-16")
@pytest.mark.parametrize("sent", [True, False])
def test_an_undone_booking_tells_those_alone_who_have_its_confirmation(
    cast: Cast, mailbox: Mailbox, sent: bool
) -> None:
    made = enter(cast, wish(cast, "10:00", tell=True))
    actor = cast.albers.actor("jana")
    with posting_to(mailbox):
        if sent:
            send(made)
        with acting(actor):
            undo(actor)
        send(made, job=follow_booking_undone)
    with acting(cast.albers.system):
        kinds = list(Message.objects.order_by("id").values_list("kind", flat=True))
    assert kinds == (["booked", "cancelled"] if sent else [])


class TestOverHttp:
    def client(self, cast: Cast, name: str = "jana") -> Client:
        client = Client(headers={"HX-Request": "true", "accept-language": "en"})
        client.force_login(cast.albers.user(name))
        return client

    def test_the_mark_and_its_buttons(self, cast: Cast) -> None:
        found, client = book(cast.albers, "09:00"), self.client(cast)
        address = reverse("scheduling:appointment", args=[found.id])
        told = reverse("scheduling:told", args=[found.id])
        assert told not in client.get(address).content.decode()
        move(cast, found, "11:00")
        assert told in client.get(address).content.decode()
        answer = client.post(told, {"how": "already", "details": "1"})
        assert answer.status_code == 200 and answer["X-Changed-Columns"]
        assert told not in answer.content.decode().split('hx-target="#details"')[1]

    def test_of_ones_own_only(self, cast: Cast) -> None:
        hers = book(cast.albers, "09:00", who="miriam")
        answer: Any = self.client(cast, "jonas").post(reverse("scheduling:told", args=[hers.id]), {"how": "mail"})
        assert answer.status_code == NotFound.status
