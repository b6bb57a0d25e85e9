"""The log is written by the database and by nobody else (architecture §7)."""

import hashlib
import json
from importlib import import_module
from typing import Any

import psycopg
import pytest
from django.db import DatabaseError, connection, transaction
from psycopg.errors import FeatureNotSupported, InsufficientPrivilege

from sprechzeit.access.actor import Actor
from sprechzeit.audit.models import Entry
from sprechzeit.audit.queries import history_of, log_read
from sprechzeit.core.acting import acting, request_id
from sprechzeit.core.ids import new_id
from sprechzeit.practice.models import Room
from tests.support.cast import Cast, book
from tests.support.databases import Databases


def entries(actor: Actor, row_id: Any) -> list[Entry]:
    """What the log says of one row, oldest first."""
    return list(Entry.objects.filter(practice_id=actor.practice_id, row_id=row_id).order_by("id"))


@pytest.mark.req("AUD-1")
class TestWhatIsLogged:
    def test_each_change_is_one_entry_with_who_for_what_and_both_values(self, cast: Cast) -> None:
        actor = cast.albers.actor("miriam")
        token = request_id.set("the-request")
        try:
            with acting(actor):
                space = cast.albers.rooms["own"].space_id
                room = Room.objects.create(practice_id=actor.practice_id, space_id=space, name="Raum 9")
                Room.objects.filter(pk=room.pk).update(name="Raum 10")
                Room.objects.filter(pk=room.pk).delete()
                inserted, updated, deleted = entries(actor, room.pk)
                values = [one.value for one in (inserted, updated, deleted)]
        finally:
            request_id.reset(token)
        assert [one.operation for one in (inserted, updated, deleted)] == ["insert", "update", "delete"]
        for entry in (inserted, updated, deleted):
            assert entry.actor == f"member:{actor.id}"
            assert (entry.request, entry.table_name) == ("the-request", "practice_room")
        assert (values[0].old, (values[0].new or {})["name"]) == (None, "Raum 9")
        assert (values[1].old, values[1].new) == ({"name": "Raum 9"}, {"name": "Raum 10"})
        assert ((values[2].old or {})["name"], values[2].new) == ("Raum 10", None)

    def test_an_update_that_changes_nothing_is_not_logged(self, cast: Cast) -> None:
        actor, room = cast.albers.system, cast.albers.rooms["own"]
        with acting(actor):
            before = len(entries(actor, room.pk))
            assert Room.objects.filter(pk=room.pk).update(name=room.name) == 1
            assert len(entries(actor, room.pk)) == before

    def test_raw_sql_is_logged_like_everything_else(self, cast: Cast) -> None:
        actor, room = cast.albers.system, cast.albers.rooms["own"]
        with acting(actor), connection.cursor() as cursor:
            cursor.execute("UPDATE practice_room SET position = 5 WHERE id = %s", [room.pk])
            (last,) = entries(actor, room.pk)[-1:]
            assert (last.operation, last.value.new) == ("update", {"position": 5})

    def test_the_practice_itself_is_logged(self, cast: Cast) -> None:
        with acting(cast.albers.system):
            (founded,) = entries(cast.albers.system, cast.albers.practice.pk)
            assert (founded.value.new or {})["slug"] == "albers"

    def test_what_is_rolled_back_is_not_logged(self, cast: Cast) -> None:
        actor, room = cast.albers.system, cast.albers.rooms["own"]
        with acting(actor):
            before = len(entries(actor, room.pk))
            savepoint = transaction.savepoint()
            Room.objects.filter(pk=room.pk).update(position=8)
            assert len(entries(actor, room.pk)) == before + 1
            transaction.savepoint_rollback(savepoint)
            assert len(entries(actor, room.pk)) == before

    def test_a_practice_reads_its_own_log_alone(self, cast: Cast) -> None:
        with acting(cast.brandt.system):
            own = list(Entry.objects.values_list("practice_id", flat=True))
            assert history_of(cast.brandt.system, cast.albers.practice.pk, [cast.albers.rooms["own"].pk]) == []
        assert set(own) == {cast.brandt.practice.pk}


