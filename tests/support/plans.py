"""Plans of the cast's practices, and months full of appointments."""

from datetime import date, datetime, timedelta
from uuid import UUID

from django.utils import timezone

from sprechzeit.core.acting import acting
from sprechzeit.operations.plans import set_plan
from sprechzeit.patients.actions import NewPatient, add_patient
from sprechzeit.practice.plans import Plan
from sprechzeit.scheduling.actions.enter import Known, enter_appointments
from tests.support.cast import BERLIN, House, at
from tests.support.databases import Databases

LENGTH = timedelta(minutes=20)


def give_plan(database: Databases, house: House, plan: str) -> None:
    """As an operator's command does."""
    assert set_plan(database.url("owner"), house.practice.slug, Plan(plan))


def next_month(later: int = 1) -> date:
    """The first day of the next month, or of a later one."""
    first = timezone.now().astimezone(BERLIN).date().replace(day=1)
    for _ in range(later):
        first = (first + timedelta(days=32)).replace(day=1)
    return first


def enter_at(house: House, *starts: datetime, who: str = "miriam") -> list[UUID]:
    """Appointments at any hours, as they come from elsewhere: the type is not asked, the month is."""
    with acting(house.system):
        patient = add_patient(house.system, NewPatient("Erika", "Beispiel"), belongs_to=None)
        kind, calendar = house.types["call"], house.calendars[who]
        known = [Known(calendar, None, kind, patient.pk, one, one + LENGTH) for one in starts]
        return enter_appointments(house.system, known)


def fill(house: House, month: date, count: int, who: str = "miriam") -> list[UUID]:
    """So many appointments in a month, early in the morning of its days."""
    starts = [at(f"{5 + number // 20:02}:00", month + timedelta(days=number % 20)) for number in range(count)]
    return enter_at(house, *starts, who=who)
