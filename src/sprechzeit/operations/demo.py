"""The demo practice: six practitioners, five rooms, three weeks of days; made once, by the actions of any other.

The same every time, but for the dates: last week, this one and the next.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import cycle, product
from uuid import UUID

from django.utils import timezone
from django.utils.text import slugify

from sprechzeit.access.actor import Actor, ActorKind, system
from sprechzeit.access.table import Role
from sprechzeit.accounts.models import User
from sprechzeit.core.acting import acting
from sprechzeit.core.ids import new_id
from sprechzeit.messages.actions.reminders import Wanted, add_reminder
from sprechzeit.messages.template_events import Channel
from sprechzeit.operations.demo_neighbour import share_with_neighbour
from sprechzeit.operations.demo_partner import book_at_partner
from sprechzeit.operations.demo_people import (
    AWAY,
    FIRST_NAMES,
    KEEPS,
    KEPT,
    KINDS,
    LAST_NAMES,
    PEOPLE,
    REMARKS,
    ROOMS,
    SATURDAY,
    TEAM,
    Kind,
    Person,
    clock,
)
from sprechzeit.operations.demo_records import document_visits
from sprechzeit.patients.actions import Identity, find_or_add_patient
from sprechzeit.practice.actions import add_member, add_room, found_practice
from sprechzeit.practice.models import Member, Room, VideoService
from sprechzeit.scheduling.actions.absence import enter_absence
from sprechzeit.scheduling.actions.block import add_block
from sprechzeit.scheduling.actions.enter import Known, enter_appointments
from sprechzeit.scheduling.actions.hours import add_shift, set_week, set_working_hours
from sprechzeit.scheduling.actions.place import Place
from sprechzeit.scheduling.actions.seen import mark_seen
from sprechzeit.scheduling.actions.settings import add_calendar, add_type, offer_type
from sprechzeit.scheduling.models import AppointmentType, Attendance, Calendar, Source
from sprechzeit.scheduling.policy import visible_new_bookings
from sprechzeit.scheduling.queries.absence import Away
from sprechzeit.scheduling.week import EVERY_WEEK, Stretch, Week, Window

SLUG = "lindenhof"
PASSWORD = "sprechzeit-demo"  # noqa: S105 – of the demo practice, printed at every start
PATIENTS_EACH = 40
STEP = timedelta(minutes=15)
NOT_SEEN = 6


@dataclass
class House:
    """The demo practice while it is made."""

    actor: Actor
    rooms: dict[str, Room] = field(default_factory=dict)
    types: dict[str, AppointmentType] = field(default_factory=dict)
    calendars: dict[str, Calendar] = field(default_factory=dict)
    patients: dict[str, list[UUID]] = field(default_factory=dict)


def make_demo_practice() -> bool:
    """Make it unless an account exists already; returns whether it was made."""
    if User.objects.exists():
        return False
    house = House(system(new_id()))
    with acting(house.actor):
        _found(house)
        for person in PEOPLE:
            _settle(house, person)
        _add_patients(house)
        now = timezone.now()
        monday = _main_week(timezone.localdate(now))
        _make_exceptions(house, monday)
        enter_appointments(house.actor, list(_appointments(house, monday, now)))
        _leave_some_work(house)
        book_at_partner(house.actor, _as_member(house, "MA"), house.types, house.patients["MA"][0], monday)
        document_visits([_as_member(house, one) for one in ("JP", "MA")])
        away = next(person for person in PEOPLE if person.initials == AWAY)
        share_with_neighbour(house.actor, house.rooms[away.room], monday, PASSWORD)
    return True


def _as_member(house: House, initials: str) -> Actor:
    """Who works with a calendar: what they write is theirs."""
    member = house.calendars[initials].member
    assert member  # noqa: S101 - all calendars of the demo are somebody's
    return Actor(ActorKind.MEMBER, house.actor.practices, Role(member.role), member.pk)


def _found(house: House) -> None:
    found_practice(
        house.actor,
        "Praxis am Lindenhof",
        SLUG,
        street="Lindenallee 12",
        postcode="50668",
        town="Köln",
        phone="0221 4710 123",
        email="praxis@example.org",
        region="DE-NW",
        colour=7,
    )
    VideoService.objects.create(practice_id=house.actor.practice_id, is_on=True)
    add_reminder(house.actor, Wanted(24, Channel.EMAIL))
    for position, name in enumerate(ROOMS):
        house.rooms[name] = add_room(house.actor, name, position=position)
    for position, (key, kind) in enumerate(KINDS.items()):
        house.types[key] = _add_type(house.actor, kind, position)


def _add_type(actor: Actor, kind: Kind, position: int) -> AppointmentType:
    return add_type(
        actor,
        kind.name,
        duration=kind.duration,
        buffer_after=kind.after,
        grid=kind.grid,
        notice=kind.notice,
        online=kind.online,
        patients=kind.patients,
        location=kind.location,
        needs_room=not kind.location,
        price_cents=kind.price_cents,
        colour=kind.colour,
        position=position,
    )


def _settle(house: House, person: Person) -> None:
    """Make somebody a member, with calendar, hours and what they offer."""
    user = User.objects.create_user(person.email, PASSWORD, person.name)
    member: Member = add_member(
        house.actor, user, role=person.role, name=person.name, initials=person.initials, colour=person.colour
    )
    if not person.offers:
        return
    calendar = add_calendar(
        house.actor, person.name, person.initials, member=member, colour=person.colour, position=len(house.calendars)
    )
    house.calendars[person.initials] = calendar
    week = [(weekday, *block) for weekday, blocks in person.week.items() for block in blocks]
    set_working_hours(house.actor, calendar.id, week)
    for key in person.offers:
        offer_type(house.actor, house.types[key], calendar, [house.rooms[person.room]])


def _add_patients(house: House) -> None:
    """Each calendar's own, of all ages; the numbers are kept free for stories (Bundesnetzagentur)."""
    chance = random.Random(1)  # noqa: S311 – an example, not a secret
    names = [(first, last) for first in FIRST_NAMES for last in LAST_NAMES]
    chance.shuffle(names)
    people = iter(names)
    for initials, calendar in house.calendars.items():
        house.patients[initials] = [
            find_or_add_patient(
                house.actor,
                Identity(
                    first_name=first,
                    last_name=last,
                    date_of_birth=date(1945, 1, 1) + timedelta(days=chance.randrange(25_000)),
                    mobile=f"0171 39200{chance.randrange(100):02}",
                    email=f"{slugify(first)}.{slugify(last)}@example.org",
                ),
                belongs_to=calendar.member_id,
            ).id
            for _, (first, last) in zip(range(PATIENTS_EACH), people, strict=False)
        ]


