"""Finding patients by a few letters, among those whom the viewer sees (ACC-3, AUD-2)."""

import re
from datetime import date

import psycopg
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from sprechzeit.access.actor import Actor
from sprechzeit.audit.models import Entry
from sprechzeit.core.acting import acting
from sprechzeit.patients.actions import NewPatient, add_patient
from sprechzeit.patients.models import Patient
from sprechzeit.patients.queries import search_patients
from tests.support.cast import Cast
from tests.support.databases import Databases

PEOPLE = [
    NewPatient("Paula", "Sommer", date(1991, 2, 9), "0171 5550142", "paula@example.org"),
    NewPatient("Bernd", "Sommer", date(1957, 7, 21), "0221 555018"),
    NewPatient("Leni", "Sommerfeld", date(2015, 5, 30)),
    NewPatient("Anna Maria", "von der Heide"),
    NewPatient("Groß", "Jürgen"),
]


def people(cast: Cast) -> None:
    actor = cast.albers.system
    with acting(actor):
        for one in PEOPLE:
            add_patient(actor, one, belongs_to=cast.albers.members["miriam"].pk)
        add_patient(actor, NewPatient("Jona", "Sommer"), belongs_to=cast.albers.members["jonas"].pk)
    with acting(cast.brandt.system):
        add_patient(cast.brandt.system, NewPatient("Fremd", "Sommer"), belongs_to=None)


def found(actor: Actor, text: str, limit: int = 8) -> list[str]:
    with acting(actor):
        return [one.first_name for one in search_patients(actor, text, limit)]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("som", ["Bernd", "Jona", "Paula", "Leni"]), ("  SOMMER ", ["Bernd", "Jona", "Paula", "Leni"]),
        ("paula", ["Paula"]), ("som, pau", ["Paula"]), ("paula som", ["Paula"]), ("sommer p", ["Paula"]),
        ("von der heide anna m", ["Anna Maria"]), ("anna maria von", ["Anna Maria"]), ("gross", ["Groß"]),
        ("0171 555", ["Paula"]), ("+49 171 5550142", ["Paula"]), ("0171/5550142", ["Paula"]),
        ("PAULA@exa", ["Paula"]), ("9.2.1991", ["Paula"]), ("21.07.57", ["Bernd"]), ("2015-05-30", ["Leni"]),
        ("", []), (" ", []), ("%", []), ("_", []), ("xyz", []), ("31.02.1990", []), ("9" * 80, []), ("\\", []),
        (",", []), ("()()", []), (", paula", ["Paula"]), ("²", []), ("٣", []),
    ],
)  # fmt: skip
@pytest.mark.req("ACC-10")
def test_ways_to_ask(cast: Cast, text: str, names: list[str]) -> None:
    people(cast)
    assert found(cast.albers.actor("jana"), text) == names


def test_by_number(cast: Cast) -> None:
    people(cast)
    with acting(cast.albers.system):
        number = Patient.objects.get(first_name="Leni").number
    assert found(cast.albers.actor("jana"), str(number)) == ["Leni"]


@pytest.mark.req("ACC-3", "ACC-11")
def test_a_practitioner_finds_their_own(cast: Cast) -> None:
    people(cast)
    assert found(cast.albers.actor("jonas"), "sommer") == ["Jona"]
    assert found(cast.albers.actor("jonas"), "paula@example.org") == []


def test_no_more_than_asked_for(cast: Cast) -> None:
    people(cast)
    assert len(found(cast.albers.actor("jana"), "som", 2)) == 2


@pytest.mark.req("AUD-2")
def test_a_search_is_logged_once_and_without_what_was_typed(cast: Cast) -> None:
    people(cast)
    actor = cast.albers.actor("jana")
    found(actor, "Sommer")
    found(actor, " sommer ")
    with acting(cast.albers.system):
        searches = Entry.objects.filter(operation="search", table_name="patients_patient")
        first, second = searches.select_related("value").order_by("id")
    assert first.row_id == second.row_id, "the same search is recognised"
    assert (first.actor, first.reason, first.value.new) == (actor.name, "secretary", {"hits": 4})


FILL = """
    INSERT INTO patients_patient (id, practice_id, first_name, last_name, first_key, last_key, language, number)
    SELECT gen_random_uuid(), PRACTICE, 'V' || n, 'N' || n, 'vorname' || n, 'name' || n, 'de', 100000 + n
      FROM generate_series(1, 20000) AS n;
    INSERT INTO patients_contactpoint (id, practice_id, patient_id, kind, value, key)
    SELECT gen_random_uuid(), practice_id, id, 'email', 'x', CASE WHEN number % 2 = 0 THEN '+491711' || number
           ELSE 'mail' || number || '@example.org' END
      FROM patients_patient WHERE number > 100000;
    ANALYZE patients_patient;
    ANALYZE patients_contactpoint;
"""


@pytest.mark.own_database
def test_an_index_answers_among_many(cast: Cast, own_database: Databases) -> None:
    """As the application's role under row security: the begin of a name or key is a bound of an index."""
    with psycopg.connect(own_database.url("superuser"), autocommit=True, prepare_threshold=None) as everything:
        for statement in FILL.split(";"):
            everything.execute(statement.replace("PRACTICE", f"'{cast.albers.practice.pk}'"))
    actor = cast.albers.actor("jana")
    for text in ("name1234", "vorname777", "name1234, v", "0171 1101234", "mail101235@", "101234", "24.03.1985"):
        with acting(actor), CaptureQueriesContext(connection) as queries:
            search_patients(actor, text)
        statements = [one["sql"] for one in queries if one["sql"].startswith("SELECT") and "last_key" in one["sql"]]
        assert statements
        for statement in statements:
            with acting(actor), connection.cursor() as cursor:
                cursor.execute("EXPLAIN " + statement.replace("%", "%%"))
                plan = "\n".join(row[0] for row in cursor.fetchall())
            assert "Seq Scan" not in plan, plan
            assert re.search(r"Index Cond: .*(_key|number|date_of_birth|key)", plan), plan