@pytest.mark.req("AUD-1", "PRI-1")
def test_of_a_sealed_column_the_log_has_a_digest_only(cast: Cast) -> None:
    actor = cast.albers.system
    with acting(actor):
        key = Entry.objects.filter(practice_id=actor.practice_id, table_name="practice_datakey").get()
        with connection.cursor() as cursor:
            cursor.execute("SELECT wrapped::text FROM practice_datakey")
            (stored,) = cursor.fetchone()
        logged = key.value.new
    assert (logged or {})["wrapped"] == "sha256:" + hashlib.sha256(stored.encode()).hexdigest()
    assert stored[2:] not in json.dumps(logged)


@pytest.mark.req("AUD-3")
def test_the_digest_proves_the_values(cast: Cast) -> None:
    """Salted, so that an erased value cannot be guessed from it; recomputed here as `audit verify` does."""
    actor, room = cast.albers.system, cast.albers.rooms["own"]
    query = (
        "SELECT e.digest = sha256(v.salt || convert_to(coalesce(v.old::text, '') || chr(30) "
        "|| coalesce(v.new::text, ''), 'UTF8')), length(v.salt), v.salt "
        "FROM audit_entry e JOIN audit_value v ON v.entry_id = e.id WHERE e.practice_id = %s"
    )
    with acting(actor), connection.cursor() as cursor:
        Room.objects.filter(pk=room.pk).update(position=3)
        Room.objects.filter(pk=room.pk).delete()
        cursor.execute(query, [actor.practice_id])
        found = cursor.fetchall()
    assert len(found) > 20
    assert {row[:2] for row in found} == {(True, 32)}
    assert len({bytes(row[2]) for row in found}) == len(found)


ATTACKS = {
    "insert": "INSERT INTO audit_entry (practice_id, at, transaction, actor, request, table_name, row_id, subject_id, "
    "operation, reason, digest) SELECT practice_id, at, transaction, 'x', request, table_name, row_id, subject_id, "
    "operation, reason, digest FROM audit_entry LIMIT 1",
    "seal": "INSERT INTO audit_seal (entry_id, practice_id, place, digest) SELECT id, practice_id, 1, '' "
    "FROM audit_entry LIMIT 1",
    "head": "UPDATE audit_head SET place = 0",
    "no head": "DELETE FROM audit_head",
    "no seals": "DELETE FROM audit_seal",
    "update": "UPDATE audit_entry SET actor = 'somebody else'",
    "update of values": "UPDATE audit_value SET new = NULL",
    "delete": "DELETE FROM audit_entry",
    "delete of values": "DELETE FROM audit_value",
    "truncate": "TRUNCATE audit_entry CASCADE",
    "truncate of a table": "TRUNCATE practice_room CASCADE",
    "lock": "LOCK TABLE audit_entry IN ACCESS EXCLUSIVE MODE",
    "trigger off": "ALTER TABLE practice_room DISABLE TRIGGER log_change",
    "trigger gone": "DROP TRIGGER log_change ON practice_room",
    "replication role": "SET session_replication_role = replica",
    "local replication role": "SELECT set_config('session_replication_role', 'replica', true)",
    "another function": "CREATE OR REPLACE FUNCTION log_change() RETURNS trigger LANGUAGE plpgsql AS "
    "'BEGIN RETURN NULL; END'",
    "function changed": "ALTER FUNCTION log_change() SET search_path = pg_temp",
    "shadowing table": "CREATE TEMP TABLE audit_entry (id int)",
    "own table": "CREATE TABLE public.audit_entries (id int)",
    "other role": "SET ROLE sprechzeit_crossing",
    "owner role": "SET SESSION AUTHORIZATION sprechzeit_owner",
    "row security off": "ALTER TABLE audit_entry DISABLE ROW LEVEL SECURITY",
    "called by hand": "SELECT log_change()",
    "sequence": "SELECT setval('audit_entry_id_seq', 1)",
}


SILENCERS = [
    ("sprechzeit.actor", ""),
    ("sprechzeit.request", ""),
    ("sprechzeit.ignore", "practice_room"),
    ("search_path", "pg_temp"),
    ("row_security", "off"),
]


