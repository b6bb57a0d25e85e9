"""Who sees which patients. Decided here and nowhere else."""

from collections.abc import Collection, Mapping
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from sprechzeit.access.actor import Actor, ActorKind
from sprechzeit.access.fields import BOOKING
from sprechzeit.access.table import Data, Reach, Role, Use, reach_of
from sprechzeit.core.errors import NotFound
from sprechzeit.patients.models import (
    Consent,
    ContactProposal,
    Merge,
    Patient,
    PatientImport,
    PossibleDuplicate,
    Share,
    Tag,
)
from sprechzeit.practice.policy import visible_partners


def visible_patients(actor: Actor) -> QuerySet[Patient]:
    """ACC-1, ACC-3, ACC-4, ACC-21: a practitioner sees what is theirs or was shared; administrators and secretaries
    see all; a delegate sees whom the practitioners of the access see; a partner sees who said yes to it (PAT-21). One
    that was merged into another is no more.
    """
    patients = Patient.objects.filter(practice_id__in=actor.practices, merged_into=None)
    if actor.reach(Data.MASTER_DATA) is Reach.ALL:
        return patients
    if actor.kind is ActorKind.PARTNER:
        return patients.filter(archived_at=None, pk__in=patients_who_said(actor.identity, Consent.Choice.YES))
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
    """The record, or the one that was kept in its place (PAT-4): an old link finds it.

    Raises NotFound alike for strangers and for ids that never were (ACC-6).
    """
    seen = visible_patients(actor)
    patient = seen.filter(pk=patient_id).first() or seen.filter(merged__pk=patient_id).first()
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


def may_merge(actor: Actor) -> bool:
    """Who makes one record of two (PAT-4): whoever works in the practice, writes master data and may share, as those
    who saw one of them see all of it then.
    """
    return may_add_patient(actor) and may_share(actor)


def visible_merges(actor: Actor) -> QuerySet[Merge]:
    """What was merged into a record, for who sees the record by their role and may merge."""
    merges = Merge.objects.filter(practice_id__in=actor.practices, patient__in=patients_by_role(actor))
    return merges if may_merge(actor) else merges.none()


def visible_pairs(actor: Actor) -> QuerySet[PossibleDuplicate]:
    """Possible duplicates of which the actor sees both by their role and may merge them (PAT-14)."""
    seen = patients_by_role(actor)
    pairs = PossibleDuplicate.objects.filter(practice_id__in=actor.practices, patient__in=seen, other__in=seen)
    return pairs if may_merge(actor) else pairs.none()


def may_change_patient(actor: Actor, patient: Patient) -> bool:
    """Master data of a visible record: by who writes all, or whose it is, or with whom it is shared (ACC-4)."""
    if patient.practice_id not in actor.practices:
        return False
    if actor.reach(Data.MASTER_DATA, Use.WRITE) is Reach.ALL:
        return True
    members = actor.practitioners(Data.MASTER_DATA, Use.WRITE, whole=True)
    return bool(members) and Patient.objects.filter(seen_by(members), pk=patient.pk).exists()


def newest_consent(partner_id: UUID, column: str = "value") -> Subquery:
    """Of each patient that a query is about, what they said last to a partner; NULL where it is open from the start."""
    said = Consent.objects.filter(practice_id=OuterRef("practice_id"), patient_id=OuterRef("pk"), partner_id=partner_id)
    return Subquery(said.order_by("-number").values(column)[:1])


def patients_who_said(partner_id: UUID, value: str) -> QuerySet[Consent, UUID]:
    """The patients who said this last: found by the partner, however many others there are."""
    later = Consent.objects.filter(
        practice_id=OuterRef("practice_id"), patient_id=OuterRef("patient_id"), partner_id=partner_id,
        number__gt=OuterRef("number"),
    )  # fmt: skip
    said = Consent.objects.filter(~Exists(later), partner_id=partner_id, value=value)
    return said.values_list("patient_id", flat=True)


def visible_consents(actor: Actor) -> QuerySet[Consent]:
    """What patients said to partners: seen by who sees the whole record by their role (PAT-20)."""
    said = Consent.objects.filter(practice_id__in=actor.practices)
    own = actor.by_role()
    if own.kind is not ActorKind.MEMBER:
        return said.none()
    return said if own.reach(Data.MASTER_DATA) is Reach.ALL else said.filter(patient__in=visible_patients(own))


def has_consents(actor: Actor, patient: Patient) -> bool:
    """Whether a visible record has a page of consents (PAT-20): once a partner booked, or an administrator opened it;
    for who sees the record by their role.
    """
    opened = visible_partners(actor).exclude(consents_at=None).exists()
    return opened and patients_by_role(actor).filter(pk=patient.pk).exists()


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


def may_import(actor: Actor) -> bool:
    """Files of patients are brought by who writes everybody's master data and the practice's own: administrators."""
    own = actor.by_role()
    writes_all = all(own.reach(data, Use.WRITE) is Reach.ALL for data in (Data.MASTER_DATA, Data.PRACTICE))
    return actor.kind is ActorKind.MEMBER and writes_all


def visible_imports(actor: Actor) -> QuerySet[PatientImport]:
    """Files of patients are seen by who may bring them, and by the program itself, which deletes them (PAT-5)."""
    imports = PatientImport.objects.filter(practice_id__in=actor.practices)
    return imports if may_import(actor) or actor.kind is ActorKind.SYSTEM else imports.none()


def get_import(actor: Actor, import_id: UUID) -> PatientImport:
    """Raises NotFound alike for strangers and for ids that never were (ACC-6)."""
    found = visible_imports(actor).filter(pk=import_id).first()
    if found is None:
        raise NotFound
    return found
