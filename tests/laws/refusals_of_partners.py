"""What booking partners, and who registers them, are refused."""

import base64
from collections.abc import Callable
from datetime import date
from typing import TypeVar
from uuid import UUID

from sprechzeit.access.actor import partner
from sprechzeit.core.acting import acting
from sprechzeit.core.errors import NotAllowed, NotFound
from sprechzeit.core.ids import new_id
from sprechzeit.partners.actions import deliveries, signing
from sprechzeit.partners.errors import ToldByLater
from sprechzeit.patients.actions import Said, part_consents, record_consent, unite_consents
from sprechzeit.patients.errors import ConsentInFuture
from sprechzeit.patients.models import Patient
from sprechzeit.practice.actions import partner_keys, partners
from sprechzeit.practice.errors import (
    EndsBeforeStart,
    KeyEndsInPast,
    KeyKnown,
    NameTaken,
    NoPublicKey,
    NoWebAddress,
    OtherKindOfKey,
    PrivateKeySent,
    UnsafeKey,
)
from tests.support.cast import House, at, monday
from tests.support.partners import SINCE, failed_delivery, keyed, public_text, registered, reported_to

R = TypeVar("R")


def of_partners(house: House, brandt: House, patient_id: UUID, make: Callable[..., R]) -> list[R]:
    """Registering, changing, ending; consents; and a partner that was never registered. `make`: as `refusal`."""
    miriam, jonas, jana = (house.actor(name) for name in ("miriam", "jonas", "jana"))
    berta, known = brandt.actor("berta"), registered(house).identity
    with acting(house.system):
        patient = Patient.objects.get(pk=patient_id)
    facts, yes = {"name": "Neu", "starts_on": SINCE}, Said("yes", "orally", SINCE)
    return [
        make(NotAllowed, jonas, partners.register_partner, facts),
        make(NoWebAddress, miriam, partners.register_partner, facts | {"webhook_url": "http://portal.example"}),
        make(NoWebAddress, miriam, partners.change_partner, known, {"webhook_url": "https://a:b@portal.example"}),
        make(NameTaken, miriam, partners.register_partner, facts | {"name": "TERMINFINDER"}),
        make(EndsBeforeStart, miriam, partners.register_partner, facts | {"ends_on": date(2025, 1, 1)}),
        make(NotAllowed, jana, partners.change_partner, known, {"name": "Neu"}),
        make(EndsBeforeStart, miriam, partners.change_partner, known, {"ends_on": date(2025, 1, 1)}),
        make(NotFound, berta, partners.change_partner, known, {"name": "Neu"}),
        make(NotAllowed, jonas, partners.end_partner, known),
        make(NotFound, berta, partners.end_partner, known),
        make(NotAllowed, jana, partners.open_consents, known),
        *_of_keys(house, brandt, known, make),
        *_of_deliveries(house, brandt, known, make),
        make(NotFound, berta, partners.open_consents, known),
        make(NotAllowed, jana, signing.use_nonce, new_id(), "n" * 20),
        make(NotAllowed, miriam, signing.forget_nonces),
        make(NotAllowed, registered(house, "Anders"), signing.have_signing_key),
        make(NotAllowed, jonas, signing.roll_signing_key),
        make(NotFound, partner(house.practice.pk, new_id()), partners.note_booking),
        make(NotFound, berta, record_consent, patient_id, known, yes),
        make(NotFound, jana, record_consent, patient_id, new_id(), yes),
        make(ConsentInFuture, jana, record_consent, patient_id, known, Said("yes", "orally", date(2190, 1, 1))),
        make(NotAllowed, berta, unite_consents, patient, patient),
        make(NotAllowed, berta, part_consents, patient, [known]),
    ]


def _of_keys(house: House, brandt: House, known: UUID, make: Callable[..., R]) -> list[R]:
    """Adding a key, letting it end, revoking it."""
    miriam, jonas, berta = house.actor("miriam"), house.actor("jonas"), brandt.actor("berta")
    key, other, over = keyed(house, known), public_text().encode(), at("09:00", date(2025, 1, 1))
    add, end, revoke = partner_keys.add_key, partner_keys.end_key, partner_keys.revoke_key
    return [
        make(NotAllowed, jonas, add, known, other),
        make(NotFound, berta, add, known, other),
        make(NotFound, partner(house.practice.pk, known), add, known, other),
        make(KeyKnown, miriam, add, known, key.public_key.encode()),
        make(NoPublicKey, miriam, add, known, b"?"),
        make(PrivateKeySent, miriam, add, known, b"-----BEGIN PRIVATE KEY-----"),
        make(OtherKindOfKey, miriam, add, known, b"ssh-rsa AAAAB3NzaC1yc2E= portal"),
        make(UnsafeKey, miriam, add, known, base64.b64encode(bytes(32))),
        make(KeyEndsInPast, miriam, add, known, other, ends_at=over),
        make(NotAllowed, jonas, end, key.pk, None),
        make(NotFound, berta, end, key.pk, None),
        make(KeyEndsInPast, miriam, end, key.pk, over),
        make(NotAllowed, jonas, revoke, key.pk),
        make(NotFound, berta, revoke, key.pk),
    ]


def _of_deliveries(house: House, brandt: House, known: UUID, make: Callable[..., R]) -> list[R]:
    """Telling it of changes, sending again, leaving it at that."""
    miriam, jonas, berta = house.actor("miriam"), house.actor("jonas"), brandt.actor("berta")
    portal = partner(house.practice.pk, known)
    reported_to(portal, house, "https://portal.example/hook")
    one = failed_delivery(portal, house, day=monday(3), followed=True, first_name="Fritz", email="fritz@example.org")
    return [
        make(NotAllowed, miriam, deliveries.begin_delivery, one),
        make(NotFound, brandt.system, deliveries.begin_delivery, one),
        make(NotAllowed, portal, deliveries.mark_delivered, one, 204),
        make(NotFound, brandt.system, deliveries.mark_delivered, one, 204),
        make(NotAllowed, miriam, deliveries.mark_attempt, one, "refused"),
        make(NotFound, brandt.system, deliveries.mark_attempt, one, "refused"),
        make(NotAllowed, miriam, deliveries.switch_off, one, "https://portal.example/hook", 410),
        make(NotFound, brandt.system, deliveries.switch_off, one, "https://portal.example/hook", 410),
        make(NotAllowed, jonas, deliveries.switch_on, known),
        make(NotFound, berta, deliveries.switch_on, known),
        make(NotFound, jonas, deliveries.deliver_again, one),
        make(NotFound, berta, deliveries.deliver_again, one),
        make(ToldByLater, miriam, deliveries.deliver_again, one),
        make(NotAllowed, jonas, deliveries.put_aside, known),
        make(NotFound, berta, deliveries.put_aside, known),
    ]