@pytest.mark.req("AUD-3", "AUD-1")
@pytest.mark.own_database
class TestAttacks:
    """The application's own role, with any SQL."""

    def test_it_cannot_write_the_log_or_switch_it_off(self, cast: Cast, own_database: Databases) -> None:
        succeeded = []
        for name, statement in ATTACKS.items():
            with psycopg.connect(own_database.url("app")) as app:
                app.execute("SELECT set_config('sprechzeit.practices', %s, true)", [str(cast.albers.practice.pk)])
                try:
                    app.execute(statement.encode())
                    succeeded.append(name)
                except (InsufficientPrivilege, FeatureNotSupported):
                    app.rollback()
        assert succeeded == []

    def test_no_setting_makes_it_silent(self, cast: Cast, own_database: Databases) -> None:
        """Settings of our own name the actor; emptied or broken they may hinder a write, never the log of one."""
        practice, room = cast.albers.practice.pk, cast.albers.rooms["own"].pk
        with psycopg.connect(own_database.url("superuser"), autocommit=True) as superuser:
            for position, (name, value) in enumerate(SILENCERS):
                before = count(superuser)
                with psycopg.connect(own_database.url("app")) as app:
                    app.execute("SELECT set_config('sprechzeit.practices', %s, true)", [str(practice)])
                    app.execute("SELECT set_config(%s, %s, true)", [name, value])
                    try:
                        app.execute(
                            "UPDATE public.practice_room SET position = %s WHERE id = %s", [position + 20, room]
                        )
                        written = 1
                    except psycopg.errors.InsufficientPrivilege:
                        app.rollback()
                        written = 0
                assert count(superuser) - before == written, name
            last = superuser.execute("SELECT actor FROM audit_entry ORDER BY id DESC LIMIT 1").fetchone()
        assert last == ("database:sprechzeit_app",)


def count(connection: psycopg.Connection[Any]) -> int:
    row = connection.execute("SELECT count(*) FROM audit_entry").fetchone()
    return int(row[0]) if row else 0


@pytest.mark.req("AUD-2")
class TestReading:
    def test_an_opening_is_logged_with_who_and_why(self, cast: Cast) -> None:
        actor, row = cast.albers.actor("jana"), new_id()
        with acting(actor):
            log_read(actor, actor.practice_id, "patients_patient", row)
            (entry,) = entries(actor, row)
        assert (entry.operation, entry.actor, entry.reason) == ("read", f"member:{actor.id}", "secretary")
        assert entry.table_name == "patients_patient"

    def test_nobody_writes_readings_into_another_practices_log(self, cast: Cast) -> None:
        actor = cast.brandt.actor("berta")
        for practices in (cast.albers.practice.pk, new_id()):
            with (
                acting(actor),
                pytest.raises(DatabaseError, match="not acting in this practice"),
                transaction.atomic(),
            ):
                log_read(actor, practices, "patients_patient", new_id())

    def test_without_acting_nothing_is_logged_at_all(self, cast: Cast) -> None:
        with pytest.raises(DatabaseError), transaction.atomic():
            log_read(cast.albers.system, cast.albers.practice.pk, "patients_patient", new_id())


@pytest.mark.req("AUD-2", "AUD-5")
@pytest.mark.own_database
def test_entries_from_before_learn_whom_they_are_about(cast: Cast, own_database: Databases) -> None:
    """What the migration fills in is what the trigger writes now; but for holds, which get their appointment later."""
    book(cast.albers, "09:00", who="jonas")
    subjects = "SELECT array_agg(subject_id ORDER BY id) FROM audit_entry WHERE table_name <> 'scheduling_hold'"
    migration = import_module("sprechzeit.audit.migrations.0002_sealed_chain")
    with psycopg.connect(own_database.url("superuser")) as superuser:
        written = superuser.execute(subjects).fetchone()
        superuser.execute("ALTER TABLE audit_entry ALTER subject_id DROP NOT NULL")
        superuser.execute("UPDATE audit_entry SET subject_id = NULL")
        for statement in migration.SUBJECTS.split(";"):
            superuser.execute(statement)
        filled = superuser.execute(subjects).fetchone()
        about = superuser.execute("SELECT count(*) FROM audit_entry WHERE subject_id <> row_id").fetchone()
    assert filled == written
    assert about is not None
    assert about[0] >= 3, "contact points, appointment, link"
