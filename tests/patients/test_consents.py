"""What patients said to booking partners: written down, kept, and what a partner is answered by it (PAT-20…22)."""

from html import unescape
from typing import Any
from uuid import UUID

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from sprechzeit.access.actor import Actor
from sprechzeit.core.acting import acting, run_as
from sprechzeit.core.errors import NotAllowed, NotFound
from sprechzeit.patients.actions import (
    Said,
    archive_patient,
    bring_back_patient,
    find_or_add_patient,
    part_consents,
    recognise_patients,
    record_consent,
    unite_consents,
)
from sprechzeit.patients.models import Consent
from sprechzeit.patients.queries import ConsentState, consent_page, match_patient, patients_for_list
from sprechzeit.practice.actions.partners import change_partner, end_partner, note_booking
from sprechzeit.practice.models import Partner
from sprechzeit.privacy.queries import Wish, all_entries
from sprechzeit.privacy.words import lines_of
from tests.support.cast import Cast, book, identity
from tests.support.partners import SINCE, registered, say
from tests.support.routes import DELEGATE, client_of
from tests.support.together import together


def answered(asks: Actor, **person: Any) -> tuple[list[UUID], UUID | None]:
    """What a partner is told: its list, and whom it means by Paula Sommer."""
    with acting(asks):
        return [one.id for one in patients_for_list(asks).patients], match_patient(asks, identity(**person))


@pytest.mark.req("PAT-20", "PAT-3", "ACC-6")
def test_the_page_is_there_once_it_was_opened_or_a_partner_booked(cast: Cast) -> None:
    house = cast.albers
    patient = book(house, "09:00", who="jonas").patient
    page = reverse("patients:consents", args=[patient.pk])
    desk = client_of(cast, "secretary")
    asks = registered(house, opened=False)

    def seen() -> tuple[int, bool]:
        first = desk.get(reverse("patients:record", args=[patient.pk]))
        return desk.get(page).status_code, page in first.content.decode()

    assert seen() == (404, False)
    with acting(house.visitor):
        note_booking(house.visitor)  # on the practice's own page: no consent is asked
    assert seen() == (404, False)
    with acting(asks):
        note_booking(asks)
    assert seen() == (200, True)
    others = {name: client_of(cast, name).get(page).status_code for name in ("administrator", "practitioner")}
    others |= {name: client_of(cast, name).get(page).status_code for name in ("stranger", DELEGATE, "anonymous")}
    assert others == {"administrator": 200, "practitioner": 200, "stranger": 404, DELEGATE: 403, "anonymous": 302}
    theirs = book(house, "10:00", who="miriam", last_name="Andere").patient
    sent = {"value": "yes", "how": "orally", "given_on": "2026-01-11", "key": "k" * 24}
    for one, status in ((patient, 303), (theirs, 404)):
        address = reverse("patients:consent", args=[one.pk, asks.identity])
        assert client_of(cast, "practitioner").post(address, sent).status_code == status


@pytest.mark.req("PAT-20", "PAT-22", "PRI-1")
def test_what_was_said_is_written_down_with_its_proof_and_stays(cast: Cast) -> None:
    house, asks = cast.albers, registered(cast.albers)
    patient = book(house, "09:00", who="jonas").patient
    desk, address = client_of(cast, "secretary"), reverse("patients:consent", args=[patient.pk, asks.identity])
    page = reverse("patients:consents", args=[patient.pk])
    assert "Noch nicht gefragt" in desk.get(page).content.decode() or "Not asked yet" in desk.get(page).content.decode()
    good = {"value": "yes", "how": "in_writing", "given_on": "2026-01-11", "note": "E-2026-11", "key": "a" * 24}
    ahead = (timezone.now().date().replace(year=timezone.now().year + 1)).isoformat()
    for wrong, field in (({"how": ""}, "how"), ({"given_on": ahead}, "given_on"), ({"value": "?"}, "value")):
        answer = desk.post(address, good | wrong)
        (form,) = [one["form"] for one in answer.context["rows"]]
        assert (answer.status_code, list(form.errors)) == (422, [field])
        assert "E-2026-11" in answer.content.decode(), "what was typed stays"
    assert [desk.post(address, good).status_code for _ in range(2)] == [303, 303]
    desk.post(address, {"value": "no", "how": "orally", "given_on": "2026-02-02", "note": "Telefon", "key": "b" * 24})
    text = unescape(desk.get(page).content.decode())
    assert all(word in text for word in ("E-2026-11", "Telefon", "Jana Albrecht"))
    with acting(house.system):
        found = list(Consent.objects.order_by("number").values_list("number", "value", "how", "recorded_by"))
    jana = house.actor("jana").name
    assert found == [(1, "yes", "in_writing", jana), (2, "no", "orally", jana)], "twice sent, once written"
    log = unescape(desk.get(reverse("record_log", args=[patient.pk])).content.decode())
    assert "TerminFinder" in log
    assert "E-2026-11" not in log, "sealed"


