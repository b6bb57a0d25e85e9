"""A mail tells nobody how a record spells a name, and so not that there is one (BOO-8, PAT-14)."""

from datetime import date

import pytest
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.test import Client

from sprechzeit.core.acting import acting
from sprechzeit.messages.jobs import send_booked
from sprechzeit.patients.actions import NewPatient, add_patient
from sprechzeit.scheduling.actions.book import Contact, Details, book_held_time
from sprechzeit.scheduling.actions.hold import hold_token
from sprechzeit.scheduling.models import Appointment
from tests.portal.test_booking import PAULA, press, visitor
from tests.support.cast import Cast, House, book, hold, identity

__all__ = ["visitor"]

pytestmark = pytest.mark.req("BOO-8", "PAT-14")


def enter_record(house: House) -> None:
    with acting(house.system):
        add_patient(house.system, NewPatient("Paula", "Große", date(1985, 3, 24)), belongs_to=None)


def mail_of(house: House, appointment: Appointment) -> str:
    """Both forms of the confirmation."""
    mail.outbox.clear()
    send_booked.work(0, practice_id=str(house.practice.pk), appointment_id=str(appointment.pk))
    (sent,) = mail.outbox
    assert isinstance(sent, EmailMultiAlternatives)
    (html, _kind), *_ = sent.alternatives
    return f"{sent.body}{html!s}"


@pytest.mark.parametrize("is_known", [True, False])
def test_who_books_reads_the_name_as_they_typed_it(cast: Cast, is_known: bool) -> None:
    if is_known:
        enter_record(cast.albers)
    made = book(cast.albers, "09:00", first_name="pAULA", last_name="grosse", email="curious@example.org")
    assert (made.patient.last_name == "Große") is is_known
    words = mail_of(cast.albers, made)
    assert words.count("pAULA grosse") == 2 and "Paula" not in words and "Große" not in words


def test_who_books_for_somebody_else_too(cast: Cast) -> None:
    enter_record(cast.albers)
    held = hold(cast.albers, "09:00")
    person = identity(first_name="PAULA", last_name="Grosse", email="")
    other = Contact("child", "Ida", "Neugier", "ida@example.org")
    with acting(cast.albers.visitor):
        made = book_held_time(cast.albers.visitor, hold_token(held.id), Details(person, booker=other))
    words = mail_of(cast.albers, made)
    assert words.count("PAULA") == 2 and "Paula" not in words and words.count("Ida Neugier") == 2


@pytest.mark.req("BOO-4")
@pytest.mark.parametrize(
    ("said", "born"),
    [
        ("24.03.85", date(1985, 3, 24)),
        ("24.03.50", date(1950, 3, 24)),
        ("24.03.2050", None),
        ("1.1.2050", None),
        ("24032050", None),
        ("24031985", date(1985, 3, 24)),
        ("1121985", None),
    ],
)
def test_a_century_is_guessed_only_where_none_was_said(
    cast: Cast, visitor: Client, said: str, born: date | None
) -> None:
    details = press(visitor, cast.albers, "09:00")
    answer = visitor.post(details.url, PAULA | {"date_of_birth": said})
    assert answer.status_code == (303 if born else 422)
    with acting(cast.albers.system):
        assert [one.patient.date_of_birth for one in Appointment.objects.all()] == ([born] if born else [])
