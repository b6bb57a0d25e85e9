"""What is over is deleted by the clock, once, and counted; nothing else is (PRI-20, PRI-21, PRI-22)."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import IntegrityError, OperationalError, connection
from django.db.models import CASCADE
from django.utils import timezone
from django.utils.translation import override

from sprechzeit.access.actor import Actor
from sprechzeit.audit.actions import erase_rows
from sprechzeit.audit.models import Entry
from sprechzeit.audit.models import Value as LogValue
from sprechzeit.cli.retention import delete_what_is_over as delete_over
from sprechzeit.core.acting import acting, run_as
from sprechzeit.messages.actions import mark_sent, message_due
from sprechzeit.messages.models import Message
from sprechzeit.practice.models import IdempotencyKey
from sprechzeit.privacy import actions
from sprechzeit.privacy.actions import forget_some, set_periods
from sprechzeit.privacy.jobs import delete_at_night, delete_what_is_over
from sprechzeit.privacy.models import DeletionReport, RetentionPeriod
from sprechzeit.privacy.periods import KEEPINGS, Kind
from sprechzeit.privacy.policy import rows_over
from sprechzeit.privacy.queries import over
from sprechzeit.scheduling.actions.block import move_block
from sprechzeit.scheduling.actions.code import Recipient, ask_for_code
from sprechzeit.scheduling.actions.hold import hold_token
from sprechzeit.scheduling.actions.place import Place
from sprechzeit.scheduling.jobs import keep_next_free, refresh_books
from sprechzeit.scheduling.models import Appointment, Block, BookChange, BookingCode, Hold, Occupancy, VideoAppointment
from sprechzeit.scheduling.policy import get_appointment
from sprechzeit.video.models import Visit
from tests.support.cast import Cast, at, book, hold, monday
from tests.support.forgotten import end_of, forget, reported, rows, values_of
from tests.support.pushed import MINUTES, pushed

pytestmark = pytest.mark.req("PRI-21")
DAYS = timedelta(days=1)


@pytest.mark.req("PRI-22")
def test_what_a_visitor_began_is_gone_after_a_day_and_an_appointment_stays(cast: Cast) -> None:
    house = cast.albers
    begun, kept = hold(house, "09:00"), book(house, "10:00")
    with acting(house.visitor):
        ask_for_code(house.visitor, hold_token(begun.pk), Recipient("elif@example.org"))
    with acting(house.system):
        Occupancy.objects.filter(pk=begun.occupancy_id).update(active=False)
    began = timezone.now()
    assert forget(house, began + DAYS - timedelta(minutes=1)) == {}
    assert (rows(house, Hold), rows(house, BookingCode)) == (2, 1)
    assert forget(house, began + DAYS + timedelta(minutes=1))[Kind.HOLDS] == 2
    assert (rows(house, Hold), rows(house, BookingCode)) == (0, 0)
    with acting(house.system):
        assert [one.pk for one in Occupancy.objects.filter(practice_id=house.practice.pk)] == [kept.occupancy_id]
        assert get_appointment(house.system, kept.pk).occupancy.kind == Occupancy.Kind.APPOINTMENT
    assert values_of(house, "scheduling_hold", "scheduling_bookingcode") == 0
    assert values_of(house, "scheduling_appointment") > 0


@pytest.mark.req("PRI-22")
def test_a_time_that_a_hold_had_before_goes_too(cast: Cast) -> None:
    """A hold that expired and was taken anew has another time; the former one is nobody's."""
    house = cast.albers
    begun = hold(house, "09:00")
    with acting(house.system):
        Occupancy.objects.filter(pk=begun.occupancy_id).update(expires_at=timezone.now(), active=False)
    with acting(house.visitor):
        ask_for_code(house.visitor, hold_token(begun.pk), Recipient("elif@example.org"))
    assert rows(house, Occupancy) == 2
    forget(house, timezone.now() + 2 * DAYS)
    assert rows(house, Occupancy) == 0


