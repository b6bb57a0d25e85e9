"""Whom a partner is told of: the list of who said yes, what changed in it, matching (OTV-5, PAT-10…14, PAT-20…22)."""

import time
from collections.abc import Callable
from datetime import datetime
from html import unescape
from threading import Event, Thread
from typing import Any

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from sprechzeit.access.fields import HANDED
from sprechzeit.core.acting import acting
from sprechzeit.core.moments import settled
from sprechzeit.partners.references import Called, reference_of
from sprechzeit.patients import joining
from sprechzeit.patients.actions import archive_patient, bring_back_patient, find_or_add_patient
from sprechzeit.patients.actions.merge import merge_patients
from sprechzeit.patients.models import ContactKind, ContactPoint, HandedChange, Patient
from sprechzeit.patients.policy import get_patient
from sprechzeit.patients.queries import facts_of
from tests.support.cast import Cast, House, identity
from tests.support.partners import registered, say
from tests.support.portal_client import Portal
from tests.support.routes import client_of
from tests.support.scene import change


def record(house: House, last_name: str = "Sommer", **facts: Any) -> Patient:
    """A record that somebody's booking made."""
    given = identity(last_name=last_name, **({"email": f"{last_name.lower()}@example.org"} | facts))
    with acting(house.system):
        return find_or_add_patient(house.system, given, belongs_to=house.members["jonas"].pk)


def point(house: House, patient: Patient, kind: str, value: str) -> ContactPoint:
    with acting(house.system):
        return ContactPoint._default_manager.create(
            practice_id=house.practice.pk, patient=patient, kind=kind, value=value, key=value
        )


def archived(house: House, patient: Patient, *, back: bool = False) -> None:
    jana = house.actor("jana")
    with acting(jana):
        (bring_back_patient if back else archive_patient)(jana, patient.pk)


def name(portal: Portal, patient: Patient) -> str:
    return reference_of(portal.actor.identity, Called.PATIENT, patient.pk)


def person(**changes: Any) -> dict[str, Any]:
    facts = {"first_name": "Paula", "last_name": "Sommer", "date_of_birth": "1985-03-24", "contacts": []}
    return facts | changes


class Sync:
    """A portal that asks, each time, what changed since the last time."""

    def __init__(self, portal: Portal) -> None:
        self.portal, self.since = portal, ""
        self.told()

    def told(self) -> tuple[list[str], list[str]]:
        """Last names of whom it is handed, and the references that it has to forget."""
        answer = self.portal.get("/patients", **({"changed_since": self.since} if self.since else {}))
        assert answer.status == 200, answer.body
        self.since = answer.json["as_of"]
        return [one["last_name"] for one in answer.json["items"]], answer.json["removed"]


@pytest.mark.req("OTV-5", "PAT-21", "OTV-10")
def test_the_list_is_of_who_said_yes_in_pages_with_no_field_more(cast: Cast) -> None:
    house, portal = cast.albers, Portal(cast.albers)
    people = {one: record(house, one, mobile="0171 2345678") for one in ("Adler", "Berg", "Czerny", "Dorn", "Eich")}
    point(house, people["Adler"], "work", "0221 999")
    change(house.system, people["Adler"], street="Geheimweg 1", insurer="Kasse")
    for one in ("Adler", "Berg", "Eich"):
        say(house, people[one], portal.actor, "yes")
    say(house, people["Dorn"], portal.actor, "no")
    first = portal.get("/patients", limit=2)
    assert [one["last_name"] for one in first.json["items"]] == ["Adler", "Berg"]
    adler = first.json["items"][0]
    assert datetime.fromisoformat(adler.pop("changed_at")).utcoffset() is not None
    assert adler == {
        "patient": name(portal, people["Adler"]), "first_name": "Paula", "last_name": "Adler",
        "date_of_birth": "1985-03-24",
        "contacts": [
            {"kind": "email", "value": "adler@example.org"}, {"kind": "mobile", "value": "0171 2345678"},
        ],
    }  # fmt: skip
    rest = portal.get("/patients", limit=2, after=first.json["next"])
    assert [one["last_name"] for one in rest.json["items"]] == ["Eich"]
    assert (rest.json["next"], rest.json["removed"]) == (None, [])
    assert portal.get("/patients", after=name(portal, people["Adler"])).status == 404, "what goes on is no patient"
    for wrong in ({"limit": 0}, {"limit": 501}, {"changed_since": "2026-03-01"}):
        assert portal.get("/patients", **wrong).status == 422
    other = Portal(house, "Anderes")
    assert other.get("/patients").json["items"] == Portal(cast.brandt).get("/patients").json["items"] == []


