"""Staff booking (CAL-7)."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from procrastinate.contrib.django.models import ProcrastinateJob

from sprechzeit.core.acting import acting
from sprechzeit.core.errors import NotAllowed, NotFound
from sprechzeit.core.ids import new_id
from sprechzeit.patients.actions import NewPatient
from sprechzeit.patients.models import Patient
from sprechzeit.practice.once import KeyReused
from sprechzeit.scheduling.actions.appoint import Wish, book_appointment
from sprechzeit.scheduling.actions.place import Place
from sprechzeit.scheduling.actions.settings import change_type
from sprechzeit.scheduling.errors import NotOffered
from sprechzeit.scheduling.models import Appointment, Source
from sprechzeit.scheduling.policy import get_appointment
from tests.support.cast import Cast, at, book, hold

pytestmark = pytest.mark.req("CAL-7")

NOBODY = "01a20221-0000-7000-8000-000000000000"
NEW = NewPatient("Nele", "Neumann", date(1990, 5, 1), "0171 2345678", "nele@example.org")


def wish(cast: Cast, clock: str, *, patient: Any = NEW, who: str = "miriam", kind: str = "talk", **more: Any) -> Wish:
    begin, minutes = at(clock), more.pop("minutes", 50)
    room, any_room = more.pop("room", None), more.pop("any_room", True)
    where = Place(cast.albers.calendars[who], begin, begin + timedelta(minutes=minutes), room, any_room and not room)
    return Wish(**({"key": str(new_id()), "type": cast.albers.types[kind], "place": where, "patient": patient} | more))


def enter(cast: Cast, one: Wish, *, by: str = "jana") -> Appointment:
    actor = cast.albers.actor(by)
    with acting(actor):
        return book_appointment(actor, one)


def test_a_known_patient(cast: Cast) -> None:
    known = book(cast.albers, "08:00").patient
    made = enter(cast, wish(cast, "10:00", patient=known.pk, remark="Brings a finding"))
    assert made.patient == known
    assert (made.source, made.remark, made.told_starts_at) == (Source.STAFF, "Brings a finding", at("10:00"))
    assert (made.room, made.email) == (cast.albers.rooms["own"], "paula@example.org")


@pytest.mark.req("ACC-11")
def test_a_new_patient_belongs_to_the_calendars_practitioner(cast: Cast) -> None:
    made = enter(cast, wish(cast, "10:00", who="jonas"))
    with acting(cast.albers.system):
        assert made.patient.created_by == cast.albers.members["jonas"]
        assert {(one.kind, one.key) for one in made.patient.contact_points.all()} == {
            ("email", "nele@example.org"),
            ("mobile", "+491712345678"),
        }


def test_a_confirmation_only_when_wanted(cast: Cast) -> None:
    enter(cast, wish(cast, "10:00"))
    assert not ProcrastinateJob.objects.exists()
    enter(cast, wish(cast, "14:00", tell=True))
    assert [job.task_name for job in ProcrastinateJob.objects.all()] == [
        "messages.send_booked",
        "messages.tell_practitioner",
    ]


@pytest.mark.req("BOO-7")
def test_sent_twice_it_is_one(cast: Cast) -> None:
    one = wish(cast, "10:00")
    assert enter(cast, one).pk == enter(cast, one).pk
    with pytest.raises(KeyReused):
        enter(cast, wish(cast, "14:00", key=one.key))
    with acting(cast.albers.system):
        assert (Appointment.objects.count(), Patient.objects.count()) == (1, 1)


def test_the_second_room_when_the_first_is_taken(cast: Cast) -> None:
    enter(cast, wish(cast, "10:00", who="jonas"))
    assert enter(cast, wish(cast, "10:00")).room == cast.albers.rooms["shared"]
    with pytest.raises(NotOffered) as refused:
        enter(cast, wish(cast, "10:00", confirmed=frozenset({"calendar_taken", "no_room_free"})))
    assert refused.value.reasons == ("calendar_taken", "no_room_free") or refused.value.reasons == ("no_room_free",)
    assert len(refused.value.conflicts) >= 2, "each room is named"


def test_an_end_of_ones_own_and_no_room(cast: Cast) -> None:
    made = enter(cast, wish(cast, "10:00", minutes=95, any_room=False))
    assert (made.ends_at, made.occupancy.ends_at, made.room) == (at("11:35"), at("11:45"), None)


@pytest.mark.req("CAL-8")
def test_reasons_must_be_confirmed_all(cast: Cast) -> None:
    enter(cast, wish(cast, "16:00"))
    with pytest.raises(NotOffered) as refused:
        enter(cast, wish(cast, "16:30", room=cast.albers.rooms["shared"]))
    assert set(refused.value.reasons) == {"calendar_taken", "outside_working_time"}
    with pytest.raises(NotOffered):
        enter(cast, wish(cast, "16:30", room=cast.albers.rooms["shared"], confirmed=frozenset({"calendar_taken"})))
    made = enter(
        cast, wish(cast, "16:30", room=cast.albers.rooms["shared"], confirmed=frozenset(refused.value.reasons))
    )
    assert made.occupancy.overbooked


@pytest.mark.req("CAL-8", "BOO-3")
def test_a_time_being_booked_online_is_named_as_that(cast: Cast) -> None:
    hold(cast.albers, "10:00")
    with pytest.raises(NotOffered) as refused:
        enter(cast, wish(cast, "10:00", any_room=False))
    assert "Sommer" not in refused.value.conflicts[0] and "10:00–11:00" in refused.value.conflicts[0]


def test_a_calendar_that_does_not_offer_the_type(cast: Cast) -> None:
    with acting(cast.albers.system):
        cast.albers.types["call"].offerings.filter(calendar=cast.albers.calendars["jonas"]).delete()
    with pytest.raises(NotOffered) as refused:
        enter(cast, wish(cast, "10:00", who="jonas", kind="call", minutes=20))
    assert "not_offered_here" in refused.value.reasons
    made = enter(
        cast, wish(cast, "10:00", who="jonas", kind="call", minutes=20, confirmed=frozenset(refused.value.reasons))
    )
    assert made.calendar == cast.albers.calendars["jonas"]


@pytest.mark.req("ACC-7", "ACC-11")
def test_who_may(cast: Cast) -> None:
    """Jonas enters in his calendar, of his patients."""
    with pytest.raises(NotAllowed):
        enter(cast, wish(cast, "10:00", who="miriam"), by="jonas")
    hers = book(cast.albers, "08:00", who="miriam").patient
    with pytest.raises(NotFound):
        enter(cast, wish(cast, "10:00", who="jonas", patient=hers.pk), by="jonas")
    enter(cast, wish(cast, "10:00", who="jonas"), by="jonas")


class TestOverHttp:
    @pytest.fixture
    def client(self, cast: Cast) -> Client:
        client = Client(headers={"HX-Request": "true", "accept-language": "en"})
        client.force_login(cast.albers.user("jana"))
        return client

    def fields(self, cast: Cast, clock: str = "10:00", **more: Any) -> dict[str, Any]:
        return {
            "key": str(new_id()), "calendar": cast.albers.calendars["miriam"].pk, "type": cast.albers.types["talk"].pk,
            "start": f"{at(clock):%Y-%m-%dT%H:%M}", "is_new": "on", "first_name": "Nele", "last_name": "Neumann",
            "room": "",
        } | more  # fmt: skip

    def test_the_dialog(self, cast: Cast, client: Client) -> None:
        address = reverse("scheduling:new")
        calendar = str(cast.albers.calendars["miriam"].pk)
        page = client.get(address, {"calendar": calendar, "start": f"{at('10:00'):%Y-%m-%dT%H:%M}"}).content.decode()
        assert "10:00–10:50" in page and "Miriam Albers" in page and "Gespräch" in page and "Raum 2" in page
        assert "<html" not in page

    def test_it_begins_on_the_day_of_the_book(self, cast: Cast, client: Client) -> None:
        page = client.get(reverse("scheduling:new"), {"day": f"{at('08:00'):%Y-%m-%d}"}).content.decode()
        assert f'value="{at("08:00"):%Y-%m-%dT%H:%M}"' in page and "08:00–08:50" in page
        assert client.get(reverse("scheduling:new"), {"day": "tomorrow"}).status_code == 200

    def test_it_begins_at_the_first_free_time_of_that_day(self, cast: Cast, client: Client) -> None:
        book(cast.albers, "08:00")
        asked = {"day": f"{at('08:00'):%Y-%m-%d}", "calendar": str(cast.albers.calendars["miriam"].pk)}
        page = client.get(reverse("scheduling:new"), asked).content.decode()
        assert f'value="{at("09:00"):%Y-%m-%dT%H:%M}"' in page and "09:00–09:50" in page
        sunday = at("08:00") - timedelta(days=1)
        page = client.get(reverse("scheduling:new"), asked | {"day": f"{sunday:%Y-%m-%d}"}).content.decode()
        assert f'value="{sunday:%Y-%m-%dT%H:%M}"' in page

    def test_a_known_patient_is_not_proposed_what_is_for_new_ones(self, cast: Cast, client: Client) -> None:
        known = book(cast.albers, "08:00").patient
        with acting(cast.albers.system):
            change_type(cast.albers.system, cast.albers.types["talk"].pk, {"patients": "new"})
        page = client.post(reverse("scheduling:new"), self.fields(cast) | {"choose_patient": str(known.pk)})
        assert page.context["draft"].type == cast.albers.types["call"]
        page = client.post(reverse("scheduling:new"), self.fields(cast) | {"patient": str(known.pk), "refresh": "1"})
        assert page.context["draft"].type == cast.albers.types["talk"]

    def test_it_is_entered(self, cast: Cast, client: Client) -> None:
        answer = client.post(reverse("scheduling:new"), self.fields(cast))
        assert answer.status_code == 200
        assert answer["X-Changed-Columns"] == str(cast.albers.calendars["miriam"].pk)
        with acting(cast.albers.system):
            made = Appointment.objects.get()
            assert made.ends_at - made.starts_at == timedelta(minutes=50)
            assert get_appointment(cast.albers.system, made.pk).room == cast.albers.rooms["own"]

    def test_what_was_typed_stays(self, cast: Cast, client: Client) -> None:
        answer = client.post(reverse("scheduling:new"), self.fields(cast, last_name="", remark="Door"))
        page = answer.content.decode()
        assert answer.status_code == 422 and 'value="Nele"' in page and 'value="Door"' in page
        assert page.count("Please enter the name.") >= 1

    def test_names_are_asked_of_a_new_patient_alone(self, cast: Cast, client: Client) -> None:
        address = reverse("scheduling:new")
        for is_new in ("on", ""):
            shown = client.post(address, self.fields(cast, is_new=is_new) | {"refresh": "1"}).context["form"]
            assert [shown.fields[name].required for name in ("first_name", "last_name")] == [bool(is_new)] * 2

    def test_a_conflict_comes_with_the_form(self, cast: Cast, client: Client) -> None:
        client.post(reverse("scheduling:new"), self.fields(cast))
        answer = client.post(reverse("scheduling:new"), self.fields(cast, room="none", first_name="Other"))
        page = answer.content.decode()
        assert answer.status_code == 409
        assert "Neumann, Nele 10:00–10:50" in page and 'value="Other"' in page
        accepted = self.fields(cast, room="none", first_name="Other", confirmed=",calendar_taken")
        assert client.post(reverse("scheduling:new"), accepted).status_code == 200

    def test_filling_in_step_by_step_without_script(self, cast: Cast) -> None:
        """Find, choose, enter: every step is a button of one form, and nothing is kept before the last."""
        client = Client(headers={"accept-language": "en"})
        client.force_login(cast.albers.user("jana"))
        known = book(cast.albers, "08:00").patient
        address = reverse("scheduling:new")
        left_out = ("is_new", "first_name", "last_name")
        fields = {name: value for name, value in self.fields(cast).items() if name not in left_out}
        page = client.post(address, fields | {"q": "som", "find": "1"}).content.decode()
        assert "<mark>Som</mark>mer, Paula" in page and str(known.pk) in page
        page = client.post(address, fields | {"choose_patient": known.pk}).content.decode()
        assert f'name="patient" value="{known.pk}"' in page
        calendar = cast.albers.calendars["jonas"].pk
        time = f"{calendar}~{at('14:00'):%Y-%m-%dT%H:%M}~0"
        page = client.post(address, fields | {"patient": known.pk, "choose_time": time}).content.decode()
        assert "14:00–14:50" in page and "Jonas Petersen" in page
        page = client.post(address, fields | {"q": "Neu, Na", "new_patient": "1"}).content.decode()
        assert 'value="Na"' in page
        for step in ({"q": "som", "find": "1"}, {"choose_patient": known.pk}, {"choose_time": time}, {"refresh": "1"}):
            answer = client.post(address, fields | step, headers={"HX-Request": "true"})
            assert (answer.status_code, answer.headers.get("X-Changed-Columns")) == (200, None), "asked, nothing wrong"
        with acting(cast.albers.system):
            assert Appointment.objects.count() == 1
        assert client.post(address, fields | {"patient": known.pk}).status_code == 303

    @pytest.mark.parametrize(
        "change",
        [
            {"calendar": "x"}, {"calendar": NOBODY}, {"type": "\x00"}, {"patient": "no", "is_new": ""},
            {"patient": NOBODY, "is_new": ""}, {"room": "x"}, {"start": "2027-03-28T02:30"}, {"key": "short"},
            {"date_of_birth": "31.02.1990"}, {"email": "nonsense"}, {"last_name": "x" * 5000}, {"phone": "\x00"},
        ],
        ids=str,
    )  # fmt: skip
    def test_fields_that_no_form_sends(self, cast: Cast, client: Client, change: dict[str, str]) -> None:
        answer = client.post(reverse("scheduling:new"), self.fields(cast, **change))
        assert answer.status_code in (404, 422)
        with acting(cast.albers.system):
            assert not Appointment.objects.exists()
