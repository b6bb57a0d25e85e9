"""The demo practice is worth showing, on any day."""

from datetime import UTC, datetime

import pytest
import time_machine
from django.db import connection
from django.db.models import Count

from sprechzeit.access.actor import system
from sprechzeit.core.acting import acting
from sprechzeit.operations.demo import make_demo_practice
from sprechzeit.practice.models import Member, Room
from sprechzeit.records.models import Document, Session, Signature
from sprechzeit.scheduling.models import Appointment, Calendar

pytestmark = pytest.mark.own_database


# A Wednesday, a Sunday, and the two days on which the clock changes.
@pytest.mark.parametrize("day", ["2026-11-25", "2026-11-22", "2027-03-28", "2027-10-31"])
def test_six_practitioners_five_rooms_three_weeks(day: str) -> None:
    with time_machine.travel(datetime.fromisoformat(f"{day}T10:20").replace(tzinfo=UTC), tick=False):
        assert make_demo_practice()
        assert not make_demo_practice()
    with connection.cursor() as cursor:
        cursor.execute("SELECT practice_by_slug('lindenhof')")
        row = cursor.fetchone()
    assert row
    with acting(system(row[0])):
        assert Calendar.objects.count() == 6
        assert Room.objects.count() == 5
        assert Member.objects.values("role").annotate(Count("id")).count() == 3
        days = Appointment.objects.dates("starts_at", "day")
        assert len(days) == 15
        assert Appointment.objects.filter(attendance__state="completed").exists()
        assert Session.objects.count() > 8
        assert Signature.objects.count() == 2
        assert {one.title for one in Document.objects.all()} == {"Befundbericht Orthopädie", "Schmerzzeichnung"}
        at_partner = Appointment.objects.filter(partner__name="Terminfinder", seen_at=None)
        assert at_partner.count() == 4 and at_partner.filter(booker__relation="child").count() == 1
        assert min(Appointment.objects.values_list("calendar").annotate(n=Count("id")).values_list("n", flat=True)) > 15
