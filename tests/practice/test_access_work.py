"""What an access opens, and what not: fields, calendars, patients, ways to book (ACC-21 … ACC-23)."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from sprechzeit.access.actor import Actor
from sprechzeit.access.table import Area
from sprechzeit.accounts.models import User
from sprechzeit.audit.models import Entry
from sprechzeit.core.acting import acting
from sprechzeit.core.errors import NotAllowed, NotFound
from sprechzeit.core.ids import new_id
from sprechzeit.messages.policy import visible_messages
from sprechzeit.patients.actions import NewPatient, share_patients
from sprechzeit.patients.policy import fields_seen, visible_patients, visible_proposals
from sprechzeit.patients.queries import search_patients
from sprechzeit.practice.jobs import tell_delegate, tell_of_access
from sprechzeit.practice.models import AccessGrant
from sprechzeit.practice.policy import open_invitations, visible_members
from sprechzeit.practice.visitors import actor_of
from sprechzeit.scheduling.actions.appoint import Wish, book_appointment
from sprechzeit.scheduling.actions.block import add_block
from sprechzeit.scheduling.actions.cancel import cancel_appointment
from sprechzeit.scheduling.actions.move import move_appointment
from sprechzeit.scheduling.actions.place import Place
from sprechzeit.scheduling.models import Appointment
from sprechzeit.scheduling.policy import (
    enterable_calendars,
    visible_absences,
    visible_appointments,
    visible_calendars,
    visible_new_bookings,
    visible_offerings,
)
from sprechzeit.scheduling.queries.next_free import next_free_of_all
from tests.support.cast import Cast, at, book, monday
from tests.support.delegates import delegate, give, give_member, kern, outside, terms
from tests.support.mailbox import Mailbox
from tests.support.routes import client_of
from tests.support.things import absences, blocks, failed_messages, proposals

NEW = NewPatient("Nele", "Neumann", None, "0171 2345678", "nele@example.org")


def by(cast: Cast, *members: str, areas: Any = (Area.SCHEDULING,)) -> Actor:
    """Kern's office with these areas of these members."""
    return delegate(cast.albers, terms(cast.albers, *members, areas=areas))


def there(cast: Cast, who: str, clock: str = "10:00") -> Place:
    begin = at(clock)
    return Place(cast.albers.calendars[who], begin, begin + timedelta(minutes=50), None, any_room=True)


def two(cast: Cast) -> tuple[Appointment, Appointment]:
    """One with Jonas, one with Miriam, each of a patient of theirs."""
    return (
        book(cast.albers, "09:00", who="jonas", last_name="Jonaspatient", email="jo@example.org"),
        book(cast.albers, "09:00", who="miriam", last_name="Miriampatient", email="mi@example.org"),
    )


@pytest.mark.req("ACC-21", "ACC-6")
def test_a_delegate_sees_of_the_practice_what_was_granted(cast: Cast) -> None:
    jonas, _miriam = two(cast)
    for things in (absences, blocks):
        things(cast)
    actor = by(cast, "jonas")
    with acting(actor):
        assert [one.name for one in visible_calendars(actor)] == ["Jonas Petersen"]
        assert [one.pk for one in enterable_calendars(actor)] == [cast.albers.calendars["jonas"].pk]
        assert [one.pk for one in visible_appointments(actor)] == [jonas.pk]
        assert [one.pk for one in visible_patients(actor)] == [jonas.patient_id]
        assert {one.calendar_id for one in visible_offerings(actor)} == {cast.albers.calendars["jonas"].pk}
        assert {one.calendar_id for one in visible_absences(actor)} == {cast.albers.calendars["jonas"].pk, None}
        assert {one.calendar_id for one in next_free_of_all(actor, cast.albers.types["talk"])} == {
            cast.albers.calendars["jonas"].pk
        }
        for nothing in (visible_new_bookings, visible_members, open_invitations, visible_messages, visible_proposals):
            assert not nothing(actor).exists(), nothing.__name__


