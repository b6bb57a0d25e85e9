"""Booking partners in the tests."""

from datetime import date

from sprechzeit.access.actor import Actor, partner
from sprechzeit.core.acting import acting
from sprechzeit.practice.actions.partners import open_consents, register_partner
from tests.support.cast import House

SINCE = date(2026, 1, 11)


def registered(house: House, name: str = "TerminFinder", *, opened: bool = True) -> Actor:
    """A partner of the practice, as the actor that it is; `opened`: records have their page of consents."""
    with acting(house.system):
        made = register_partner(house.system, {"name": name, "starts_on": SINCE})
        if opened:
            open_consents(house.system, made.pk)
    return partner(house.practice.pk, made.pk)
