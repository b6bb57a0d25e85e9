"""The measured practices: the workloads' data as rows, and a practice whose 1,000 times are booked."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg

from sprechzeit.access.actor import Actor, system, visitor
from sprechzeit.core.acting import acting
from sprechzeit.core.ids import new_id, new_reference
from sprechzeit.practice.actions import add_room, found_practice
from sprechzeit.practice.models import Room
from sprechzeit.scheduling import availability
from sprechzeit.scheduling.actions.hours import set_working_hours
from sprechzeit.scheduling.actions.settings import add_calendar, add_type, offer_type
from sprechzeit.scheduling.models import AppointmentType, Calendar
from sprechzeit.scheduling.queries.availability import free_times

from .engine import FIRST_DAY, WEEK, ZONE, spans, weeks

Span = tuple[int, int]


@dataclass(frozen=True)
class House:
    """A practice of one type, with calendars and rooms."""

    slug: str
    system: Actor
    visitor: Actor
    type: AppointmentType
    calendars: Sequence[Calendar]
    rooms: Sequence[Room]


def make_house(slug: str, calendars: int, rooms: int, *, grid: int, own_room: bool = False) -> House:
    """Appointments of 30 minutes, Monday to Friday 08–12 and 13–17; all rooms for every calendar, or one for each."""
    actor = system(new_id())
    with acting(actor):
        found_practice(actor, slug, slug)
        appointment_type = add_type(
            actor, "Termin", duration=30, grid=grid, notice=0, horizon=365, needs_room=bool(rooms)
        )
        all_rooms = [add_room(actor, f"Raum {number}", position=number) for number in range(rooms)]
        all_calendars = []
        for number in range(calendars):
            calendar = add_calendar(actor, f"Kalender {number:02}", f"K{number}", position=number)
            set_working_hours(actor, calendar.id, [(one.weekday, one.start, one.end) for one in WEEK])
            offer_type(actor, appointment_type, calendar, all_rooms[number : number + 1] if own_room else all_rooms)
            all_calendars.append(calendar)
    return House(slug, actor, visitor(actor.practice_id), appointment_type, all_calendars, all_rooms)


def take(owner_url: str, house: House, rows: Sequence[tuple[Calendar, Room | None, Span]]) -> None:
    """Enter taken time as the owner, as a bulk import would: with constraints, trigger and log."""
    with psycopg.connect(owner_url) as connection, connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO scheduling_occupancy (id, practice_id, calendar_id, space_id, starts_at, ends_at, kind, "
            "active, overbooked) VALUES (%s, %s, %s, %s, %s, %s, 'appointment', true, false)",
            [
                (new_id(), house.system.practice_id, calendar.id, room and room.space_id, *map(instant, span))
                for calendar, room, span in rows
            ],
        )


def instant(minute: int) -> datetime:
    """The aware instant of a UTC minute."""
    return availability.instant_of(minute)


def one_practitioner(owner_url: str, work: dict[str, Any]) -> House:
    """W1."""
    house = make_house(f"w1-{new_reference().lower()}", 1, 0, grid=15)
    take(owner_url, house, [(house.calendars[0], None, span) for span in spans(work["w1"])])
    return house


def many_practitioners(owner_url: str, work: dict[str, Any], *, rooms: bool) -> House:
    """W2. The rooms are taken by calendars that do not offer the type."""
    house = make_house("w2" if rooms else "w2-without-rooms", 20, 6 if rooms else 0, grid=15)
    rows: list[tuple[Calendar, Room | None, Span]] = [
        (calendar, None, span)
        for calendar, taken in zip(house.calendars, work["w2_practitioners"], strict=True)
        for span in spans(taken)
    ]
    if rooms:
        with acting(house.system):
            others = [add_calendar(house.system, f"Gast {number}", f"G{number}") for number in range(6)]
        for other, room, taken in zip(others, house.rooms, work["w2_rooms"], strict=True):
            rows += [(other, room, span) for span in spans(taken)]
    take(owner_url, house, rows)
    return house


def all_starts(actor: Actor, appointment_type: AppointmentType, last_day: date) -> list[availability.Offer]:
    """All free starts from the workloads' first day on, as on that day: the answers hold in whatever year this runs."""
    free = free_times(actor, appointment_type, FIRST_DAY, last_day)
    return replace(free, now=weeks(1)[0]).all()


@dataclass(frozen=True)
class Time:
    """A bookable time: the button's value on the page of times."""

    calendar_id: UUID
    starts_at: datetime
    value: str


def bookable(house: House, count: int) -> list[Time]:
    """`count` times from next week on, equally many of each calendar, in the order of time."""
    today = datetime.now(ZONE).date()
    monday = today + timedelta(days=7 - today.weekday())
    days = (monday + timedelta(days=7 * week + day) for week in itertools.count() for day in range(5))
    clocks = [minute for begin, end in ((480, 720), (780, 1020)) for minute in range(begin, end, 30)]
    midnights = (datetime(day.year, day.month, day.day, tzinfo=ZONE) for day in days)
    starts = (midnight.replace(hour=clock // 60, minute=clock % 60) for midnight in midnights for clock in clocks)
    every = ((calendar, start.astimezone(UTC)) for start in starts for calendar in house.calendars)
    return [
        Time(calendar.id, start, f"{start:%Y%m%dT%H%MZ}~{calendar.reference}")
        for calendar, start in itertools.islice(every, count)
    ]
