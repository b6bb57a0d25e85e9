"""What counts in a month, what is refused past the plan's limit, and who is told (PLAN-2, PLAN-3, PLAN-4)."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation
from procrastinate.contrib.django.models import ProcrastinateJob

from sprechzeit.access.actor import Actor, ActorKind
from sprechzeit.access.table import Role
from sprechzeit.core.acting import acting
from sprechzeit.core.ids import new_id
from sprechzeit.scheduling import availability as engine
from sprechzeit.scheduling.actions.attend import enter_attendance
from sprechzeit.scheduling.actions.block import add_block
from sprechzeit.scheduling.actions.cancel import cancel_appointment
from sprechzeit.scheduling.actions.hold import hold_token
from sprechzeit.scheduling.actions.move import move_appointment, swap_appointments
from sprechzeit.scheduling.actions.place import Place
from sprechzeit.scheduling.actions.reschedule import NewTime, reschedule_appointment
from sprechzeit.scheduling.actions.settings import add_calendar
from sprechzeit.scheduling.actions.undo import undo
from sprechzeit.scheduling.errors import MonthFull, NotOffered
from sprechzeit.scheduling.jobs import tell_of_month
from sprechzeit.scheduling.models import Appointment, AppointmentLink, Attendance, MonthNotice
from sprechzeit.scheduling.policy import get_appointment
from sprechzeit.scheduling.queries.availability import free_times, next_free
from sprechzeit.scheduling.queries.explain import Question, explain
from sprechzeit.scheduling.queries.months import use_of_months, used_in_month
from tests.portal.test_booking import PAULA
from tests.practice.test_plan_races import as_superuser, entering, free_days
from tests.support.cast import Cast, House, at, book, hold
from tests.support.databases import Databases
from tests.support.plans import LENGTH, enter_at, fill, give_plan, next_month
from tests.support.routes import client_of

pytestmark = pytest.mark.own_database
MONTH = next_month()
ANYTHING = ("outside_working_time", "calendar_taken", "not_offered_here")


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """What is refused speaks English, as the tests do."""
    with translation.override("en"):
        yield


def desk(cast: Cast, person: str = "administrator") -> Client:
    """Somebody of Albers at the desk, who reads English."""
    client = client_of(cast, person)
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


@pytest.fixture
def small(cast: Cast, own_database: Databases) -> House:
    """Albers has plan S: 30 appointments a month of each practitioner."""
    give_plan(own_database, cast.albers, "S")
    return cast.albers


def used(house: House, month: date = MONTH, who: str = "miriam") -> int:
    with acting(house.system):
        return used_in_month(house.system, house.members[who].pk, month)


def move(house: House, found: UUID, to: datetime, who: str = "miriam") -> Appointment:
    actor = house.actor("jana")
    with acting(actor):
        there = Place(house.calendars[who], to, to + LENGTH)
        return move_appointment(actor, found, there, confirmed=ANYTHING)


@pytest.mark.req("PLAN-3")
def test_one_more_is_refused_with_plan_limit_and_month(small: House) -> None:
    fill(small, MONTH, 30)
    with pytest.raises(MonthFull) as refused:
        enter_at(small, at("18:00", MONTH))
    assert dict(refused.value.details) == {"plan": "S", "limit": 30, "month": MONTH}
    assert refused.value.code == "month_full"
    assert "Plan S" in str(refused.value) and "30" in str(refused.value) and str(MONTH.year) in str(refused.value)
    assert used(small) == 30
    enter_at(small, at("18:00", MONTH), who="jonas")
    enter_at(small, at("18:00", next_month(2)))


@pytest.mark.req("PLAN-2")
@pytest.mark.parametrize(
    ("instant", "month"),
    [
        (datetime(2027, 10, 31, 22, 59, tzinfo=UTC), date(2027, 10, 1)),
        (datetime(2027, 10, 31, 23, 30, tzinfo=UTC), date(2027, 11, 1)),
        (datetime(2027, 3, 31, 21, 30, tzinfo=UTC), date(2027, 3, 1)),
        (datetime(2027, 3, 31, 22, 30, tzinfo=UTC), date(2027, 4, 1)),
        (datetime(2027, 12, 31, 23, 0, tzinfo=UTC), date(2028, 1, 1)),
        (datetime(2028, 2, 29, 22, 59, tzinfo=UTC), date(2028, 2, 1)),
    ],
)
def test_a_month_begins_and_ends_on_the_practices_clock(small: House, instant: datetime, month: date) -> None:
    """In summer time and in winter time; on 31 October 2027 and 28 March 2027 the clock changes."""
    enter_at(small, instant)
    around = [(month + timedelta(days=days)).replace(day=1) for days in (-1, 0, 32)]
    assert [used(small, one) for one in around] == [0, 1, 0]


@pytest.mark.req("PLAN-2")
def test_what_counts_and_what_does_not(small: House, own_database: Databases) -> None:
    """A no-show counts, a group once; what is cancelled, a block and a time that is kept for somebody do not."""
    actor = small.actor("jana")
    missed, cancelled, group = enter_at(small, *(at(clock, MONTH) for clock in ("06:00", "06:30", "07:00")))
    with acting(actor):
        enter_attendance(small.system, get_appointment(actor, missed), Attendance.State.NO_SHOW)
        cancel_appointment(actor, cancelled)
        day = free_days(MONTH, 1)[0]
        place = Place(small.calendars["miriam"], at("08:00", day), at("09:00", day))
        add_block(actor, place, "Team", key="k" * 32)
    hold(small, "10:00", kind="call", day=day)
    assert used(small) == 2
    as_superuser(own_database, _TWICE % {"one": group, "other": new_id()})
    with acting(small.system):
        assert Appointment.objects.filter(occupancy__appointments=group).count() == 2
    assert used(small) == 2


_TWICE = """
    INSERT INTO scheduling_appointment
    SELECT (json_populate_record(a, json_build_object('id', '%(other)s'))).* FROM scheduling_appointment a
     WHERE id = '%(one)s'
