"""With a million entries the page of the log reads a page's worth of them, as `app` under row security (AUD-2)."""

import json
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from sprechzeit.access.actor import Actor
from sprechzeit.audit.models import Entry
from sprechzeit.core.acting import acting
from sprechzeit.patients.models import Patient
from sprechzeit.privacy.queries import PAGE, Place, Wish, read_log
from tests.support.cast import Cast, book
from tests.support.databases import Databases

pytestmark = [pytest.mark.own_database, pytest.mark.req("AUD-2")]

# Half of another practice; of Albers' own almost all by one person on one table, a rare kind, a few by somebody else.
FILL = """
    SET session_replication_role = replica;
    INSERT INTO audit_entry (practice_id, at, transaction, actor, request, table_name, row_id, subject_id, operation,
                             reason, digest)
    SELECT CASE WHEN n %% 2 = 0 THEN %(own)s::uuid ELSE %(other)s::uuid END,
           now() - interval '1 second' * n, n,
           CASE WHEN n %% 5000 = 0 THEN %(rare)s WHEN n %% 9000 = 2 THEN 'link:' || id ELSE %(busy)s END, '',
           CASE WHEN n %% 3000 = 0 THEN 'practice_room' WHEN n %% 4 = 0 THEN 'scheduling_occupancy'
                ELSE 'scheduling_appointment' END,
           id, id, CASE WHEN n %% 7000 = 2 THEN 'delete' ELSE 'update' END, '', ''
      FROM (SELECT n, gen_random_uuid() AS id FROM generate_series(1, %(count)s) AS n) AS numbers;
    ANALYZE audit_entry;
"""
COUNT = 200_000


@pytest.fixture
def miriam(cast: Cast, own_database: Databases) -> Actor:
    actor = cast.albers.actor("miriam")
    book(cast.albers, "09:00", who="jonas")
    with psycopg.connect(
        own_database.url("superuser"), autocommit=True, cursor_factory=psycopg.ClientCursor
    ) as superuser:
        values = {"own": actor.practice_id, "other": cast.brandt.practice.pk, "count": COUNT}
        names = {"busy": actor.name, "rare": cast.albers.actor("jana").name}
        superuser.execute(FILL.encode(), values | names)
    return actor


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for below in plan.get("Plans", ()):
        yield from nodes(below)


def read_rows(actor: Actor, wish: Wish) -> int:
    """How many entries the database looked at for a page, those dropped too."""
    with acting(actor):
        with CaptureQueriesContext(connection) as queries:
            page = read_log(actor, wish)
        assert page.entries
        statements = [one["sql"] for one in queries if "audit_entry" in one["sql"] and "log_use" not in one["sql"]]
        assert len(statements) == 2
        looked = 0
        for statement in statements:
            with connection.cursor() as cursor:
                cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}")
                ((answer,),) = cursor.fetchall()
            plan = json.loads(answer) if isinstance(answer, str) else answer
            for node in nodes(plan[0]["Plan"]):
                if node.get("Relation Name") == "audit_entry":
                    assert node["Node Type"] != "Seq Scan"
                    dropped = node.get("Rows Removed by Filter", 0) + node.get("Rows Removed by Index Recheck", 0)
                    looked += (node["Actual Rows"] + dropped) * node["Actual Loops"]
    return int(looked)


def test_each_way_to_narrow_reads_a_pages_worth(cast: Cast, miriam: Actor) -> None:
    with acting(miriam):
        patient = Patient.objects.get()
        middle = Entry.objects.filter(table_name="scheduling_appointment").order_by("at")[COUNT // 5]
    jana = cast.albers.actor("jana").name
    wishes = {
        "all": Wish(),
        "further back": Wish(before=Place(middle.at, middle.pk)),
        "rare kind": Wish(kind="settings"),
        "rare person": Wish(who=jana),
        "busy person, rare kind": Wish(who=miriam.name, kind="settings"),
        "rarely done": Wish(done="deleted"),
        "rarely done by a busy person": Wish(done="deleted", who=miriam.name),
        "rarely done, rare kind": Wish(done="entered", kind="settings"),
        "by links": Wish(who="link"),
        "rarely done by links": Wish(who="link", done="deleted", kind="appointments"),
        "one day": Wish(last=middle.at.date()),
        "one patient": Wish(patient=patient),
    }
    tables = 30
    looked = {name: read_rows(miriam, wish) for name, wish in wishes.items()}
    assert {name: rows for name, rows in looked.items() if rows > tables * (PAGE + 1)} == {}
