"""Who a type is for, asked at the last press: age, insurance, new and known; and booking for somebody else (BOO-11)."""

import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from sprechzeit.core.acting import acting
from sprechzeit.messages.jobs import send_booked
from sprechzeit.patients.actions import NewPatient, add_patient
from sprechzeit.patients.models import ContactPoint, ContactProposal, Patient
from sprechzeit.scheduling.actions.book import Details, book_held_time
from sprechzeit.scheduling.actions.code import digits_of
from sprechzeit.scheduling.actions.hold import hold_token
from sprechzeit.scheduling.errors import CodeMissing, NotForThisPatient
from sprechzeit.scheduling.models import Appointment, AppointmentType, Booker, BookingCode, Offering
from tests.portal.test_booking import PAULA, live_holds, press, rows, times_url, visitor
from tests.support.cast import Cast, House, book, hold, identity, monday

__all__ = ["visitor"]

CHILD = PAULA | {
    "for_whom": "child", "first_name": "Deniz", "last_name": "Yıldız", "date_of_birth": "08.06.2019",
    "booker_first_name": "Elif", "booker_last_name": "Yıldız", "email": "elif@example.org", "mobile": "0171 2345678",
}  # fmt: skip


def rule(house: House, **facts: Any) -> None:
    """A rule of the type 'talk'."""
    with acting(house.system):
        AppointmentType.objects.filter(pk=house.types["talk"].pk).update(**facts)


def enter(house: House, **person: Any) -> Patient:
    """A record that the practice itself entered."""
    facts = {"first_name": "Paula", "last_name": "Sommer", "date_of_birth": date(1985, 3, 24), **person}
    with acting(house.system):
        return add_patient(house.system, NewPatient(**facts), belongs_to=None)


def last_code(house: House) -> str:
    """The digits that were mailed last."""
    with acting(house.system):
        return digits_of(BookingCode.objects.latest("id").pk)


def prove(visitor: Client, house: House, asked: Any) -> Any:
    """Type the code that the page asks for."""
    html = asked.content.decode()
    (action,) = re.findall(r'id="code-form"[^>]*action="([^"]+)"', html)
    (packed,) = re.findall(r'name="typed" value="([^"]+)"', html)
    return visitor.post(action, {"typed": packed, "code": last_code(house)})


# --- Age and insurance ----------------------------------------------------------------------------------------------


def years_ago(years: int, *, days: int = 0) -> str:
    """Somebody's date of birth who is so old on the day of the appointment, or in so many days."""
    day = monday() + timedelta(days=days)
    return f"{day.day}.{day.month}.{day.year - years}"


@pytest.mark.req("BOO-11", "CAL-5")
@pytest.mark.parametrize(
    ("born", "status"),
    [
        (years_ago(6, days=1), 422),
        (years_ago(6), 303),
        (years_ago(18, days=1), 303),
        (years_ago(18), 422),
    ],
)
def test_the_age_counts_on_the_day_of_the_appointment(cast: Cast, visitor: Client, born: str, status: int) -> None:
    rule(cast.albers, min_age=6, max_age=17)
    details: Any = press(visitor, cast.albers, "09:00")
    answer = visitor.post(details.url, PAULA | {"date_of_birth": born})
    assert answer.status_code == status
    assert rows(cast.albers, Appointment) == (status == 303)
    if status == 422:
        html = answer.content.decode()
        assert "id_date_of_birth_error" in html and "6 to 17 years" in html
        assert 'value="Paula"' in html and live_holds(cast.albers) == 1, "nothing is lost, the time stays kept"
        assert visitor.post(details.url, PAULA | {"date_of_birth": years_ago(10)}).status_code == 303


@pytest.mark.req("BOO-4", "BOO-11")
def test_the_insurance_is_kept_and_only_those_of_the_type_are_offered(cast: Cast, visitor: Client) -> None:
    rule(cast.albers, insurances=["private", "self_payer"])
    details: Any = press(visitor, cast.albers, "09:00")
    html = visitor.get(details.url).content.decode()
    assert 'value="private"' in html and 'value="statutory"' not in html
    for chosen in ("statutory", "", "royal"):
        assert visitor.post(details.url, PAULA | {"insurance": chosen}).status_code == 422
    assert visitor.post(details.url, PAULA | {"insurance": "private"}).status_code == 303
    with acting(cast.albers.system):
        assert Appointment.objects.get().insurance == "private"


@pytest.mark.req("BOO-11")
@pytest.mark.parametrize("insurance", ["statutory", ""])
def test_the_rule_holds_beneath_the_form_too(cast: Cast, insurance: str) -> None:
    rule(cast.albers, insurances=["private"])
    held = hold(cast.albers, "09:00")
    with acting(cast.albers.visitor), pytest.raises(NotForThisPatient) as refused:
        book_held_time(cast.albers.visitor, hold_token(held.pk), Details(identity(), insurance=insurance))
    assert refused.value.reasons == ("other_insurance",)
    assert rows(cast.albers, Patient) == 0 and live_holds(cast.albers) == 1


