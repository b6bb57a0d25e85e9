"""Whose a calendar is decides where it counts, and what is kept of free times follows the count (PLAN-2, PLAN-3)."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest
from django.db.models import F
from django.urls import reverse
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from sprechzeit.access.actor import Actor
from sprechzeit.core.acting import acting
from sprechzeit.patients.actions import NewPatient, add_patient
from sprechzeit.scheduling import jobs
from sprechzeit.scheduling.actions.cancel import cancel_appointment
from sprechzeit.scheduling.actions.departure import let_leave
from sprechzeit.scheduling.actions.enter import Known, enter_appointments
from sprechzeit.scheduling.actions.next_free import settle_next_free
from sprechzeit.scheduling.actions.settings import add_calendar, change_calendar
from sprechzeit.scheduling.errors import ImpossibleLength, MonthFull
from sprechzeit.scheduling.models import NextFree
from sprechzeit.scheduling.policy import get_calendar
from sprechzeit.scheduling.queries.months import used_in_month
from sprechzeit.scheduling.queries.next_free import computed_next_free, next_free_of_all
from tests.practice.test_plan_races import MANY, columns_of, confirming, entering, free_days, racers
from tests.practice.test_practice_settings import fields
from tests.scheduling.test_occupancy import deadlocks
from tests.support.cast import Cast, House, at
from tests.support.databases import Databases
from tests.support.plans import enter_at, fill, give_plan, next_month
from tests.support.processes import in_processes
from tests.support.routes import client_of

pytestmark = pytest.mark.own_database
MONTH = next_month()


@pytest.fixture
def small(cast: Cast, own_database: Databases) -> House:
    """Albers has plan S: 30 appointments a month of each practitioner."""
    give_plan(own_database, cast.albers, "S")
    return cast.albers


@pytest.fixture
def keeping(small: House, monkeypatch: pytest.MonkeyPatch) -> House:
    """Albers with plan S, as a practice with many calendars is: it keeps next free times, all right for now."""
    monkeypatch.setattr(jobs, "settle_next_free", partial(settle_next_free, many=1))
    keep(small)
    return small


def keep(house: House) -> None:
    jobs.keep_next_free.work(0, practice_id=str(house.practice.pk))


def give(house: House, who: str, to: str | None) -> None:
    actor = house.actor("miriam")
    with acting(actor):
        change_calendar(actor, house.calendars[who].pk, {"member": house.members[to] if to else None})


def second_calendar(house: House) -> None:
    with acting(house.system):
        house.calendars["second"] = add_calendar(house.system, "Miriam 2", "MA", member=house.members["miriam"])


@pytest.mark.req("PLAN-3")
def test_a_calendar_handed_over_and_back_does_not_pass_the_limit(small: House) -> None:
    """Miriam's calendar goes away full, she fills another, and it does not come back."""
    second_calendar(small)
    fill(small, MONTH, 30)
    with pytest.raises(MonthFull):
        enter_at(small, at("18:00", MONTH), who="second")
    give(small, "miriam", None)
    fill(small, MONTH, 30, who="second")
    with pytest.raises(MonthFull) as refused:
        give(small, "miriam", "miriam")
    assert refused.value.details["month"] == MONTH
    actor = small.actor("miriam")
    with acting(actor):
        assert get_calendar(actor, small.calendars["miriam"].pk).member is None
        assert used_in_month(actor, small.members["miriam"].pk, MONTH) == 30
        change_calendar(actor, small.calendars["miriam"].pk, {"member": None, "name": "Praxis"})
    give(small, "miriam", "jonas")
    with pytest.raises(MonthFull):
        enter_at(small, at("19:00", MONTH), who="jonas")


@pytest.mark.req("PLAN-3", "PLAN-4")
def test_what_was_over_the_limit_before_keeps_nobody_from_other_changes(cast: Cast, own_database: Databases) -> None:
    """What is past does not count, nor the month of somebody else; and nobody is kept from leaving."""
    house, actor = cast.albers, cast.albers.actor("miriam")
    fill(house, next_month().replace(year=next_month().year - 1), 40)
    fill(house, MONTH, 20)
    fill(house, MONTH, 20, who="jonas")
    give_plan(own_database, house, "S")
    give(house, "miriam", None)
    with pytest.raises(MonthFull):
        give(house, "miriam", "jonas")
    give(house, "miriam", "miriam")
    with acting(actor):
        let_leave(actor, house.members["jonas"].pk, house.members["miriam"].pk)
        assert used_in_month(actor, house.members["miriam"].pk, MONTH) == 40
        change_calendar(actor, house.calendars["jonas"].pk, {"member": house.members["miriam"], "name": "Früher Jonas"})


@pytest.mark.req("PLAN-3")
def test_the_form_says_beside_the_field_why_not(cast: Cast, small: House) -> None:
    fill(small, MONTH, 20)
    fill(small, MONTH, 20, who="jonas")
    client = client_of(cast, "administrator")
    url = reverse("scheduling_settings:calendar", args=[small.calendars["jonas"].pk])
    sent = fields(client.get(url).context["form"], member=str(small.members["miriam"].pk), name="Zweite Spalte")
    answer = client.post(url, sent)
    assert answer.status_code == 422
    assert "S" in str(answer.context["form"].errors["member"]) and "30" in str(answer.context["form"].errors["member"])
    assert "Zweite Spalte" in answer.content.decode()


