"""The pages on which two records become one, and the list of those that may be (PAT-4, PAT-14)."""

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from sprechzeit.audit.models import Entry
from sprechzeit.core.acting import acting
from sprechzeit.patients.actions import compare_records
from sprechzeit.patients.models import Patient, PossibleDuplicate
from sprechzeit.privacy.queries import Wish, all_entries
from sprechzeit.privacy.words import lines_of
from sprechzeit.scheduling.actions.book import manage_token
from sprechzeit.scheduling.models import Appointment
from tests.patients.test_merge import PAULA, PAULINA, entered
from tests.support.cast import Cast, House, book
from tests.support.routes import client_of

TABS = ("patients:record", "scheduling:record_appointments", "records:sessions", "record_messages", "record_log")


def compare(house: House) -> set[tuple[str, str]]:
    """What the job does; the open pairs by first names, the older one first."""
    with acting(house.system):
        while compare_records(house.system):
            pass
        pairs = PossibleDuplicate.objects.filter(dismissed_at=None)
        return set(pairs.values_list("patient__first_name", "other__first_name"))


def form_of(page: Any) -> dict[str, str]:
    """What the page of a comparison sends."""
    chosen = {row["name"]: one["value"] for row in page.context["rows"] for one in row["choices"] if one["checked"]}
    return chosen | {"with": str(page.context["other"]["id"]), "seen": page.context["seen"]}


@pytest.mark.req("PAT-4", "AUD-2", "ACC-5")
def test_two_records_are_compared_merged_found_and_undone(cast: Cast) -> None:
    house = cast.albers
    jana, jonas = client_of(cast, "secretary"), client_of(cast, "practitioner")
    first, second = entered(house, PAULA), entered(house, PAULINA, owner="jonas")
    booked = book(house, "09:00")
    with acting(house.system):
        Appointment.objects.filter(pk=booked.pk).update(patient=second)
        numbers = dict(Patient.objects.values_list("pk", "number"))
    address = f"/patients/{first}/merging/"
    assert [jonas.get(address, {"with": str(second)}).status_code, jonas.get(address).status_code] == [404, 404]
    assert jana.get(address, {"with": str(first)}).status_code == 404
    chosen = jana.get(address, {"q": str(numbers[second])})
    assert [one["number"] for one in chosen.context["hits"]] == [numbers[second]]
    page = jana.get(address, {"with": str(second)})
    # What it opens to whom is said before.
    assert "Jonas Petersen" in page.context["sees"] and page.context["sees"] in page.content.decode()
    assert [one["attached"] != "" for one in page.context["heads"]] == [False, True]
    sent = form_of(page) | {"first_name": "given_up"}
    stale = jana.post(address, sent | {"seen": ""})
    assert stale.status_code == 409
    assert form_of(stale)["first_name"] == "given_up"  # what was chosen stays
    merged = jana.post(address, sent)
    assert merged.status_code == 303
    record = jana.get(merged["Location"])
    (made,) = record.context["merges"]
    assert [record.context["merged"], made.given_up_id, record.context["patient"].first_name] == [
        made.pk, second, "Paulina",
    ]  # fmt: skip
    # Pressed twice, and every link there ever was.
    assert jana.post(address, sent).status_code == 409
    for name in TABS:
        old = reverse(name, args=[second]) + "?page=1"
        assert jana.get(old)["Location"] == old.replace(str(second), str(first))
        assert jana.get(reverse(name, args=[first])).status_code == 200
    assert jonas.get(f"/patients/{second}/")["Location"] == f"/patients/{first}/"
    found = jana.get("/patients/", {"q": str(numbers[second])}).context["rows"]
    assert [row["patient"].pk for row in found] == [first]
    assert jana.get("/patients/", {"archived": "1"}).context["rows"] == []
    assert jana.get(reverse("portal:manage", args=[manage_token(booked.pk)])).status_code == 200
    miriam = house.actor("miriam")
    with acting(miriam):
        kept = Patient.objects.get(pk=first)
        entries = all_entries(miriam, Wish(patient=kept), 500)
        assert {first, second} <= {one.subject_id for one in entries}
        assert {line.whom for line in lines_of(miriam, entries)} == {"Sommer, Paulina"}
    log = jana.get(reverse("record_log", args=[first])).content.decode()
    assert log.count(str(numbers[second])) > 1
    undo = jana.post(f"/patients/merges/{made.pk}/undo/", {"record": str(first)})
    assert undo["Location"] == f"/patients/{first}/"
    assert jana.get(f"/patients/{second}/").context["patient"].pk == second
    assert jonas.post(f"/patients/merges/{made.pk}/undo/").status_code == 303  # undone already


