"""Taking a calendar file into a calendar."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import icalendar
import pytest
import recurring_ical_events
from django.db import connection

from sprechzeit.access.actor import Actor
from sprechzeit.core.acting import acting
from sprechzeit.core.errors import NotAllowed, NotFound
from sprechzeit.core.ids import new_id
from sprechzeit.scheduling.actions.block import move_block
from sprechzeit.scheduling.actions.import_calendar import import_calendar
from sprechzeit.scheduling.actions.place import Place
from sprechzeit.scheduling.actions.undo import undo
from sprechzeit.scheduling.availability import minute_of
from sprechzeit.scheduling.errors import FromACalendarFile, NotOffered, TimeTaken
from sprechzeit.scheduling.models import Appointment, Block, CalendarImport, Occupancy
from sprechzeit.scheduling.queries.availability import free_times
from sprechzeit.scheduling.queries.calendar_import import ImportResult, NoPeriod, UnusableFile, plan_import
from tests.scheduling.ics.writing import calendar
from tests.support.cast import Cast, House, at, book, hold, monday

FOLDERS = [
    Path(icalendar.__file__).parent / "tests",
    Path(recurring_ical_events.__file__).parent / "test",
    Path(__file__).parent / "ics" / "real",
]
FILES = sorted(path for folder in FOLDERS for path in folder.rglob("*.ics"))


@pytest.fixture
def house(cast: Cast) -> House:
    return cast.albers


def entry(uid: str, clock: str, *more: str, day: date | None = None, title: str = "") -> str:
    """An entry of half an hour, next Monday unless another day is given."""
    starts = at(clock, day)
    lines = (f"UID:{uid}", f"SUMMARY:{title or uid}", f"DTSTART;TZID=Europe/Berlin:{starts:%Y%m%dT%H%M%S}")
    return "\n".join((*lines, "DURATION:PT30M", *more))


def take(house: House, *entries: str, actor: Actor | None = None, who: str = "miriam", **options: Any) -> ImportResult:
    """Preview, import, and hold the one against the other."""
    actor, data = actor or house.system, calendar(*entries)
    period = {"first": monday(), "last": monday() + timedelta(days=28)} | options
    with acting(actor):
        plan = plan_import(actor, house.calendars[who].id, data, **period)
        done = import_calendar(actor, house.calendars[who].id, data, **period)
    assert done == plan
    return done


def standing(house: House) -> list[str]:
    """What takes time in Miriam's calendar: entries by title, '+' where overbooked; appointments as such."""
    active = Occupancy.objects.filter(calendar=house.calendars["miriam"], active=True)
    lines = []
    for one in active.order_by("starts_at", "overbooked"):
        title = one.block.title if one.kind == Occupancy.Kind.BLOCK else one.kind
        begins = one.starts_at.astimezone(at("00:00").tzinfo)
        lines.append(f"{begins:%a %H:%M} {title}{'+' if one.overbooked else ''}")
    return lines


def logged() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM audit_entry")
        return int(cursor.fetchone()[0])


def test_entries_become_blocks(cast: Cast) -> None:
    result = take(cast.albers, entry("team", "09:00"), entry("visit", "11:00", "RRULE:FREQ=WEEKLY;COUNT=3"))
    assert len(result.made) == 4
    with acting(cast.albers.system):
        assert standing(cast.albers) == ["Mon 09:00 team", "Mon 11:00 visit", "Mon 11:00 visit", "Mon 11:00 visit"]
        block = Block.objects.get(uid="team", recurrence="")
        assert (block.starts_at, block.ends_at) == (at("09:00"), at("09:30"))
        assert block.calendar_import == CalendarImport.objects.get()


def test_a_preview_writes_nothing(cast: Cast) -> None:
    house = cast.albers
    with acting(house.system):
        before = logged()
        plan = plan_import(
            house.system, house.calendars["miriam"].id, calendar(entry("team", "09:00")), first=monday(), last=monday()
        )
        assert len(plan.made) == 1
        assert (Block.objects.count(), Occupancy.objects.count(), logged()) == (0, 0, before)


def test_the_same_file_again_changes_nothing(cast: Cast) -> None:
    entries = (entry("team", "09:00"), entry("over", "09:15"), entry("series", "14:00", "RRULE:FREQ=DAILY;COUNT=5"))
    take(cast.albers, *entries)
    with acting(cast.albers.system):
        before, blocks = logged(), set(Block.objects.values_list())
    again = take(cast.albers, *entries, replace=True)
    with acting(cast.albers.system):
        assert not again.changes_anything
        assert again.unchanged == 7
        assert (logged(), set(Block.objects.values_list())) == (before, blocks)
        assert CalendarImport.objects.count() == 1


