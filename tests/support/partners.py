"""Booking partners in the tests."""

import base64
from collections.abc import Collection
from datetime import date
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from sprechzeit.access.actor import Actor, partner
from sprechzeit.core.acting import acting
from sprechzeit.patients.actions import Said, record_consent
from sprechzeit.patients.models import Consent, Patient
from sprechzeit.practice.actions.partner_keys import add_key
from sprechzeit.practice.actions.partners import open_consents, register_partner
from sprechzeit.practice.models import PartnerKey, Reading
from tests.support.cast import House

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