@pytest.mark.req("PAT-20", "PAT-22")
def test_the_database_changes_and_deletes_none_and_leaves_none_out(cast: Cast) -> None:
    house, asks = cast.albers, registered(cast.albers)
    one = say(house, book(house, "09:00", who="jonas").patient, asks, "no", "am Telefon")
    attempts = (
        "UPDATE patients_consent SET value = 'yes'",
        "UPDATE patients_consent SET note = note",
        "UPDATE patients_consent SET note = NULL",
        "DELETE FROM patients_consent",
        "DELETE FROM practice_partner",
        "INSERT INTO patients_consent (id, practice_id, patient_id, partner_id, number, value, how, given_on, "
        "recorded_by) SELECT gen_random_uuid(), practice_id, patient_id, partner_id, 3, 'yes', how, given_on, "
        "recorded_by FROM patients_consent",
    )
    for statement in attempts:
        with (
            pytest.raises((DatabaseError, IntegrityError)),
            acting(house.system),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)
    with acting(house.system):
        (kept,) = Consent.objects.all()
        assert (kept.pk, kept.value, kept.note) == (one.pk, "no", "am Telefon")


@pytest.mark.req("PAT-21", "PAT-22", "PAT-14")
def test_a_partner_is_answered_by_what_was_said_last(cast: Cast) -> None:
    """Lists: only yes; matching: open and yes; each change from the next request on; for this partner alone."""
    house, asks, other = cast.albers, registered(cast.albers), registered(cast.albers, "Anderes")
    patient = book(house, "09:00", who="jonas").patient
    assert answered(asks) == ([], patient.pk)
    stranger = answered(asks, first_name="Niemand")
    for value, told in (
        ("yes", ([patient.pk], patient.pk)),
        ("no", ([], None)),
        ("open", ([], patient.pk)),
        ("yes", ([patient.pk], patient.pk)),
    ):
        say(house, patient, asks, value)
        assert answered(asks) == told
        assert answered(other) == ([], patient.pk)
    jana = house.actor("jana")
    with acting(jana):
        archive_patient(jana, patient.pk)
    assert answered(asks) == ([], None) == stranger
    with acting(jana):
        bring_back_patient(jana, patient.pk)
    say(house, patient, asks, "no")
    with acting(asks):
        with CaptureQueriesContext(connection) as of_who_said_no:
            assert match_patient(asks, identity()) is None
        with CaptureQueriesContext(connection) as of_nobody:
            assert match_patient(asks, identity(first_name="Niemand")) is None
        assert recognise_patients(asks, identity(), email=identity().email) == []
    asked = [len(one) for one in (of_who_said_no, of_nobody)]
    assert asked[0] == asked[1], "as of a stranger"
    with acting(other):
        assert recognise_patients(other, identity(), email=identity().email) == [patient]
    with acting(house.system):
        end_partner(house.system, asks.identity)
    for ask in (patients_for_list, lambda one: match_patient(one, identity()), note_booking):
        with pytest.raises(NotFound), acting(asks):
            ask(asks)
    with pytest.raises(NotFound), acting(asks):
        find_or_add_patient(asks, identity(), belongs_to=None)
    with acting(house.system):
        end_partner(house.system, asks.identity, ended=False)
        change_partner(house.system, asks.identity, {"ends_on": SINCE})
    with pytest.raises(NotFound), acting(asks):
        patients_for_list(asks)
    for somebody in (jana, house.visitor):
        with pytest.raises(NotAllowed), acting(somebody):
            patients_for_list(somebody)


