"""The pages of the appointment book: who sees what in them, and what stands behind it (CAL-13)."""

import re
from datetime import date, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from sprechzeit.core.acting import acting
from sprechzeit.core.ids import new_id
from sprechzeit.scheduling.actions.cancel import cancel_appointment
from sprechzeit.scheduling.actions.settings import add_calendar
from sprechzeit.scheduling.book_page.columns import lanes
from sprechzeit.scheduling.models import (
    Absence,
    Appointment,
    Attendance,
    Block,
    BookingWindow,
    BookingWindowType,
    Calendar,
    Cancellation,
    Occupancy,
    OpenHoliday,
    Shift,
    WorkingHours,
)
from sprechzeit.scheduling.queries.book import Book, Entry, Ground, read_book
from tests.support.cast import Cast, House, at, book, monday

pytestmark = pytest.mark.req("CAL-13")


def read(house: House, name: str, *days: date, rooms: bool = False, cancelled: bool = False) -> Book:
    """The book as a member reads it; next week's Monday unless other days are given."""
    actor = house.actor(name)
    with acting(actor), translation.override("en"):
        return read_book(actor, days or [monday()], rooms=rooms, cancelled=cancelled)


def titles(book_: Book) -> set[tuple[str, str]]:
    return {(entry.kind, entry.title) for entry in book_.entries}


def page(house: House, name: str, address: str) -> str:
    """A page as a member is shown it."""
    client = Client()
    client.force_login(house.user(name))
    answer = client.get(address, headers={"accept-language": "en"})
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


ADDRESSES = ["/?day={}", "/?day={}&view=rooms", "/?day={}&view=week", "/?day={}&view=list", "/print/?day={}"]


# --- Who sees what --------------------------------------------------------------------------------------------------


def test_a_practitioner_sees_a_colleagues_appointment_as_busy(cast: Cast) -> None:
    book(cast.albers, "09:00", who="miriam")
    assert titles(read(cast.albers, "jana")) == {("appointment", "Sommer")}
    assert titles(read(cast.albers, "jonas")) == {("busy", "Busy")}


@pytest.mark.parametrize("address", ADDRESSES)
def test_no_page_tells_a_practitioner_of_a_colleagues_patient(cast: Cast, address: str) -> None:
    appointment = book(cast.albers, "09:00", who="miriam")
    shown = page(cast.albers, "jana", address.format(monday()))
    assert "Sommer" in shown
    kept = page(cast.albers, "jonas", address.format(monday()))
    assert "Sommer" not in kept
    assert str(appointment.id) not in kept


@pytest.mark.req("COM-3")
@pytest.mark.parametrize("address", ADDRESSES)
def test_the_other_practice_learns_nothing_but_that_the_shared_room_is_taken(cast: Cast, address: str) -> None:
    house = cast.albers
    with acting(house.system):
        house.types["talk"].offerings.get(calendar=house.calendars["miriam"]).rooms.filter(
            room=house.rooms["own"]
        ).delete()
    appointment = book(house, "09:00", who="miriam")
    assert appointment.room_id == house.rooms["shared"].id
    seen = page(cast.brandt, "berta", address.format(monday()))
    assert not {"Sommer", "Miriam", "Albers", str(appointment.id)} & set(re.findall(r"[\w-]+", seen))
    assert ("Room taken" in seen) == ("rooms" in address)
    assert read(cast.brandt, "berta", rooms=True).elsewhere == {
        cast.brandt.rooms["shared"].id: [((local("09:00"), local("10:00")), "")]
    }


def local(clock: str) -> int:
    """A local minute of next week's Monday."""
    hours, minutes = map(int, clock.split(":"))
    return (monday() - date(1970, 1, 1)).days * 1440 + hours * 60 + minutes


def test_our_own_time_in_a_shared_room_is_not_anothers(cast: Cast) -> None:
    book(cast.albers, "09:00", who="miriam")
    book(cast.albers, "09:00", who="jonas", last_name="Winter")
    found = read(cast.albers, "jana", rooms=True)
    assert {entry.room_id for entry in found.entries} == {str(room.id) for room in cast.albers.rooms.values()}
    assert found.elsewhere == {}


def test_only_who_may_move_an_entry_is_told_how(cast: Cast) -> None:
    appointment = book(cast.albers, "09:00", who="miriam")
    book(cast.albers, "09:00", who="jonas", last_name="Winter")
    assert {entry.movable for entry in read(cast.albers, "jana").entries} == {True}
    assert [entry.movable for entry in read(cast.albers, "jonas").entries if entry.title == "Winter"] == [True]
    assert f'data-place="/appointments/{appointment.id}/place/"' in page(cast.albers, "jana", f"/?day={monday()}")
    assert f"/appointments/{appointment.id}/" not in page(cast.albers, "jonas", f"/?day={monday()}")


