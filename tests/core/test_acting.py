"""`acting`: the database knows who acts, exactly as long as they do (architecture §3)."""

import os
import time
from threading import Barrier
from typing import Any
from uuid import UUID

import pytest
from django.db import DatabaseError, IntegrityError, OperationalError, connection, transaction
from django.test.utils import CaptureQueriesContext

from sprechzeit.access.actor import Actor, nobody, system
from sprechzeit.core import acting as module
from sprechzeit.core.acting import acting, action, request_id, run_as
from sprechzeit.core.errors import DomainError
from sprechzeit.core.ids import new_id
from sprechzeit.patients.models import ContactPoint, Patient
from sprechzeit.practice.actions import add_room
from sprechzeit.practice.models import Member, Practice, Room
from sprechzeit.scheduling.models import WorkingHours
from tests.support.cast import Cast
from tests.support.together import together

QUERY = "SELECT " + ", ".join(
    f"coalesce(current_setting('sprechzeit.{name}', true), '')" for name in ("practices", "actor", "request")
)


def who() -> tuple[str, ...]:
    """What the database knows: practices, actor, request."""
    with connection.cursor() as cursor:
        cursor.execute(QUERY)
        return tuple(cursor.fetchone())


NOBODY = ("", "", "")


@pytest.mark.usefixtures("db")
class TestSettings:
    def test_they_say_who_acts_where_and_for_which_request(self) -> None:
        one, other = new_id(), new_id()
        actor = Actor(system(one).kind, (one, other), system(one).role)
        token = request_id.set("a-request")
        try:
            with acting(actor):
                assert who() == (f"{one},{other}", "system", "a-request")
        finally:
            request_id.reset(token)

    def test_a_nested_acting_gives_the_former_values_back(self) -> None:
        outer, inner = system(new_id()), system(new_id())
        with acting(outer):
            before = who()
            with acting(inner):
                assert who()[0] == str(inner.practice_id)
            assert who() == before

    def test_a_nested_acting_that_fails_gives_them_back_too(self) -> None:
        outer, inner = system(new_id()), system(new_id())
        with acting(outer):
            before = who()
            with pytest.raises(DomainError), acting(inner):
                raise DomainError
            assert who() == before


@pytest.mark.own_database
@pytest.mark.parametrize("fails", [False, True])
def test_none_are_left_on_the_connection_afterwards(fails: bool) -> None:
    try:
        with acting(system(new_id())):
            process = backend()
            if fails:
                raise DomainError
    except DomainError:
        assert fails
    assert backend() == process
    assert who() == NOBODY


def backend() -> int:
    """The server process of this connection."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])


class TestActions:
    def test_a_caught_refusal_leaves_nothing_of_the_action_and_all_else(self, cast: Cast) -> None:
        actor = cast.albers.system

        @action
        def rename_and_refuse(actor: Actor) -> None:
            Practice.objects.filter(pk=actor.practice_id).update(name="Praxis Falsch")
            raise DomainError

        with acting(actor):
            Practice.objects.filter(pk=actor.practice_id).update(town="Bonn")
            with pytest.raises(DomainError):
                rename_and_refuse(actor)
            practice = Practice.objects.get(pk=actor.practice_id)
        assert (practice.name, practice.town) == ("Praxis Albers", "Bonn")


@pytest.mark.req("ACC-10", "ACC-6")
class TestRowSecurity:
    """The database's own wall, whatever a query forgot."""

    @pytest.mark.parametrize("model", [Practice, Member, Room, WorkingHours])
    def test_without_acting_no_row_is_there(self, cast: Cast, model: Any) -> None:
        assert model.objects.count() == 0
        with acting(nobody()):
            assert model.objects.count() == 0
        with acting(cast.albers.system):
            assert model.objects.count() > 0

    def test_a_practice_sees_its_own_rows_alone(self, cast: Cast) -> None:
        with acting(cast.brandt.system):
            assert set(Practice.objects.values_list("pk", flat=True)) == {cast.brandt.practice.pk}
            assert set(Member.objects.values_list("practice_id", flat=True)) == {cast.brandt.practice.pk}

    def test_another_practices_row_cannot_be_made_taken_or_given_away(self, cast: Cast) -> None:
        own, other = cast.albers.practice.pk, cast.brandt.practice.pk
        with acting(cast.albers.system):
            for write in (
                lambda: Patient.objects.create(practice_id=other, first_name="A", last_name="B"),
                lambda: Room.objects.filter(practice_id=own).update(practice_id=other),
            ):
                with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
                    write()
            assert Room.objects.filter(practice_id=other).update(practice_id=own) == 0
            assert Room.objects.filter(practice_id=other).delete()[0] == 0

    def test_a_reference_to_another_practices_row_is_refused(self, cast: Cast) -> None:
        with acting(cast.brandt.system):
            theirs = Patient.objects.create(practice=cast.brandt.practice, first_name="Paula", last_name="Sommer")
        with pytest.raises(IntegrityError, match="patients_contactpoint_patient_id_within"), acting(cast.albers.system):
            ContactPoint.objects.create(practice=cast.albers.practice, patient_id=theirs.pk, kind="email", value="a")

    @pytest.mark.usefixtures("cast")
    def test_a_practice_list_that_is_no_list_opens_nothing(self) -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT set_config('sprechzeit.practices', %s, true)", ["{}' OR true --"])
            with pytest.raises(DatabaseError), transaction.atomic():
                Practice.objects.count()