# --- New and known --------------------------------------------------------------------------------------------------


@pytest.mark.req("BOO-11", "PAT-10")
def test_a_type_for_known_patients_is_for_who_proves_an_address_in_the_record(cast: Cast, visitor: Client) -> None:
    rule(cast.albers, patients="known")
    known = enter(cast.albers, email="paula@example.org")
    details: Any = press(visitor, cast.albers, "09:00")
    asked = visitor.post(details.url, PAULA)
    assert asked.status_code == 200 and b"Type the code" in asked.content and rows(cast.albers, Appointment) == 0
    assert prove(visitor, cast.albers, asked).status_code == 303
    with acting(cast.albers.system):
        assert Appointment.objects.get().patient_id == known.pk


@pytest.mark.req("BOO-8", "BOO-11", "PAT-14")
def test_nobody_learns_from_it_whether_somebody_else_is_a_patient(cast: Cast, visitor: Client) -> None:
    """The same pages, words and number of statements for a patient's name as for a name that nobody has."""
    rule(cast.albers, patients="known")
    enter(cast.albers, email="secret@example.org")
    answers, asked_with, statements = [], [], []
    for clock, name in (("08:00", "Paula"), ("09:00", "Nobody")):
        details: Any = press(visitor, cast.albers, clock, key=clock * 8)
        asked = visitor.post(details.url, PAULA | {"first_name": name, "email": "me@example.org"})
        asked_with.append((asked.status_code, without_secrets(asked.content.decode(), name)))
        with CaptureQueriesContext(
            connection,
        ) as captured:
            answer = prove(visitor, cast.albers, asked)
        answers.append((answer.status_code, without_secrets(answer.content.decode(), name)))
        statements.append(len(captured))
        visitor.post(f"{details.url}release/")
    assert asked_with[0] == asked_with[1]
    assert answers[0] == answers[1] and answers[0][0] == 422 and "by patients whose e-mail address" in answers[0][1]
    assert statements[0] == statements[1]
    assert rows(cast.albers, Appointment) == 0 and rows(cast.albers, Patient) == 1


def without_secrets(html: str, name: str) -> str:
    """A page without what is different for everybody."""
    return re.sub(r'value="[^"]*"|/holds/[^/]+/|\d\d:\d\d|day=[\d-]+|held=[\w-]+', "", html.replace(name, "X"))


@pytest.mark.req("BOO-8", "PAT-14")
def test_a_booking_with_ones_own_address_opens_no_way_to_ask(cast: Cast, visitor: Client) -> None:
    """Somebody books in another's name: whether a record was there or made now, it is not 'known' by that."""
    book(cast.albers, "08:00", email="me@example.org")
    rule(cast.albers, patients="known")
    details: Any = press(visitor, cast.albers, "09:00")
    asked = visitor.post(details.url, PAULA | {"email": "me@example.org"})
    assert prove(visitor, cast.albers, asked).status_code == 422
    met_in_the_past(cast.albers)
    assert prove(visitor, cast.albers, asked).status_code == 303, "who was there is known"


def met_in_the_past(house: House) -> None:
    with acting(house.system):
        begin = timezone.now() - timedelta(days=9)
        Appointment.objects.update(starts_at=begin, ends_at=begin + timedelta(minutes=50))


@pytest.mark.req("BOO-11")
def test_without_a_proof_a_type_for_known_patients_is_not_booked(cast: Cast) -> None:
    rule(cast.albers, patients="known")
    enter(cast.albers, email="paula@example.org")
    held = hold(cast.albers, "09:00")
    with acting(cast.albers.visitor), pytest.raises(CodeMissing):
        book_held_time(cast.albers.visitor, hold_token(held.pk), Details(identity()))


@pytest.mark.req("BOO-11", "PAT-14")
def test_a_type_for_new_patients_is_refused_to_a_known_one_only_with_a_proof(cast: Cast, visitor: Client) -> None:
    rule(cast.albers, patients="new")
    enter(cast.albers, email="paula@example.org")
    first: Any = press(visitor, cast.albers, "09:00")
    assert visitor.post(first.url, PAULA).status_code == 303, "else the refusal would tell that there is a record"
    with acting(cast.albers.system):
        type(cast.albers.practice).objects.filter(pk=cast.albers.practice.pk).update(booking_code_required=True)
    second: Any = press(visitor, cast.albers, "10:00", key="n" * 32)
    answer = prove(visitor, cast.albers, visitor.post(second.url, PAULA))
    assert answer.status_code == 422 and b"for new patients only" in answer.content
    assert rows(cast.albers, Appointment) == 1


