"""With 200,000 taken times the statements of the hot use cases find rows by an index, as `app` under row security.

Only leakproof operators may use an index there; a plan that reads a whole table shows at once (architecture §3).
"""

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from sprechzeit.core.acting import acting
from sprechzeit.core.ids import new_id
from sprechzeit.core.plans import statement_of
from sprechzeit.core.rowsecurity import APP
from sprechzeit.scheduling.actions.cancel import cancel_appointment
from sprechzeit.scheduling.availability import minute_of
from sprechzeit.scheduling.models import Occupancy
from sprechzeit.scheduling.queries.availability import free_times, next_free
from sprechzeit.scheduling.queries.book import read_book
from sprechzeit.scheduling.queries.new_bookings import work_count, work_list
from tests.support.cast import Cast, House, at, book, hold, monday
from tests.support.databases import Databases

pytestmark = pytest.mark.own_database

LARGE = {"scheduling_occupancy", "scheduling_appointment", "scheduling_hold", "patients_patient", "patients_share"}
# What an index may hand over in vain: something of a day, never a calendar's years.
IN_VAIN = 50

# Other practices' calendars with past and future, years of past in Miriam's own; appointments, holds, patients and
# shares of every tenth. Without triggers, for speed.
FILL = """
    SET session_replication_role = replica;
    CREATE TEMP TABLE filled AS
        SELECT gen_random_uuid() AS id, gen_random_uuid() AS patient_id, calendars.*,
               now() - interval '1 hour' * (n * 10 - future) AS starts_at, number %% 10 = 0 AS of_few
          FROM (SELECT number, 5000 AS future, gen_random_uuid() AS practice_id, gen_random_uuid() AS calendar_id,
                       gen_random_uuid() AS space_id, gen_random_uuid() AS type_id
                  FROM generate_series(1, 196) AS number
                UNION ALL SELECT 0, 0, %s, %s, %s, %s) AS calendars,
               generate_series(1, CASE number WHEN 0 THEN 4000 ELSE 1000 END) AS n;
    INSERT INTO scheduling_occupancy
           (id, practice_id, calendar_id, space_id, starts_at, ends_at, kind, active, overbooked)
    SELECT id, practice_id, calendar_id, space_id, starts_at, starts_at + interval '1 hour', 'appointment', true, false
      FROM filled;
    INSERT INTO scheduling_appointment
           (id, practice_id, occupancy_id, calendar_id, type_id, patient_id, starts_at, ends_at, source, remark, email,
            language, sequence, created_at, seen_at, seen_by)
    SELECT id, practice_id, id, calendar_id, type_id, patient_id, starts_at, starts_at + interval '50 minutes',
           'online', '', '', 'de', 0, now() - interval '100 days', now() - interval '90 days', 'member:x'
      FROM filled WHERE of_few;
    INSERT INTO scheduling_hold
           (id, practice_id, occupancy_id, calendar_id, type_id, starts_at, ends_at, token_hash, form, address)
    SELECT id, practice_id, id, calendar_id, type_id, starts_at, starts_at + interval '50 minutes', uuid_send(id),
           uuid_send(id), uuid_send(id)
      FROM filled WHERE of_few;
    INSERT INTO patients_patient
           (id, practice_id, first_name, last_name, date_of_birth, first_key, last_key, language)
    SELECT patient_id, practice_id, 'Paula', 'Sommer', date '1960-01-01' + (random() * 15000)::int, 'paula', 'sommer',
           ''
      FROM filled WHERE of_few;
    INSERT INTO patients_share (id, practice_id, patient_id, member_id, shared_by_id)
    SELECT gen_random_uuid(), practice_id, patient_id, CASE WHEN random() < 0.1 THEN NULL ELSE calendar_id END, type_id
      FROM filled WHERE of_few;
    ANALYZE;
"""


@pytest.fixture
def full(cast: Cast, own_database: Databases) -> House:
    """Albers, among 200,000 taken times."""
    house = cast.albers
    ids = (house.practice.id, house.calendars["miriam"].id, house.rooms["own"].space_id, house.types["talk"].id)
    with psycopg.connect(own_database.url("superuser"), cursor_factory=psycopg.ClientCursor) as superuser:
        superuser.execute(FILL.encode(), ids)
    return house


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """A plan's node and all below it."""
    yield plan
    for below in plan.get("Plans", ()):
        yield from nodes(below)


def wasteful(plan: dict[str, Any]) -> list[dict[str, Any]]:
    """Nodes that read a large table from end to end, or far more of it than they hand on."""
    return [
        node
        for node in nodes(plan)
        if node.get("Relation Name") in LARGE
        and (
            node["Node Type"] == "Seq Scan"
            or node.get("Rows Removed by Filter", 0) + node.get("Rows Removed by Index Recheck", 0) > IN_VAIN
        )
    ]


def explained(house: House, statement: str, kept: str = "auto") -> dict[str, Any]:
    """The plan; but for an INSERT, whose time is taken by now, with what it met when it ran once more, in vain."""
    how = "FORMAT JSON" if "INSERT INTO" in statement_of(statement) else "ANALYZE, FORMAT JSON"
    with acting(house.actor("miriam")), connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL plan_cache_mode = {kept}")
        cursor.execute(f"EXPLAIN ({how}) {statement}")
        ((answer,),) = cursor.fetchall()
        transaction.set_rollback(True)
    plan: dict[str, Any] = answer[0]["Plan"]
    return plan