@pytest.mark.req("OTV-5", "PAT-20", "PAT-21", "PAT-22")
def test_what_changed_is_told_once_and_what_is_not_handed_out_is_no_change(cast: Cast) -> None:
    house, portal = cast.albers, Portal(cast.albers)
    paula, other = record(house), record(house, "Berg")
    mobile = point(house, paula, "mobile", "0171 1")
    say(house, other, portal.actor, "yes")
    sync = Sync(portal)
    changes: dict[str, tuple[Callable[[], object], bool]] = {
        "yes": (lambda: say(house, paula, portal.actor, "yes"), True),
        "nothing": (lambda: None, False),
        "name": (lambda: change(house.system, paula, first_name="Pauline"), True),
        "the same name": (lambda: change(house.system, paula, first_name="Pauline"), False),
        "birth": (lambda: change(house.system, paula, date_of_birth="1985-03-25"), True),
        "street": (lambda: change(house.system, paula, street="Weg 1", birth_name="Wolf"), False),
        "number": (lambda: change(house.system, mobile, value="0171 2"), True),
        "how it is compared": (lambda: change(house.system, mobile, key="x"), False),
        "work": (lambda: point(house, paula, "work", "0221"), False),
        "phone": (lambda: point(house, paula, "phone", "0221"), True),
        "its kind": (lambda: change(house.system, mobile, kind="work"), True),
        "another partner": (lambda: say(house, paula, registered(house, "Anderes"), "yes"), False),
    }
    for what, (do, counts) in changes.items():
        do()
        assert sync.told() == (["Sommer"] if counts else [], []), what
    with acting(house.system):
        ContactPoint._default_manager.filter(patient=paula, kind="phone").delete()
    assert sync.told() == (["Sommer"], []), "a number that is gone"


@pytest.mark.req("OTV-5", "PAT-21", "PAT-22", "PAT-14")
def test_who_is_on_the_list_no_more_is_to_be_forgotten_and_nobody_else_is_named(cast: Cast) -> None:
    """No, open again, archived, merged: all alike. Of whom it never was told, nothing is said."""
    house, portal = cast.albers, Portal(cast.albers)
    paula, never = record(house), record(house, "Nie")
    sync = Sync(portal)
    say(house, never, portal.actor, "yes")
    say(house, never, portal.actor, "no")  # before it asked
    say(house, paula, portal.actor, "yes")
    assert sync.told() == (["Sommer"], [])
    reference = name(portal, paula)
    gone: tuple[list[str], list[str]] = ([], [reference])
    for leave, comes_back in (
        (lambda: say(house, paula, portal.actor, "no"), lambda: say(house, paula, portal.actor, "yes")),
        (lambda: say(house, paula, portal.actor, "open"), lambda: say(house, paula, portal.actor, "yes")),
        (lambda: archived(house, paula), lambda: archived(house, paula, back=True)),
    ):
        leave()
        assert sync.told() == gone
        change(house.system, paula, first_name="Pia")
        point(house, paula, "phone", f"0221 {time.monotonic_ns()}")
        assert sync.told() == ([], []), "what becomes of them is nothing to the portal"
        assert portal.get("/patients").json["items"] == []
        comes_back()
        assert sync.told() == (["Sommer"], [])
    kept = record(house, "Behalten")
    jana = house.actor("jana")
    with acting(jana):
        stamp = joining.stamp(*(facts_of(jana, get_patient(jana, one.pk)) for one in (kept, paula)))
        merge_patients(jana, kept.pk, paula.pk, {}, seen=stamp)
    assert sync.told() == (["Behalten"], [reference]), "the yes of one record is the other's now"
    assert Portal(house, "Anderes").get("/patients", changed_since="2026-01-01T00:00:00Z").json["removed"] == []


