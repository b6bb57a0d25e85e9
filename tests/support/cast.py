"""Who is who in the tests, in one place.

*Albers* is a practice of three: Miriam Albers (administrator, has a calendar), Jonas Petersen (practitioner, has a
calendar) and Jana (secretary). It works Monday to Friday, 08–12 and 13–17, in one own room and the shared one.
*Brandt* is another practice, one practitioner, who uses the same physical room as Albers' shared one. Neither
practice may ever see anything of the other but that the shared room is taken.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.auth.hashers import Argon2PasswordHasher
from django.utils import timezone

from sprechzeit.access.actor import Actor, ActorKind, system, visitor
from sprechzeit.access.table import Role
from sprechzeit.accounts.models import User
from sprechzeit.core.acting import acting
from sprechzeit.core.ids import new_id
from sprechzeit.patients.actions import Identity
from sprechzeit.practice.actions import add_member, add_room, found_practice
from sprechzeit.practice.models import Member, Practice, Room
from sprechzeit.scheduling.actions.book import Details, book_held_time
from sprechzeit.scheduling.actions.hold import hold_time, hold_token
from sprechzeit.scheduling.actions.hours import set_working_hours
from sprechzeit.scheduling.actions.settings import add_calendar, add_type, offer_type
from sprechzeit.scheduling.models import Appointment, AppointmentType, Calendar, Hold

BERLIN = ZoneInfo("Europe/Berlin")
PASSWORD = "ein langes Kennwort"
WEEK = [(day, *block) for day in range(5) for block in ((8 * 60, 12 * 60), (13 * 60, 17 * 60))]


def monday(weeks: int = 1) -> date:
    """A Monday ahead, the first or a later one: three days away at least, past every notice and deadline."""
    soonest = timezone.now().astimezone(BERLIN).date() + timedelta(days=3)
    return soonest + timedelta(days=-soonest.weekday() % 7, weeks=weeks - 1)


def at(clock: str, day: date | None = None) -> datetime:
    """'09:30' in Berlin on a day (next week's Monday without one)."""
    hour, minute = map(int, clock.split(":"))
    return datetime.combine(day or monday(), datetime.min.time(), BERLIN).replace(hour=hour, minute=minute)


@dataclass
class House:
    """A practice with its people and things, and the actors they are."""

    practice: Practice
    system: Actor
    visitor: Actor
    members: dict[str, Member] = field(default_factory=dict)
    rooms: dict[str, Room] = field(default_factory=dict)
    calendars: dict[str, Calendar] = field(default_factory=dict)
    types: dict[str, AppointmentType] = field(default_factory=dict)

    def actor(self, name: str) -> Actor:
        """One of the people as an actor."""
        member = self.members[name]
        return Actor(ActorKind.MEMBER, (self.practice.id,), Role(member.role), member.id)

    def user(self, name: str) -> User:
        """The account of one of the people; its password is `PASSWORD`."""
        return self.members[name].user


@dataclass
class Cast:
    """Everybody."""

    albers: House
    brandt: House


def make_house(name: str, slug: str, people: list[tuple[str, str, str]]) -> House:
    """Found a practice with members (key, name, role); practitioners and administrators get a calendar."""
    actor = system(new_id())
    with acting(actor):
        practice = found_practice(
            actor, name, slug, street="Hauptstraße 1", postcode="50667", town="Köln", phone="0221 555 0100",
            email=f"praxis@{slug}.example.org",
        )  # fmt: skip
        house = House(practice, actor, visitor(practice.id))
        for key, full_name, role in people:
            user = User.objects.create_user(f"{key}@{slug}.example.org", PASSWORD, full_name)
            initials = "".join(part[0] for part in full_name.split()[-2:])
            house.members[key] = add_member(actor, user, role=role, name=full_name, initials=initials)
    return house


def furnish(house: House, *, shared: Room | None = None) -> None:
    """Rooms, calendars and types: 'talk' (50 minutes, 10 after, own room first) and 'call' (20 minutes, no room)."""
    actor = house.system
    with acting(actor):
        house.rooms["own"] = add_room(actor, "Raum 1")
        house.rooms["shared"] = add_room(actor, "Raum 2", space_id=shared.space_id if shared else None)
        talk = add_type(actor, "Gespräch", duration=50, buffer_after=10, grid=30)
        call = add_type(actor, "Telefonat", duration=20, grid=10, needs_room=False, position=1)
        house.types |= {"talk": talk, "call": call}
        for key, member in house.members.items():
            if member.role == Role.SECRETARY:
                continue
            calendar = add_calendar(actor, member.name, member.initials, member=member, position=len(house.calendars))
            house.calendars[key] = calendar
            set_working_hours(actor, calendar.id, WEEK)
            offer_type(actor, talk, calendar, [house.rooms["own"], house.rooms["shared"]])
            offer_type(actor, call, calendar)


def make_cast() -> Cast:
    """Both practices, in the current database."""
    albers = make_house(
        "Praxis Albers",
        "albers",
        [
            ("miriam", "Miriam Albers", Role.ADMINISTRATOR),
            ("jonas", "Jonas Petersen", Role.PRACTITIONER),
            ("jana", "Jana Albrecht", Role.SECRETARY),
        ],
    )
    furnish(albers)
    brandt = make_house("Praxis Brandt", "brandt", [("berta", "Berta Brandt", Role.ADMINISTRATOR)])
    furnish(brandt, shared=albers.rooms["shared"])
    return Cast(albers, brandt)


def identity(**changes: Any) -> Identity:
    """Paula Sommer, unless changed."""
    facts: dict[str, Any] = {
        "first_name": "Paula",
        "last_name": "Sommer",
        "date_of_birth": date(1985, 3, 24),
        "email": "paula@example.org",
    }
    return Identity(**(facts | changes))


def hold(
    house: House, clock: str, *, who: str = "", kind: str = "talk", day: date | None = None, key: str = ""
) -> Hold:
    """Keep a time, as a visitor of the booking page."""
    calendar = house.calendars[who or next(iter(house.calendars))]
    with acting(house.visitor):
        return hold_time(
            house.visitor, house.types[kind], calendar.id, at(clock, day), address=key or str(new_id()),
            form=key or str(new_id()),
        )  # fmt: skip


def book(
    house: House, clock: str, *, who: str = "", kind: str = "talk", day: date | None = None, **person: Any
) -> Appointment:
    """Book a time online: hold and details."""
    held = hold(house, clock, who=who, kind=kind, day=day)
    with acting(house.visitor):
        return book_held_time(house.visitor, hold_token(held.id), Details(identity(**person)))


def may_sign_in(user: User) -> None:
    """With the password, at a program that runs by itself: it hashes in earnest, the tests' own process does not."""
    hasher = Argon2PasswordHasher()
    user.password = hasher.encode(PASSWORD, hasher.salt())
    user.save()