@pytest.mark.req("PRI-20", "VID-6")
def test_a_pushed_appointment_goes_ninety_days_after_its_end_with_all_that_hangs_on_it(cast: Cast) -> None:
    house = cast.albers
    mine = house.actor("miriam")
    visit = pushed(house, at("09:00"))
    other = pushed(house, at("09:00", monday(3)), mark="Carla")
    with acting(mine):
        move_block(mine, visit.block_id, Place(house.calendars["miriam"], at("11:00"), at("11:50")))
        visit.block.refresh_from_db()
    tables = ["video_visit", "scheduling_block", "scheduling_occupancy", "scheduling_bookchange"]
    assert rows(house, Occupancy) == 3
    assert forget(house, end_of(visit) + 90 * DAYS - timedelta(minutes=1)) == {Kind.CHANGES: 1}
    assert rows(house, Visit) == 2
    assert forget(house, end_of(visit) + 90 * DAYS + timedelta(minutes=1)) == {Kind.VISITS: 1}
    with acting(house.system):
        assert [one.pk for one in Visit.objects.all()] == [other.pk]
        assert [one.pk for one in Block.objects.all()] == [other.block_id]
        assert [one.block_id for one in VideoAppointment.objects.all()] == [other.block_id]
        assert [one.pk for one in Occupancy.objects.all()] == [other.block.occupancy_id]
        gone = Entry.objects.filter(table_name__in=tables, operation="delete", value__salt=None)
        # The visit, its block, its time before it was moved and since, and that it was moved.
        assert gone.count() == 5
        erased = Entry.objects.filter(operation="erase", reason="retention:visits")
        assert {one.actor for one in erased} == {"system"}
        named = LogValue.objects.filter(new__icontains=str(visit.pk)).exclude(entry__operation="erase")
        assert not named.exists()
    assert values_of(house, "video_visit", "scheduling_block") == 2


@pytest.mark.req("PRI-20")
def test_it_counts_from_the_new_date_and_from_the_end_of_what_is_cancelled_too(cast: Cast) -> None:
    house = cast.albers
    visit, later = pushed(house, at("09:00")), pushed(house, at("10:00"), mark="Carla")
    with acting(house.system):
        Visit.objects.filter(pk=later.pk).update(cancelled_at=timezone.now())
        ends = at("09:00", monday(9)) + timedelta(minutes=MINUTES)
        Block.objects.filter(pk=visit.block_id).update(starts_at=at("09:00", monday(9)), ends_at=ends)
    assert forget(house, end_of(later) + 91 * DAYS)[Kind.VISITS] == 1
    with acting(house.system):
        assert [one.pk for one in Visit.objects.all()] == [visit.pk]
    assert forget(house, ends + 90 * DAYS) == {}
    assert forget(house, ends + 90 * DAYS + timedelta(seconds=1)) == {Kind.VISITS: 1}


def test_messages_and_blocked_times_go_by_the_practices_periods(cast: Cast) -> None:
    house, mine = cast.albers, cast.albers.actor("miriam")
    visit = book(house, "09:00")
    with acting(house.system):
        due = message_due(house.system, get_appointment(house.system, visit.pk), "booked")
        mark_sent(house.system, due, "Ihr Termin", "Hallo Paula")
        placed = pushed(house, at("10:00")).block
        Visit.objects.all().delete()
    with acting(mine):
        set_periods(mine, {Kind.MESSAGES: 30, Kind.BLOCKS: 40})
    assert not {Kind.MESSAGES, Kind.BLOCKS} & set(forget(house, visit.ends_at + 30 * DAYS))
    assert forget(house, visit.ends_at + 31 * DAYS)[Kind.MESSAGES] == 1
    assert forget(house, placed.ends_at + 41 * DAYS)[Kind.BLOCKS] == 1
    assert (rows(house, Message), rows(house, Block), rows(house, Appointment)) == (0, 0, 1)
    assert values_of(house, "messages_message", "scheduling_block") == 0


def test_a_dry_run_says_what_is_deleted_and_deletes_nothing(cast: Cast) -> None:
    house = cast.albers
    visit = pushed(house, at("09:00"))
    hold(house, "11:00")
    later = end_of(visit) + 91 * DAYS
    with acting(house.system):
        said = over(house.system, later)
        before = Visit.objects.count(), Hold.objects.count()
        assert said == over(house.system, later)
        assert before == (Visit.objects.count(), Hold.objects.count()) == (1, 1)
    done = forget(house, later)
    assert {kind: many for kind, many in said.items() if many} == done
    assert done[Kind.VISITS] == done[Kind.HOLDS] == 1
    assert forget(house, later) == {}
    assert reported(house) == {str(kind): many for kind, many in done.items()}