def test_a_changed_entry_moves_and_keeps_its_block(cast: Cast) -> None:
    take(cast.albers, entry("team", "09:00"), entry("visit", "11:00"))
    with acting(cast.albers.system):
        former = Block.objects.get(uid="team")
    result = take(cast.albers, entry("team", "10:00", title="Team, later"), entry("visit", "11:00"))
    with acting(cast.albers.system):
        assert (len(result.moved), result.unchanged) == (1, 1)
        assert standing(cast.albers) == ["Mon 10:00 Team, later", "Mon 11:00 visit"]
        assert Block.objects.get(uid="team").id == former.id
        assert not Occupancy.objects.get(pk=former.occupancy_id).active


def by_hand(house: House, clock: str, *, who: str = "miriam", title: str = "team") -> Block:
    """Jana drags the entry."""
    actor = house.actor("jana")
    with acting(actor):
        block = Block.objects.get(title=title, occupancy__active=True)
        place = Place(house.calendars[who], at(clock), at(clock) + timedelta(minutes=30))
        return move_block(actor, block.pk, place)


def test_what_a_person_moved_by_hand_stays(cast: Cast) -> None:
    """The same file again, and one in which the entry has another time and title: it is said, and nothing is done."""
    house = cast.albers
    take(house, entry("team", "09:00"), entry("visit", "11:00"))
    by_hand(house, "15:00")
    for file in (entry("team", "09:00"), entry("team", "10:00"), entry("team", "10:00", title="Team, later")):
        again = take(house, file, entry("visit", "11:00"), replace=True)
        assert ([one.entry.uid for one in again.by_hand], again.unchanged, again.changes_anything) == (
            ["team"], 1, False,
        )  # fmt: skip
        with acting(house.system):
            assert standing(house) == ["Mon 11:00 visit", "Mon 15:00 team"]


def test_what_was_moved_back_is_led_by_the_file_again(cast: Cast) -> None:
    house, actor = cast.albers, cast.albers.actor("jana")
    take(house, entry("team", "09:00"))
    by_hand(house, "15:00")
    with acting(actor):
        undo(actor)
    assert take(house, entry("team", "09:00")).unchanged == 1
    assert len(take(house, entry("team", "10:00")).moved) == 1
    with acting(house.system):
        assert standing(house) == ["Mon 10:00 team"]


def test_what_was_moved_to_another_calendar_is_not_made_twice(cast: Cast) -> None:
    house = cast.albers
    take(house, entry("team", "09:00"))
    by_hand(house, "09:00", who="jonas")
    again = take(house, entry("team", "09:00"), replace=True)
    assert (len(again.by_hand), again.changes_anything) == (1, False)
    into_the_other = take(house, entry("team", "09:00"), who="jonas", replace=True)
    assert (len(into_the_other.by_hand), into_the_other.changes_anything) == (1, False)
    assert not take(house, entry("other", "20:00"), who="jonas", replace=True).retired, "another calendar's file"
    with acting(house.system):
        assert standing(house) == []
        assert Block.objects.get(uid="team").calendar == house.calendars["jonas"]


def test_cancelled_in_the_file_it_is_freed_wherever_it_stands(cast: Cast) -> None:
    house = cast.albers
    take(house, entry("team", "09:00"))
    by_hand(house, "15:00", who="jonas")
    assert len(take(house, entry("team", "09:00", "STATUS:CANCELLED")).retired) == 1
    take(house, entry("team", "09:30"))
    with acting(house.system):
        assert standing(house) == ["Mon 09:30 team"]
        assert Block.objects.filter(occupancy__active=True).count() == 1


def test_one_calendar_has_an_entry_once(cast: Cast) -> None:
    """The same file stands in both calendars: one of them does not move over the other."""
    house = cast.albers
    take(house, entry("team", "09:00"))
    take(house, entry("team", "09:00"), who="jonas")
    actor = house.actor("jana")
    with acting(actor):
        block = Block.objects.get(calendar=house.calendars["miriam"])
        place = Place(house.calendars["jonas"], at("15:00"), at("15:30"))
        with pytest.raises(FromACalendarFile):
            move_block(actor, block.pk, place)
    with acting(house.system):
        assert standing(house) == ["Mon 09:00 team"]


def test_a_new_title_leaves_the_time_alone(cast: Cast) -> None:
    take(cast.albers, entry("team", "09:00"))
    with acting(cast.albers.system):
        former = Occupancy.objects.get()
    result = take(cast.albers, entry("team", "09:00", title="Everybody"))
    with acting(cast.albers.system):
        assert len(result.retitled) == 1
        assert standing(cast.albers) == ["Mon 09:00 Everybody"]
        assert Occupancy.objects.get() == former


