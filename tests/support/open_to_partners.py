"""What partners book of a practice in the tests, and what they call it."""

from typing import Any

from sprechzeit.partners.references import Called, reference_of
from tests.support.cast import House
from tests.support.portal_client import Portal
from tests.support.scene import change


def opened(house: House, *kinds: str) -> None:
    """Partners book these types, or all of them."""
    for kind in kinds or house.types:
        change(house.system, house.types[kind], partners=True)
        house.types[kind].partners = True


def called(portal: Portal, kind: str, name: str) -> str:
    """What a portal calls a calendar, type, room or practitioner of its practice."""
    house = portal.house
    things: dict[str, Any] = {
        "calendar": house.calendars,
        "type": house.types,
        "room": house.rooms,
        "practitioner": house.members,
    }
    return reference_of(portal.actor.identity, Called(kind), things[kind][name].pk)
