"""The demo practice: one practitioner, one calendar, a room, two types; made once, by the actions of any other."""

from dataclasses import dataclass

from sprechzeit.access.actor import system
from sprechzeit.access.table import Role
from sprechzeit.accounts.models import User
from sprechzeit.core.acting import acting
from sprechzeit.core.ids import new_id
from sprechzeit.practice.actions import add_member, add_room, found_practice
from sprechzeit.scheduling.actions.settings import add_calendar, add_type, offer_type, set_working_hours

SLUG = "lindenhof"
PASSWORD = "sprechzeit-demo"  # noqa: S105 – of the demo practice, printed at every start
MORNING, NOON, AFTERNOON, EVENING = 8 * 60, 12 * 60, 13 * 60, 17 * 60


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
    return True
