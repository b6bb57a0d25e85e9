"""What booking partners, and who registers them, are refused."""

from collections.abc import Callable
from datetime import date
from typing import TypeVar
from uuid import UUID

from sprechzeit.access.actor import partner
from sprechzeit.core.acting import acting
from sprechzeit.core.errors import NotAllowed, NotFound
from sprechzeit.core.ids import new_id
from sprechzeit.partners.actions import signing
from sprechzeit.patients.actions import Said, part_consents, record_consent, unite_consents
from sprechzeit.patients.errors import ConsentInFuture
from sprechzeit.patients.models import Patient
from sprechzeit.practice.actions import partners
from sprechzeit.practice.errors import EndsBeforeStart, NameTaken
from tests.support.cast import House
from tests.support.partners import SINCE, registered

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
        make(NameTaken, miriam, partners.register_partner, facts | {"name": "TERMINFINDER"}),
        make(EndsBeforeStart, miriam, partners.register_partner, facts | {"ends_on": date(2025, 1, 1)}),
        make(NotAllowed, jana, partners.change_partner, known, {"name": "Neu"}),
        make(EndsBeforeStart, miriam, partners.change_partner, known, {"ends_on": date(2025, 1, 1)}),
        make(NotFound, berta, partners.change_partner, known, {"name": "Neu"}),
        make(NotAllowed, jonas, partners.end_partner, known),
        make(NotFound, berta, partners.end_partner, known),
        make(NotAllowed, jana, partners.open_consents, known),
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