# --- What entries say -----------------------------------------------------------------------------------------------


@pytest.mark.req("CAL-7", "CAL-23")
def test_state_and_marks_stand_on_the_appointment(cast: Cast) -> None:
    house = cast.albers
    appointment = book(house, "09:00")
    with acting(house.system):
        Attendance.objects.create(
            practice_id=house.practice.id, appointment=appointment, state="arrived", recorded_by="system"
        )
        Appointment.objects.filter(pk=appointment.pk).update(told_starts_at=at("08:00"), location="video")
        Occupancy.objects.filter(pk=appointment.occupancy_id).update(overbooked=True)
    (entry,) = read(house, "jana").entries
    assert (entry.state, entry.marks) == ("arrived", ("overbooked", "untold", "video"))
    assert (entry.starts, entry.ends, entry.minutes) == (local("09:00"), local("09:50"), 50)


@pytest.mark.req("CAL-7")
def test_a_cancelled_appointment_stands_in_the_list_alone_with_its_reason(cast: Cast) -> None:
    house = cast.albers
    appointment = book(house, "09:00")
    with acting(house.system):
        Occupancy.objects.filter(pk=appointment.occupancy_id).update(active=False)
        Cancellation.objects.create(
            practice_id=house.practice.id, appointment=appointment, reason="Krank geworden", cancelled_by="system"
        )
    assert read(house, "jana").entries == []
    (entry,) = read(house, "jana", cancelled=True).entries
    assert (entry.state, entry.reason, entry.movable) == ("cancelled", "Krank geworden", False)
    assert "Krank geworden" in page(house, "jana", f"/?day={monday()}&view=list")
    assert "Sommer" not in page(house, "jana", f"/?day={monday()}")


def test_a_retired_calendar_is_there_on_days_on_which_it_has_something(cast: Cast) -> None:
    house = cast.albers
    book(house, "09:00", who="jonas")
    with acting(house.system):
        Calendar.objects.filter(pk=house.calendars["jonas"].pk).update(retired_at=timezone.now())
    names = [one.name for one in read(house, "jana").calendars]
    assert names == ["Miriam Albers", "Jonas Petersen"]
    assert [one.name for one in read(house, "jana", monday(2)).calendars] == ["Miriam Albers"]


def entry(starts: int, ends: int) -> Entry:
    return Entry("busy", str(new_id()), None, starts, ends, ends - starts, again=False, title="")


@pytest.mark.parametrize(
    ("spans", "places"),
    [
        ([(0, 10), (10, 20)], [(0, 1), (0, 1)]),
        ([(0, 10), (5, 15), (10, 20)], [(0, 2), (1, 2), (0, 2)]),
        ([(0, 30), (5, 10), (12, 20), (30, 40)], [(0, 2), (1, 2), (1, 2), (0, 1)]),
        ([], []),
    ],
)
def test_what_overlaps_stands_side_by_side(spans: list[tuple[int, int]], places: list[tuple[int, int]]) -> None:
    assert lanes([entry(*span) for span in spans]) == places


# --- The clock ------------------------------------------------------------------------------------------------------

AUTUMN, SPRING = date(2026, 10, 25), date(2027, 3, 28)


def block(house: House, starts: str, ends: str) -> None:
    """A block between two UTC times."""
    with acting(house.system):
        begin, end = (datetime.fromisoformat(one) for one in (starts, ends))
        shared = {"practice_id": house.practice.id, "calendar": house.calendars["miriam"]}
        occupancy = Occupancy.objects.create(**shared, starts_at=begin, ends_at=end, kind="block")
        Block.objects.create(**shared, occupancy=occupancy, starts_at=begin, ends_at=end, title="Nacht")


def test_an_hour_that_comes_twice_is_told_apart(cast: Cast) -> None:
    block(cast.albers, "2026-10-25T00:30+00:00", "2026-10-25T00:50+00:00")
    block(cast.albers, "2026-10-25T01:30+00:00", "2026-10-25T01:50+00:00")
    first, second = read(cast.albers, "jana", AUTUMN).entries
    assert first.starts % 1440 == second.starts % 1440 == 150
    assert (first.again, second.again) == (False, True)


def test_across_a_change_of_the_clock_an_entry_keeps_its_true_length(cast: Cast) -> None:
    block(cast.albers, "2027-03-28T00:30+00:00", "2027-03-28T01:30+00:00")
    (found,) = read(cast.albers, "jana", SPRING).entries
    assert (found.starts % 1440, found.ends % 1440, found.minutes) == (90, 210, 60)


