"""A database of the version before this one's roles and log, with its practices, brought to the newest schema."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import psycopg
import pytest
from django.db import connections
from django.test import Client
from django.urls import reverse

from sprechzeit.access.actor import system, visitor
from sprechzeit.access.table import Role
from sprechzeit.audit.models import Entry
from sprechzeit.audit.queries import history_of
from sprechzeit.core.acting import acting
from sprechzeit.core.ids import new_id
from sprechzeit.operations import postgres_setup
from sprechzeit.practice.actions.team import suspend_member
from sprechzeit.practice.models import Member, Room
from sprechzeit.scheduling.actions.book import Details, book_held_time
from sprechzeit.scheduling.actions.hold import hold_time, hold_token
from sprechzeit.scheduling.errors import TimeTaken
from sprechzeit.scheduling.models import Appointment
from sprechzeit.scheduling.policy import visible_appointments, visible_calendars, visible_types
from sprechzeit.scheduling.queries.video import joining, why_no_video
from tests.support.cast import PASSWORD, at, identity, monday
from tests.support.chain import proof_of, seal_next
from tests.support.databases import Databases, stand_on
from tests.support.older import OldPractice, old_practices, schema_before, schema_now

pytestmark = pytest.mark.req("OPS-5", "ACC-1", "ACC-6", "AUD-3")
DAY = f"{monday(2):%Y-%m-%d}"


@dataclass(frozen=True)
class Upgraded:
    """The practices as they were, and how many rows each table had then."""

    albers: OldPractice
    brandt: OldPractice
    rows: dict[str, int]
    url: str


def rows_of(url: str) -> dict[str, int]:
    """How many rows each table of the house has."""
    with psycopg.connect(url, autocommit=True) as connection:
        tables = connection.execute(
            "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
        ).fetchall()
        counts = {}
        for (name,) in tables:
            query = psycopg.sql.SQL("SELECT count(*) FROM {}").format(psycopg.sql.Identifier(name))
            counts[name] = (connection.execute(query).fetchone() or (0,))[0]
        return counts


@pytest.fixture(scope="module")
def upgraded(databases: Databases, django_db_setup: None, django_db_blocker: Any, worker_id: str) -> Iterator[Upgraded]:
    """The old schema, filled, and migrated as `owner`; from then on everybody comes as `app`."""
    name = f"older_{worker_id}"
    superuser = databases.url("superuser", name)
    postgres_setup.create_database(databases.url("superuser", "postgres"), name)
    with django_db_blocker.unblock():
        stand_on(databases.url("owner", name))
        albers, brandt = old_practices(schema_before())
        rows = rows_of(superuser)
        schema_now()
        stand_on(databases.url("app", name))
        try:
            yield Upgraded(albers, brandt, rows, superuser)
        finally:
            connections.close_all()
            databases.drop(name)


@pytest.fixture(autouse=True)
def _there(upgraded: Upgraded, databases: Databases, worker_id: str, django_db_blocker: Any) -> Iterator[None]:
    """Every test stands on the upgraded database, and commits."""
    with django_db_blocker.unblock():
        stand_on(databases.url("app", f"older_{worker_id}"))
        yield
        connections.close_all()


def signed_in(house: OldPractice, name: str) -> Client:
    client = Client()
    sent = {"login": f"{name}@{house.slug}.example.org", "password": PASSWORD}
    assert client.post("/accounts/login/", sent).status_code == 302
    return client


def test_nothing_is_lost(upgraded: Upgraded) -> None:
    now = rows_of(upgraded.url)
    assert upgraded.rows["scheduling_appointment"] == 4
    assert upgraded.rows["audit_entry"] > 80
    assert {name: now.get(name) for name in upgraded.rows if now.get(name, 0) < upgraded.rows[name]} == {}


@pytest.mark.req("PUSH-4", "PUSH-10")
def test_what_was_held_by_video_is_held_here(upgraded: Upgraded) -> None:
    """What was in the practice is where the practice says; what was by video stays so, with a link of its own."""
    for house, location, kept in ((upgraded.albers, "", "practice"), (upgraded.brandt, "video", "video")):
        actor = visitor(house.id)
        with acting(system(house.id)):
            assert [one.location for one in visible_types(actor)] == [location]
            assert {one.location for one in Appointment.objects.all()} == {kept}
    with acting(system(upgraded.brandt.id)):
        (fremd,) = Appointment.objects.all()
        how = joining(system(upgraded.brandt.id), fremd)
        assert how is not None and how.is_here
        assert why_no_video(system(upgraded.brandt.id), fremd.calendar) is None


@pytest.mark.parametrize(
    ("name", "seen"),
    [("miriam", {"Jonaspatient", "Miriampatient"}), ("jonas", {"Jonaspatient"}),
     ("jana", {"Jonaspatient", "Miriampatient"}), ("berta", {"Fremd"})],
)  # fmt: skip
def test_everybody_signs_in_and_sees_what_they_saw(upgraded: Upgraded, name: str, seen: set[str]) -> None:
    house = upgraded.brandt if name == "berta" else upgraded.albers
    client = signed_in(house, name)
    book = client.get(reverse("scheduling:book"), {"day": DAY}).content.decode()
    found = client.get(reverse("scheduling:search"), {"q": "Vera"}).content.decode()
    words = {"Jonaspatient", "Miriampatient", "Fremd"}
    assert {word for word in words if word in book} == seen
    assert {word for word in words if word in found} == seen
    for last_name, appointment in {**upgraded.albers.appointments, **upgraded.brandt.appointments}.items():
        status = client.get(reverse("scheduling:appointment", args=[appointment])).status_code
        mine = seen | ({"Abgesagt"} if "Miriampatient" in seen else set())
        assert status == (200 if last_name in mine else 404)


def test_roles_and_rooms_are_as_they_were(upgraded: Upgraded) -> None:
    miriam = upgraded.albers.actor("miriam", Role.ADMINISTRATOR)
    with acting(miriam):
        roles = dict(Member.objects.filter(practice_id=upgraded.albers.id).values_list("name", "role"))
        rooms = list(Room.objects.order_by("position").values_list("name", flat=True))
        assert not Member.objects.exclude(suspended_at=None).exists()
    assert roles == {
        "Miriam Albers": Role.ADMINISTRATOR,
        "Jonas Petersen": Role.PRACTITIONER,
        "Jana Albrecht": Role.SECRETARY,
    }
    assert rooms == ["Raum 1", "Raum 2"]


def test_links_still_open_their_one_appointment(upgraded: Upgraded) -> None:
    links = upgraded.albers.links
    pages = {name: Client().get(reverse("portal:manage", args=[token])) for name, token in links.items()}
    assert {name: page.status_code for name, page in pages.items()} == dict.fromkeys(links, 200)
    assert "Jonas Petersen" in pages["Jonaspatient"].content.decode()
    assert Client().post(reverse("portal:cancellation", args=[links["Miriampatient"]])).status_code == 303


@pytest.mark.req("AUD-1", "AUD-4")
def test_the_log_of_then_is_sealed_and_proved_with_that_of_now(upgraded: Upgraded) -> None:
    """And says of each entry whom it is about."""
    albers = upgraded.albers
    miriam = albers.actor("miriam", Role.ADMINISTRATOR)
    with acting(miriam):
        suspend_member(miriam, albers.members["jana"])
    seal_next(miriam)
    proof = proof_of(miriam)
    assert (proof.finding, proof.waiting) == (None, 0)
    with acting(miriam):
        entries = Entry.objects.filter(practice_id=albers.id)
        assert entries.filter(seal=None).count() == 0
        about = entries.filter(subject_id=albers.patients["Jonaspatient"], table_name="scheduling_appointment")
        assert about.count() == 2
        history = history_of(miriam, albers.id, [albers.appointments["Jonaspatient"]])
        assert [one.operation for one in history if one.table_name == "scheduling_appointment"] == ["insert", "update"]
        assert visible_appointments(miriam).count() == Appointment.objects.count() == 3


def test_work_goes_on(upgraded: Upgraded) -> None:
    """Somebody books online, as `app`; what was taken before stays taken."""
    house = upgraded.brandt
    anybody = visitor(house.id)
    with acting(anybody):
        kind, calendar = visible_types(anybody).get(), visible_calendars(anybody).get()

    def book(clock: str) -> None:
        with acting(anybody):
            held = hold_time(
                anybody, kind, calendar.pk, at(clock, monday(2)), address=str(new_id()), form=str(new_id())
            )
            book_held_time(anybody, hold_token(held.pk), Details(identity(last_name="Danach")))

    with pytest.raises(TimeTaken):
        book("09:00")
    book("10:00")
    page = signed_in(house, "berta").get(reverse("scheduling:book"), {"day": DAY}).content.decode()
    assert "Danach" in page
    assert "Fremd" in page
