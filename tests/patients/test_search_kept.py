"""What records are found by is kept by the database, folded as what is typed is, and read by an index (PAT-2)."""

import re
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier
from typing import Any

import psycopg
import pytest
from django.db import ProgrammingError, connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sprechzeit.access.actor import Actor
from sprechzeit.core.acting import acting
from sprechzeit.core.rows import fetch
from sprechzeit.patients.actions import NewPatient, add_patient
from sprechzeit.patients.asked import read
from sprechzeit.patients.folding import fold, slips_of_begin, without_particles
from sprechzeit.patients.models import ContactPoint, Patient, SearchEntry
from sprechzeit.patients.queries import list_patients, search_patients
from tests.support.cast import Cast
from tests.support.databases import Databases

pytestmark = pytest.mark.req("PAT-2")
TODAY = date(2026, 11, 22)


def found(actor: Actor, text: str) -> list[str]:
    with acting(actor):
        return [one.first_name for one in search_patients(actor, text)]


def folded(texts: list[str]) -> list[str]:
    """As the database folds them."""
    rows = fetch("SELECT search_fold(one) FROM unnest(%s::text[]) WITH ORDINALITY AS t (one, n) ORDER BY n", [texts])
    return [row[0] for row in rows]


def test_the_database_folds_every_letter_as_the_program_does(cast: Cast) -> None:
    """Those that every version of Unicode in use knows."""
    letters = [chr(code) for code in range(1, 0x2FA20) if unicodedata.category(chr(code)) not in ("Cn", "Cs")]
    known = [one for one in letters if unicodedata.ucd_3_2_0.category(one) != "Cn"]
    texts = [f"a{one}e {one}" for one in known]
    assert {one: (said, fold(one)) for one, said in zip(texts, folded(texts), strict=True) if said != fold(one)} == {}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.text(st.sampled_from("aeouäßéİıŁłÆ'-. ñحأ\u0308AEOÜ"), max_size=12), min_size=1, max_size=20))
def test_the_database_folds_names_as_the_program_does(cast: Cast, texts: list[str]) -> None:
    assert folded(texts) == [fold(one) for one in texts]


def test_an_entry_holds_what_is_asked_for(cast: Cast) -> None:
    house = cast.albers
    with acting(house.system):
        made = add_patient(house.system, NewPatient("Anna-Maria", "von der Größe"), belongs_to=None)
        entry = SearchEntry._default_manager.get(patient=made)
        near = str(house.practice.pk)[-6:]
        lexemes = {row[0] for row in fetch("SELECT unnest(tsvector_to_array(%s::tsvector))", [entry.lexemes])}
    assert (entry.first, entry.last) == ("anna maria", "grosse")
    assert entry.last == without_particles(fold("von der Größe"))
    words = {"anna", "maria", "annamaria", "von", "der", "grosse", "vondergrosse"}
    assert lexemes == {f"{near}n{one}" for one in words} | {
        f"{near}t{slip}" for one in words for slip in slips_of_begin(one)
    }


def test_what_is_found_follows_whatever_writes(cast: Cast) -> None:
    """By an action, by the ORM past every action, in bulk, or by plain SQL."""
    house, jana = cast.albers, cast.albers.actor("jana")
    with acting(house.system):
        made = add_patient(house.system, NewPatient("Paula", "Sommer", phone="0171 5550142"), belongs_to=None)
        Patient.objects.filter(pk=made.pk).update(last_name="Winter")
    assert (found(jana, "sommer"), found(jana, "winter")) == ([], ["Paula"])
    with acting(house.system):
        Patient.objects.filter(pk=made.pk).update(birth_name="Herbst")
    assert found(jana, "herbst") == ["Paula"]
    with acting(house.system):
        ContactPoint.objects.filter(patient=made).update(key="+49301234567")
        fetch("UPDATE patients_patient SET date_of_birth = '1999-12-31' WHERE id = %s RETURNING 1", [made.pk])
    assert (found(jana, "0142"), found(jana, "4567"), found(jana, "31.12.99")) == ([], ["Paula"], ["Paula"])
    with acting(house.system):
        ContactPoint.objects.filter(patient=made).delete()
    assert (found(jana, "4567"), found(jana, "paula")) == ([], ["Paula"])
    with acting(house.system):
        Patient.objects.filter(pk=made.pk).update(archived_at="2026-01-01T00:00Z")
    assert found(jana, "paula") == []
    with acting(house.system):
        fetch("DELETE FROM patients_patient WHERE id = %s RETURNING 1", [made.pk])
        assert not SearchEntry._default_manager.exists()