def see_free_times(house: House) -> None:
    with acting(house.visitor):
        free = free_times(house.visitor, house.types["talk"], monday(), monday() + timedelta(days=6))
        assert free.all()


def find_next_free(house: House) -> None:
    with acting(house.visitor):
        assert next_free(house.visitor, house.types["talk"], 3, since=minute_of(at("00:00")))


def hold_a_time(house: House) -> None:
    hold(house, "09:00")


def book_a_time(house: House) -> None:
    book(house, "10:00")


def cancel_it(house: House) -> None:
    appointment = book(house, "11:00")
    with acting(house.actor("miriam")):
        cancel_appointment(house.actor("miriam"), appointment.id)


def open_the_book(house: House) -> None:
    book(house, "14:00")
    for name in ("miriam", "jonas"):
        with acting(house.actor(name)):
            assert read_book(house.actor(name), [monday()], rooms=True, cancelled=True).entries


def open_a_week(house: House) -> None:
    book(house, "15:00")
    with acting(house.actor("miriam")):
        days = [monday() + timedelta(days=number) for number in range(7)]
        assert read_book(house.actor("miriam"), days, house.calendars["miriam"].id).entries


def open_the_work_list(house: House) -> None:
    book(house, "16:00")
    for name in ("miriam", "jonas"):
        with acting(house.actor(name)):
            assert work_count(house.actor(name)) == len(work_list(house.actor(name)))


def statements_of(use_case: Callable[[House], None], house: House) -> list[str]:
    """What a use case asks of large tables."""
    with CaptureQueriesContext(connection) as captured:
        use_case(house)
    statements = (query["sql"] for query in captured.captured_queries)
    return [statement for statement in statements if any(table in statement_of(statement) for table in LARGE)]


def calls(house: House) -> dict[str, list[Any]]:
    """The functions that read large tables, with what they are asked."""
    space, week = [house.rooms["own"].space_id], [monday(), monday() + timedelta(days=6)]
    return {
        "taken_in_spaces(%s, now(), now() + interval '7 days')": [space],
        "release_expired_holds(%s)": [space],
        "appointments_of(%s, %s, now() - interval '2 months', now() - interval '1 month')": [
            house.practice.id, house.members["miriam"].id
        ],
        "calendar_times(%s, %s, NULL, %s, %s, true)": [house.practice.id, house.types["talk"].id, *week],
        "calendar_times(%s, %s, %s, %s, %s, true)": [
            house.practice.id, house.types["talk"].id, [house.calendars["miriam"].id], *week
        ],
        "take_times(%s, %s, %s, %s, %s, %s, %s, %s, %s::int[])": [
            house.practice.id, [new_id()], [house.calendars["miriam"].id], space, [at("16:00")], [at("17:00")],
            [Occupancy.Kind.HOLD.value], [False], [10],
        ],
    }  # fmt: skip


def plans_within(superuser_url: str, house: House, call: str, asked: list[Any]) -> list[dict[str, Any]]:
    """The plans of what a function does for `app`."""
    plans: list[dict[str, Any]] = []
    with psycopg.connect(superuser_url, cursor_factory=psycopg.ClientCursor) as superuser:
        superuser.add_notice_handler(lambda notice: plans.append(plan_of(notice.message_primary or "")))
        superuser.execute(
            "LOAD 'auto_explain'; SET auto_explain.log_min_duration = 0; SET auto_explain.log_nested_statements = on; "
            "SET auto_explain.log_analyze = on; SET auto_explain.log_format = json; SET auto_explain.log_level = notice"
        )
        superuser.execute(f"SET SESSION AUTHORIZATION {APP}".encode())
        superuser.execute("SELECT set_config('sprechzeit.practices', %s, true)", [str(house.practice.id)])
        superuser.execute(f"SELECT {call}".encode(), asked)
    return plans


def plan_of(message: str) -> dict[str, Any]:
    """Of a notice 'duration: … plan: {…}'."""
    plan: dict[str, Any] = json.loads(message[message.index("{") :])["Plan"]
    return plan


@pytest.mark.req("CAL-9")
def test_every_statement_finds_its_rows_by_an_index(full: House, own_database: Databases) -> None:
    seen, found, indexes = set(), [], set()
    for use_case in (
        see_free_times, find_next_free, hold_a_time, book_a_time, cancel_it, open_the_book, open_a_week,
        open_the_work_list,
    ):  # fmt: skip
        for statement in statements_of(use_case, full):
            # As it is planned for these parameters, and for any.
            for kept in ("force_custom_plan", "force_generic_plan"):
                plan = explained(full, statement, kept)
                seen |= {node.get("Relation Name") for node in nodes(plan)}
                indexes |= {node.get("Index Name") for node in nodes(plan)}
                found += [(use_case.__name__, statement_of(statement), node) for node in wasteful(plan)]
    for call, asked in calls(full).items():
        plans = plans_within(own_database.url("superuser"), full, call, asked)
        assert any(node.get("Relation Name") == "scheduling_occupancy" for plan in plans for node in nodes(plan))
        found += [(call, "", node) for plan in plans for node in wasteful(plan)]
    assert found == [], "\n".join(f"{name}: {statement}\n{json.dumps(node)}" for name, statement, node in found)
    assert seen >= LARGE
    assert "appointment_unseen" in indexes, "of all bookings those that nobody saw are few"
    # The negative control: what row security keeps from the index would have been found.
    assert wasteful(explained(full, "SELECT id FROM scheduling_occupancy WHERE tstzrange(starts_at, ends_at) @> now()"))