@pytest.mark.req("ACC-22")
@pytest.mark.parametrize(
    ("area", "patients", "appointments", "fields"),
    [
        (Area.SCHEDULING, 1, 1, False), (Area.DOCUMENTATION, 1, 2, True), (Area.INVOICING, 1, 0, True),
        (Area.REPORTS, 1, 2, True), (Area.FINANCE, 0, 0, False),
    ],
)  # fmt: skip
def test_each_area_opens_what_the_table_says(
    cast: Cast, area: Area, patients: int, appointments: int, fields: bool
) -> None:
    """Of Jonas' patient, who also has an appointment with Miriam."""
    person: dict[str, Any] = {"last_name": "Jonaspatient", "email": "jo@example.org"}
    book(cast.albers, "09:00", who="jonas", **person)
    book(cast.albers, "11:00", who="miriam", **person)
    book(cast.albers, "14:00", who="miriam", last_name="Miriampatient")
    actor = by(cast, "jonas", areas=[area])
    with acting(actor):
        assert (visible_patients(actor).count(), visible_appointments(actor).count()) == (patients, appointments)
        for one in visible_patients(actor):
            assert (fields_seen(actor, one) is None) is fields


@pytest.mark.req("ACC-21")
class TestFields:
    def test_details_show_what_booking_takes(self, cast: Cast) -> None:
        jonas, _miriam = two(cast)
        address = reverse("scheduling:appointment", args=[jonas.pk])
        number = f"No. {jonas.patient.number}"
        full = client_of(cast, "practitioner").get(address, headers={"Accept-Language": "en"}).content.decode()
        part = outside(cast).get(address, headers={"Accept-Language": "en"}).content.decode()
        for shown in ("Jonaspatient", "jo@example.org", "24/03/1985"):
            assert shown in full
            assert shown in part
        for hidden in (number, "Record information", "timeline"):
            assert hidden in full
            assert hidden not in part

    def test_search_shows_no_number_and_finds_by_none(self, cast: Cast) -> None:
        jonas, _miriam = two(cast)
        number = jonas.patient.number
        client = outside(cast)
        found = client.get(reverse("scheduling:search"), {"q": "jonas"}).content.decode()
        assert "Jonaspatient" in found
        assert not re.search(rf"\b{number}\b", found)
        assert "Jonaspatient" not in client.get(reverse("scheduling:search"), {"q": str(number)}).content.decode()
        own = client_of(cast, "practitioner").get(reverse("scheduling:search"), {"q": str(number)}).content.decode()
        assert "Jonaspatient" in own

    def test_others_patients_are_not_found_by_anything(self, cast: Cast) -> None:
        two(cast)
        client = outside(cast)
        for name in ("scheduling:search", "scheduling:patients"):
            for asked in ("miriampatient", "mi@example.org"):
                assert "Miriampatient" not in client.get(reverse(name), {"q": asked}).content.decode()

    @pytest.mark.req("ACC-11")
    def test_whoever_has_it_in_the_calendar_sees_booking_fields_of_an_unshared_patient(self, cast: Cast) -> None:
        person: dict[str, Any] = {"last_name": "Miriampatient", "email": "mi@example.org"}
        book(cast.albers, "09:00", who="miriam", **person)
        lent = book(cast.albers, "11:00", who="jonas", **person)
        page = client_of(cast, "practitioner").get(reverse("scheduling:appointment", args=[lent.pk])).content.decode()
        assert "mi@example.org" in page
        assert str(lent.patient.number) not in re.sub(r"[0-9a-f-]{36}", "", page)