@pytest.mark.req("PAT-22", "OTV-5", "AUD-5")
def test_who_got_what_about_me_is_answered(cast: Cast) -> None:
    """One entry a patient with the fields' names, in the record's log and in the access report; no values."""
    house, asks = cast.albers, registered(cast.albers)
    patient = book(house, "09:00", who="jonas", email="paula@example.org", mobile="0171 2345678").patient
    say(house, patient, asks, "yes")
    with acting(asks):
        (handed,) = patients_for_list(asks).patients
        match_patient(asks, identity(first_name="Niemand"))
        match_patient(asks, identity())
    assert handed.contacts == [("email", "paula@example.org"), ("mobile", "0171 2345678")]
    miriam = house.actor("miriam")
    with acting(miriam):
        entries = [one for one in all_entries(miriam, Wish(patient=patient), 100) if one.operation == "handed_out"]
        assert [(one.value.new or {})["fields"] for one in entries] == [
            ["id"],
            ["id", "date_of_birth", "email", "first_name", "last_name", "mobile"],
        ]
        lines = lines_of(miriam, entries, for_patient=True)
    assert {one.who for one in lines} & {"TerminFinder (booking partner)", "TerminFinder (OTV-Partner)"}
    page = unescape(client_of(cast, "practitioner").get(reverse("record_log", args=[patient.pk])).content.decode())
    assert page.count("TerminFinder (") == 2


@pytest.mark.req("PAT-20")
def test_one_page_shows_everybody_by_what_they_said(cast: Cast) -> None:
    house, asks = cast.albers, registered(cast.albers)
    names = {"Adler": "09:00", "Berg": "10:00", "Czerny": "11:00", "Dorn": "13:00"}
    people = {name: book(house, clock, who="jonas", last_name=name).patient for name, clock in names.items()}
    say(house, people["Adler"], asks, "yes")
    say(house, people["Berg"], asks, "no")
    say(house, people["Czerny"], asks, "no")
    say(house, people["Czerny"], asks, "open")
    jana = house.actor("jana")
    with acting(jana):
        found = Partner.objects.get(pk=asks.identity)
        by_state = {one: consent_page(jana, found, one) for one in ConsentState}
        first = consent_page(jana, found, ConsentState.ALL, limit=3)
        rest = consent_page(jana, found, ConsentState.ALL, after=first.later, limit=3)
        searched = consent_page(jana, found, ConsentState.OPEN, "Dorn")
    assert {one.value: [row.patient.last_name for row in page.rows] for one, page in by_state.items()} == {
        "": list(names), "open": ["Czerny", "Dorn"], "yes": ["Adler"], "no": ["Berg"],
    }  # fmt: skip
    assert list(by_state[ConsentState.ALL].counts.values()) == [4, 2, 1, 1]
    assert [len(first.rows), [one.patient.last_name for one in rest.rows], rest.later] == [3, ["Dorn"], None]
    assert [one.patient.last_name for one in searched.rows] == ["Dorn"]
    address = reverse("patients:consents_of_partner", args=[asks.identity])
    page = client_of(cast, "secretary").get(address, {"state": "no", "q": "Berg", "after": "x"})
    assert (page.status_code, "Berg" in page.content.decode(), "Adler" in page.content.decode()) == (200, True, False)
    assert client_of(cast, "stranger").get(address).status_code == 404


