"""Finding or making a patient."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from itertools import product
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone

from sprechzeit.access.actor import Actor, ActorKind
from sprechzeit.access.table import Data, Reach, Use
from sprechzeit.core.acting import action, require
from sprechzeit.core.errors import NotAllowed, NotFound
from sprechzeit.core.events import publish
from sprechzeit.core.ids import new_id
from sprechzeit.core.live import announce_practice
from sprechzeit.core.locks import lock
from sprechzeit.core.plans import planned
from sprechzeit.core.rows import Part, add, fetch
from sprechzeit.patients import matching
from sprechzeit.patients.events import PatientsShared
from sprechzeit.patients.models import ContactKind, ContactPoint, ContactProposal, Patient, Share
from sprechzeit.patients.policy import may_share, patients_by_role, visible_proposals
from sprechzeit.patients.queries import receivers

_PATIENT = Part(Patient, "patient.")
_SAME_PERSON = f"""
    SELECT {_PATIENT.columns},
           ARRAY(SELECT ARRAY[point.kind, point.key]::text[] FROM patients_contactpoint point
                  WHERE point.practice_id = patient.practice_id AND point.patient_id = patient.id)
      FROM patients_patient patient
     WHERE patient.practice_id = %s AND patient.date_of_birth = %s AND patient.last_key = %s AND patient.first_key = %s
       AND patient.archived_at IS NULL
"""  # noqa: S608 – names of columns
_PROPOSE = """
    INSERT INTO patients_contactproposal
           (id, practice_id, patient_id, kind, value, key, proposed_at, decision, decided_by, former_value)
    SELECT given.id, %(practice)s, %(patient)s, given.kind, given.value, given.key, now(), '', '', ''
      FROM unnest(%(ids)s::uuid[], %(kinds)s::text[], %(values)s::text[], %(keys)s::text[])
           AS given (id, kind, value, key)
     WHERE NOT EXISTS (SELECT 1 FROM patients_contactpoint point
                        WHERE point.practice_id = %(practice)s AND point.patient_id = %(patient)s
                          AND point.kind = given.kind AND point.key = given.key)
    ON CONFLICT DO NOTHING
"""


@dataclass(frozen=True, slots=True)
class Identity:
    """What a booking says about the patient."""

    first_name: str
    last_name: str
    date_of_birth: date
    email: str = ""
    mobile: str = ""
    language: str = "de"

    def contacts(self) -> list[tuple[str, str, str]]:
        """Kind, value and key of each contact point given."""
        given = []
        if self.email:
            given.append((ContactKind.EMAIL.value, self.email.strip(), matching.email_key(self.email)))
        if self.mobile:
            given.append((ContactKind.MOBILE.value, self.mobile.strip(), matching.phone_key(self.mobile)))
        return given


@dataclass(frozen=True, slots=True)
class NewPatient:
    """What the practice enters of somebody whom it does not know yet."""

    first_name: str
    last_name: str
    date_of_birth: date | None = None
    phone: str = ""
    email: str = ""
    language: str = "de"

    def contacts(self) -> list[tuple[str, str, str]]:
        """Kind, value and key of each contact point given."""
        given = []
        if self.email:
            given.append((ContactKind.EMAIL.value, self.email.strip(), matching.email_key(self.email)))
        if self.phone:
            kind = ContactKind.MOBILE if matching.is_mobile(self.phone) else ContactKind.PHONE
            given.append((kind.value, self.phone.strip(), matching.phone_key(self.phone)))
        return given


@action
def add_patient(actor: Actor, person: NewPatient, *, belongs_to: UUID | None) -> Patient:
    """A new record, as the practice says. `belongs_to`: the practitioner's member, whose patient it is (ACC-11)."""
    require(actor.reach(Data.MASTER_DATA, Use.WRITE) >= Reach.OWN, NotAllowed)
    first_key, last_key = matching.name_key(person.first_name), matching.name_key(person.last_name)
    return _add_patient(actor, person, first_key, last_key, belongs_to)


@action
def find_or_add_patient(actor: Actor, identity: Identity, *, belongs_to: UUID | None) -> Patient:
    """The patient of a booking, found or made (PAT-10…14). `belongs_to`: the practitioner's member (ACC-11).

    Two bookings of the same new person at once make one record: they wait for one another by a lock on the identity.
    The answer, whether found or made, goes to the booking and never to the visitor.
    """
    require(actor.reach(Data.MASTER_DATA, Use.WRITE) >= Reach.OWN, NotAllowed)
    first_key, last_key = matching.name_key(identity.first_name), matching.name_key(identity.last_name)
    lock(f"patient:{actor.practice_id}:{last_key}:{first_key}:{identity.date_of_birth}")
    known = _same_person_with_contacts(actor, first_key, last_key, identity.date_of_birth)
    given = identity.contacts()
    found = matching.decide(
        [matching.Candidate(one.id, frozenset(key for _, key in contacts)) for one, contacts in known],
        [key for _, _, key in given],
    )
    if found is None:
        return _add_patient(actor, identity, first_key, last_key, belongs_to)
    patient = next(one for one, _ in known if one.id == found)
    _propose_contacts(patient, given)
    return patient