def test_what_passes_midnight_stands_on_both_days(cast: Cast) -> None:
    begin = at("23:00")
    end = begin + timedelta(hours=2)
    block(cast.albers, begin.isoformat(), end.isoformat())
    for day, clock in ((monday(), "t192"), (monday() + timedelta(days=1), "t0")):
        found = re.search(r'class="(entry block [^"]+)"', page(cast.albers, "jana", f"/?day={day}"))
        assert found
        assert clock in found[1].split()


# --- Behind the entries ---------------------------------------------------------------------------------------------


def ground_of(house: House, day: date) -> Ground:
    return read(house, "jana", day).grounds[house.calendars["miriam"].id, day]


@pytest.mark.req("CAL-2")
def test_a_shift_replaces_the_pattern_and_runs_into_the_next_day(cast: Cast) -> None:
    house = cast.albers
    assert ground_of(house, monday()).working == [(480, 720), (780, 1020)]
    with acting(house.system):
        Shift.objects.create(
            practice_id=house.practice.id, calendar=house.calendars["miriam"], works_on=monday(), starts=1320, ends=1560
        )
    assert ground_of(house, monday()).working == [(1320, 1440)]
    assert ground_of(house, monday() + timedelta(days=1)).working == [(0, 120), (480, 720), (780, 1020)]


@pytest.mark.req("CAL-2")
def test_hours_of_every_other_week_are_there_every_other_week(cast: Cast) -> None:
    house = cast.albers
    with acting(house.system):
        WorkingHours.objects.filter(calendar=house.calendars["miriam"]).delete()
        WorkingHours.objects.create(
            practice_id=house.practice.id, calendar=house.calendars["miriam"], weekday=0, starts=540, ends=600,
            valid_from=monday(1) - timedelta(days=3), valid_until=monday(5), every_weeks=2,
        )  # fmt: skip
    found = [bool(ground_of(house, monday(week)).working) for week in range(8)]
    assert found == [False, False, True, False, True, False, False, False]


@pytest.mark.req("CAL-3")
def test_an_absence_says_why_and_until_when(cast: Cast) -> None:
    house = cast.albers
    with acting(house.system):
        Absence.objects.create(
            practice_id=house.practice.id, calendar=house.calendars["miriam"], reason="Urlaub",
            starts_at=at("00:00"), ends_at=at("00:00", monday() + timedelta(days=5)),
        )  # fmt: skip
    friday = monday() + timedelta(days=4)
    assert f"Urlaub until {friday.day} {friday:%b}" in page(house, "jana", f"/?day={monday()}")
    assert f"Urlaub until {friday.day} {friday:%b}" not in page(house, "jana", f"/?day={monday(2)}")
    assert "Urlaub" not in page(cast.brandt, "berta", f"/?day={monday()}")


@pytest.mark.req("CAL-3")
def test_a_public_holiday_closes_the_practice_unless_it_works(cast: Cast) -> None:
    house = cast.albers
    with acting(house.system):
        house.practice.region = "DE-NW"
        house.practice.save(update_fields=["region"])
    corpus_christi = date(2027, 5, 27)
    assert list(read(house, "jana", corpus_christi).holidays) == [corpus_christi]
    with acting(house.system):
        OpenHoliday.objects.create(practice_id=house.practice.id, open_on=corpus_christi)
    assert read(house, "jana", corpus_christi).holidays == {}


@pytest.mark.req("CAL-4")
def test_kept_time_says_for_what(cast: Cast) -> None:
    house = cast.albers
    with acting(house.system):
        window = BookingWindow.objects.create(practice_id=house.practice.id, weekday=0, starts=540, ends=600)
        BookingWindowType.objects.create(practice_id=house.practice.id, window=window, type=house.types["talk"])
    assert page(house, "jana", f"/?day={monday()}").count("Only Gespräch") == 2
    assert "Only Gespräch" not in page(house, "jana", f"/?day={monday() + timedelta(days=1)}")


# --- The pages ------------------------------------------------------------------------------------------------------


def statements(house: House, address: str) -> int:
    client = Client()
    client.force_login(house.user("jana"))
    client.get(address)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    return len(captured)


@pytest.mark.parametrize("address", ADDRESSES)
def test_twenty_columns_take_as_many_statements_as_two(cast: Cast, address: str) -> None:
    house = cast.albers
    book(house, "09:00", who="miriam")
    few = statements(house, address.format(monday()))
    with acting(house.system):
        for number in range(18):
            add_calendar(house.system, f"Stuhl {number}", f"S{number}", position=number + 5)
    for clock in ("10:00", "11:00", "13:00"):
        book(house, clock, who="miriam", last_name=f"Winter{clock[:2]}")
    assert statements(house, address.format(monday())) == few