# --- For a child, or for somebody else ------------------------------------------------------------------------------


@pytest.mark.req("BOO-4")
def test_patient_and_contact_are_two_people(cast: Cast, visitor: Client) -> None:
    details: Any = press(visitor, cast.albers, "09:00")
    done: Any = visitor.post(details.url, CHILD)
    assert done.status_code == 303 and b"elif@example.org" in visitor.get(done.url).content
    with acting(cast.albers.system):
        appointment = Appointment.objects.select_related("patient", "booker").get()
        assert appointment.patient.full_name == "Yıldız, Deniz" and appointment.email == "elif@example.org"
        who = appointment.booker
        assert (who.full_name, who.relation, who.mobile) == ("Elif Yıldız", "child", "0171 2345678")
        assert not ContactPoint.objects.exists(), "they are the mother's, not the child's"


@pytest.mark.req("BOO-4", "PAT-11", "PAT-13")
def test_the_bookers_address_neither_finds_nor_changes_a_record(cast: Cast, visitor: Client) -> None:
    """Two children of one name and birthday: the mother's address stands in one record."""
    facts = {"first_name": "Deniz", "last_name": "Yıldız", "date_of_birth": date(2019, 6, 8)}
    enter(cast.albers, **facts, email="elif@example.org")
    enter(cast.albers, **facts, email="other@example.org")
    details: Any = press(visitor, cast.albers, "09:00")
    visitor.post(details.url, CHILD)
    assert rows(cast.albers, Patient) == 3 and rows(cast.albers, ContactProposal) == 0
    enter(cast.albers, first_name="Only", last_name="Child", date_of_birth=date(2019, 6, 8))
    second: Any = press(visitor, cast.albers, "10:00", key="n" * 32)
    visitor.post(second.url, CHILD | {"first_name": "Only", "last_name": "Child"})
    assert rows(cast.albers, Patient) == 4 and rows(cast.albers, ContactProposal) == 0, "found, and nothing proposed"


@pytest.mark.req("BOO-4")
@pytest.mark.parametrize("for_whom", ["child", "other"])
def test_who_books_for_somebody_else_says_who_they_are(cast: Cast, visitor: Client, for_whom: str) -> None:
    details: Any = press(visitor, cast.albers, "09:00")
    answer = visitor.post(details.url, CHILD | {"for_whom": for_whom, "booker_first_name": " "})
    html = answer.content.decode()
    assert (
        answer.status_code == 422 and "id_booker_first_name_error" in html and "id_booker_last_name_error" not in html
    )
    assert rows(cast.albers, Booker) == 0
    assert visitor.post(details.url, CHILD | {"for_whom": for_whom}).status_code == 303
    with acting(cast.albers.system):
        assert Booker.objects.get().relation == for_whom


@pytest.mark.req("BOO-4")
def test_who_comes_themselves_is_no_booker(cast: Cast, visitor: Client) -> None:
    details: Any = press(visitor, cast.albers, "09:00")
    assert visitor.post(details.url, CHILD | {"for_whom": "self"}).status_code == 303
    assert rows(cast.albers, Booker) == 0 and rows(cast.albers, ContactPoint) == 2


# --- What nobody may post -------------------------------------------------------------------------------------------


@pytest.mark.req("BOO-11")
def test_fields_that_the_form_does_not_have_change_nothing(cast: Cast, visitor: Client) -> None:
    more = {
        "status": "completed", "price": "0", "price_cents": "1", "practitioner": str(cast.albers.calendars["jonas"].pk),
        "calendar": cast.albers.calendars["jonas"].reference, "manage_mode": "1", "source": "staff", "patient": "1",
        "starts_at": "2030-01-01T09:00", "start": "20300101T0900Z~x", "overbooked": "1", "practice": "brandt",
        "proof": "x", "typed_by": "staff", "code": "000000", "relation": "child", "language": "xx", "id": "1",
    }  # fmt: skip
    details: Any = press(visitor, cast.albers, "09:00")
    first, second = visitor.post(details.url, PAULA | more), visitor.post(details.url, PAULA | more)
    assert first.status_code == 303 and second.status_code in (302, 303)
    with acting(cast.albers.system):
        booked = Appointment.objects.select_related("calendar", "occupancy").get()
    assert booked.calendar == cast.albers.calendars["miriam"] and booked.starts_at.year == monday().year
    assert (booked.source, booked.language, booked.occupancy.overbooked) == ("online", "en", False)
    assert rows(cast.brandt, Appointment) == 0


# --- Said before a time is chosen -----------------------------------------------------------------------------------