@pytest.mark.req("OTV-5", "OTV-10")
def test_pages_of_changes_have_both_and_miss_nobody(cast: Cast) -> None:
    house, portal = cast.albers, Portal(cast.albers)
    people = [record(house, f"Name{number}") for number in range(7)]
    for one in people:
        say(house, one, portal.actor, "yes")
    since = portal.get("/patients").json["as_of"]
    for number, one in enumerate(people):
        if number in (1, 2, 5):
            say(house, one, portal.actor, "no")
        else:
            change(house.system, one, first_name="Neu")
    told: list[str] = []
    after: dict[str, str] = {}
    pages = 0
    while True:
        page = portal.get("/patients", changed_since=since, limit=2, **after).json
        both = [one["patient"] for one in page["items"]] + page["removed"]
        assert len(both) <= 2
        told, pages = told + both, pages + 1
        if page["next"] is None:
            break
        after = {"after": page["next"]}
    assert (sorted(told), pages) == (sorted(name(portal, one) for one in people), 4)


@pytest.mark.own_database
@pytest.mark.req("OTV-5", "PAT-22")
def test_what_is_being_written_while_somebody_asks_is_told_the_next_time(cast: Cast) -> None:
    """A transaction that writes early and ends late: it bears the earlier time, and is seen later."""
    house, portal = cast.albers, Portal(cast.albers)
    paula = record(house)
    say(house, paula, portal.actor, "yes")
    sync = Sync(portal)
    written, asked = Event(), Event()

    def write() -> None:
        try:
            with acting(house.system):
                Patient._default_manager.filter(pk=paula.pk).update(first_name="Spät")
                written.set()
                assert asked.wait(20)
        finally:
            connections.close_all()

    thread = Thread(target=write, daemon=True)
    thread.start()
    assert written.wait(20)
    assert sync.told() == ([], [])
    with acting(house.system):
        begun = settled()
    asked.set()
    thread.join(20)
    with acting(house.system):
        changed_at = HandedChange._default_manager.get(patient=paula).changed_at
    assert begun <= changed_at
    assert sync.told() == (["Sommer"], [])
    assert sync.told() == ([], [])


@pytest.mark.req("OTV-5")
def test_the_database_knows_the_same_kinds_as_the_table_of_fields(cast: Cast) -> None:
    house, partner = cast.albers, registered(cast.albers)
    paula = record(house)
    say(house, paula, partner, "open")
    found = set()
    for kind in ContactKind.values:
        with acting(house.system):
            HandedChange._default_manager.all().delete()
        point(house, paula, kind, f"x-{kind}")
        with acting(house.system):
            found |= {kind} if HandedChange._default_manager.exists() else set()
    assert found == HANDED & set(ContactKind.values)


@pytest.mark.req("PAT-22", "OTV-5", "AUD-5")
def test_who_got_what_about_me_stands_on_the_records_page(cast: Cast) -> None:
    house, portal = cast.albers, Portal(cast.albers)
    paula = record(house, mobile="0171 2345678")
    say(house, paula, portal.actor, "yes")
    page = reverse("record_log", args=[paula.pk])

    def lines() -> list[str]:
        text = unescape(client_of(cast, "practitioner").get(page).content.decode())
        return text.split("TerminFinder (")[1:]

    assert lines() == []
    portal.get("/patients")
    (handed,) = lines()
    assert all(word in handed for word in ("Vorname", "Nachname", "Mobil")) or all(
        word in handed for word in ("First name", "Last name", "Mobile")
    )
    portal.post("/patients/match", person())
    portal.post("/patients/match", person(first_name="Niemand"))
    assert len(lines()) == 2, "what was not handed out is not there"
    portal.get("/patients", changed_since=portal.get("/patients").json["as_of"])
    assert len(lines()) == 3