@pytest.mark.req("ACC-21", "ACC-20")
class TestWork:
    def test_books_moves_and_cancels_in_the_granted_calendar(self, cast: Cast) -> None:
        actor, key = by(cast, "jonas"), str(new_id())
        with acting(actor):
            made = book_appointment(actor, Wish(key, cast.albers.types["talk"], there(cast, "jonas"), NEW))
            move_appointment(actor, made.pk, there(cast, "jonas", "14:00"))
            cancel_appointment(actor, made.pk)
        with acting(cast.albers.system):
            assert made.patient.created_by == cast.albers.members["jonas"]
            done = Entry.objects.filter(row_id=made.pk, actor=actor.name).values_list("operation", flat=True)
            assert {"insert", "update"} <= set(done)

    def test_nothing_is_done_in_another_calendar(self, cast: Cast) -> None:
        jonas, miriam = two(cast)
        actor = by(cast, "jonas")
        wish = Wish(str(new_id()), cast.albers.types["talk"], there(cast, "miriam"), NEW)
        with acting(actor):
            for refused, call in (
                (NotAllowed, lambda: book_appointment(actor, wish)),
                (NotAllowed, lambda: move_appointment(actor, jonas.pk, there(cast, "miriam"))),
                (NotFound, lambda: move_appointment(actor, miriam.pk, there(cast, "jonas"))),
                (NotFound, lambda: cancel_appointment(actor, miriam.pk)),
                (NotAllowed, lambda: add_block(actor, there(cast, "miriam"), "x", key=str(new_id()))),
            ):
                with pytest.raises(refused):
                    call()

    def test_nobody_elses_patient_is_booked(self, cast: Cast) -> None:
        _jonas, miriam = two(cast)
        actor = by(cast, "jonas")
        wish = Wish(str(new_id()), cast.albers.types["talk"], there(cast, "jonas"), miriam.patient_id)
        with acting(actor), pytest.raises(NotFound):
            book_appointment(actor, wish)

    @pytest.mark.parametrize("area", [Area.DOCUMENTATION, Area.INVOICING, Area.REPORTS, Area.FINANCE])
    def test_other_areas_book_nothing(self, cast: Cast, area: Area) -> None:
        actor = by(cast, "jonas", areas=[area])
        wish = Wish(str(new_id()), cast.albers.types["talk"], there(cast, "jonas"), NEW)
        with acting(actor), pytest.raises(NotAllowed):
            book_appointment(actor, wish)

    def test_a_forged_calendar_in_the_dialog_is_refused(self, cast: Cast) -> None:
        form = {
            "calendar": str(cast.albers.calendars["miriam"].pk), "type": str(cast.albers.types["talk"].pk),
            "start": f"{monday():%Y-%m-%d}T10:00", "end": f"{monday():%Y-%m-%d}T10:50", "key": "k" * 30,
            "is_new": "on", "last_name": "Neumann", "first_name": "Nele",
        }  # fmt: skip
        client = outside(cast)
        assert client.post(reverse("scheduling:new"), form).status_code == 422
        page = client.get(reverse("scheduling:new")).content.decode()
        assert "Jonas Petersen" in page
        assert "Miriam Albers" not in page

    @pytest.mark.req("CAL-13", "COM-3")
    def test_taken_rooms_show_as_times_only(self, cast: Cast) -> None:
        """Miriam's room is taken at eleven: by whom is not told, nor her column's id."""
        day = book(cast.albers, "11:00", who="miriam", last_name="Miriampatient").starts_at.date()
        page = outside(cast).get(reverse("scheduling:book"), {"day": f"{day:%Y-%m-%d}", "view": "rooms"})
        text = page.content.decode()
        assert "Miriampatient" not in text
        assert str(cast.albers.calendars["miriam"].pk) not in text
        assert "11:00" in re.sub(r'<span class="hour.*?</span>', "", text)
        assert re.search("Raum belegt|Room taken", text)

    @pytest.mark.parametrize("view", ["day", "week", "list", "rooms"])
    def test_other_columns_do_not_exist(self, cast: Cast, view: str) -> None:
        day = two(cast)[0].starts_at.date()
        client, miriam = outside(cast), cast.albers.calendars["miriam"].pk
        page = client.get(reverse("scheduling:book"), {"day": f"{day:%Y-%m-%d}", "view": view}).content.decode()
        for hidden in ("Miriampatient", "Miriam Albers", str(miriam)):
            assert hidden not in page
        if view in ("day", "week"):
            asked = client.get(reverse("scheduling:book"), {"view": view, "calendar": str(miriam)})
            assert asked.status_code == 404
        printed = client.get(reverse("scheduling:print"), {"day": f"{day:%Y-%m-%d}"}).content.decode()
        assert "Jonaspatient" in printed
        assert "Miriam" not in printed

    def test_a_member_with_an_access_works_in_both_calendars(self, cast: Cast) -> None:
        """Jonas keeps his own, whole; of Miriam's he sees what booking takes, and no message."""
        failed_messages(cast)
        proposals(cast)
        give_member(cast.albers, "jonas", terms(cast.albers, "miriam"))
        client = client_of(cast, "practitioner")
        day = f"{monday():%Y-%m-%d}"
        own, hers = (
            Appointment.objects.using("default").filter(calendar=cast.albers.calendars[name])
            for name in ("jonas", "miriam")
        )
        with acting(cast.albers.system):
            mine, theirs = (
                own.select_related("patient")[0],
                hers.select_related("patient").filter(patient__created_by=cast.albers.members["miriam"])[0],
            )
        assert client.get(reverse("scheduling:book"), {"day": day}).status_code == 200
        page = client.get(reverse("scheduling:appointment", args=[theirs.pk])).content.decode()
        assert "timeline" not in page
        assert "timeline" in client.get(reverse("scheduling:appointment", args=[mine.pk])).content.decode()
        assert client.post(reverse("scheduling:cancellation", args=[theirs.pk])).status_code == 303


