"""What booking partners keep and book in the tests."""

from datetime import date
from typing import Any
from uuid import UUID

from sprechzeit.access.actor import Actor
from sprechzeit.core.acting import acting
from sprechzeit.practice.actions.partners import change_partner
from sprechzeit.scheduling.actions.book import Contact
from sprechzeit.scheduling.actions.hold import hold_for_partner
from sprechzeit.scheduling.actions.partner_book import PartnerBooking, Slot, book_for_partner
from sprechzeit.scheduling.actions.settings import change_type
from sprechzeit.scheduling.models import Appointment, Hold
from tests.support.cast import House, at, identity


def offered(house: House, *kinds: str) -> None:
    """What partners may book: of these types, or of all."""
    with acting(house.system):
        for kind in kinds or house.types:
            change_type(house.system, house.types[kind].pk, {"partners": True})
            house.types[kind].partners = True


def told(house: House, actor: Actor, **facts: Any) -> None:
    """What the practice says of a partner."""
    with acting(house.system):
        change_partner(house.system, actor.identity, facts)


def keep(house: House, actor: Actor, clock: str, *, who: str = "", kind: str = "talk", day: date | None = None) -> Hold:
    """A partner keeps a time."""
    calendar = house.calendars[who or next(iter(house.calendars))]
    with acting(actor):
        return hold_for_partner(actor, house.types[kind], calendar.pk, at(clock, day))


def book_by(
    house: House,
    actor: Actor,
    clock: str,
    *,
    who: str = "",
    kind: str = "talk",
    day: date | None = None,
    patient: UUID | None = None,
    booker: Contact | None = None,
    insurance: str = "",
    **person: Any,
) -> Appointment:
    """A partner books a time at once: of a `patient` whom it was named, or of Paula Sommer, unless changed."""
    calendar = house.calendars[who or next(iter(house.calendars))]
    wanted = Slot(house.types[kind], calendar.pk, at(clock, day))
    booking = PartnerBooking(wanted, patient or identity(**person), insurance=insurance, booker=booker)
    with acting(actor):
        return book_for_partner(actor, booking)