def test_entries_may_change_places(cast: Cast) -> None:
    take(cast.albers, entry("a", "09:00"), entry("b", "10:00"))
    take(cast.albers, entry("a", "10:00"), entry("b", "09:00"))
    with acting(cast.albers.system):
        assert standing(cast.albers) == ["Mon 09:00 b", "Mon 10:00 a"]


@pytest.mark.parametrize("ended", ["STATUS:CANCELLED", "TRANSP:TRANSPARENT"])
def test_what_no_longer_takes_time_is_freed_and_may_come_back(cast: Cast, ended: str) -> None:
    take(cast.albers, entry("team", "09:00"))
    result = take(cast.albers, entry("team", "09:00", ended))
    with acting(cast.albers.system):
        assert (len(result.retired), len(result.skipped)) == (1, 1)
        assert standing(cast.albers) == []
    assert not take(cast.albers, entry("team", "09:00", ended)).changes_anything
    assert len(take(cast.albers, entry("team", "09:00")).made) == 1
    with acting(cast.albers.system):
        assert standing(cast.albers) == ["Mon 09:00 team"]
        assert Block.objects.count() == 1


def test_what_is_gone_stays_unless_the_file_replaces(cast: Cast) -> None:
    later = entry("later", "09:00", day=monday(4))
    take(cast.albers, entry("team", "09:00"), entry("visit", "11:00"), later)
    kept = take(cast.albers, entry("visit", "11:00"), last=monday())
    with acting(cast.albers.system):
        assert ([block.uid for block in kept.missing], kept.retired) == (["team"], [])
        assert len(standing(cast.albers)) == 3
    replaced = take(cast.albers, entry("visit", "11:00"), last=monday(), replace=True)
    with acting(cast.albers.system):
        assert ([block.uid for block in replaced.retired], replaced.missing) == (["team"], [])
        assert standing(cast.albers) == ["Mon 11:00 visit", "Mon 09:00 later"]


def test_what_cannot_be_read_this_time_is_not_gone(cast: Cast) -> None:
    take(cast.albers, entry("team", "09:00"))
    result = take(cast.albers, entry("team", "09:00", "RRULE:FREQ=SOMETIMES"), replace=True)
    assert [problem.code for problem in result.problems] == ["unreadable_recurrence"]
    with acting(cast.albers.system):
        assert standing(cast.albers) == ["Mon 09:00 team"]


def test_replacing_touches_neither_appointments_nor_other_calendars(cast: Cast) -> None:
    house = cast.albers
    take(house, entry("team", "09:00"), who="jonas")
    book(house, "10:00", who="miriam")
    take(house, entry("visit", "15:00"), replace=True)
    with acting(house.system):
        assert standing(house) == ["Mon 10:00 appointment", "Mon 15:00 visit"]
        assert Occupancy.objects.filter(calendar=house.calendars["jonas"], active=True).count() == 1


@pytest.mark.req("CAL-8")
def test_entries_over_one_another_are_overbooked(cast: Cast) -> None:
    result = take(cast.albers, entry("b", "09:15"), entry("a", "09:00"), entry("c", "09:30"), entry("d", "10:00"))
    with acting(cast.albers.system):
        assert standing(cast.albers) == ["Mon 09:00 a", "Mon 09:15 b+", "Mon 09:30 c+", "Mon 10:00 d"]
    assert [(one.entry.uid, set(one.over)) for one in result.overbooked] == [("b", {"block"}), ("c", {"block"})]


@pytest.mark.req("CAL-8")
def test_an_entry_over_an_appointment_is_overbooked_and_said(cast: Cast) -> None:
    """A patient books between two imports: the appointment stays, the entry lies over it."""
    house = cast.albers
    take(house, entry("team", "09:00"))
    appointment = book(house, "10:00", who="miriam")
    hold(house, "14:00", who="miriam")
    result = take(house, entry("team", "10:30"), entry("long", "13:45"), entry("free", "16:00"))
    assert [(one.entry.uid, set(one.over)) for one in result.overbooked] == [
        ("team", {"appointment"}),
        ("long", {"hold"}),
    ]
    with acting(house.system):
        assert Appointment.objects.get().starts_at == appointment.starts_at
        assert standing(house) == [
            "Mon 10:00 appointment", "Mon 10:30 team+", "Mon 13:45 long+", "Mon 14:00 hold", "Mon 16:00 free",
        ]  # fmt: skip


