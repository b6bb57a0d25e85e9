"""Who sees which patients. Decided here and nowhere else."""

from uuid import UUID

from django.db.models import QuerySet

from sprechzeit.access.actor import Actor
from sprechzeit.access.table import Data, Reach
from sprechzeit.core.errors import NotFound
from sprechzeit.patients.models import ContactProposal, Patient


def visible_patients(actor: Actor) -> QuerySet[Patient]:
    """ACC-1, ACC-3: a practitioner sees what belongs to them; administrators and secretaries see all."""
    patients = Patient.objects.filter(practice_id__in=actor.practices)
    match actor.reach(Data.MASTER_DATA):
        case Reach.ALL:
            return patients
        case Reach.OWN:
            return patients.filter(created_by_id=actor.identity)
        case _:
            return patients.none()


def get_patient(actor: Actor, patient_id: UUID) -> Patient:
    """Raises NotFound alike for strangers and for ids that never were (ACC-6)."""
    patient = visible_patients(actor).filter(pk=patient_id).first()
    if patient is None:
        raise NotFound
    return patient


def visible_proposals(actor: Actor) -> QuerySet[ContactProposal]:
    """Proposed contact points are seen by who sees the record that they are for."""
    return ContactProposal.objects.filter(practice_id__in=actor.practices, patient__in=visible_patients(actor))
