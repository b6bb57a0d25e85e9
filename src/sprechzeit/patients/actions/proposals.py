"""What bookings propose for a record (PAT-11)."""

from uuid import UUID

from django.utils import timezone

from sprechzeit.access.actor import Actor
from sprechzeit.access.table import Data, Reach, Use
from sprechzeit.core.acting import action, require
from sprechzeit.core.errors import NotAllowed, NotFound
from sprechzeit.core.live import announce_practice
from sprechzeit.patients import matching
from sprechzeit.patients.models import ContactKind, ContactPoint, ContactProposal, Patient
from sprechzeit.patients.policy import visible_proposals


@action
def accept_contact(actor: Actor, proposal_id: UUID, *, beside: bool = False) -> ContactProposal:
    """Take a proposed contact point into the record; decided before, it stays as decided.

    It takes the place of the only one of its kind, or, with `beside`, stands beside it. Raises `NotFound`,
    `NotAllowed`.
    """
    proposal = _proposal(actor, proposal_id)
    if proposal.decided_at:
        return proposal
    points = ContactPoint.objects.filter(practice_id=actor.practice_id, patient_id=proposal.patient_id)
    of_kind = list(points.filter(kind=proposal.kind))
    if any(one.key == proposal.key for one in of_kind):
        return _decide(actor, proposal, ContactProposal.Decision.KNOWN)
    if len(of_kind) == 1 and not beside:
        former = of_kind[0].value
        points.filter(pk=of_kind[0].pk).update(value=proposal.value, key=proposal.key)
        return _decide(actor, proposal, ContactProposal.Decision.REPLACED, former)
    ContactPoint.objects.create(
        practice_id=actor.practice_id,
        patient_id=proposal.patient_id,
        kind=proposal.kind,
        value=proposal.value,
        key=proposal.key,
    )
    return _decide(actor, proposal, ContactProposal.Decision.ADDED)


@action
def decline_contact(actor: Actor, proposal_id: UUID) -> ContactProposal:
    """Leave the record as it is; the same contact point is not proposed again. Raises `NotFound`, `NotAllowed`."""
    proposal = _proposal(actor, proposal_id)
    return proposal if proposal.decided_at else _decide(actor, proposal, ContactProposal.Decision.DECLINED)


@action
def reopen_proposal(actor: Actor, proposal_id: UUID) -> ContactProposal:
    """Take back what was decided: the record is as it was, if nobody changed that contact point since."""
    proposal = _proposal(actor, proposal_id)
    point = ContactPoint.objects.filter(
        practice_id=actor.practice_id, patient_id=proposal.patient_id, kind=proposal.kind, key=proposal.key
    )
    match proposal.decision:
        case ContactProposal.Decision.ADDED:
            point.delete()
        case ContactProposal.Decision.REPLACED:
            value = proposal.former_value
            is_email = proposal.kind == ContactKind.EMAIL
            key = matching.email_key(value) if is_email else matching.phone_key(value)
            if ContactPoint.objects.filter(patient_id=proposal.patient_id, kind=proposal.kind, key=key).exists():
                point.delete()  # the former one has come back meanwhile
            else:
                point.update(value=value, key=key)
    proposal.decision, proposal.decided_at, proposal.decided_by, proposal.former_value = "", None, "", ""
    proposal.save(update_fields=["decision", "decided_at", "decided_by", "former_value"])
    announce_practice(proposal.practice_id)
    return proposal


def _proposal(actor: Actor, proposal_id: UUID) -> ContactProposal:
    """One that the actor may decide, and that nobody else decides meanwhile."""
    found = visible_proposals(actor).select_for_update(of=("self",)).filter(pk=proposal_id).first()
    if found is None:
        raise NotFound
    require(actor.reach(Data.MASTER_DATA, Use.WRITE) >= Reach.OWN, NotAllowed)
    # Two of one record, decided at once: the second sees what the first made of it.
    Patient.objects.select_for_update(no_key=True).get(practice_id=found.practice_id, pk=found.patient_id)
    return found


def _decide(actor: Actor, proposal: ContactProposal, decision: str, former: str = "") -> ContactProposal:
    proposal.decision, proposal.decided_at, proposal.decided_by = decision, timezone.now(), actor.name
    proposal.former_value = former
    proposal.save(update_fields=["decision", "decided_at", "decided_by", "former_value"])
    announce_practice(proposal.practice_id)
    return proposal
