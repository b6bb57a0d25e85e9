"""A booking while its practitioner leaves: nothing is left with who is gone (ACC-12)."""

from threading import Thread

import pytest
from django.db import OperationalError, connections, transaction

from sprechzeit.core.acting import acting, run_as
from sprechzeit.patients.models import Patient
from sprechzeit.practice.models import Member
from sprechzeit.scheduling.actions.book import Details, book_held_time
from sprechzeit.scheduling.actions.departure import let_leave
from sprechzeit.scheduling.actions.hold import hold_token
from sprechzeit.scheduling.models import Calendar
from tests.support.cast import Cast, hold, identity
from tests.support.databases import Databases
from tests.support.together import until_somebody_waits

pytestmark = [pytest.mark.own_database, pytest.mark.req("ACC-12")]


def test_a_booking_that_is_under_way_becomes_the_successors(cast: Cast, own_database: Databases) -> None:
    """It has read whose calendar it is, and enters the patient only when the hand-over is done."""
    house = cast.albers
    held, miriam = hold(house, "09:00", who="jonas"), house.actor("miriam")
    failed: list[Exception] = []

    def book() -> None:
        details = Details(identity(last_name="Zander", email="z@example.org"))
        try:
            run_as(house.visitor, lambda: book_held_time(house.visitor, hold_token(held.id), details))
        except Exception as error:
            failed.append(error)
        finally:
            connections.close_all()

    booking = Thread(target=book, daemon=True)
    with acting(miriam):
        let_leave(miriam, house.members["jonas"].pk, miriam.identity)
        booking.start()
        until_somebody_waits(own_database)
    booking.join(30)
    assert failed == []
    with acting(house.system):
        patient = Patient.objects.get(last_name="Zander")
        assert patient.created_by_id == miriam.identity
        assert not Patient.objects.filter(created_by__left_at__isnull=False).exists()


def test_the_database_gives_nothing_to_who_has_left(cast: Cast, own_database: Databases) -> None:
    house = cast.albers
    miriam, jonas = house.actor("miriam"), house.members["jonas"].pk
    with acting(miriam):
        let_leave(miriam, jonas, miriam.identity)
    with acting(house.system):
        assert Member.objects.get(pk=jonas).left_at is not None
        for rows, column in ((Calendar.objects.all(), "member_id"), (Patient.objects.all(), "created_by_id")):
            if rows.model is Patient:
                Patient.objects.create(practice=house.practice, last_name="Zander", first_name="Paula", number=77)
            with pytest.raises(OperationalError, match="who has left"), transaction.atomic():
                rows.update(**{column: jonas})
        with pytest.raises(OperationalError, match="who has left"), transaction.atomic():
            Patient.objects.create(
                practice=house.practice, last_name="Zander", first_name="Pia", number=78, created_by_id=jonas
            )
