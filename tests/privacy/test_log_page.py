"""The page of the log: who, when, what, for whom; narrowed; a page at a time (AUD-2, AUD-4)."""

from collections.abc import Iterator
from html import unescape
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone, translation

from sprechzeit.access.actor import Actor, ActorKind
from sprechzeit.access.table import Role
from sprechzeit.audit.actions import erase_values
from sprechzeit.audit.models import Entry
from sprechzeit.core.acting import acting
from sprechzeit.patients.models import Patient
from sprechzeit.patients.queries import read_patient
from sprechzeit.practice.models import Room
from sprechzeit.privacy.forms import LogForm
from sprechzeit.privacy.kinds import DONE
from sprechzeit.privacy.queries import Place, Wish, all_entries, log, read_log
from sprechzeit.privacy.words import Line, lines_of
from sprechzeit.scheduling.actions.cancel import cancel_appointment
from tests.support.cast import Cast, book
from tests.support.delegates import give_member, terms
from tests.support.partners import registered
from tests.support.pusher import Pusher
from tests.support.routes import client_of

TASK = "audit.check_practice"


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def miriam(cast: Cast) -> Actor:
    return cast.albers.actor("miriam")


def lines(actor: Actor, **wish: Any) -> list[Line]:
    with acting(actor):
        return lines_of(actor, all_entries(actor, Wish(**wish), 500))


def page(cast: Cast, **asked: str) -> str:
    client = client_of(cast, "administrator")
    client.cookies["language"] = "en"
    answer = client.get(reverse("privacy:log"), asked)
    assert answer.status_code == 200
    return unescape(answer.content.decode())


@pytest.mark.req("AUD-4")
class TestWords:
    def test_a_booking_names_patient_appointment_and_who(self, cast: Cast, miriam: Actor) -> None:
        appointment = book(cast.albers, "09:00", who="jonas", last_name="Zander")
        with acting(cast.albers.actor("jana")):
            cancel_appointment(cast.albers.actor("jana"), appointment.pk, reason="ill")
        found = lines(miriam, kind="appointments")
        assert ("Jana Albrecht", "Cancelled: ill") in [(one.who, one.what) for one in found]
        assert (found[-1].who, found[-1].what) == ("Online booking", "Booked online")
        assert {one.whom for one in found} == {"Zander, Paula"}
        assert all(one.about.startswith(cast.albers.types["talk"].name) for one in found)

    def test_a_change_says_from_what_to_what_by_the_names_of_the_forms(self, cast: Cast, miriam: Actor) -> None:
        book(cast.albers, "09:00", who="jonas", last_name="Zander")
        with acting(miriam):
            Patient.objects.filter(last_name="Zander").update(last_name="Zimmer", last_key="zimmer")
        (changed, *_rest) = lines(miriam, kind="patients")
        assert (changed.what, list(changed.details)) == ("Patient record: changed", ["Last name: Zander → Zimmer"])
        assert (changed.who, changed.whom) == ("Miriam Albers", "Zimmer, Paula")

    def test_rows_that_values_refer_to_are_named(self, cast: Cast, miriam: Actor) -> None:
        calendar = cast.albers.calendars["jonas"]
        with acting(miriam):
            type(calendar).objects.filter(pk=calendar.pk).update(member=cast.albers.members["miriam"])
        (changed, *_rest) = lines(miriam, kind="settings")
        assert list(changed.details) == ["Member: Jonas Petersen → Miriam Albers"]

    def test_an_erasure_says_so_and_what_was_erased_is_not_shown(self, cast: Cast, miriam: Actor) -> None:
        book(cast.albers, "09:00", who="jonas", last_name="Zander")
        with acting(cast.albers.system):
            entries = Entry.objects.filter(table_name="patients_patient", operation="insert")
            erase_values(cast.albers.system, list(entries.values_list("id", flat=True)), "PRI-20")
        erasure, entered = [one for one in lines(miriam, kind="patients") if "record" in one.what]
        assert (erasure.what, list(erasure.details)) == (
            "Patient record: former values erased",
            ["Reason: PRI-20"],
        )
        assert (entered.what, entered.about) == ("Patient record: entered", "")

    def test_a_fixed_number_of_statements_whatever_is_shown(
        self, cast: Cast, miriam: Actor, django_assert_max_num_queries: Any
    ) -> None:
        for clock in ("09:00", "10:00", "11:00"):
            book(cast.albers, clock, who="jonas", last_name=f"Zander{clock[:2]}")
        with acting(miriam):
            entries = all_entries(miriam, Wish(), 500)
            assert len(entries) > 40
            with django_assert_max_num_queries(16):
                lines_of(miriam, entries)