def test_old_changes_and_keys_of_forms_go_after_a_day(cast: Cast) -> None:
    house, mine = cast.albers, cast.albers.actor("miriam")
    visit = pushed(house, at("09:00"))
    with acting(mine):
        move_block(mine, visit.block_id, Place(house.calendars["miriam"], at("11:00"), at("11:50")))
    hold(house, "09:00")
    assert rows(house, BookChange) == 1 and rows(house, IdempotencyKey) == 1
    forget(house, timezone.now() + 23 * timedelta(hours=1))
    assert rows(house, BookChange) == 1 and rows(house, IdempotencyKey) == 1
    forget(house, timezone.now() + 25 * timedelta(hours=1))
    assert rows(house, BookChange) == rows(house, IdempotencyKey) == 0


def test_the_report_is_of_the_day_by_the_practices_clock(cast: Cast) -> None:
    house = cast.albers
    pushed(house, at("09:00"))
    forget(house, datetime.fromisoformat("2031-05-04T23:30:00+02:00"))
    forget(house, datetime.fromisoformat("2031-05-05T00:30:00+02:00"))
    with acting(house.system):
        found = {one.day: one for one in DeletionReport.objects.all()}
        assert set(found) == {date(2031, 5, 4), date(2031, 5, 5)}
        assert found[date(2031, 5, 4)].counts == {"visits": 1} and found[date(2031, 5, 5)].counts == {}
        assert all(one.ended_at for one in found.values())


class TestRefused:
    def test_what_stands_keeps_its_history(self, cast: Cast) -> None:
        visit = pushed(cast.albers, at("09:00"))
        with pytest.raises(OperationalError, match="not deleted"), acting(cast.albers.system):
            erase_rows(cast.albers.system, "video_visit", [visit.pk], "retention:visits")
        assert values_of(cast.albers, "video_visit") == 1

    def test_the_log_of_another_practice_is_out_of_reach(self, cast: Cast) -> None:
        visit = pushed(cast.albers, at("09:00"))
        with acting(cast.albers.system):
            Visit.objects.all().delete()
        with acting(cast.brandt.system):
            assert erase_rows(cast.brandt.system, "video_visit", [visit.pk], "retention:visits") == 0
        assert values_of(cast.albers, "video_visit") == 2

    @pytest.mark.parametrize(("kind", "days"), [("visits", 6), ("visits", 366), ("holds", 1), ("messages", 29)])
    def test_the_database_refuses_a_period_that_is_not_allowed(self, cast: Cast, kind: str, days: int) -> None:
        with pytest.raises(IntegrityError), acting(cast.albers.system):
            RetentionPeriod.objects.create(practice_id=cast.albers.practice.pk, kind=kind, days=days)


def test_nobody_deletes_in_another_practice(cast: Cast) -> None:
    theirs = pushed(cast.brandt, at("09:00"))
    forget(cast.albers, end_of(theirs) + 400 * DAYS)
    assert rows(cast.brandt, Visit) == 1


def test_every_night_there_is_a_job_for_each_practice(cast: Cast) -> None:
    delete_at_night(0)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT args ->> 'practice_id', lock FROM procrastinate_jobs "
            "WHERE task_name = 'privacy.delete_what_is_over'"
        )
        found = cursor.fetchall()
    wanted = {str(one.practice.pk) for one in (cast.albers, cast.brandt)}
    assert {practice for practice, _lock in found} == wanted
    assert {str(lock).removeprefix("retention:") for _practice, lock in found} == wanted