"""


@pytest.mark.req("PLAN-2")
def test_a_practitioners_calendars_count_together_and_nobodys_for_itself(cast: Cast, small: House) -> None:
    with acting(small.system):
        small.calendars["second"] = add_calendar(small.system, "Miriam 2", "MA", member=small.members["miriam"])
        small.calendars["chair"] = add_calendar(small.system, "Prophylaxe", "PX")
    fill(small, MONTH, 29)
    enter_at(small, at("18:00", MONTH), who="second")
    with pytest.raises(MonthFull):
        enter_at(small, at("19:00", MONTH), who="second")
    fill(small, MONTH, 30, who="chair")
    with pytest.raises(MonthFull):
        enter_at(small, at("19:00", MONTH), who="chair")
    with acting(small.system):
        found = use_of_months(small.system, MONTH, MONTH)
    assert [(one.name, one.months) for one in found] == [
        ("Miriam Albers", {MONTH: 30}),
        ("Jonas Petersen", {MONTH: 0}),
        ("Prophylaxe", {MONTH: 30}),
    ]


@pytest.mark.req("PLAN-2", "PLAN-3")
def test_a_moved_one_counts_where_it_goes(small: House) -> None:
    first, *_ = fill(small, MONTH, 30)
    (other,) = enter_at(small, at("18:00", next_month(2)))
    (colleagues,) = enter_at(small, at("18:00", MONTH), who="jonas")
    assert move(small, first, at("20:00", MONTH)).starts_at == at("20:00", MONTH), "within its own month it may move"
    for found in (other, colleagues):
        with pytest.raises(MonthFull):
            move(small, found, at("21:00", MONTH))
    move(small, first, at("21:00", next_month(2)))
    assert (used(small), used(small, next_month(2))) == (29, 2)
    move(small, other, at("21:00", MONTH))
    assert (used(small), used(small, next_month(2))) == (30, 1)


@pytest.mark.req("PLAN-2", "PLAN-3")
def test_what_is_undone_counts_again_or_is_refused(small: House) -> None:
    actor = small.actor("jana")
    first, *_ = fill(small, MONTH, 30)
    with acting(actor):
        cancel_appointment(actor, first)
        undo(actor)
    assert used(small) == 30
    with acting(actor):
        cancel_appointment(actor, first)
    enter_at(small, at("18:00", MONTH))
    with acting(actor), pytest.raises(MonthFull):
        undo(actor)
    with acting(actor):
        assert hasattr(get_appointment(actor, first), "cancellation")
    assert used(small) == 30


@pytest.mark.req("PLAN-2", "PLAN-3")
def test_a_move_is_undone_only_while_its_month_has_room(small: House) -> None:
    actor = small.actor("jana")
    first, *_ = fill(small, MONTH, 30)
    move(small, first, at("18:00", next_month(2)))
    enter_at(small, at("18:00", MONTH))
    with acting(actor), pytest.raises(MonthFull):
        undo(actor)
    assert (used(small), used(small, next_month(2))) == (30, 1)


@pytest.mark.req("PLAN-3")
def test_two_change_places_between_full_months_and_back(small: House) -> None:
    """Neither month ever holds one more when both stand."""
    actor, later = small.actor("jana"), next_month(2)
    one, *_ = fill(small, MONTH, 30)
    other, *_ = fill(small, later, 30)
    with acting(actor):
        swap_appointments(actor, one, other, confirmed=ANYTHING)
        assert get_appointment(actor, one).starts_at == at("05:00", later)
        undo(actor)
        assert get_appointment(actor, one).starts_at == at("05:00", MONTH)
    assert used(small) == used(small, later) == 30


@pytest.mark.req("PLAN-4")
def test_a_smaller_plan_keeps_everything_and_a_larger_one_counts_at_once(cast: Cast, own_database: Databases) -> None:
    house = cast.albers
    first, second, *_ = fill(house, MONTH, 35)
    give_plan(own_database, house, "S")
    assert used(house) == 35
    move(house, first, at("20:00", MONTH))
    with acting(house.actor("jana")):
        cancel_appointment(house.actor("jana"), second)
        with pytest.raises(MonthFull):
            undo(house.actor("jana"))
    with pytest.raises(MonthFull):
        enter_at(house, at("18:00", MONTH))
    give_plan(own_database, house, "M")
    enter_at(house, at("18:00", MONTH))
    assert used(house) == 35


def offered(actor: Actor, house: House, first: date, last: date) -> set[int]:
    """Local months in which Miriam has something to offer."""
    with acting(actor):
        free = free_times(actor, house.types["call"], first, last, house.calendars["miriam"].pk)
        return {engine.instant_of(offer.start).astimezone(free.zone).month for offer in free.all()}


@pytest.mark.req("PLAN-3")
def test_a_full_month_offers_nothing_and_the_others_do(small: House) -> None:
    """To patients and staff alike, however warm the memory; one that is cancelled opens it again."""
    later = next_month(2)
    days = (MONTH, later + timedelta(days=20))
    for actor in (small.visitor, small.actor("jana")):
        assert {MONTH.month, later.month} <= offered(actor, small, *days) | {later.month}
        offered(actor, small, *days)
    first, *_ = fill(small, MONTH, 30)
    for actor in (small.visitor, small.actor("jana")):
        assert MONTH.month not in offered(actor, small, *days)
    with acting(small.actor("jana")):
        staff, (free_day,) = small.actor("jana"), free_days(MONTH, 1)
        begin = engine.minute_of(at("00:00", MONTH))
        (found,) = next_free(staff, small.types["call"], 1, since=begin, calendar_id=small.calendars["miriam"].pk)
        assert engine.instant_of(found.start) >= at("00:00", later)
        asked = Question(small.types["call"], small.calendars["miriam"], at("10:00", free_day), engine.Channel.STAFF)
        assert explain(staff, asked).reasons == [engine.Reason.MONTH_FULL]
        cancel_appointment(staff, first)
        assert explain(staff, asked).reasons == []
    assert MONTH.month in offered(small.visitor, small, *days)


@pytest.mark.req("PLAN-3", "CAL-10")
def test_an_appointment_may_stay_in_its_full_month_and_explain_says_the_same(small: House) -> None:
    first, *_ = fill(small, MONTH, 30)
    (other,) = enter_at(small, at("06:00", next_month(2)))
    actor, (day,) = small.actor("jana"), free_days(MONTH, 1)
    with acting(actor):
        for found, reasons in ((first, []), (other, [engine.Reason.MONTH_FULL])):
            moved = get_appointment(actor, found)
            asked = Question(
                small.types["call"], small.calendars["miriam"], at("10:00", day), engine.Channel.STAFF, moved
            )
            assert explain(actor, asked).reasons == reasons


@pytest.mark.req("PLAN-3")
def test_explain_names_plan_and_limit_with_the_way_to_the_plan(cast: Cast, small: House) -> None:
    fill(small, MONTH, 30)
    (day,) = free_days(MONTH, 1)
    calendar, kind = str(small.calendars["miriam"].pk), str(small.types["call"].pk)
    asked = {"calendar": calendar, "type": kind, "start": f"{day}T10:00"}
    page = desk(cast).get(reverse("scheduling:explain"), asked).content.decode()
    assert "Month full" in page
    assert "Plan S: the 30 appointments of this practitioner" in page
    assert reverse("scheduling_settings:plan") in page


@pytest.mark.req("PLAN-3")
def test_staff_read_the_reason_in_the_dialog(cast: Cast, small: House) -> None:
    (day,) = free_days(MONTH, 1)
    fill(small, MONTH, 30)
    with pytest.raises(MonthFull):
        entering(cast, small.calendars["miriam"], at("10:00", day))()
    form = {
        "key": "k" * 32, "type": small.types["call"].pk, "calendar": small.calendars["miriam"].pk,
        "start": f"{day}T10:00", "end": f"{day}T10:20", "is_new": "on", "first_name": "Nele",
        "last_name": "Neumann", "room": "none",
    }  # fmt: skip
    answer = desk(cast).post(reverse("scheduling:new"), form)
    assert answer.status_code == 409, answer.content.decode()
    assert "Plan S: the 30 appointments of this practitioner" in answer.content.decode()


@pytest.mark.req("PLAN-3")
def test_a_patient_whose_month_fills_up_meanwhile_hears_nothing_of_the_plan(small: House) -> None:
    (day,) = free_days(MONTH, 1)
    fill(small, MONTH, 29)
    held = hold(small, "10:00", kind="call", day=day)
    enter_at(small, at("18:00", MONTH))
    visitor = Client(headers={"Accept-Language": "en"})
    url = reverse("portal:details", args=[small.practice.slug, hold_token(held.id)])
    page = visitor.post(url, PAULA).content.decode()
    assert "Nothing more is free in this month." in page
    assert "Plan S" not in page and "practitioner in" not in page
    assert used(small) == 30


@pytest.mark.req("PLAN-3")
def test_by_the_link_nobody_moves_into_a_full_month(small: House) -> None:
    found = book(small, "10:00", kind="call", day=free_days(next_month(2), 1)[0])
    fill(small, MONTH, 30)
    with acting(small.system):
        link = AppointmentLink.objects.get(appointment=found)
    actor = Actor(ActorKind.LINK, (small.practice.pk,), Role.LINK, link.pk)
    to = NewTime(small.calendars["miriam"].pk, at("10:00", free_days(MONTH, 1)[0]), seen=found.sequence)
    with acting(actor), pytest.raises(NotOffered) as refused:
        reschedule_appointment(actor, found.pk, to)
    assert not isinstance(refused.value, MonthFull)
    assert refused.value.reasons == ("month_full",)


@pytest.mark.req("PLAN-3")
def test_at_80_percent_the_administrators_are_told_once(cast: Cast, small: House) -> None:
    jobs = ProcrastinateJob.objects.filter(task_name="scheduling.tell_of_month")
    fill(small, MONTH, 23)
    assert not jobs.exists()
    enter_at(small, at("18:00", MONTH), at("19:00", MONTH))
    (job,) = jobs
    enter_at(small, at("20:00", MONTH))
    assert jobs.count() == 1
    with acting(small.system):
        assert MonthNotice.objects.get().practitioner == small.members["miriam"].pk
    tell_of_month.work(0, **job.args)
    (told,) = mail.outbox
    assert told.to == [small.user("miriam").email]
    assert "Miriam Albers" in told.body and "26" in told.body and "30" in told.body
    assert reverse("scheduling_settings:plan") in told.body


@pytest.mark.req("PLAN-3")
def test_the_book_and_the_plans_page_warn_administrators(cast: Cast, small: House) -> None:
    fill(small, MONTH, 24)
    day = {"day": f"{MONTH}"}
    admin, practitioner = desk(cast), desk(cast, "practitioner")
    words = "Miriam Albers (24 of 30)"
    book_url, plan_url = reverse("scheduling:book"), reverse("scheduling_settings:plan")
    assert words in admin.get(book_url, day).content.decode()
    assert "Miriam Albers has 24 of 30 appointments" in admin.get(plan_url).content.decode()
    assert words not in practitioner.get(book_url, day).content.decode()
    assert words not in admin.get(book_url, {"day": f"{next_month(2)}"}).content.decode()
    assert practitioner.get(plan_url).status_code == 403


@pytest.mark.req("PLAN-1", "PLAN-4")
def test_the_page_shows_limits_use_and_every_feature_explained(cast: Cast, small: House) -> None:
    page = desk(cast).get(reverse("scheduling_settings:plan")).content.decode()
    for words in ("Plan S", "30 appointments a month", "Jonas Petersen", "All areas of delegated access",
                  "From plan XL on", "From plan L on", "Your plan", "1 room is past"):  # fmt: skip
        assert words in page, words


@pytest.mark.req("PLAN-3")
def test_without_a_limit_nothing_more_is_asked_of_the_database(cast: Cast, own_database: Databases) -> None:
    """One statement more for who has one, none for the others."""

    def statements(house: House) -> int:
        with acting(house.visitor):
            for _ in range(3):
                free_times(house.visitor, house.types["call"], MONTH, MONTH + timedelta(days=6))
            with CaptureQueriesContext(connection) as seen:
                free_times(house.visitor, house.types["call"], MONTH, MONTH + timedelta(days=6))
        return len(seen)

    unlimited = statements(cast.albers)
    give_plan(own_database, cast.albers, "S")
    assert (unlimited, statements(cast.albers)) == (1, 2)