@action
def rename(actor: Actor, room: Room, name: str, *, refuse: bool = False) -> None:
    """Something that writes, and perhaps refuses then."""
    Room.objects.filter(practice_id=actor.practice_id, pk=room.pk).update(name=name)
    if refuse:
        raise DomainError


@action
def rename_both(actor: Actor, rooms: list[Room], *, refuse: bool) -> None:
    """An action of two others."""
    rename(actor, rooms[0], "first")
    rename(actor, rooms[1], "second", refuse=refuse)


class TestActionsOfActions:
    def names(self) -> set[str]:
        return set(Room.objects.values_list("name", flat=True))

    def test_a_refusal_that_is_caught_leaves_nothing_of_the_actions_within(self, cast: Cast) -> None:
        actor, rooms = cast.albers.system, list(cast.albers.rooms.values())
        with acting(actor):
            before = self.names()
            with pytest.raises(DomainError):
                rename_both(actor, rooms, refuse=True)
            assert self.names() == before
            rename_both(actor, rooms, refuse=False)
            assert self.names() == {"first", "second"}
            with pytest.raises(DomainError):
                rename(actor, rooms[0], "third", refuse=True)
            assert self.names() == {"first", "second"}, "afterwards an action has a savepoint of its own again"

    def test_all_of_them_are_one_savepoint(self, cast: Cast) -> None:
        actor, rooms = cast.albers.system, list(cast.albers.rooms.values())
        with acting(actor), CaptureQueriesContext(connection) as captured:
            rename_both(actor, rooms, refuse=False)
        assert sum(query["sql"].startswith("SAVEPOINT") for query in captured.captured_queries) == 1


@pytest.mark.own_database
class TestRepeating:
    def test_two_that_lock_each_other_both_succeed(self, cast: Cast) -> None:
        """A real deadlock: the server ends one of them, which begins anew."""
        actor, one, other = cast.albers.system, cast.albers.members["miriam"].pk, cast.albers.members["jonas"].pk
        both_have_one, tries = Barrier(2), []

        def rename(first: UUID, second: UUID) -> None:
            tries.append(first)
            Member.objects.filter(pk=first).update(initials="A")
            if tries.count(first) == 1:
                both_have_one.wait(10)
            Member.objects.filter(pk=second).update(initials="B")

        results = together(
            lambda: run_as(actor, lambda: rename(one, other)), lambda: run_as(actor, lambda: rename(other, one))
        )
        assert results == [None, None]
        assert len(tries) == 3

    @pytest.mark.skipif(
        "SPRECHZEIT_TEST_PGBOUNCER" in os.environ,
        reason="what is set for a session is set for whoever PgBouncer gives its connection to next",
    )
    def test_a_serialization_failure_is_repeated(self, cast: Cast) -> None:
        actor, room, both_read, tries = cast.albers.system, cast.albers.rooms["own"].pk, Barrier(2), []

        def count_up() -> None:
            tries.append(1)
            position = Room.objects.values_list("position", flat=True).get(pk=room)
            if len(tries) <= 2:
                both_read.wait(10)
            Room.objects.filter(pk=room).update(position=position + 1)

        def serializable() -> None:
            connection.ensure_connection()
            with connection.cursor() as cursor:
                cursor.execute("SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL SERIALIZABLE")
            run_as(actor, count_up)

        assert together(serializable, serializable) == [None, None]
        assert len(tries) == 3
        with acting(actor):
            assert Room.objects.get(pk=room).position == 2

    def test_inside_another_transaction_it_is_not_repeated(self, cast: Cast) -> None:
        """The outer transaction is lost to the deadlock; only its owner can begin it anew."""
        tries = []

        def fail() -> None:
            tries.append(1)
            raise_in_database("40P01")

        with pytest.raises(OperationalError), acting(cast.albers.system):
            run_as(cast.albers.system, fail)
        assert len(tries) == 1

    def test_after_some_attempts_it_gives_up(self, cast: Cast) -> None:
        tries, began = [], time.monotonic()

        def fail() -> None:
            tries.append(1)
            raise_in_database("40001")

        with pytest.raises(OperationalError):
            run_as(cast.albers.system, fail)
        assert len(tries) == module.ATTEMPTS
        assert time.monotonic() - began < 5

    def test_an_action_outside_acting_refuses_to_run(self, cast: Cast) -> None:
        with pytest.raises(RuntimeError, match="add_room was called outside"):
            add_room(cast.albers.system, "Raum 3")

    def test_another_error_is_not_repeated(self, cast: Cast) -> None:
        tries = []

        def fail() -> None:
            tries.append(1)
            raise_in_database("57014")

        with pytest.raises(OperationalError):
            run_as(cast.albers.system, fail)
        assert len(tries) == 1


def raise_in_database(sqlstate: str) -> None:
    """Let the server refuse with this state."""
    with connection.cursor() as cursor:
        cursor.execute(f"DO $$ BEGIN RAISE EXCEPTION 'refused' USING ERRCODE = '{sqlstate}'; END $$")