@pytest.mark.req("PAT-14", "AUD-2")
def test_possible_duplicates_are_found_ranked_and_dismissed_for_good(cast: Cast) -> None:
    house = cast.albers
    jana, berta = client_of(cast, "secretary"), other(cast)
    entered(house, PAULA)
    assert compare(house) == set()
    # A booking whose name is written otherwise, one with another date; a twin, and a father with the same phone.
    book(house, "09:00", first_name="Paola", mobile="0171 2345678")
    book(house, "10:00", first_name="Paula", date_of_birth=date(1958, 3, 24), email="p@example.org")
    book(house, "11:00", first_name="Sebastian", mobile="0171 2345678")
    assert compare(house) == {("Paula", "Paola")}
    entered(house, PAULA | {"contacts": [], "date_of_birth": ""})
    assert compare(house) == {("Paula", "Paola"), ("Paula", "Paula"), ("Paola", "Paula")}
    assert jana.get("/patients/").context["duplicates"] == "4"
    page = jana.get("/patients/duplicates/")
    rows = page.context["rows"]
    assert rows[0]["other"]["name"] == "Sommer, Paula" and rows[0]["person"]["made_online"]
    assert berta.get("/patients/duplicates/").context["rows"] == []
    assert berta.post(f"/patients/duplicates/{rows[0]['id']}/").status_code == 404
    decided = jana.post(f"/patients/duplicates/{rows[0]['id']}/")
    assert jana.get(decided["Location"]).context["undo"] == rows[0]["id"]
    with acting(house.system):
        Patient.objects.filter(first_name="Paola").update(last_name="Sommers", last_key="sommers")
        assert Entry.objects.filter(table_name="patients_possibleduplicate", operation="update").count() == 1
    assert ("Paula", "Paola") not in compare(house)
    (gone,) = jana.get("/patients/duplicates/", {"dismissed": "1"}).context["rows"]
    jana.post(f"/patients/duplicates/{gone['id']}/", {"dismissed": "no"})
    with acting(house.system):
        # What does not look like one person any more is gone, and what is archived is no question.
        Patient.objects.filter(first_name="Paola").update(first_name="Zoe", first_key="zoe")
        Patient.objects.filter(date_of_birth=None).update(archived_at=booked_at(house))
    assert compare(house) == set()
    assert jana.get("/patients/duplicates/").context["rows"] == []


def other(cast: Cast) -> Client:
    """Who works in the other practice."""
    client = Client()
    client.force_login(cast.brandt.user("berta"))
    return client


def booked_at(house: House) -> Any:
    return Appointment.objects.latest("created_at").created_at


@pytest.mark.req("PAT-14")
def test_a_hundred_records_are_compared_with_as_many_statements_as_one(cast: Cast) -> None:
    house = cast.albers

    def statements(count: int) -> int:
        with acting(house.system):
            for number in range(count):
                name, day = f"Nr{number}", date(1980, 1, 1 + number % 28)
                Patient.objects.create(
                    practice=house.practice, first_name=name, last_name="Gleich", first_key=name.lower(),
                    last_key="gleich", date_of_birth=day,
                )  # fmt: skip
            with CaptureQueriesContext(
                connection,
            ) as asked:
                assert compare_records(house.system) == count
            return len(asked)

    assert statements(100) <= statements(1) + 1