def test_an_expired_hold_is_no_obstacle(cast: Cast) -> None:
    held = hold(cast.albers, "09:00", who="miriam")
    with acting(cast.albers.system), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE scheduling_occupancy SET expires_at = now() - interval '1 second' WHERE id = %s",
            [held.occupancy_id],
        )
    assert take(cast.albers, entry("team", "09:00")).overbooked == []
    with acting(cast.albers.system):
        assert standing(cast.albers) == ["Mon 09:00 team"]


@pytest.mark.req("CAL-8", "CAL-9")
def test_imported_time_is_not_offered(cast: Cast) -> None:
    house = cast.albers
    miriam = house.calendars["miriam"].id

    def offered() -> set[int]:
        with acting(house.visitor):
            found = free_times(house.visitor, house.types["call"], monday(), monday(), miriam)
            return {offer.start for offer in found.all()}

    free = offered()
    take(house, entry("team", "09:00"))
    taken = {minute_of(at(clock)) for clock in ("08:50", "09:00", "09:10", "09:20")}
    assert free - offered() == taken
    with pytest.raises((TimeTaken, NotOffered)):
        book(house, "09:00", who="miriam", kind="call")
    book(house, "09:30", who="miriam", kind="call")


def test_whole_days_and_endless_entries_take_their_time(cast: Cast) -> None:
    day = monday()
    take(
        cast.albers,
        f"UID:day\nDTSTART;VALUE=DATE:{day:%Y%m%d}",
        f"UID:ever\nDTSTART;VALUE=DATE:{day + timedelta(days=1):%Y%m%d}\nDTEND;VALUE=DATE:99991231",
    )
    with acting(cast.albers.visitor):
        found = free_times(cast.albers.visitor, cast.albers.types["call"], day, day + timedelta(days=4))
        offered = [one for one in found.all() if one.calendar_id == cast.albers.calendars["miriam"].id]
    assert offered == []
    with acting(cast.albers.system):
        assert Block.objects.get(uid="day").all_day
        assert Block.objects.get(uid="day").ends_at == at("00:00", day + timedelta(days=1))


def test_members_import_into_their_own_calendar_only(cast: Cast) -> None:
    house = cast.albers
    take(house, entry("a", "09:00"), actor=house.actor("jonas"), who="jonas")
    for name in ("jonas", "jana"):
        with pytest.raises(NotAllowed):
            take(house, entry("a", "09:00"), actor=house.actor(name), who="miriam")
    with acting(house.system):
        assert standing(house) == []


def test_a_foreign_calendar_is_refused_like_one_that_never_was(cast: Cast) -> None:
    data, day = calendar(entry("a", "09:00")), monday()
    for use_case in (plan_import, import_calendar):
        for calendar_id in (cast.brandt.calendars["berta"].id, new_id()):
            with acting(cast.albers.system), pytest.raises(NotFound):
                use_case(cast.albers.system, calendar_id, data, first=day, last=day)
    with acting(cast.brandt.system):
        assert Block.objects.count() == 0


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "not_a_calendar"),
        (b"\x89PNG\r\n\x1a\n", "not_a_calendar"),
        (calendar(), "no_entries"),
        (b" " * (32 * 1024**2 + 1), "too_large"),
    ],
)
def test_a_file_of_no_use_is_refused_even_to_replace(cast: Cast, data: bytes, code: str) -> None:
    house, day = cast.albers, monday()
    take(house, entry("team", "09:00"))
    with acting(house.system):
        with pytest.raises(UnusableFile) as refused:
            import_calendar(house.system, house.calendars["miriam"].id, data, first=day, last=day, replace=True)
        assert refused.value.problem.code == code
        assert standing(house) == ["Mon 09:00 team"]


@pytest.mark.parametrize("period", [(date(2030, 1, 2), date(2030, 1, 1)), (date(2030, 1, 1), date(9999, 12, 31))])
def test_a_period_must_be_one(cast: Cast, period: tuple[date, date]) -> None:
    with pytest.raises(NoPeriod):
        take(cast.albers, entry("a", "09:00"), first=period[0], last=period[1])


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_calendar_of_a_real_program_is_taken_and_taken_again(house: House, path: Path) -> None:
    """All that takes time in it; the second time nothing changes."""
    data, miriam = path.read_bytes(), house.calendars["miriam"].id
    period: dict[str, Any] = {"first": date(2018, 1, 1), "last": date(2020, 12, 31)}
    with acting(house.system):
        if b"VEVENT" not in data:
            with pytest.raises(UnusableFile):
                plan_import(house.system, miriam, data, **period)
            return
        plan = plan_import(house.system, miriam, data, **period)
        assert import_calendar(house.system, miriam, data, **period) == plan
        assert Occupancy.objects.filter(active=True).count() == len(plan.made)
        assert not import_calendar(house.system, miriam, data, **period).changes_anything
