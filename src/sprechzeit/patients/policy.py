"""Who sees which patients. Decided here and nowhere else."""

from collections.abc import Collection, Mapping
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from sprechzeit.access.actor import Actor, ActorKind
from sprechzeit.access.fields import BOOKING
from sprechzeit.access.table import Data, Reach, Role, Use, reach_of
from sprechzeit.core.errors import NotFound
from sprechzeit.patients.models import ContactProposal, Patient, Share, Tag


def visible_patients(actor: Actor) -> QuerySet[Patient]:
    """ACC-1, ACC-3, ACC-4, ACC-21: a practitioner sees what is theirs or was shared; administrators and secretaries
    see all; a delegate sees whom the practitioners of the access see.
    """
    patients = Patient.objects.filter(practice_id__in=actor.practices)
    if actor.reach(Data.MASTER_DATA) is Reach.ALL:
        return patients
    members = actor.practitioners(Data.MASTER_DATA)
    return patients.filter(seen_by(members)) if members else patients.none()


def fields_seen(actor: Actor, patient: Patient) -> frozenset[str] | None:
    """Which fields of a record that the actor has come upon it may see: None for all of them.

    What booking takes and no more is seen by a delegate for scheduling (ACC-21), and by whoever has the patient's
    appointment in their calendar without the record being theirs (ACC-11).
    """
    return fields_seen_of(actor, [patient])[patient.pk]


def fields_seen_of(actor: Actor, patients: Collection[Patient]) -> Mapping[UUID, frozenset[str] | None]:
    """The same of many, by id, in one statement at most."""
    if actor.reach(Data.MASTER_DATA) is Reach.ALL:
        return {one.pk: None for one in patients}
    members = actor.practitioners(Data.MASTER_DATA, whole=True)
    whole = {one.pk for one in patients if one.created_by_id in members}
    others = [one.pk for one in patients if one.pk not in whole]
    if members and others:
        whole.update(Patient.objects.filter(seen_by(members), pk__in=others).values_list("pk", flat=True))
    return {one.pk: None if one.pk in whole else BOOKING for one in patients}


def seen_by(members: Collection[UUID], record: str = "") -> Q:
    """Records that belong to one of these members, or were shared with one of them or with everyone (ACC-3, ACC-4).

    `record`: the way from a row to its record, as 'patient'; '' where the row is the record itself.
    """
    owner = f"{record}__created_by_id__in" if record else "created_by_id__in"
    given = Share.objects.filter(
        Q(member_id__in=members) | Q(member=None),
        practice_id=OuterRef("practice_id"),
        patient_id=OuterRef(f"{record}_id" if record else "pk"),
    )
    return Q(**{owner: members}) | Q(Exists(given))


def seen_whole(actor: Actor) -> Q:
    """Of visible records those of which the actor sees every field: by what is hidden nobody finds anything either."""
    if actor.reach(Data.MASTER_DATA) is Reach.ALL:
        return Q()
    members = actor.practitioners(Data.MASTER_DATA, whole=True)
    return seen_by(members) if members else Q(pk__in=())


def get_patient(actor: Actor, patient_id: UUID) -> Patient:
    """Raises NotFound alike for strangers and for ids that never were (ACC-6)."""
    patient = visible_patients(actor).filter(pk=patient_id).first()
    if patient is None:
        raise NotFound
    return patient


def visible_proposals(actor: Actor) -> QuerySet[ContactProposal]:
    """Proposed contact points are seen by who may change the record that they are for."""
    proposals = ContactProposal.objects.filter(practice_id__in=actor.practices)
    if actor.reach(Data.MASTER_DATA, Use.WRITE) is Reach.ALL:
        return proposals
    members = actor.practitioners(Data.MASTER_DATA, Use.WRITE)
    return proposals.filter(seen_by(members, "patient")) if members else proposals.none()


def patients_by_role(actor: Actor) -> QuerySet[Patient]:
    """The records that somebody sees as who they are in the practice, not by an access that they were given: those
    stand in their list, and those may be shared. An access opens no more than its areas, and opens nothing further.
    """
    return visible_patients(actor.by_role())


def visible_shares(actor: Actor) -> QuerySet[Share]:
    """With whom a record is shared is seen by who sees the record by their role."""
    return Share.objects.filter(practice_id__in=actor.practices, patient__in=patients_by_role(actor))


def may_share(actor: Actor) -> bool:
    """Whoever works in the practice shares what they see (ACC-4); no delegate, no link, not the program itself."""
    members = (Role.ADMINISTRATOR, Role.PRACTITIONER, Role.SECRETARY)
    return actor.kind is ActorKind.MEMBER and actor.role in members


def may_add_patient(actor: Actor) -> bool:
    """New records in the list of patients: by whoever works in the practice and writes master data (ACC-1)."""
    return actor.kind is ActorKind.MEMBER and actor.by_role().reach(Data.MASTER_DATA, Use.WRITE) >= Reach.OWN


def may_choose_owner(actor: Actor) -> bool:
    """Whose a new record is says who writes everybody's; a practitioner's are always their own (ACC-3)."""
    return actor.by_role().reach(Data.MASTER_DATA, Use.WRITE) is Reach.ALL


def may_change_patient(actor: Actor, patient: Patient) -> bool:
    """Master data of a visible record: by who writes all, or whose it is, or with whom it is shared (ACC-4)."""
    if actor.reach(Data.MASTER_DATA, Use.WRITE) is Reach.ALL:
        return True
    members = actor.practitioners(Data.MASTER_DATA, Use.WRITE, whole=True)
    return bool(members) and Patient.objects.filter(seen_by(members), pk=patient.pk).exists()


def opens(actor: Actor, patient: Patient, *data: Data) -> dict[Data, bool]:
    """Which data of a visible record the actor reaches: by their role, or by an access to a practitioner who sees it.

    For the tabs of its page (PAT-3): a tab is there for whom its page would open.
    """
    own = actor.by_role()
    by_role = own.kind is ActorKind.MEMBER and visible_patients(own).filter(pk=patient.pk).exists()
    found = {}
    for one in data:
        granted = frozenset(member for area, of in actor.granted if reach_of(area, one, Use.READ) for member in of)
        found[one] = (by_role and own.reach(one) >= Reach.OWN) or (
            bool(granted) and Patient.objects.filter(seen_by(granted), pk=patient.pk).exists()
        )
    return found


def visible_tags(actor: Actor) -> QuerySet[Tag]:
    """The practice's words for records: for who sees records whole by their role. No access opens them."""
    tags = Tag.objects.filter(practice_id__in=actor.practices)
    return tags if may_add_patient(actor) else tags.none()