def _main_week(today: date) -> date:
    """The Monday of the week that is worth looking at: at the weekend the next one."""
    return today - timedelta(days=today.weekday()) + timedelta(weeks=today.weekday() > 4)


def _make_exceptions(house: House, monday: date) -> None:
    """Somebody is away, somebody works on a Saturday, a morning is kept for new patients, a team meets."""
    away = Away(house.calendars[AWAY].id, _at(monday, 0), _at(monday + timedelta(days=5), 0), reason="Urlaub")
    enter_absence(house.actor, away)
    saturday = house.calendars[SATURDAY]
    add_shift(house.actor, saturday.id, monday + timedelta(days=12), clock(9), clock(13))
    keeper = next(person for person in PEOPLE if person.initials == KEEPS)
    working = tuple(Stretch(weekday, *block) for weekday, blocks in keeper.week.items() for block in blocks)
    kept = Window(*KEPT, (house.types["first"].id,))
    set_week(house.actor, house.calendars[KEEPS].id, Week(working=working, windows=(kept,)), former=EVERY_WEEK)
    for number, initials in product((2, 9), TEAM):
        noon = _at(monday + timedelta(days=number), clock(12.25))
        place = Place(house.calendars[initials], noon, noon + timedelta(minutes=30))
        add_block(house.actor, place, "Teambesprechung", key=f"demo team meeting {initials} {number}")


def _appointments(house: House, monday: date, now: datetime) -> Iterator[Known]:
    for person in PEOPLE:
        chance = random.Random(person.initials)  # noqa: S311
        patients = cycle(chance.sample(house.patients.get(person.initials, []), PATIENTS_EACH * bool(person.offers)))
        for number in range(-7, 14):
            if person.initials != AWAY or number not in range(5):
                yield from _day(house, person, monday + timedelta(days=number), now, patients, chance)


def _day(
    house: House, person: Person, day: date, now: datetime, patients: Iterator[UUID], chance: random.Random
) -> Iterator[Known]:
    """Fill working time: another appointment, or a quarter of an hour left free."""
    for begin, end in person.week.get(day.weekday(), ()):
        at, last = _at(day, begin), _at(day, end)
        while at < last:
            kept = person.initials == KEEPS and day.weekday() == KEPT[0] and at < _at(day, KEPT[2])
            key = "first" if kept else chance.choices(person.offers, [KINDS[one].weight for one in person.offers])[0]
            length = timedelta(minutes=KINDS[key].duration)
            if at + length > last or chance.random() > person.busy:
                at += STEP
                continue
            yield Known(
                calendar=house.calendars[person.initials],
                room=house.rooms[person.room] if house.types[key].needs_room else None,
                type=house.types[key],
                patient_id=next(patients),
                starts_at=at,
                ends_at=at + length,
                remark=chance.choice(REMARKS) if chance.random() < 0.1 else "",
                state=_state(at, at + length, now, chance),
                source=Source.ONLINE if chance.random() < 0.3 else Source.STAFF,
            )
            at += length + house.types[key].after


def _leave_some_work(house: House) -> None:
    """Of all online bookings the last six are not seen yet; two of their patients gave another e-mail address."""
    booked = list(visible_new_bookings(house.actor).select_related("patient").order_by("starts_at", "id"))
    mark_seen(house.actor, [one.pk for one in booked[:-NOT_SEEN]])
    for one in booked[-2:]:
        who = one.patient
        assert who.date_of_birth  # noqa: S101 – all of the demo have one
        email = f"{who.last_name.lower()}{who.number}@example.org"
        find_or_add_patient(
            house.actor, Identity(who.first_name, who.last_name, who.date_of_birth, email=email), belongs_to=None
        )


def _state(starts: datetime, ends: datetime, now: datetime, chance: random.Random) -> str:
    if ends <= now:
        return Attendance.State.NO_SHOW if chance.random() < 0.04 else Attendance.State.COMPLETED
    return Attendance.State.ARRIVED if starts <= now else ""


def _at(day: date, minute: int) -> datetime:
    return datetime.combine(day, time(), timezone.get_default_timezone()) + timedelta(minutes=minute)