def sections(html: str) -> list[dict[str, str]]:
    """The data of each column."""
    return [
        dict(re.findall(r'(data-[\w-]+)="([^"]*)"', one)) for one in re.findall(r'<section class="column[^>]+>', html)
    ]


@pytest.mark.req("CAL-14")
@pytest.mark.parametrize("view", ["day", "rooms", "week"])
def test_a_column_fetched_anew_is_the_same_column(cast: Cast, view: str) -> None:
    house = cast.albers
    book(house, "09:00")
    book(house, "10:00", kind="call", last_name="Winter")
    html = page(house, "jana", f"/?day={monday()}&view={view}")
    ids = re.findall(r'<section class="column[^>]* id="([^"]+)"', html)
    assert len(ids) == len(set(ids)) == {"day": 2, "rooms": 3, "week": 5}[view]
    for id_, data in zip(ids, sections(html), strict=True):
        fresh = page(house, "jana", data["data-url"].replace("&amp;", "&"))
        assert f'id="{id_}"' in fresh
        (again,) = sections(fresh)
        assert again == data
        assert re.findall(r'class="(entry[^"]+)"', fresh) == re.findall(
            r'class="(entry[^"]+)"', html[html.index(f'id="{id_}"') :].partition("</section>")[0]
        )


@pytest.mark.req("CAL-14")
def test_a_retired_calendars_column_loses_its_last_appointment(cast: Cast) -> None:
    house, address = cast.albers, f"/columns/{cast.albers.calendars['jonas'].id}/?day={monday()}&hours=7-20"
    appointment = book(house, "09:00", who="jonas")
    with acting(house.system):
        Calendar.objects.filter(pk=house.calendars["jonas"].pk).update(retired_at=timezone.now())
    assert "entry appointment" in page(house, "jana", address)
    with acting(house.system):
        cancel_appointment(house.system, appointment.id)
    assert "entry" not in page(house, "jana", address)


def test_a_week_shows_its_weekend_only_if_something_is_there(cast: Cast) -> None:
    house = cast.albers
    assert len(sections(page(house, "jana", f"/?day={monday()}&view=week"))) == 5
    saturday = monday() + timedelta(days=5)
    block(house, f"{saturday}T09:00+00:00", f"{saturday}T10:00+00:00")
    days = [one["data-day"] for one in sections(page(house, "jana", f"/?day={monday()}&view=week"))]
    assert days[-1] == str(saturday)
    assert len(days) == 6


def test_a_type_set_aside_stays_in_the_book_and_the_address_remembers(cast: Cast) -> None:
    house = cast.albers
    book(house, "09:00")
    html = page(house, "jana", f"/?day={monday()}&hide={house.types['talk'].id}")
    (classes,) = re.findall(r'class="(entry appointment[^"]+)"', html)
    assert "aside" in classes.split()
    assert html.count(f"hide={house.types['talk'].id}") > 10
    (plain,) = re.findall(r'class="(entry appointment[^"]+)"', page(house, "jana", f"/?day={monday()}"))
    assert "aside" not in plain.split()


@pytest.mark.req("CAL-20")
def test_the_day_on_paper_has_a_sheet_for_each_calendar_and_says_who_printed_it(cast: Cast) -> None:
    house = cast.albers
    appointment = book(house, "09:00", who="miriam")
    book(house, "10:00", who="jonas", last_name="Winter")
    with acting(house.system):
        Appointment.objects.filter(pk=appointment.pk).update(remark="Nahe der Tür")
    html = page(house, "jana", f"/print/?day={monday()}")
    assert html.count('class="card day-list"') == 2
    assert "by Jana Albrecht" in html
    assert "Nahe der Tür" not in html
    assert "Nahe der Tür" in page(house, "jana", f"/print/?day={monday()}&remarks=1")
    one = page(house, "jana", f"/print/?day={monday()}&calendar={house.calendars['jonas'].id}")
    assert "Winter" in one
    assert "Sommer" not in one


@pytest.mark.parametrize(
    "query", ["view=month", "calendar=nonsense", "calendar={other}&view=week", "calendar={other}&view=list", "hide=x"]
)
def test_what_the_address_cannot_mean_is_not_found(cast: Cast, query: str) -> None:
    client = Client()
    client.force_login(cast.albers.user("jana"))
    assert client.get("/?" + query.format(other=cast.brandt.calendars["berta"].id)).status_code == 404
    assert client.get(f"/print/?calendar={cast.brandt.calendars['berta'].id}").status_code == 404
    assert client.get(f"/columns/{cast.brandt.calendars['berta'].id}/").status_code == 404