def test_the_longest_names_are_kept_and_found(cast: Cast) -> None:
    """'\ufdfa' is eighteen letters when it is taken apart."""
    house = cast.albers
    with acting(house.system):
        add_patient(house.system, NewPatient("\ufdfa" * 100, "ß" * 100), belongs_to=None)
        add_patient(house.system, NewPatient("😀", "-"), belongs_to=None)
    assert found(house.actor("jana"), "ß" * 100) == ["\ufdfa" * 100]
    assert found(house.actor("jana"), "😀") == ["😀"]


@pytest.mark.req("ACC-6", "ACC-10")
def test_nobody_reads_another_practices_entries(cast: Cast) -> None:
    with acting(cast.brandt.system):
        add_patient(cast.brandt.system, NewPatient("Fremd", "Sommer"), belongs_to=None)
    asked = read("sommer", TODAY).query(str(cast.brandt.practice.pk)[-6:])
    with acting(cast.albers.system):
        assert not SearchEntry._default_manager.exists()
    with pytest.raises(ProgrammingError, match="not acting in this practice"), acting(cast.albers.system):
        fetch("SELECT find_patients(%s, %s)", [cast.brandt.practice.pk, asked])


@pytest.mark.own_database
def test_two_who_add_contact_points_at_once_lose_none(cast: Cast) -> None:
    house = cast.albers
    with acting(house.system):
        made = add_patient(house.system, NewPatient("Paula", "Sommer"), belongs_to=None)
    together = Barrier(4)

    def add(number: int) -> None:
        try:
            with acting(house.system):
                together.wait(10)
                key = f"+4917100000{number}"
                ContactPoint.objects.create(
                    practice=house.practice, patient_id=made.pk, kind="mobile", value=key, key=key
                )
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as people:
        list(people.map(add, range(1, 5)))
    jana = house.actor("jana")
    assert [found(jana, f"0000{number}") for number in range(1, 5)] == [["Paula"]] * 4


FILL = """
    SET session_replication_role = replica;
    INSERT INTO patients_patient (id, practice_id, first_name, last_name, first_key, last_key, language, number)
    SELECT gen_random_uuid(), 'PRACTICE', 'V' || n, 'N' || n, 'v', 'n', 'de', 100000 + n
      FROM generate_series(1, 20000) AS n;
    INSERT INTO patients_searchentry (id, practice_id, patient_id, first, last, lexemes)
    SELECT id, practice_id, id, 'vorname' || number, 'name' || number,
           array_to_tsvector(ARRAY['NEARnname' || number, 'NEARnvorname' || number, 'NEARd1985' || number % 1000])
      FROM patients_patient;
    ANALYZE;
"""
INNER = "SELECT e.patient_id FROM patients_searchentry e WHERE e.practice_id = %s AND e.lexemes @@ %s::tsquery"


@pytest.mark.own_database
def test_an_index_answers_among_many(cast: Cast, own_database: Databases) -> None:
    """As the application's role under row security: the begin of a name is a bound of an index, a record is fetched
    by its key; inside of the function, as `crossing`, the index of lexemes is read.
    """
    practice = str(cast.albers.practice.pk)
    with psycopg.connect(own_database.url("superuser"), autocommit=True) as everything:
        everything.execute(FILL.replace("PRACTICE", practice).replace("NEAR", practice[-6:]).encode())
        everything.execute("SET ROLE sprechzeit_crossing")
        for text in ("name1234", "vorname777 1985", "x 24.03.1985"):
            asked = read(text, TODAY).query(practice[-6:])
            rows = everything.execute(f"EXPLAIN {INNER}".encode(), [practice, asked], prepare=False).fetchall()
            plan = "\n".join(str(row[0]) for row in rows)
            assert "search_entry_by_lexeme" in plan, plan
    searches: list[Callable[[Actor, str], Any]] = [search_patients, list_patients]
    for person in ("jana", "jonas"):
        actor = cast.albers.actor(person)
        for search in searches:
            for plan in plans(actor, "name1234", search) + plans(actor, "name10 vorn", search):
                assert not re.search("Seq Scan on patients_(?!share)", plan), plan
    (first, *_others) = plans(cast.albers.actor("jana"), "name1234", search_patients)
    for index in ("search_entry_by_last", "search_entry_by_first"):
        assert index in first


def plans(actor: Actor, text: str, search: Callable[[Actor, str], Any]) -> list[str]:
    """How the database answers each statement about records."""
    with acting(actor), CaptureQueriesContext(connection) as queries:
        search(actor, text)
    asked = [one["sql"] for one in queries if "patients_searchentry" in one["sql"] or "find_patients" in one["sql"]]
    assert asked
    with acting(actor), connection.cursor() as cursor:
        explained = []
        for statement in asked:
            cursor.execute("EXPLAIN " + statement.replace("%", "%%"))
            explained.append("\n".join(row[0] for row in cursor.fetchall()))
    return explained