def _same_person_with_contacts(
    actor: Actor, first_key: str, last_key: str, born_on: date
) -> list[tuple[Patient, list[tuple[str, str]]]]:
    """The active records with these names and date of birth (PAT-10), with kind and key of their contact points."""
    found = []
    for row in fetch(*planned(_SAME_PERSON, [actor.practice_id, born_on, last_key, first_key])):
        values = iter(row)
        found.append((_PATIENT.take(values), list(map(tuple, next(values)))))
    return found


@action
def recognise_patients(actor: Actor, identity: Identity, *, email: str) -> list[Patient]:
    """The records with these names and date of birth that have this e-mail address among their contact points.

    Whether there are any may be told to who has proved that the address is theirs, and to nobody else (PAT-14).
    """
    require(actor.reach(Data.MASTER_DATA, Use.WRITE) >= Reach.OWN, NotAllowed)
    return list(_same_person(actor, identity).filter(contact_points__key=matching.email_key(email)).distinct())


def _same_person(actor: Actor, identity: Identity) -> QuerySet[Patient]:
    """The active records with these names and date of birth (PAT-10)."""
    return Patient.objects.filter(
        practice_id=actor.practice_id,
        date_of_birth=identity.date_of_birth,
        last_key=matching.name_key(identity.last_name),
        first_key=matching.name_key(identity.first_name),
        archived_at=None,
    )


def _add_patient(
    actor: Actor, identity: Identity | NewPatient, first_key: str, last_key: str, belongs_to: UUID | None
) -> Patient:
    patient = Patient(
        practice_id=actor.practice_id,
        first_name=" ".join(identity.first_name.split()),
        last_name=" ".join(identity.last_name.split()),
        date_of_birth=identity.date_of_birth,
        first_key=first_key,
        last_key=last_key,
        language=identity.language,
        created_by_id=belongs_to,
        made_online=actor.kind is ActorKind.VISITOR,
    )
    points = (
        ContactPoint(practice_id=actor.practice_id, patient=patient, kind=kind, value=value, key=key)
        for kind, value, key in identity.contacts()
    )
    add(patient, *points)
    return patient


def _propose_contacts(patient: Patient, given: list[tuple[str, str, str]]) -> None:
    """Contact points that differ are proposed to the practice, never written over (PAT-11).

    Asked of the database whether there is one or not: a record that is found takes as many statements as a new one.
    """
    ids = [new_id() for _ in given]
    kinds, values, keys = ([one[column] for one in given] for column in range(3))
    facts: dict[str, Any] = {"practice": patient.practice_id, "patient": patient.pk, "ids": ids}
    with connection.cursor() as cursor:
        cursor.execute(*planned(_PROPOSE, facts | {"kinds": kinds, "values": values, "keys": keys}))


# --- What bookings propose (PAT-11) ---------------------------------------------------------------------------------


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


@action
def hand_over_patients(actor: Actor, from_id: UUID, to_id: UUID) -> int:
    """Whoever leaves leaves no record behind: theirs are another member's now (ACC-12). Returns how many."""
    require(actor.reach(Data.MASTER_DATA, Use.WRITE) is Reach.ALL, NotAllowed)
    return Patient.objects.filter(practice_id=actor.practice_id, created_by_id=from_id).update(created_by_id=to_id)


# --- Sharing (ACC-4, ACC-5) -----------------------------------------------------------------------------------------


@action
def share_patients(actor: Actor, patient_ids: Collection[UUID], member_ids: Collection[UUID] | None) -> int:
    """Open records to members; `None` is everyone, those who join later too. What is shared already stays so, and what
    belongs to a member needs no share for them. Returns how many records somebody may see now who might not before.

    Raises `NotAllowed`, and `NotFound` where one of the records or members is none that the actor sees as a
    member of the practice.
    """
    require(may_share(actor), NotAllowed)
    belongs_to = dict(patients_by_role(actor).filter(pk__in=set(patient_ids)).values_list("pk", "created_by_id"))
    require(len(belongs_to) == len(set(patient_ids)), NotFound)
    members: set[UUID | None] = {None}
    if member_ids is not None:
        members = set(member_ids)
        require(receivers(actor).filter(pk__in=set(member_ids)).count() == len(members), NotFound)
    # One after another: so each of two who share the same at once knows what they added.
    lock(f"shares:{actor.practice_id}")
    given = Share.objects.filter(practice_id=actor.practice_id, patient_id__in=belongs_to)
    there = set(given.values_list("patient_id", "member_id"))
    wanted = [
        (patient, member)
        for patient, member in product(belongs_to, members)
        if (patient, member) not in there and (member is None or member != belongs_to[patient])
    ]
    Share.objects.bulk_create(
        Share(practice_id=actor.practice_id, patient_id=patient, member_id=member, shared_by_id=actor.identity)
        for patient, member in wanted
    )
    if wanted:
        publish(PatientsShared(actor.practice_id))
    return len({patient for patient, _member in wanted})