@pytest.mark.req("BOO-1", "BOO-11")
def test_who_says_whether_they_are_new_sees_what_is_for_them(cast: Cast, visitor: Client) -> None:
    services = reverse("portal:services", args=["albers"])
    assert b"I am new" not in visitor.get(services).content, "where it makes no difference nobody is asked"
    rule(cast.albers, patients="known")
    shown = {said: visitor.get(services, {"patient": said}).content.decode() for said in ("", "new", "known", "x")}
    assert [said for said, page in shown.items() if "Gespräch" not in page] == ["new"]
    assert all("Telefonat" in page and "I have been here before" in page for page in shown.values())
    with acting(cast.albers.system):
        AppointmentType.objects.filter(pk=cast.albers.types["call"].pk).update(patients="known")
    dead_end = visitor.get(services, {"patient": "new"}).content
    assert b"New patients cannot book online" in dead_end and b"tel:02215550100" in dead_end


@pytest.mark.req("CAL-6", "BOO-1")
def test_how_long_it_lasts_with_whom_is_said_before_the_time(cast: Cast, visitor: Client) -> None:
    jonas = cast.albers.calendars["jonas"]
    with acting(cast.albers.system):
        Offering.objects.filter(calendar=jonas, type=cast.albers.types["talk"]).update(duration=30)
    assert "30 to 50 min." in visitor.get(reverse("portal:services", args=["albers"])).content.decode()
    # Next week: of today there may be left what one of them has.
    everybody = visitor.get(f"{times_url(cast.albers)}?week={monday():%Y-%m-%d}").content.decode()
    assert "30 to 50 min." in everybody and ">30 min.<" in everybody and ">50 min.<" in everybody
    alone = visitor.get(f"{times_url(cast.albers)}?calendar={jonas.reference}").content.decode()
    assert "30 min." in alone and "50 min." not in alone


@pytest.mark.req("BOO-4", "CAL-15")
def test_the_practice_sees_who_booked_for_whom(cast: Cast, visitor: Client) -> None:
    details: Any = press(visitor, cast.albers, "09:00")
    visitor.post(details.url, CHILD | {"insurance": "private"})
    with acting(cast.albers.system):
        booked = Appointment.objects.get()
    visitor.force_login(cast.albers.user("miriam"))
    page = visitor.get(reverse("scheduling:appointment", args=[booked.pk])).content.decode()
    for words in ("Elif Yıldız booked it for their child", "elif@example.org", "0171 2345678", "Insurance: Private",
                  "Elif Yıldız booked for the patient"):  # fmt: skip
        assert words in page


@pytest.mark.req("BOO-4", "BOO-6")
def test_the_mail_goes_to_who_booked_and_speaks_to_them(cast: Cast, visitor: Client) -> None:
    details: Any = press(visitor, cast.albers, "09:00")
    visitor.post(details.url, CHILD)
    with acting(cast.albers.system):
        booked = Appointment.objects.get()
    send_booked.work(0, practice_id=str(booked.practice_id), appointment_id=str(booked.pk))
    (sent,) = mail.outbox
    assert sent.to == ["elif@example.org"] and "Hello Elif Yıldız," in str(sent.body)
    assert "Gespräch\nfor Deniz\n" in str(sent.body)


# --- The language ---------------------------------------------------------------------------------------------------


@pytest.mark.req("BOO-1", "BOO-4")
def test_the_language_is_kept_without_a_cookie_and_what_was_typed_too(cast: Cast, visitor: Client) -> None:
    """Within another website no cookie stays: the address carries the language, up to the mail."""
    services = visitor.get(reverse("portal:services", args=["albers"])).content.decode()
    (german,) = re.findall(r'href="(\?language=de)"', services)
    page = visitor.get(reverse("portal:services", args=["albers"]) + german).content.decode()
    assert '<html lang="de"' in page
    (times,) = re.findall(r'class="service card" href="([^"]+)"', page)[:1]
    page = visitor.get(times).content.decode()
    (hold_url,) = re.findall(r'action="([^"]+/holds/[^"]*)"', page)
    (start, *_more) = re.findall(r'name="start" value="([^"]+)"', page)
    details: Any = visitor.post(hold_url, {"key": "k" * 32, "start": start})
    assert details.url.endswith("?language=de")
    (english,) = re.findall(r'formaction="([^"]+)" name="again" value="1"', visitor.get(details.url).content.decode())
    spoken = visitor.post(english, PAULA | {"again": "1"})
    assert '<html lang="en"' in spoken.content.decode() and b'value="Paula"' in spoken.content
    assert spoken["Content-Language"] == "en" and rows(cast.albers, Appointment) == 0
    assert visitor.post(details.url, PAULA).url.endswith("/done/?language=de")  # type: ignore[attr-defined]
    with acting(cast.albers.system):
        assert Appointment.objects.get().language == "de"
    assert not visitor.cookies
    assert b'lang="en"' in visitor.get(reverse("portal:services", args=["albers"]), {"language": "xx"}).content
