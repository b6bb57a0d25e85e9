"""Finding or making a patient (PAT-10…14)."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Q, QuerySet

from sprechzeit.access.actor import Actor, ActorKind
from sprechzeit.access.table import Data, Reach, Use
from sprechzeit.core.acting import action, require
from sprechzeit.core.errors import NotAllowed
from sprechzeit.core.ids import new_id
from sprechzeit.core.locks import lock
from sprechzeit.core.plans import planned
from sprechzeit.core.rows import add
from sprechzeit.patients import matching
from sprechzeit.patients.identity import Identity
from sprechzeit.patients.models import Consent, ContactKind, ContactPoint, Patient
from sprechzeit.patients.policy import newest_consent
from sprechzeit.patients.queries import matched
from sprechzeit.practice.policy import partner_of

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

    Of a partner's booking nobody is found who said no to it (PAT-21); on the practice's own page no consent is asked.
    Two bookings of the same new person at once make one record: they wait for one another by a lock on the identity.
    The answer, whether found or made, goes to the booking and never to the visitor. Raises `NotFound` for a partner
    that may do nothing.
    """
    require(actor.reach(Data.MASTER_DATA, Use.WRITE) >= Reach.OWN, NotAllowed)
    partner = partner_of(actor)
    first_key, last_key = matching.name_key(identity.first_name), matching.name_key(identity.last_name)
    lock(f"patient:{actor.practice_id}:{last_key}:{first_key}:{identity.date_of_birth}")
    found = matched(actor, partner, identity)
    if found is None:
        return _add_patient(actor, identity, first_key, last_key, belongs_to)
    _propose_contacts(found, identity.contacts())
    return found


@action
def recognise_patients(actor: Actor, identity: Identity, *, email: str) -> list[Patient]:
    """The records with these names and date of birth that have this e-mail address among their contact points.

    Whether there are any may be told to who has proved that the address is theirs, and to nobody else (PAT-14).
    """
    require(actor.reach(Data.MASTER_DATA, Use.WRITE) >= Reach.OWN, NotAllowed)
    partner = partner_of(actor)
    same = _same_person(actor, identity).filter(contact_points__key=matching.email_key(email)).distinct()
    if partner is not None:
        same = same.alias(said=newest_consent(partner.pk)).filter(Q(said=None) | ~Q(said=Consent.Choice.NO))
    return list(same)


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
        made_online=actor.kind in (ActorKind.VISITOR, ActorKind.PARTNER),
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
