"""Merging two records while others write into them: nothing hangs on a record that is no more (PAT-4)."""

from collections.abc import Callable
from datetime import date
from threading import Thread
from typing import Any
from uuid import UUID

import psycopg
import pytest
from django.db import OperationalError, connections, transaction

from sprechzeit.core.acting import acting, run_as
from sprechzeit.core.errors import Moved
from sprechzeit.patients import joining
from sprechzeit.patients.actions import find_or_add_patient, merge_patients, undo_merge
from sprechzeit.patients.errors import RecordsChanged
from sprechzeit.patients.models import ContactPoint, Merge, Patient
from sprechzeit.patients.policy import get_patient
from sprechzeit.patients.queries import facts_of
from sprechzeit.records.actions.sessions import enter_session
from sprechzeit.scheduling.actions.appoint import Wish, book_appointment
from sprechzeit.scheduling.actions.book import Details, book_held_time
from sprechzeit.scheduling.actions.hold import hold_token
from sprechzeit.scheduling.actions.place import Place
from sprechzeit.scheduling.models import Appointment
from tests.support.cast import Cast, House, at, hold, identity
from tests.support.databases import Databases
from tests.support.together import together, until_somebody_waits

PAULINA = {"first_name": "Paulina", "email": "paulina@example.org"}


def record(house: House, **facts: Any) -> UUID:
    with acting(house.visitor):
        return find_or_add_patient(house.visitor, identity(**facts), belongs_to=None).pk


def merging(house: House, kept: UUID, given_up: UUID) -> Merge:
    """With the name of the one that is given up."""
    jana = house.actor("jana")
    stamp = joining.stamp(*(facts_of(jana, get_patient(jana, one)) for one in (kept, given_up)))
    return merge_patients(jana, kept, given_up, {"first_name": "given_up"}, seen=stamp)


def during(databases: Databases, house: House, merge: Callable[[], object], *work: Callable[[], object]) -> list[Any]:
    """What each of these gives that begins while the merge is not yet committed."""
    done: list[Any] = []

    def run(one: Callable[[], object]) -> None:
        try:
            done.append(one())
        except Exception as error:
            done.append(error)
        finally:
            connections.close_all()

    threads = []
    with acting(house.actor("jana")):
        merge()
        for one in work:
            threads.append(Thread(target=run, args=[one], daemon=True))
            threads[-1].start()
            until_somebody_waits(databases)
    for thread in threads:
        thread.join(30)
    return done


@pytest.mark.own_database
@pytest.mark.req("PAT-4", "PAT-11")
def test_what_comes_while_two_are_merged_comes_to_the_one_that_is_kept(cast: Cast, own_database: Databases) -> None:
    """A visitor who is matched, and staff who chose the record: both find the one that is left."""
    house = cast.albers
    kept, given_up = record(house, **PAULINA), record(house)
    held, jana, jonas = hold(house, "09:00", who="jonas"), house.actor("jana"), house.actor("jonas")
    place = Place(house.calendars["miriam"], at("10:00"), at("10:50"))

    def online() -> UUID:
        details = Details(identity(mobile="0171 2345678"))
        return run_as(house.visitor, lambda: book_held_time(house.visitor, hold_token(held.id), details)).patient_id

    def by_staff() -> UUID:
        wish = Wish("k", house.types["talk"], place, given_up, confirmed=frozenset({"room_missing"}))
        return run_as(jana, lambda: book_appointment(jana, wish)).patient_id

    def session() -> UUID:
        start = at("09:00", date(2020, 1, 6))
        make = lambda: enter_session(house.actor("miriam"), given_up, jonas.identity, start, duration_minutes=50)  # noqa: E731
        return run_as(house.actor("miriam"), make).patient_id

    found = during(own_database, house, lambda: merging(house, kept, given_up), online, by_staff, session)
    assert found == [kept] * 3
    with acting(house.system):
        assert not Appointment.objects.filter(patient=given_up).exists()
        # The phone came with the booking that was repeated: it is proposed to the record that is left.
        assert [one.value for one in Patient.objects.get(pk=kept).contact_proposals.all()] == ["0171 2345678"]
        assert Patient.objects.count() == 2


@pytest.mark.own_database
@pytest.mark.req("PAT-4")
def test_a_booking_that_was_first_is_moved(cast: Cast, own_database: Databases) -> None:
    house = cast.albers
    kept, given_up = record(house, **PAULINA), record(house)
    held, made = hold(house, "09:00"), []
    waits = Thread(target=lambda: made.append(together(lambda: run_as(jana, lambda: merging(house, kept, given_up)))))
    jana = house.actor("jana")
    with acting(house.visitor):
        booked = book_held_time(house.visitor, hold_token(held.id), Details(identity()))
        assert booked.patient_id == given_up
        waits.start()
        until_somebody_waits(own_database)
    waits.join(30)
    assert isinstance(made[0][0], Merge)
    with acting(house.system):
        assert Appointment.objects.get(pk=booked.pk).patient_id == kept


@pytest.mark.own_database
@pytest.mark.req("PAT-4")
def test_one_that_is_kept_and_given_up_at_once(cast: Cast, own_database: Databases) -> None:
    """A into B while B into C, and back at once from two sides: one after the other, and no chain is left."""
    house = cast.albers
    jana = house.actor("jana")
    a, b, c = record(house, **PAULINA), record(house), record(house, first_name="Pauline")
    found = together(
        lambda: run_as(jana, lambda: merging(house, b, a)), lambda: run_as(jana, lambda: merging(house, c, b))
    )
    made = [one for one in found if isinstance(one, Merge)]
    assert made and all(isinstance(one, Merge | Moved | RecordsChanged) for one in found)
    with acting(house.system):
        left = Patient.objects.filter(merged_into=None)
        assert left.count() == 3 - len(made)
        assert not Patient.objects.filter(merged_into__merged_into__isnull=False).exists()
        if len(made) == 2:
            assert set(Patient.objects.exclude(pk=c).values_list("merged_into", flat=True)) == {c}
    last = max(made, key=lambda one: one.merged_at)
    twice = together(*[lambda: run_as(jana, lambda: undo_merge(jana, last.pk)).undone_at is not None] * 2)
    assert twice == [True, True]


@pytest.mark.own_database
@pytest.mark.req("PAT-4")
def test_the_database_lets_nothing_come_to_a_record_that_is_no_more(cast: Cast, own_database: Databases) -> None:
    """Whatever the program does. Without its triggers, the negative control, it would."""
    house = cast.albers
    kept, given_up = record(house, **PAULINA), record(house)
    with acting(house.actor("jana")):
        merging(house, kept, given_up)

    def write() -> None:
        with acting(house.system), transaction.atomic():
            ContactPoint.objects.create(practice=house.practice, patient_id=given_up, kind="phone", value="1", key="1")

    with pytest.raises(OperationalError, match="merged into another"):
        write()
    with acting(house.system), pytest.raises(OperationalError, match="merged into another"):
        Patient.objects.filter(pk=kept).update(merged_into=given_up, archived_at=at("08:00"))
    with psycopg.connect(own_database.url("superuser"), autocommit=True) as superuser:
        superuser.execute("DROP TRIGGER patient_id_not_merged ON patients_contactpoint")
    write()