@pytest.mark.req("PLAN-3")
def test_a_calendar_comes_while_its_months_fill(cast: Cast, own_database: Databases) -> None:
    """Whoever is first, the month does not hold one too many: bookings in it wait for the hand-over, or it for them."""
    house = cast.albers
    give_plan(own_database, house, "S")
    theirs, house.calendars["second"] = columns_of(cast, 2)
    give(house, "second", None)
    fill(house, MONTH, 29)
    days = free_days(MONTH, 4)
    work = [entering(cast, one, at("10:00", day)) for day in days for one in (theirs, house.calendars["second"])]
    found = in_processes(*work, partial(give, house, "second", "miriam"))
    with acting(house.system):
        assert used_in_month(house.system, house.members["miriam"].pk, MONTH) == 30
    assert set(found) <= {"done", "MonthFull"} and found["MonthFull"], found
    assert deadlocks(own_database) == 0


def wrong(house: House) -> set[str]:
    """Whose kept times are marked."""
    with acting(house.system):
        marked = NextFree.objects.filter(practice=house.practice).exclude(changes=F("computed"))
        ids = set(marked.values_list("calendar_id", flat=True))
    return {who for who, calendar in house.calendars.items() if calendar.pk in ids}


def month_jobs() -> list[dict[str, str]]:
    found = ProcrastinateJob.objects.filter(task_name="scheduling.month_turned").order_by("pk")
    assert {one.task_name for one in found} <= set(app.tasks)
    return [one.args for one in found]


def is_right(house: House, actor: Actor) -> bool:
    with acting(actor):
        return all(
            sorted(next_free_of_all(actor, kind)) == sorted(computed_next_free(actor, kind).values())
            for kind in house.types.values()
        )


@pytest.mark.req("PLAN-3", "CAL-11")
def test_the_kept_times_follow_the_month(keeping: House) -> None:
    """A month that fills up by another calendar of the practitioner, or has room again, is looked at by a job."""
    theirs = {"practice_id": str(keeping.practice.pk), "practitioner": str(keeping.members["miriam"].pk)}
    second_calendar(keeping)
    fill(keeping, MONTH, 29, who="second")
    assert month_jobs() == []
    (last,) = enter_at(keeping, at("18:00", MONTH), who="second")
    assert month_jobs() == [theirs]
    keep(keeping)
    jobs.month_turned.work(0, **theirs)
    assert is_right(keeping, keeping.visitor) and wrong(keeping) == set()
    with acting(keeping.actor("jana")):
        cancel_appointment(keeping.actor("jana"), last)
    assert month_jobs() == [theirs] * 2
    jobs.month_turned.work(0, **theirs)
    assert is_right(keeping, keeping.visitor)


@pytest.mark.req("PLAN-3", "CAL-11")
def test_the_job_marks_the_practitioners_calendars_and_no_others(
    keeping: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "refresh_next_free", lambda _actor: (0, 0))
    assert wrong(keeping) == set()
    member = str(keeping.members["miriam"].pk)
    jobs.month_turned.work(0, practice_id=str(keeping.practice.pk), practitioner=member)
    assert wrong(keeping) == {"miriam"}


@pytest.mark.req("PLAN-3", "CAL-11")
def test_a_month_with_much_room_defers_nothing(keeping: House) -> None:
    found, *_ = fill(keeping, MONTH, 5)
    with acting(keeping.actor("jana")):
        cancel_appointment(keeping.actor("jana"), found)
    assert month_jobs() == []


@pytest.mark.req("PLAN-4", "CAL-11")
def test_another_plan_or_practitioner_marks_the_practice_alone(
    cast: Cast, keeping: House, own_database: Databases
) -> None:
    keep(cast.brandt)
    give_plan(own_database, keeping, "M")
    assert "miriam" in wrong(keeping) and wrong(cast.brandt) == set()
    keep(keeping)
    assert wrong(keeping) == set()
    give(keeping, "miriam", None)
    assert "miriam" in wrong(keeping) and wrong(cast.brandt) == set()


@pytest.mark.req("PLAN-3", "CAL-11")
@pytest.mark.parametrize(("how", "refusal"), [(entering, "MonthFull"), (confirming, "NotOffered")])
def test_twenty_at_once_where_times_are_kept_wait_in_no_circle(
    cast: Cast, keeping: House, own_database: Databases, how: Callable[..., Callable[[], object]], refusal: str
) -> None:
    fill(keeping, MONTH, 28)
    work = racers(cast, how, MONTH)
    keep(keeping)
    assert in_processes(*work) == Counter({"done": 2, refusal: MANY - 2})
    assert deadlocks(own_database) == 0


@pytest.mark.req("CAL-7")
@pytest.mark.parametrize("minutes", [-20, 0, 24 * 60 + 1])
def test_what_lasts_no_time_or_longer_than_a_day_is_not_entered(cast: Cast, minutes: int) -> None:
    house, begin = cast.albers, at("10:00", MONTH)
    with acting(house.system):
        patient = add_patient(house.system, NewPatient("Erika", "Beispiel"), belongs_to=None)
    known = Known(
        house.calendars["miriam"], None, house.types["call"], patient.pk, begin, begin + timedelta(minutes=minutes)
    )
    with acting(house.system), pytest.raises(ImpossibleLength):
        enter_appointments(house.system, [known])
