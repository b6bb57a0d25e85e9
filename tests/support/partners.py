"""Booking partners in the tests."""

import base64
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import connection
from django.db.models import F

from sprechzeit.access.actor import Actor, partner
from sprechzeit.core.acting import acting
from sprechzeit.partners.models import Delivery, Event
from sprechzeit.partners.queries.events import events_after
from sprechzeit.patients.actions import Said, record_consent
from sprechzeit.patients.models import Consent, Patient
from sprechzeit.practice.actions.partner_keys import add_key
from sprechzeit.practice.actions.partners import open_consents, register_partner
from sprechzeit.practice.models import Partner, PartnerKey, Reading
from sprechzeit.scheduling.models import Appointment
from tests.support.cast import House
from tests.support.partner_bookings import book_by, offered

SINCE = date(2026, 1, 11)


def registered(
    house: House, name: str = "TerminFinder", *, opened: bool = True, reads: Collection[str] = tuple(Reading.values)
) -> Actor:
    """A partner of the practice, as the actor that it is; `opened`: records have their page of consents; `reads`: what
    the practice lets it read.
    """
    with acting(house.system):
        made = register_partner(house.system, {"name": name, "starts_on": SINCE, "reads": list(reads)})
        if opened:
            open_consents(house.system, made.pk)
    return partner(house.practice.pk, made.pk)


def public_text(key: Ed25519PrivateKey | None = None) -> str:
    """A public key as its 32 bytes in base64; of a new pair without one."""
    return base64.b64encode((key or Ed25519PrivateKey.generate()).public_key().public_bytes_raw()).decode()


def keyed(house: House, partner_id: UUID, key: Ed25519PrivateKey | None = None, **facts: Any) -> PartnerKey:
    """A key that a partner signs with."""
    with acting(house.system):
        return add_key(house.system, partner_id, public_text(key).encode(), **facts)


def say(house: House, patient: Patient, to: Actor, value: str, note: str = "", *, by: str = "jana") -> Consent:
    """Jana writes down what a patient said, or who does it where there is no Jana."""
    writes = house.actor(by)
    with acting(writes):
        return record_consent(writes, patient.pk, to.identity, Said(value, "orally", SINCE, note))


@contextmanager
def acts(actor: Actor) -> Iterator[None]:
    """As `acting`, and what the database does at a transaction's end is done, also where a test rolls all back."""
    with acting(actor):
        yield
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS partner_event IMMEDIATE")
            cursor.execute("SET CONSTRAINTS partner_event DEFERRED")


def booked_by(actor: Actor, house: House, clock: str, **facts: Any) -> Appointment:
    """A partner's booking (`book_by`), of a type that it may book then."""
    if not house.types["talk"].partners:
        offered(house, "talk")
    with acts(actor):
        return book_by(house, actor, clock, **facts)


def reported_to(actor: Actor, house: House, url: str) -> None:
    """Changes are sent to this address, whatever it is."""
    with acting(house.system):
        Partner.objects.filter(pk=actor.identity).update(webhook_url=url)


def events_of(actor: Actor, after: int = 0) -> list[Event]:
    """The partner's feed."""
    with acting(actor):
        return events_after(actor, after, 1000)


def failed_delivery(actor: Actor, house: House, *, followed: bool = False, **when: Any) -> UUID:
    """A change of a booking that the partner did not take for good; `followed`: by another one, which waits."""
    found = booked_by(actor, house, when.pop("clock", "08:00"), **when)
    for _ in range(2 if followed else 1):
        with acts(house.system):
            Appointment.objects.filter(pk=found.pk).update(sequence=F("sequence") + 1)
    with acting(house.system):
        one = Delivery.objects.filter(event__appointment=found).earliest("event__number")
        Delivery.objects.filter(pk=one.pk).update(state="failed", error="refused", status=500, attempts=13)
    return one.pk
