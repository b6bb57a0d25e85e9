"""Who is mailed of an online booking is said per appointment type (BOO-10)."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from procrastinate.contrib.django.models import ProcrastinateJob

from sprechzeit.core.acting import acting
from sprechzeit.messages.jobs import send_booked, send_cancelled, tell_practitioner
from sprechzeit.messages.models import Message
from sprechzeit.messages.queries import last_sent
from sprechzeit.scheduling.actions.book import Details, book_held_time
from sprechzeit.scheduling.actions.cancel import cancel_appointment
from sprechzeit.scheduling.actions.hold import hold_token
from sprechzeit.scheduling.actions.settings import change_type
from sprechzeit.scheduling.models import Appointment, Source
from tests.messages.test_sending import posting_to, send
from tests.support.cast import Cast, book, hold, identity
from tests.support.mailbox import Mailbox

pytestmark = [pytest.mark.req("BOO-10")]


def wants(cast: Cast, **mails: bool) -> None:
    with acting(cast.albers.system):
        change_type(cast.albers.system, cast.albers.types["talk"].pk, mails)


def told(cast: Cast, mailbox: Mailbox, appointment: Appointment) -> list[Any]:
    with posting_to(mailbox):
        send(appointment, job=tell_practitioner)
    return mailbox.mails()


def test_both_follow_a_booking_by_jobs_of_their_own(cast: Cast) -> None:
    book(cast.albers, "09:00")
    names = set(ProcrastinateJob.objects.values_list("task_name", flat=True))
    assert names == {"messages.send_booked", "messages.tell_practitioner"}


def test_no_confirmation_where_the_type_sends_none(cast: Cast, mailbox: Mailbox) -> None:
    appointment = book(cast.albers, "09:00")
    wants(cast, confirms_to_patient=False)
    with posting_to(mailbox):
        send(appointment)
        assert mailbox.mails() == []
        with acting(cast.albers.system):
            assert not Message.objects.exists()
            cancel_appointment(cast.albers.system, appointment.id)
        send(appointment, job=send_cancelled)
    assert len(mailbox.mails()) == 1, "what changes later is told all the same"


def test_what_the_office_wishes_to_send_is_sent(cast: Cast, mailbox: Mailbox) -> None:
    appointment = book(cast.albers, "09:00")
    wants(cast, confirms_to_patient=False)
    with acting(cast.albers.system):
        Appointment.objects.filter(pk=appointment.pk).update(source=Source.STAFF)
    with posting_to(mailbox):
        send(appointment, job=send_booked)
    assert len(mailbox.mails()) == 1


def test_the_practitioner_hears_nothing_by_default(cast: Cast, mailbox: Mailbox) -> None:
    assert told(cast, mailbox, book(cast.albers, "09:00")) == []


def test_the_practitioner_is_told_where_the_type_says_so(cast: Cast, mailbox: Mailbox) -> None:
    wants(cast, tells_practitioner=True)
    appointment = book(cast.albers, "09:00", who="jonas", mobile="0171 2345678")
    (mail,) = told(cast, mailbox, appointment)
    assert mail["to"] == "jonas@albers.example.org"
    assert mail["subject"].endswith("09:00") or "09:00" in mail["subject"]
    assert "Paula" not in mail["subject"] and "Sommer" not in mail["subject"]
    plain, html = mail.get_body(("plain",)), mail.get_body(("html",))
    for body in (plain.get_content(), html.get_content()):
        assert all(word in body for word in ("Jonas Petersen", "Gespräch", "09:00", "Sommer, Paula"))
        assert not [word for word in ("1985", "2345678", "paula@", "/appointment/") if word in body]
    assert [part for part in mail.walk() if part.get_content_type() == "text/calendar"] == []
    told(cast, mailbox, appointment)
    assert len(mailbox.mails()) == 1, "once"


def test_in_the_members_language(cast: Cast, mailbox: Mailbox) -> None:
    wants(cast, tells_practitioner=True)
    member = cast.albers.members["jonas"]
    type(member.user).objects.filter(pk=member.user_id).update(language="en")
    (mail,) = told(cast, mailbox, book(cast.albers, "09:00", who="jonas"))
    assert mail["subject"].startswith("New online booking: ")


def test_nobody_is_told_of_a_chair_of_who_left_or_of_what_staff_entered(cast: Cast, mailbox: Mailbox) -> None:
    wants(cast, tells_practitioner=True)
    appointment, member = book(cast.albers, "09:00", who="jonas"), cast.albers.members["jonas"]
    with acting(cast.albers.system):
        Appointment.objects.filter(pk=appointment.pk).update(source=Source.STAFF)
    assert told(cast, mailbox, appointment) == []
    with acting(cast.albers.system):
        Appointment.objects.filter(pk=appointment.pk).update(source=Source.ONLINE)
        type(member).objects.filter(pk=member.pk).update(left_at="2026-01-01T00:00Z")
    assert told(cast, mailbox, appointment) == []
    with acting(cast.albers.system):
        type(member).objects.filter(pk=member.pk).update(left_at=None)
        type(appointment.calendar).objects.filter(pk=appointment.calendar_id).update(member=None)
    assert told(cast, mailbox, appointment) == []


def test_what_was_cancelled_before_it_could_be_told_is_not_told(cast: Cast, mailbox: Mailbox) -> None:
    wants(cast, tells_practitioner=True)
    appointment = book(cast.albers, "09:00", who="jonas")
    with acting(cast.albers.system):
        cancel_appointment(cast.albers.system, appointment.id)
    assert told(cast, mailbox, appointment) == []
    with acting(cast.albers.system):
        assert Message.objects.get().withdrawn_at is not None


@pytest.mark.req("CAL-23")
def test_telling_the_practitioner_is_not_telling_the_patient(cast: Cast, mailbox: Mailbox) -> None:
    wants(cast, tells_practitioner=True)
    appointment = book(cast.albers, "09:00", who="jonas")
    with posting_to(mailbox):
        send(appointment)
    assert len(told(cast, mailbox, appointment)) == 2
    with acting(cast.albers.system):
        assert last_sent(cast.albers.system, appointment.id) == Message.Kind.BOOKED


def test_the_booking_page_promises_no_mail_that_is_not_sent(cast: Cast) -> None:
    kept = hold(cast.albers, "09:00")
    token = hold_token(kept.pk)
    with acting(cast.albers.visitor):
        book_held_time(cast.albers.visitor, token, Details(identity()))
    address = reverse("portal:done", args=["albers", token])
    assert "paula@example.org" in Client().get(address).content.decode()
    wants(cast, confirms_to_patient=False)
    shown = Client().get(address).content.decode()
    assert "paula@example.org" not in shown and Client().get(address).context["unconfirmed"]