@pytest.mark.req("PAT-4", "PAT-20", "PAT-21")
def test_two_records_of_one_person_say_no_together(cast: Cast) -> None:
    """What is stronger is taken over, with its proof: no before yes before open; both histories stay."""
    house, asks, other = cast.albers, registered(cast.albers), registered(cast.albers, "Anderes")
    kept, given_up = (
        book(house, clock, who="jonas", last_name=f"Nr{clock[:2]}").patient for clock in ("09:00", "10:00")
    )
    say(house, kept, asks, "yes")
    say(house, given_up, asks, "no", "am Telefon")
    say(house, kept, other, "no")
    say(house, given_up, other, "yes")
    jana = house.actor("jana")
    with acting(jana):
        (added,) = unite_consents(jana, given_up, kept)
        again = unite_consents(jana, given_up, kept)
        counts = [Consent.objects.filter(patient=one).count() for one in (kept, given_up)]
    assert (added.partner_id, added.value, added.number, added.note) == (asks.identity, "no", 2, "am Telefon")
    with acting(jana):
        part_consents(jana, kept, [added.pk])
        of_one = Consent.objects.filter(patient=kept, partner_id=asks.identity).order_by("-number")
        parted = of_one.first()
    say(house, kept, asks, "open")
    with acting(jana):
        part_consents(jana, kept, [added.pk])
        assert of_one.count() == 4, "what was said since stays"
    assert (again, counts) == ([], [3, 2])
    assert parted is not None
    assert (parted.value, parted.number) == ("yes", 3), "taken apart it is as it was"


@pytest.mark.req("OTV-1", "PAT-20")
def test_administrators_register_change_and_end_partners(cast: Cast) -> None:
    chief: Client = client_of(cast, "administrator")
    new = reverse("practice:new_partner")
    page = chief.get(new)
    sent = {"key": page.context["listing"].key, "name": "TerminFinder", "starts_on": "2026-03-01",
            "website": "https://www.example.org", "contact": "Frau Kern", "confirms": "practice"}  # fmt: skip
    wrong = chief.post(new, sent | {"ends_on": "2026-02-01", "website": "javascript:alert(1)"})
    assert (wrong.status_code, sorted(wrong.context["form"].errors)) == (422, ["ends_on", "website"])
    made = [chief.post(new, sent)["Location"] for _ in range(2)]
    assert made[0] == made[1]
    again = chief.post(new, sent | {"key": "x" * 24, "name": "terminfinder"})
    assert (again.status_code, list(again.context["form"].errors)) == (422, ["name"])
    assert made[0].endswith("/keys/"), "without a key it may do nothing"
    own = made[0].removesuffix("keys/")
    change = chief.post(own, {"name": "TF Köln", "starts_on": "2026-03-01", "initial-name": "TerminFinder",
                              "initial-starts_on": "2026-03-01", "confirms": "practice"})  # fmt: skip
    assert change.status_code == 303
    partner_id = own.rstrip("/").rsplit("/", 1)[-1]
    steps = [reverse(f"practice:partner_{name}", args=[partner_id]) for name in ("end", "consents")]
    assert chief.get(steps[0]).status_code == 200
    assert [chief.post(step).status_code for step in steps] == [303, 303]
    with acting(cast.albers.system):
        found = Partner.objects.get()
    assert (found.name, found.ended_at is None, found.consents_at is None) == ("TF Köln", False, False)
    chief.post(steps[0], {"retired": "no"})
    with acting(cast.albers.system):
        assert Partner.objects.get().ended_at is None
    listed = [reverse("practice:partners"), new, own, steps[0]]
    for person, status in (("practitioner", 403), ("secretary", 403), ("stranger", 404)):
        client = client_of(cast, person)
        shown = [client.get(one).status_code for one in listed]
        assert shown == ([200, 200, 404, 404] if person == "stranger" else [status] * 4)
        posted = [client.post(one).status_code for one in (own, *steps)]
        assert posted == [status] * 3
    assert reverse("practice:partners") in chief.get(reverse("practice:facts")).content.decode()


@pytest.mark.own_database
@pytest.mark.req("PAT-20")
def test_of_two_who_write_at_once_both_stay_in_an_order(cast: Cast) -> None:
    house, asks = cast.albers, registered(cast.albers)
    patient, jana = book(house, "09:00", who="jonas").patient, house.actor("jana")

    def write(value: str) -> int:
        said = Said(value, "orally", SINCE)
        return run_as(jana, lambda: record_consent(jana, patient.pk, asks.identity, said)).number

    results = together(*[lambda one=one: write(one) for one in ("yes", "no") * 4])
    assert sorted(map(str, results)) == [str(number) for number in range(1, 9)]