# --- Matching -------------------------------------------------------------------------------------------------------


@pytest.mark.req("PAT-10", "PAT-11", "PAT-13", "PAT-22", "OTV-5")
def test_match_answers_a_reference_or_null_and_nothing_else(cast: Cast) -> None:
    house, portal = cast.albers, Portal(cast.albers)
    paula = record(house, mobile="0171 2345678")
    found = {"patient": name(portal, paula)}
    assert portal.post("/patients/match", person()).json == found
    assert portal.post("/patients/match", person(first_name="  pauLA ", last_name="SOMMER")).json == found
    second = record(house, "Zweite", email="zweite@example.org", mobile="0221 7654321")
    change(house.system, second, last_name="Sommer", last_key="sommer")
    assert portal.post("/patients/match", person()).json == {"patient": None}, "two of them"
    for value, who in (("+49 171 2345678", paula), ("0049 221 76 54 321", second)):
        asked = person(contacts=[{"kind": "mobile", "value": value}, {"kind": "email", "value": "neu@example.org"}])
        assert portal.post("/patients/match", asked).json == {"patient": name(portal, who)}
    both = [{"kind": "email", "value": "sommer@example.org"}, {"kind": "phone", "value": "0221 7654321"}]
    assert portal.post("/patients/match", person(contacts=both)).json == {"patient": None}
    for wrong in (person(date_of_birth=None), person(first_name=""), person(last_name="a\x00"), person(contacts=[{}])):
        assert portal.post("/patients/match", wrong).status in (400, 422)


@pytest.mark.req("PAT-14", "PAT-21", "PAT-22")
def test_who_may_not_be_told_is_a_stranger_in_shape_and_work(cast: Cast) -> None:
    house, portal = cast.albers, Portal(cast.albers)
    names = ("Nein", "Archiv", "Ohne", "Doppelt")
    people = {one: record(house, one) for one in names}
    say(house, people["Nein"], portal.actor, "yes")
    say(house, people["Nein"], portal.actor, "no")
    archived(house, people["Archiv"])
    change(house.system, people["Ohne"], date_of_birth=None)
    change(house.system, record(house, "Doppelt2"), last_name="Doppelt", last_key="doppelt")

    everybody = ("Niemand", *names)
    answers, counts = set(), list[int]()
    for one in (*everybody, *everybody):
        with CaptureQueriesContext(connection) as statements:
            answers.add(portal.post("/patients/match", person(last_name=one)).body)
        counts.append(len(statements))
    assert answers == {b'{"patient":null}'}
    assert len(set(counts[1:])) == 1, "the first call makes the practice's key"
    say(house, people["Nein"], portal.actor, "open")
    assert portal.post("/patients/match", person(last_name="Nein")).json == {"patient": name(portal, people["Nein"])}


@pytest.mark.req("OTV-10", "OTV-5")
def test_statements_do_not_grow_with_the_list(cast: Cast) -> None:
    house, portal = cast.albers, Portal(cast.albers)
    since = "2026-01-01T00:00:00Z"

    def statements() -> list[int]:
        counts = []
        for query in ({}, {"changed_since": since}):
            with CaptureQueriesContext(connection) as asked:
                assert portal.get("/patients", **query).status == 200
            counts.append(len(asked))
        return counts

    def more(numbers: range) -> None:
        for number in numbers:
            one = record(house, f"Name{number}")
            say(house, one, portal.actor, "yes")
            portal.get("/patients")
            if number % 2:
                say(house, one, portal.actor, "no")

    more(range(2))
    few = statements()
    more(range(2, 8))
    assert statements() == few
