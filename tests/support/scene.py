"""What stands in the books of a practice so that there is something to refuse."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Model
from django.utils import timezone

from sprechzeit.access.actor import Actor, ActorKind
from sprechzeit.access.table import Role
from sprechzeit.core.acting import acting
from sprechzeit.core.ids import new_id
from sprechzeit.messages.actions import message_due
from sprechzeit.messages.models import Message
from sprechzeit.patients.actions import NewPatient
from sprechzeit.practice.once import once
from sprechzeit.scheduling.actions.absence import enter_absence
from sprechzeit.scheduling.actions.appoint import Wish, book_appointment
from sprechzeit.scheduling.actions.block import add_block
from sprechzeit.scheduling.actions.cancel import cancel_appointment
from sprechzeit.scheduling.actions.code import Recipient, ask_for_code, digits_of, try_code
from sprechzeit.scheduling.actions.hold import hold_time, hold_token
from sprechzeit.scheduling.actions.hours import add_shift
from sprechzeit.scheduling.actions.occupy import Wanted
from sprechzeit.scheduling.actions.place import Place
from sprechzeit.scheduling.models import Absence, Appointment, Block, BookingCode, Hold, Occupancy, Shift
from sprechzeit.scheduling.policy import get_appointment
from sprechzeit.scheduling.queries.absence import Away
from tests.support.cast import Cast, House, at, book, hold, monday

CROWD = "a crowd"  # an address that keeps as many times as one may
KEY = "used"  # a form that was sent


def day(number: int) -> date:
    """A day of the week that is booked: 0 is its Monday."""
    return monday() + timedelta(days=number)


@dataclass(frozen=True)
class Scene:
    """The week of Albers. What visitors did is on Monday, what the practice did from Tuesday on."""

    cast: Cast
    taken: Appointment  # Jonas at nine
    soon: Appointment  # Jonas at three; its deadline is over
    link: Actor  # of `soon`
    expired: Hold  # somebody else has its time
    full: Hold  # of somebody who may book no more
    proven: BookingCode  # of Paula's address
    kept: Hold
    first: Appointment  # Jonas at nine
    second: Appointment  # Miriam at nine: both rooms are taken
    short: Appointment  # Jonas at eleven, for twenty minutes; somebody comes directly after it
    lent: Appointment  # Jonas' patient with Miriam
    gone: Appointment  # Miriam cancelled it; somebody else has its time
    hollow: Appointment  # its time was freed and nobody told it
    silent: Appointment  # of somebody without an address
    theirs: Appointment  # of the other practice
    block: Block  # Jonas at four
    shift: Shift  # Jonas' Thursday
    absence: Absence  # Jonas' Friday morning
    message: Message  # of `taken`, waiting

    def place(self, who: str, clock: str, minutes: int = 50) -> Place:
        """Somebody's time on Tuesday, in no room."""
        return place(self.cast.albers, who, clock, minutes)

    def wanted(self, who: str, clock: str) -> Wanted:
        """An hour of somebody's on Tuesday."""
        calendar, starts_at = self.cast.albers.calendars[who], at(clock, day(1))
        return Wanted(calendar.pk, None, starts_at, starts_at + timedelta(hours=1), Occupancy.Kind.APPOINTMENT)

    def wish(self, who: str, clock: str, patient: Any, key: str = "") -> Wish:
        """A talk on Tuesday."""
        return Wish(key or str(new_id()), self.cast.albers.types["talk"], self.place(who, clock), patient)

    def away(self, who: str, number: int, since: str = "08:00", until: str = "12:00") -> Away:
        """Somebody's absence on a day."""
        return Away(self.cast.albers.calendars[who].pk, at(since, day(number)), at(until, day(number)))


def place(house: House, who: str, clock: str, minutes: int) -> Place:
    starts_at = at(clock, day(1))
    return Place(house.calendars[who], starts_at, starts_at + timedelta(minutes=minutes))


def change(actor: Actor, row: Model, **facts: Any) -> None:
    """Set up a situation."""
    with acting(actor):
        type(row)._default_manager.filter(pk=row.pk).update(**facts)


