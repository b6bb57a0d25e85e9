"""Who writes to the patient about a partner's booking: the partner or Sprechzeit, and exactly one of them (OTV-13)."""

from email.message import EmailMessage
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from sprechzeit.access.actor import Actor
from sprechzeit.core.acting import acting
from sprechzeit.messages.jobs import send_booked, send_cancelled, send_moved, send_once_more, tell_practitioner
from sprechzeit.messages.models import Message
from sprechzeit.practice.actions.partners import end_partner
from sprechzeit.practice.models import Partner
from sprechzeit.scheduling.actions.cancel import cancel_appointment
from sprechzeit.scheduling.actions.reschedule import NewTime, reschedule_appointment
from sprechzeit.scheduling.actions.settings import change_type
from sprechzeit.scheduling.actions.told import tell_patient
from sprechzeit.scheduling.models import Appointment
from sprechzeit.scheduling.policy import get_appointment
from tests.messages.test_sending import posting_to, send
from tests.scheduling.test_move import move
from tests.support.cast import Cast, House, at
from tests.support.mailbox import Mailbox
from tests.support.partner_bookings import book_by, offered, told
from tests.support.partners import registered

pytestmark = [pytest.mark.req("OTV-13")]


@pytest.fixture
def house(cast: Cast) -> House:
    offered(cast.albers)
    with acting(cast.albers.system):
        change_type(cast.albers.system, cast.albers.types["talk"].pk, {"tells_practitioner": True})
    return cast.albers