@pytest.mark.req("ACC-20", "ACC-4")
def test_a_member_shares_nothing_that_an_access_opens(cast: Cast) -> None:
    """A share is for good: it would outlive the access."""
    _jonas, miriam = two(cast)
    give_member(cast.albers, "jonas", terms(cast.albers, "miriam"))
    actor = actor_of(User.objects.get(pk=cast.albers.user("jonas").pk))
    assert actor is not None
    with acting(actor):
        assert visible_patients(actor).filter(pk=miriam.patient_id).exists()
        with pytest.raises(NotFound):
            share_patients(actor, [miriam.patient_id], None)
    client = client_of(cast, "practitioner")
    assert client.get(reverse("patients:sharing"), {"patient": str(miriam.patient_id)}).status_code == 404
    assert "Miriampatient" not in client.get(reverse("patients:list")).content.decode()


@pytest.mark.req("AUD-2", "ACC-23")
def test_what_a_delegate_looks_up_is_in_the_log_with_the_ids_and_the_area(cast: Cast) -> None:
    jonas, _miriam = two(cast)
    actor = by(cast, "jonas")
    with acting(actor):
        search_patients(actor, "jonas")
    with acting(cast.albers.system):
        entry = Entry.objects.select_related("value").get(actor=actor.name, operation="search")
    assert entry.reason == "scheduling"
    assert entry.value.new == {"hits": 1, "shown": [str(jonas.patient_id)]}


@pytest.mark.req("ACC-20", "NOT-1")
def test_both_sides_are_told_when_it_is_given_and_when_it_is_revoked(
    cast: Cast, settings: Any, mailbox: Mailbox
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_USE_TLS = "127.0.0.1", mailbox.port, False
    house = cast.albers
    given = give(house, terms(house, "jonas"))
    about = {"practice_id": str(house.practice.pk), "access_id": str(given.pk)}
    tell_delegate.work(0, **about)
    tell_of_access.work(0, **about, member_id=str(house.members["jonas"].pk))
    asked, notice = mailbox.wait(2)
    assert (asked["To"], notice["To"]) == ("kern@example.org", house.user("jonas").email)
    asking, noticing = asked.get_body(("plain",)), notice.get_body(("plain",))
    assert asking is not None and noticing is not None
    link = re.search(r"/join/\S+", asking.get_content())
    assert link
    assert "Sekretariat Kern" in noticing.get_content()
    client = Client()
    client.force_login(kern())
    assert client.get(link[0]).status_code == 200
    assert client.post(link[0]).status_code == 303
    assert client.get(reverse("scheduling:book")).status_code == 200
    assert client.post(reverse("own_access")).status_code == 303
    tell_delegate.work(0, **about)
    assert mailbox.wait(3)[-1]["To"] == "kern@example.org"
    with acting(house.system):
        assert AccessGrant.objects.get(pk=given.pk).revoked_at
