"""What a record says."""

from collections.abc import Collection
from uuid import UUID

from sprechzeit.access.actor import Actor
from sprechzeit.access.fields import shown
from sprechzeit.audit.queries import history_about, log_read
from sprechzeit.patients import facts, matching
from sprechzeit.patients.facts import Facts
from sprechzeit.patients.models import ContactKind, ContactPoint, Patient
from sprechzeit.patients.policy import (
    fields_seen,
    get_patient,
    patients_by_role,
    visible_tags,
)
from sprechzeit.practice.records import RecordInformation, record_information

RECORD = (
    "patients_patient",
    "patients_contactpoint",
    "patients_relatedperson",
    "patients_patienttag",
    "patients_merge",
    "patients_consent",
)


def email_of(actor: Actor, patient: Patient) -> str:
    """Where the patient is written to: their first e-mail address, or ''."""
    points = patient.contact_points.filter(practice_id__in=actor.practices, kind=ContactKind.EMAIL)
    return points.order_by("id").values_list("value", flat=True).first() or ""


def emails_of(actor: Actor, patient_ids: Collection[UUID]) -> dict[UUID, str]:
    """The same of many, by their ids; who has no address is missing."""
    if not patient_ids:
        return {}
    points = ContactPoint.objects.filter(
        practice_id__in=actor.practices, kind=ContactKind.EMAIL, patient__in=patient_ids
    )
    return dict(points.order_by("-id").values_list("patient_id", "value"))


def mobile_of(actor: Actor, patient: Patient, instead: str | None = None) -> str:
    """The mobile number to which an SMS for the patient goes, in E.164, or ''. `instead`: of who booked for them."""
    if instead is None:
        points = patient.contact_points.filter(practice_id__in=actor.practices).exclude(kind=ContactKind.EMAIL)
        given = sorted(points.order_by("id").values_list("kind", "value"), key=lambda one: one[0] != ContactKind.MOBILE)
        numbers = [value for kind, value in given if kind == ContactKind.MOBILE or matching.is_mobile(value)]
    else:
        numbers = [instead]
    keys = (matching.phone_key(one) for one in numbers)
    return next((one for one in keys if one.startswith("+")), "")


def has_email(actor: Actor, patient: Patient, address: str) -> bool:
    """Whether an e-mail address is one of the record's, however it is written."""
    points = patient.contact_points.filter(practice_id__in=actor.practices, kind=ContactKind.EMAIL)
    return points.filter(key=matching.email_key(address)).exists()


def read_patient(actor: Actor, patient_id: UUID) -> Patient:
    """A record to be shown: visible to the actor, and its opening logged (AUD-2). Raises NotFound."""
    found = get_patient(actor, patient_id)
    log_read(actor, found.practice_id, "patients_patient", found.pk)
    return found


def information_on(actor: Actor, patient: Patient) -> RecordInformation:
    """Who made a patient's record and who changed it last, contact points included (AUD-4)."""
    return record_information(actor, history_about(actor, patient.practice_id, [patient.pk], RECORD))


def ids_in_log(actor: Actor, patient: Patient) -> list[UUID]:
    """By which ids the log speaks of a visible record: its own, and those of the records merged into it (PAT-4)."""
    merged = Patient.objects.filter(practice_id__in=actor.practices, merged_into=patient)
    return [patient.pk, *merged.values_list("pk", flat=True)]


KINDS_IN_ORDER = (ContactKind.MOBILE, ContactKind.PHONE, ContactKind.WORK, ContactKind.EMAIL)


def facts_of(actor: Actor, patient: Patient) -> Facts:
    """All master data of a record that the actor sees whole; a guardian or payer whom they do not see is hidden."""
    found: Facts = {name: getattr(patient, name) or "" for name in facts.PLAIN}
    born = patient.date_of_birth
    points = sorted(contacts_of(actor, patient), key=lambda one: (KINDS_IN_ORDER.index(ContactKind(one.kind)), one.id))
    return found | {
        facts.DATE_OF_BIRTH: born.isoformat() if born else "",
        facts.CONTACTS: [[one.kind, one.value] for one in points],
        facts.TAGS: sorted(patient.tags.values_list("tag__name", flat=True), key=str.casefold),
        **_related(actor, patient),
    }


def contacts_of(actor: Actor, patient: Patient) -> list[ContactPoint]:
    """The contact points of a visible record, those alone that the actor sees."""
    fields = fields_seen(actor, patient)
    points = patient.contact_points.filter(practice_id__in=actor.practices).order_by("id")
    return [one for one in points if shown(one.kind, fields)]


def _related(actor: Actor, patient: Patient) -> Facts:
    found: Facts = {kind: {} for kind in facts.RELATED}
    for one in patient.related_people.all():
        if one.person_id is None:
            found[one.kind] = {name: getattr(one, name) for name in facts.TYPED if getattr(one, name)}
        else:
            person = patients_by_role(actor).filter(pk=one.person_id).first()
            found[one.kind] = {facts.NUMBER: person.number} if person else {facts.HIDDEN: True}
    return found


def tag_names(actor: Actor) -> list[str]:
    """The practice's words for records, for who types one."""
    return sorted(visible_tags(actor).values_list("name", flat=True), key=str.casefold)