def plain(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def by_itself(house: House) -> Actor:
    """A partner that writes to patients itself."""
    made = registered(house)
    told(house, made, confirms="partner")
    return made


def subjects(mailbox: Mailbox, to: str = "paula@example.org") -> list[str]:
    return [str(mail["subject"]).split(" ")[0].rstrip(":") for mail in mailbox.mails() if mail["to"] == to]


def as_it_is(house: House, one: Appointment) -> Appointment:
    with acting(house.system):
        return get_appointment(house.system, one.pk)


def live_through(cast: Cast, finder: Actor, made: Appointment, mailbox: Mailbox) -> None:
    """Booked, moved by the partner, moved by the practice, cancelled by it; all jobs are worked off."""
    jana = cast.albers.actor("jana")
    with posting_to(mailbox):
        send(made, job=send_booked)
        send(made, job=tell_practitioner)
        with acting(finder):
            reschedule_appointment(finder, made.pk, NewTime(None, at("10:00"), None))
        send(made, job=send_moved)
        move(cast, made, "11:00", who="miriam", room="own")
        if as_it_is(cast.albers, made).told_starts_at != at("11:00"):
            with acting(jana):
                tell_patient(jana, made.pk, by_mail=True)
        send(made, job=send_moved)
        with acting(jana):
            cancel_appointment(jana, made.pk)
        send(made, job=send_cancelled)


@pytest.mark.req("NOT-1", "NOT-2")
def test_sprechzeit_writes_where_the_practice_confirms(cast: Cast, house: House, mailbox: Mailbox) -> None:
    finder = registered(house)
    made = book_by(house, finder, "09:00")
    live_through(cast, finder, made, mailbox)
    assert subjects(mailbox) == ["Ihr", "Neue", "Neue", "Abgesagt"]
    assert len(subjects(mailbox, "miriam@albers.example.org")) == 1


def test_sprechzeit_is_silent_where_the_partner_confirms_but_for_the_practitioner(
    cast: Cast, house: House, mailbox: Mailbox
) -> None:
    finder = by_itself(house)
    made = book_by(house, finder, "09:00")
    live_through(cast, finder, made, mailbox)
    assert subjects(mailbox) == []
    (told_to,) = mailbox.mails()
    assert told_to["to"] == "miriam@albers.example.org"
    assert "TerminFinder" in plain(told_to)
    with acting(house.system):
        assert not Message.objects.exclude(kind=Message.Kind.NEW_BOOKING).exists()


def test_what_was_agreed_at_the_booking_stays_when_the_practice_decides_otherwise(
    house: House, mailbox: Mailbox
) -> None:
    """The partner was told who writes; were it judged when the mail is due, both or neither would."""
    finder = by_itself(house)
    by_partner = book_by(house, finder, "09:00")
    told(house, finder, confirms="practice")
    by_practice = book_by(house, finder, "10:00")
    told(house, finder, confirms="partner")
    with posting_to(mailbox):
        send(by_partner)
        send(by_practice)
    assert ["10:00" in mail["subject"] for mail in mailbox.mails()] == [True]


def test_who_ended_writes_no_more_so_sprechzeit_does(house: House, mailbox: Mailbox) -> None:
    finder, jana = by_itself(house), house.actor("jana")
    made = book_by(house, finder, "09:00")
    with acting(house.system):
        end_partner(house.system, finder.identity)
    with acting(jana):
        cancel_appointment(jana, made.pk)
    with posting_to(mailbox):
        send(made, job=send_cancelled)
    assert subjects(mailbox) == ["Abgesagt"]


@pytest.mark.req("BOO-10")
def test_the_types_own_switch_holds_at_partners_too(house: House, mailbox: Mailbox) -> None:
    made = book_by(house, registered(house), "09:00")
    with acting(house.system):
        change_type(house.system, house.types["talk"].pk, {"confirms_to_patient": False, "tells_practitioner": False})
    with posting_to(mailbox):
        send(made)
        send(made, job=tell_practitioner)
    assert mailbox.mails() == []


@pytest.mark.req("BOO-6")
def test_cancelled_at_the_partner_the_mail_does_not_say_that_the_practice_did(house: House, mailbox: Mailbox) -> None:
    finder = registered(house)
    made = book_by(house, finder, "09:00")
    with acting(finder):
        cancel_appointment(finder, made.pk)
    with posting_to(mailbox):
        send(made, job=send_cancelled)
    (mail,) = mailbox.mails()
    assert "absagen" not in plain(mail)


@pytest.mark.req("CAL-23")
def test_who_is_told_by_the_partner_counts_as_told(cast: Cast, house: House) -> None:
    """The page says who writes, and offers no mail that would not go."""
    finder = by_itself(house)
    made, client = book_by(house, finder, "09:00"), Client(headers={"Accept-Language": "en"})
    client.force_login(house.user("jana"))
    move(cast, made, "11:00", who="miriam", room="own")
    assert as_it_is(house, made).told_starts_at == at("11:00")
    page = client.get(reverse("scheduling:appointment", args=[made.pk])).content.decode()
    assert "Source: TerminFinder (booking partner)" in page and "TerminFinder writes to the patient." in page
    assert "Patient not yet told" not in page and 'name="tell"' not in page
    told(house, finder, confirms="practice")
    other: Any = book_by(house, finder, "13:00")
    page = client.get(reverse("scheduling:appointment", args=[other.pk])).content.decode()
    assert "writes to the patient" not in page and 'name="tell"' in page


def test_sent_again_it_is_still_the_partners_word(house: House, mailbox: Mailbox) -> None:
    """A message from the days in which nobody else could write does not go when the partner is there again."""
    finder, jana = by_itself(house), house.actor("jana")
    made = book_by(house, finder, "09:00")
    with acting(house.system):
        end_partner(house.system, finder.identity)
    with acting(jana):
        cancel_appointment(jana, made.pk)
    with pytest.raises(OSError), posting_to(Mailbox(1, mailbox.folder)):
        send(made, job=send_cancelled)
    with acting(house.system):
        end_partner(house.system, finder.identity, ended=False)
        assert Partner.objects.get(pk=finder.identity).ended_at is None
        message = Message.objects.get()
    with posting_to(mailbox):
        send_once_more.work(
            0, practice_id=str(house.practice.pk), appointment_id=str(made.pk), message_id=str(message.pk)
        )
    assert mailbox.mails() == []
