"""The demo practice: one practitioner, one calendar, a room, two types; made once, by the actions of any other."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import cycle
from uuid import UUID

from django.utils import timezone

from sprechzeit.access.actor import system
from sprechzeit.access.actor import visitor as visitor_of
from sprechzeit.access.table import Role
from sprechzeit.accounts.models import User
from sprechzeit.core.acting import acting
from sprechzeit.core.ids import new_id
from sprechzeit.patients.actions import Identity
from sprechzeit.practice.actions import add_member, add_room, found_practice
from sprechzeit.scheduling.actions.book import Details, book_held_time
from sprechzeit.scheduling.actions.hold import hold_time, hold_token
from sprechzeit.scheduling.actions.settings import add_calendar, add_type, offer_type, set_working_hours
from sprechzeit.scheduling.models import AppointmentType

SLUG = "lindenhof"
PASSWORD = "sprechzeit-demo"  # noqa: S105 – of the demo practice, printed at every start
MORNING, NOON, AFTERNOON, EVENING = 8 * 60, 12 * 60, 13 * 60, 17 * 60


CLOCKS = ("09:00", "10:00", "11:00", "14:00", "16:00")
PATIENTS = (
    ("Thomas", "Krüger", "1968-05-02"),
    ("Elif", "Yıldız", "1991-11-17"),
    ("Jens", "Brandt", "1977-01-30"),
    ("Katharina", "Vogt", "1985-08-09"),
    ("Can", "Özdemir", "2001-02-21"),
    ("Ute", "Lindner", "1959-12-05"),
    ("Łukasz", "Nowak", "1988-07-14"),
    ("Mona", "Ritter", "1994-03-28"),
    ("Henry", "Wolff", "1972-10-11"),
    ("Lea", "Kühn", "1999-06-01"),
    ("Peter", "Lorenz", "1963-09-19"),
    ("Amira", "Haddad", "1990-04-07"),
    ("Stefan", "Fuchs", "1981-02-13"),
    ("Greta", "Otto", "1996-08-25"),
    ("Felix", "Maurer", "1975-05-16"),
)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who works in the demo practice."""

    email: str
    name: str
    initials: str
    role: Role
    colour: int


PEOPLE = (
    Person("miriam.albers@example.org", "Dr. Miriam Albers", "MA", Role.ADMINISTRATOR, 3),
    Person("jana.albrecht@example.org", "Jana Albrecht", "JA", Role.SECRETARY, 2),
)


def make_demo_practice() -> bool:
    """Make it unless an account exists already; returns whether it was made."""
    if User.objects.exists():
        return False
    actor = system(new_id())
    with acting(actor):
        found_practice(
            actor,
            "Praxis am Lindenhof",
            SLUG,
            street="Lindenallee 12",
            postcode="50668",
            town="Köln",
            phone="0221 555 0123",
            email="praxis@example.org",
            colour=7,
        )
        members = [
            add_member(
                actor,
                User.objects.create_user(person.email, PASSWORD, person.name),
                role=person.role,
                name=person.name,
                initials=person.initials,
                colour=person.colour,
            )
            for person in PEOPLE
        ]
        room = add_room(actor, "Raum 1")
        calendar = add_calendar(actor, PEOPLE[0].name, PEOPLE[0].initials, member=members[0], colour=3)
        week = [(day, *block) for day in range(5) for block in ((MORNING, NOON), (AFTERNOON, EVENING))]
        set_working_hours(actor, calendar.id, week)
        first = add_type(actor, "Erstgespräch", duration=50, buffer_after=10, grid=30, colour=1, position=1)
        therapy = add_type(actor, "Einzeltherapie", duration=50, buffer_after=10, grid=30, colour=3, position=2)
        for one in (first, therapy):
            offer_type(actor, one, calendar, [room])
        _book_some(actor.practice_id, [therapy, first])
    return True


def _book_some(practice_id: UUID, types: list[AppointmentType]) -> None:
    """A few appointments on the next three working days, as patients would have booked them; without mails."""
    visitor = visitor_of(practice_id)
    days = [day for day in (timezone.localdate() + timedelta(days=ahead) for ahead in range(1, 8)) if day.weekday() < 5]
    patients = iter(PATIENTS)
    with acting(visitor):
        for day in days[:3]:
            for kind, clock in zip(cycle(types), CLOCKS, strict=False):
                starts = datetime.combine(day, time.fromisoformat(clock), timezone.get_default_timezone())
                first, last, born = next(patients)
                name = f"{first} {last}"
                hold = hold_time(visitor, kind, None, starts, address=name, form=name)
                identity = Identity(first_name=first, last_name=last, date_of_birth=date.fromisoformat(born))
                book_held_time(visitor, hold_token(hold.id), Details(identity))
