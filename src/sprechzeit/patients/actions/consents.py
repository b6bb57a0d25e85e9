"""What patients say to booking partners (PAT-20…22)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.utils import timezone

from sprechzeit.access.actor import Actor
from sprechzeit.core.acting import action, require
from sprechzeit.core.errors import NotAllowed, NotFound
from sprechzeit.core.ids import new_id
from sprechzeit.patients.consents import stronger
from sprechzeit.patients.errors import ConsentInFuture
from sprechzeit.patients.models import Consent, Patient
from sprechzeit.patients.policy import get_patient, has_consents, may_change_patient
from sprechzeit.practice.policy import get_partner
from sprechzeit.practice.queries import practice_of


@dataclass(frozen=True, slots=True)
class Said:
    """What a patient said: open, yes or no; how, on which day, and what proves it, if that was noted."""

    value: str
    how: str
    given_on: date
    note: str = ""


@action
def record_consent(
    actor: Actor, patient_id: UUID, partner_id: UUID, said: Said, *, consent_id: UUID | None = None
) -> Consent:
    """Write down what a patient said to a partner; it counts from the next request on (PAT-22).

    Of two at once both stay, one after the other. Raises `NotFound` where the record has no such page for the actor,
    `NotAllowed`, `ConsentInFuture`.
    """
    patient = get_patient(actor.by_role(), patient_id)
    require(has_consents(actor, patient), NotFound)
    partner = get_partner(actor, partner_id)
    require(may_change_patient(actor.by_role(), patient), NotAllowed)
    require(said.given_on <= timezone.now().astimezone(practice_of(actor).zone).date(), ConsentInFuture)
    _lock(patient)
    return _add(actor, patient, partner.pk, said, consent_id or new_id())


@action
def unite_consents(actor: Actor, of: Patient, to: Patient) -> list[Consent]:
    """Two records are of one person: to each partner the one has said at least what the other one has, no before yes
    before open. Both histories stay; what is taken over is a row more, with its day and its proof.

    Called by what merges records, which holds both. Returns what was added to `to`, for `part_consents`.
    """
    require(may_change_patient(actor, to), NotAllowed)
    theirs, own = (_newest_of(one) for one in (of, to))
    added = []
    for partner_id, one in theirs.items():
        if stronger(one.value, own[partner_id].value if partner_id in own else Consent.Choice.OPEN):
            said = Said(one.value, one.how, one.given_on, one.note or "")
            added.append(_add(actor, to, partner_id, said, new_id()))
    return added


@action
def part_consents(actor: Actor, kept: Patient, added: Sequence[UUID]) -> None:
    """The two were not one person: what `unite_consents` added to `kept` is taken back by a further row, which says
    what was said before it. What was said since stays.
    """
    require(may_change_patient(actor, kept), NotAllowed)
    newest = _newest_of(kept)
    for one in Consent.objects.filter(practice_id=kept.practice_id, patient=kept, pk__in=added):
        if newest[one.partner_id].pk != one.pk:
            continue
        before = Consent.objects.filter(practice_id=kept.practice_id, patient=kept, partner_id=one.partner_id)
        former = before.filter(number=one.number - 1).first()
        said = Said(Consent.Choice.OPEN, one.how, one.given_on)
        if former:
            said = Said(former.value, former.how, former.given_on, former.note or "")
        _add(actor, kept, one.partner_id, said, new_id())


def _newest_of(patient: Patient) -> dict[UUID, Consent]:
    """What a patient said last, by partner."""
    said = Consent.objects.filter(practice_id=patient.practice_id, patient=patient).order_by("number")
    return {one.partner_id: one for one in said}


def _lock(patient: Patient) -> None:
    """One after another: each sees what the other one wrote."""
    Patient.objects.select_for_update(no_key=True).get(practice_id=patient.practice_id, pk=patient.pk)


def _add(actor: Actor, patient: Patient, partner_id: UUID, said: Said, consent_id: UUID) -> Consent:
    before = Consent.objects.filter(practice_id=patient.practice_id, patient=patient, partner_id=partner_id)
    last = before.order_by("-number").values_list("number", flat=True).first() or 0
    return Consent.objects.create(
        id=consent_id,
        practice_id=patient.practice_id,
        patient=patient,
        partner_id=partner_id,
        number=last + 1,
        value=said.value,
        how=said.how,
        given_on=said.given_on,
        note=said.note.strip() or None,
        recorded_by=actor.name,
    )