def test_what_takes_long_gives_others_their_turn_and_goes_on(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    house = cast.albers
    monkeypatch.setattr(actions, "AT_ONCE", 1)
    for number in range(2):
        hold(house, f"{9 + number}:00")
    with acting(house.system):
        Hold.objects.update(created_at=timezone.now() - 2 * DAYS)
    monkeypatch.setattr("sprechzeit.privacy.jobs.LONGEST_SECONDS", -1)
    delete_what_is_over.work(0, practice_id=str(house.practice.pk))
    assert rows(house, Hold) == 1
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'privacy.delete_what_is_over'")
        assert cursor.fetchone() == (1,)


@pytest.mark.req("PRI-20")
def test_jobs_that_name_what_is_gone_go_with_it(cast: Cast) -> None:
    house = cast.albers
    visit, other = pushed(house, at("09:00")), pushed(house, at("09:00", monday(4)), mark="Carla")
    made = "INSERT INTO procrastinate_jobs (task_name, queue_name, args, status) VALUES ('video.x', 'default', %s, %s)"
    with connection.cursor() as cursor:
        for one, status in ((visit, "succeeded"), (visit, "failed"), (other, "failed")):
            cursor.execute(made, [f'{{"visit_id": "{one.pk}"}}', status])
    forget(house, end_of(visit) + 91 * DAYS)
    with connection.cursor() as cursor:
        cursor.execute("SELECT args ->> 'visit_id' FROM procrastinate_jobs WHERE task_name = 'video.x'")
        assert cursor.fetchall() == [(str(other.pk),)]


def test_the_command_of_a_restored_database_deletes_it_too(cast: Cast) -> None:
    hold(cast.albers, "09:00")
    with acting(cast.albers.system):
        Hold.objects.update(created_at=timezone.now() - 2 * DAYS)
    call_command("forget_old")
    assert rows(cast.albers, Hold) == 0


def test_some_at_a_time(cast: Cast) -> None:
    house, actor = cast.albers, cast.albers.system
    for number in range(3):
        hold(house, f"{9 + number}:00")
    later = timezone.now() + 2 * DAYS
    found = [run_as(actor, lambda: _some(actor, later)) for _turn in range(3)]
    assert found == [2, 1, 0]


def _some(actor: Actor, later: datetime) -> int:
    return int(forget_some(actor, Kind.HOLDS, later, 2))


# What has one of the classes that the periods delete, and goes by itself.
BY_THEMSELVES = {
    "accounts_session": "Django's clearsessions: operations/jobs.py",
    "operations_backuppiece": "every quarter of an hour: operations/jobs.py",
    "patients_importpart": "every hour: patients/jobs.py",
}


def test_every_model_whose_class_has_a_period_is_deleted_by_it(cast: Cast) -> None:
    """What the periods name is deleted by them, with what hangs on it; nothing else of these classes is forgotten."""
    deleted: dict[str, str] = {}
    for kind, keeping in KEEPINGS.items():
        for found in rows_over(cast.albers.system, kind, timezone.now()):
            todo = [found.model]
            while todo:
                model = todo.pop()
                deleted.setdefault(model._meta.db_table, str(kind))
                hanging = [one for one in model._meta.related_objects if one.on_delete is CASCADE]
                todo += [one.related_model for one in hanging if one.related_model._meta.db_table not in deleted]
            assert found.model.RETENTION in keeping.classes | {"blocked time", "appointment"}, kind
    timed = {one for keeping in KEEPINGS.values() for one in keeping.classes}
    wanted = {
        model._meta.db_table
        for model in apps.get_models()
        if getattr(model, "RETENTION", "") in timed and model.__module__.startswith("sprechzeit.")
    }
    assert wanted - set(deleted) == set(BY_THEMSELVES)


def test_the_command_says_how_much_and_deletes_it_unless_it_is_dry(
    cast: Cast, capsys: pytest.CaptureFixture[str]
) -> None:
    hold(cast.albers, "09:00")
    with acting(cast.albers.system):
        Hold.objects.update(created_at=timezone.now() - 2 * DAYS)
    with override("en"):
        for is_dry, left in ((True, 1), (True, 1), (False, 0)):
            delete_over(is_dry=is_dry)
            assert rows(cast.albers, Hold) == left
    lines = capsys.readouterr().out.splitlines()
    would, done = "albers: 1 would be deleted", "albers: 1 deleted"
    assert [one for one in lines if one.startswith("albers")] == [would, would, done]
    assert lines.count("  1  Bookings that were begun") == 3


def test_nothing_else_of_the_practice_waits_for_it(cast: Cast) -> None:
    """It may take minutes."""
    of = {"practice_id": str(cast.albers.practice.pk)}
    assert delete_what_is_over.due(of).lock not in {one.due(of).lock for one in (refresh_books, keep_next_free)}