def press(house: House, clock: str, kind: str = "talk", address: str = "somebody") -> Callable[[Actor], Hold]:
    """Somebody at `address` presses a time of Jonas' on Monday."""
    calendar = house.calendars["jonas"].pk
    return lambda actor: hold_time(actor, house.types[kind], calendar, at(clock), address=address, form=str(new_id()))


def scene(cast: Cast) -> Scene:
    """Everything, from what is booked to the limits that are reached then."""
    house = cast.albers
    parts: dict[str, Any] = booked(cast) | entered(house)
    with acting(house.system):
        link = Appointment.objects.get(pk=parts["soon"].pk).link
        parts["message"] = message_due(house.system, parts["taken"], "booked")
        once(house.system, "scope", KEY, "asked", lambda _made: None)
    parts["link"] = Actor(ActorKind.LINK, (house.practice.id,), Role.LINK, link.pk)
    change(house.system, house.practice, open_bookings=1, cancel_hours=24 * 60)
    for name, one in parts.items():
        if isinstance(one, Appointment):
            parts[name] = opened(cast.brandt if name == "theirs" else house, one)
    return Scene(cast=cast, **parts)


def opened(house: House, appointment: Appointment) -> Appointment:
    """As it is now, with all that belongs to it."""
    with acting(house.system):
        return get_appointment(house.system, appointment.pk)


def booked(cast: Cast) -> dict[str, Any]:
    """What visitors of the booking page did."""
    house, number = cast.albers, iter(range(100))

    def by_somebody(clock: str, who: str = "jonas", on: int = 0, kind: str = "talk") -> Appointment:
        mail = f"somebody{next(number)}@example.org"
        return book(house, clock, who=who, kind=kind, day=day(on), first_name=mail[:10], email=mail)

    parts: dict[str, Any] = {
        "taken": book(house, "09:00", who="jonas"),
        "theirs": book(cast.brandt, "09:00"),
        "expired": hold(house, "10:00", who="jonas", key="expired"),
        "lent": book(house, "10:00", who="miriam", day=day(1)),
        "first": by_somebody("09:00", on=1),
        "second": by_somebody("09:00", "miriam", on=1),
        "short": by_somebody("11:00", on=1, kind="call"),
        "gone": by_somebody("14:00", on=1),
        "hollow": by_somebody("09:00", on=2),
        "soon": by_somebody("15:00"),
    }
    with acting(house.system):
        expired = parts["expired"].occupancy
    change(house.system, expired, expires_at=timezone.now())
    change(house.system, opened(house, parts["hollow"]).occupancy, active=False)
    by_somebody("10:00")
    by_somebody("11:20", on=1, kind="call")
    miriam = house.actor("miriam")
    with acting(miriam):
        cancel_appointment(miriam, parts["gone"].pk)
    by_somebody("14:00", on=1)
    parts["full"] = hold(house, "11:00", who="jonas", key="full")
    with acting(house.visitor):
        parts["proven"] = ask_for_code(house.visitor, hold_token(parts["full"].pk), Recipient("paula@example.org"))
        assert try_code(house.visitor, parts["proven"].pk, digits_of(parts["proven"].pk))
    for clock in ("14:00", "14:30"):
        with acting(house.visitor):
            press(house, clock, "call", CROWD)(house.visitor)
    parts["kept"] = hold(house, "14:00", who="miriam", key="kept")
    return parts


def entered(house: House) -> dict[str, Any]:
    """What the practice did itself."""
    actor, jonas = house.system, house.calendars["jonas"]
    nobody = NewPatient("Ohne", "Adresse", date(1950, 1, 1))
    with acting(actor):
        return {
            "silent": book_appointment(
                actor, Wish(str(new_id()), house.types["talk"], place(house, "miriam", "15:00", 50), nobody)
            ),
            "block": add_block(actor, place(house, "jonas", "16:00", 30), "Team", key=str(new_id())),
            "shift": add_shift(actor, jonas.pk, day(3), 480, 720),
            "absence": enter_absence(actor, Away(jonas.pk, at("08:00", day(4)), at("12:00", day(4)))).absence,
        }
