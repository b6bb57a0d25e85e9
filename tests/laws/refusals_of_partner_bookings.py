"""What booking partners are refused when they keep times, book, move and cancel."""

from collections.abc import Callable
from typing import TypeVar

from sprechzeit.access.actor import Actor, ActorKind, partner
from sprechzeit.access.table import Role
from sprechzeit.core.acting import acting
from sprechzeit.core.errors import NotAllowed, NotFound
from sprechzeit.core.ids import new_id
from sprechzeit.partners.actions.answers import Told, answer_once
from sprechzeit.practice.once import KeyReused
from sprechzeit.scheduling import errors
from sprechzeit.scheduling.actions.book import Said, enter_booking
from sprechzeit.scheduling.actions.cancel import cancel_appointment
from sprechzeit.scheduling.actions.hold import hold_for_partner, hold_to_book, release_hold
from sprechzeit.scheduling.actions.partner_book import PartnerBooking, Slot, book_for_partner
from sprechzeit.scheduling.actions.reschedule import NewTime, reschedule_appointment
from tests.support.cast import at, identity
from tests.support.partner_bookings import book_by, offered
from tests.support.partners import registered
from tests.support.scene import Scene

R = TypeVar("R")
KEY = "a-key-of-a-portal-0001"


def of_partner_bookings(scene: Scene, make: Callable[..., R]) -> list[R]:
    """Its limits, the type's rules, what is not its own, and a key for something else. `make`: as `refusal`."""
    house = scene.cast.albers
    offered(house)
    finder, jana, talk, jonas = (
        registered(house, "Bucht"),
        house.actor("jana"),
        house.types["talk"],
        house.calendars["jonas"],
    )
    nobody = partner(house.practice.pk, new_id())
    stranger = Actor(ActorKind.DELEGATE, (house.practice.pk,), Role.DELEGATE, new_id())
    own = book_by(house, finder, "16:00", who="miriam", first_name="Eigene")
    with acting(finder):
        answer_once(finder, KEY, "asked", lambda: Told(200, b"{}"))
    taken, free = Slot(talk, jonas.pk, at("09:00")), Slot(talk, jonas.pk, at("13:00"))
    again = PartnerBooking(free, identity(first_name="Eigene"))
    later = NewTime(jonas.pk, at("13:00"), None)
    return [
        make(NotAllowed, jana, hold_for_partner, talk, jonas.pk, at("13:00")),
        make(NotFound, nobody, hold_for_partner, talk, jonas.pk, at("13:00")),
        make(errors.TimeTaken, finder, hold_for_partner, talk, jonas.pk, at("09:00")),
        make(errors.NotOffered, finder, hold_for_partner, talk, jonas.pk, at("03:00")),
        make(NotAllowed, jana, hold_to_book, talk, jonas.pk, at("13:00")),
        make(errors.TimeTaken, finder, hold_to_book, talk, jonas.pk, at("09:00")),
        make(NotFound, finder, release_hold, scene.kept.pk),
        make(NotAllowed, jana, book_for_partner, again),
        make(NotFound, nobody, book_for_partner, again),
        make(errors.TimeTaken, finder, book_for_partner, PartnerBooking(taken, identity())),
        make(NotFound, finder, book_for_partner, PartnerBooking(free, new_id())),
        make(NotFound, finder, book_for_partner, PartnerBooking(scene.kept.pk, identity())),
        make(errors.OpenBookingsFull, finder, book_for_partner, again),
        make(NotAllowed, stranger, enter_booking, scene.kept, own.patient, Said()),
        make(errors.TooLate, finder, reschedule_appointment, own.pk, later),
        make(NotFound, finder, reschedule_appointment, scene.taken.pk, later),
        make(errors.TooLate, finder, cancel_appointment, own.pk),
        make(NotFound, finder, cancel_appointment, scene.taken.pk),
        make(NotAllowed, jana, answer_once, KEY, "asked", lambda: Told(200, b"")),
        make(KeyReused, finder, answer_once, KEY, "something else", lambda: Told(200, b"")),
    ]