@pytest.mark.req("AUD-2")
class TestNarrowing:
    def test_by_person(self, cast: Cast, miriam: Actor) -> None:
        with acting(cast.albers.actor("jana")):
            Room.objects.filter(pk=cast.albers.rooms["own"].pk).update(position=9)
        found = lines(miriam, who=cast.albers.actor("jana").name)
        assert [(one.who, one.what) for one in found] == [("Jana Albrecht", "Room: changed")]

    def test_by_kind(self, cast: Cast, miriam: Actor) -> None:
        book(cast.albers, "09:00", who="jonas")
        assert {one.what for one in lines(miriam, kind="patients")} == {"Patient record: entered", "Contact: entered"}

    def test_by_what_was_done(self, cast: Cast, miriam: Actor) -> None:
        appointment = book(cast.albers, "09:00", who="jonas", last_name="Zander")
        jana = cast.albers.actor("jana")
        with acting(jana):
            cancel_appointment(jana, appointment.pk, reason="ill")
            read_patient(jana, appointment.patient_id)
            Room.objects.filter(pk=cast.albers.rooms["own"].pk).update(position=9)
        for done, found in {
            "cancelled": {("Jana Albrecht", "Cancelled: ill")},
            "opened": {("Jana Albrecht", "Patient record: opened")},
            "changed": {("Jana Albrecht", "Room: changed"), ("Jana Albrecht", "Appointment: changed")},
            "deleted": set(),
            "exported": set(),
        }.items():
            mine = {(one.who, one.what) for one in lines(miriam, done=done, who=jana.name)}
            assert mine == found, done
        entered = {one.what for one in lines(miriam, done="entered")}
        assert "Booked online" in entered
        assert "Cancelled: ill" not in entered
        everything = {one.id for one in lines(miriam)}
        assert everything == {one.id for done in DONE for one in lines(miriam, done=done)}, "each is something done"

    def test_by_people_who_are_no_members(self, cast: Cast, miriam: Actor) -> None:
        appointment = book(cast.albers, "09:00", who="jonas", last_name="Zander")
        link = Actor(ActorKind.LINK, (miriam.practice_id,), Role.LINK, appointment.pk)
        with acting(link):
            Patient.objects.update(first_name="Pia")
        (changed,) = lines(miriam, who="link")
        assert (changed.who, changed.whom) == ("Patient, by their link", "Zander, Pia")
        assert {one.who for one in lines(miriam, who="visitor")} == {"Online booking"}
        assert lines(miriam, who="link", done="deleted") == []

    def test_every_kind_of_actor_can_be_chosen(self, cast: Cast, miriam: Actor) -> None:
        give_member(cast.albers, "jana", terms(cast.albers, "jonas"))
        registered(cast.albers)
        Pusher(cast.albers)
        with acting(miriam):
            who: Any = LogForm(actor=miriam).fields["who"]
            offered = [name for _group, some in who.choices[1:] for name, _word in some]
        assert {name.partition(":")[0] for name in offered} == {*map(str, ActorKind), "database"}

    def test_filters_are_combined_and_kept_by_every_link(self, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("sprechzeit.privacy.views.read_log", lambda actor, wish: read_log(actor, wish, limit=2))
        today = f"{timezone.localdate()}"
        asked = {"who": "system", "kind": "settings", "done": "entered", "first": "2001-01-01", "last": today}
        shown = page(cast, **asked)
        kept = urlencode(asked)
        assert f'href="?{kept}&before=' in shown
        for form in ("csv", "xlsx"):
            assert f'href="{reverse("privacy:export", args=[form])}?{kept}"' in shown

    def test_by_patient_with_all_that_is_theirs(self, cast: Cast, miriam: Actor) -> None:
        book(cast.albers, "09:00", who="jonas", last_name="Zander", email="z@example.org")
        book(cast.albers, "10:00", who="jonas", last_name="Other", email="o@example.org")
        with acting(miriam):
            patient = Patient.objects.get(last_name="Zander")
        found = lines(miriam, patient=patient)
        assert {one.whom for one in found} == {"Zander, Paula"}
        assert {"Patient record: entered", "Contact: entered", "Booked online"} <= {one.what for one in found}

    def test_by_day_on_the_practices_clock(self, cast: Cast, miriam: Actor) -> None:
        everything = lines(miriam)
        today = everything[0].at.date()
        assert len(lines(miriam, first=today, last=today)) == len(everything)
        assert lines(miriam, last=today.replace(year=today.year - 1)) == []
        assert lines(miriam, first=today.replace(year=today.year + 1)) == []

    def test_a_name_that_fits_several_is_asked_back(self, cast: Cast) -> None:
        book(cast.albers, "09:00", who="jonas", first_name="Anna", last_name="Zander", email="a@example.org")
        book(cast.albers, "10:00", who="jonas", first_name="Bert", last_name="Zander", email="b@example.org")
        both = page(cast, named="zander")
        assert "Which patient?" in both
        assert {"Zander, Anna" in both, "Zander, Bert" in both} == {True}
        one = page(cast, named="zander bert")
        assert "Access report" in one
        assert "Zander, Anna" not in one
        assert "No patient found" in page(cast, named="nobody")

    def test_what_cannot_be_read_is_refused_or_unknown(self, cast: Cast) -> None:
        client = client_of(cast, "administrator")
        for asked, status in (
            ({"first": "yesterday"}, 422),
            ({"first": "0001-01-01"}, 422),
            ({"last": "9999-12-31"}, 422),
            ({"who": "member:nobody"}, 422),
            ({"kind": "rubbish"}, 422),
            ({"done": "rubbish"}, 422),
            ({"who": "member"}, 422),
            ({"patient": "nobody"}, 404),
            ({"patient": str(cast.brandt.practice.pk)}, 404),
            ({"before": "x"}, 404),
            ({"before": "9" * 16 + "-" + "9" * 18}, 200),
        ):
            assert client.get(reverse("privacy:log"), asked).status_code == status, asked


@pytest.mark.req("AUD-2")
class TestPaging:
    def test_pages_hold_everything_once(self, cast: Cast, miriam: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
        book(cast.albers, "09:00", who="jonas")
        monkeypatch.setattr(log, "log_list", lambda *_: None)
        with acting(miriam):
            wanted = [one.pk for one in all_entries(miriam, Wish(), 500)]
            place: Place | None = None
            seen: list[int] = []
            while True:
                found = read_log(miriam, Wish(before=place), limit=7)
                seen += [one.pk for one in found.entries]
                place = found.older
                if place is None:
                    break
        assert seen == wanted
        assert len(wanted) > 30

    def test_the_page_leads_on(self, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("sprechzeit.privacy.views.read_log", lambda actor, wish: read_log(actor, wish, limit=5))
        shown = page(cast, kind="settings")
        address = shown.partition('href="?kind=settings&before=')[2].partition('"')[0]
        assert address
        second = page(cast, kind="settings", before=address)
        assert 'href="?kind=settings"' in second


@pytest.mark.req("AUD-2", "AUD-3")
class TestReadingTheLog:
    def test_looking_at_the_log_is_in_the_log(self, cast: Cast, miriam: Actor) -> None:
        page(cast)
        assert (lines(miriam)[0].who, lines(miriam)[0].what) == ("Miriam Albers", "Log: looked at")

    def test_a_further_page_is_another_look(self, cast: Cast, miriam: Actor) -> None:
        """What the first page showed is not what the second did: each is in the log once in a while."""
        with acting(miriam):
            first = read_log(miriam, Wish(), limit=5)
            read_log(miriam, Wish(), limit=5)
            assert Entry.objects.filter(table_name="audit_entry").count() == 1
            read_log(miriam, Wish(before=first.older), limit=5)
            assert Entry.objects.filter(table_name="audit_entry").count() == 2

    def test_choosing_a_patient_is_an_opening_of_the_record(self, cast: Cast, miriam: Actor) -> None:
        book(cast.albers, "09:00", who="jonas", last_name="Zander")
        with acting(miriam):
            patient = Patient.objects.get(last_name="Zander")
        page(cast, patient=str(patient.pk))
        assert "Patient record: opened" in {one.what for one in lines(miriam, patient=patient)}


@pytest.mark.req("AUD-3")
class TestWhetherItIsWhole:
    def test_the_page_says_until_when_it_is_sealed(self, cast: Cast) -> None:
        assert "Not sealed yet" in page(cast)
        with acting(cast.albers.system), connection.cursor() as cursor:
            cursor.execute("SELECT seal_entries(%s, 1000)", [cast.albers.practice.pk])
        assert "Sealed until" in page(cast)
        with acting(cast.albers.system), connection.cursor() as cursor:
            cursor.execute("SELECT note_check(%s, 'changed:5')", [cast.albers.practice.pk])
        assert "The log is not whole: look at entry 5" in page(cast)

    @pytest.mark.parametrize(
        ("problem", "said"),
        [("unsealed:5", "New entries are not being sealed"), ("copy torn:", "A kept seal cannot be read")],
    )
    def test_what_is_no_fault_of_the_entries_is_not_called_so(self, cast: Cast, problem: str, said: str) -> None:
        with acting(cast.albers.system), connection.cursor() as cursor:
            cursor.execute("SELECT seal_entries(%s, 1000)", [cast.albers.practice.pk])
            cursor.execute("SELECT note_check(%s, %s)", [cast.albers.practice.pk, problem])
        shown = page(cast)
        assert said in shown
        assert "The log is not whole" not in shown

    def test_a_check_can_be_asked_for(self, cast: Cast) -> None:
        client = client_of(cast, "administrator")
        assert client.post(reverse("privacy:check")).status_code == 303
        with connection.cursor() as cursor:
            cursor.execute("SELECT args ->> 'practice_id' FROM procrastinate_jobs WHERE task_name = %s", [TASK])
            assert cursor.fetchall() == [(str(cast.albers.practice.pk),)]
