"""Entering, changing and archiving a record (PAT-1)."""

from typing import Any
from uuid import UUID

from django.utils import timezone

from sprechzeit.access.actor import Actor
from sprechzeit.core.acting import action, require
from sprechzeit.core.errors import NotAllowed, NotFound
from sprechzeit.core.live import announce_practice
from sprechzeit.patients import facts as said
from sprechzeit.patients import matching
from sprechzeit.patients.columns import set_columns
from sprechzeit.patients.errors import LikelyDuplicate, RecordChanged
from sprechzeit.patients.facts import Facts
from sprechzeit.patients.models import ContactKind, ContactPoint, Patient, PatientTag, RelatedPerson, Tag
from sprechzeit.patients.policy import (
    get_patient,
    may_add_patient,
    may_change_patient,
    may_choose_owner,
    patients_by_role,
)
from sprechzeit.patients.queries import facts_of, likely_duplicates, owners
from sprechzeit.practice.once import is_form_key, once


@action
def enter_patient(
    actor: Actor, wanted: Facts, *, belongs_to: UUID | None, key: str, known: frozenset[str] = frozenset()
) -> UUID:
    """A new record with all its master data, and its id; the same form (`key`) sent twice makes one.

    `belongs_to`: the member whose patient it is; a practitioner's are always their own (ACC-3). `known`: ids of likely
    duplicates that were shown and are not this person. Raises `LikelyDuplicate` for others, `NotAllowed`, `NotFound`
    also for a key that no form has.
    """
    require(may_add_patient(actor), NotAllowed)
    require(is_form_key(key), NotFound)
    if not may_choose_owner(actor):
        belongs_to = actor.identity
    require(belongs_to is None or owners(actor).filter(pk=belongs_to).exists(), NotFound)

    def make(new_id: UUID) -> None:
        alike = [str(one.patient.pk) for one in likely_duplicates(actor, wanted)]
        if not set(alike) <= known:
            raise LikelyDuplicate(alike)
        patient = Patient(id=new_id, practice_id=actor.practice_id, created_by_id=belongs_to)
        set_columns(patient, wanted, [*said.PLAIN, said.DATE_OF_BIRTH])
        patient.save(force_insert=True)
        _write_lists(actor, patient, said.EMPTY, wanted)

    return once(actor, "patient", key, repr(sorted(wanted.items())), make)


@action
def change_patient(actor: Actor, patient_id: UUID, shown: Facts, wanted: Facts) -> Patient:
    """Write what is wanted of a record that looked as `shown`.

    Raises `RecordChanged` where it does not look so any more, by whomever, contact points and tags included; `NotFound`
    also for a guardian or payer that the actor does not see; `NotAllowed`.
    """
    patient = _to_change(actor, patient_id)
    current = facts_of(actor, patient)
    if meanwhile := said.changed(shown, current):
        raise RecordChanged(meanwhile, current)
    new = said.changed(current, wanted)
    columns = set_columns(patient, wanted, [name for name in new if name in (*said.PLAIN, said.DATE_OF_BIRTH)])
    if columns:
        patient.save(update_fields=columns)
    _write_lists(actor, patient, current, wanted)
    announce_practice(patient.practice_id)
    return patient


@action
def archive_patient(actor: Actor, patient_id: UUID) -> Patient:
    """Out of lists, search and matching (PAT-14); all of it is kept. Raises `NotFound`, `NotAllowed`."""
    return _set_archived(actor, patient_id, archived=True)


@action
def bring_back_patient(actor: Actor, patient_id: UUID) -> Patient:
    """An archived record is active again. Raises `NotFound`, `NotAllowed`."""
    return _set_archived(actor, patient_id, archived=False)


def _set_archived(actor: Actor, patient_id: UUID, *, archived: bool) -> Patient:
    patient = _to_change(actor, patient_id)
    if archived is not (patient.archived_at is not None):
        patient.archived_at = timezone.now() if archived else None
        patient.save(update_fields=["archived_at"])
    return patient


def _to_change(actor: Actor, patient_id: UUID) -> Patient:
    """A visible record that nobody else changes meanwhile."""
    patient = get_patient(actor, patient_id)
    require(may_change_patient(actor, patient), NotAllowed)
    rows = Patient.objects.select_for_update(no_key=True)
    return rows.get(practice_id=patient.practice_id, pk=patient.pk)


def _write_lists(actor: Actor, patient: Patient, before: Facts, wanted: Facts) -> None:
    if before[said.CONTACTS] != wanted[said.CONTACTS]:
        _write_contacts(patient, wanted[said.CONTACTS])
    if before[said.TAGS] != wanted[said.TAGS]:
        _write_tags(patient, wanted[said.TAGS])
    for kind in said.RELATED:
        if before[kind] != wanted[kind]:
            _write_related(actor, patient, kind, wanted[kind])


def _write_contacts(patient: Patient, wanted: list[list[str]]) -> None:
    """As they are wanted; a point whose key stays is the same row, however it is written now."""
    new = {(kind, _key_of(kind, value)): value for kind, value in wanted}
    points = ContactPoint.objects.filter(practice_id=patient.practice_id, patient=patient)
    for point in points:
        value = new.pop((point.kind, point.key), None)
        if value is None:
            point.delete()
        elif value != point.value:
            point.value = value
            point.save(update_fields=["value"])
    ContactPoint.objects.bulk_create(
        ContactPoint(practice_id=patient.practice_id, patient=patient, kind=kind, value=value, key=key)
        for (kind, key), value in new.items()
    )


def _key_of(kind: str, value: str) -> str:
    return matching.email_key(value) if kind == ContactKind.EMAIL else matching.phone_key(value)


def _write_tags(patient: Patient, wanted: list[str]) -> None:
    """By their words; one that the practice has not used yet is the practice's from now on."""
    keys = {matching.name_key(name): name for name in wanted}
    tags = Tag.objects.filter(practice_id=patient.practice_id, key__in=keys)
    known = set(tags.values_list("key", flat=True))
    Tag.objects.bulk_create(
        (Tag(practice_id=patient.practice_id, name=keys[key], key=key) for key in keys if key not in known),
        ignore_conflicts=True,  # another one may have thought of the same word at the same time
    )
    given = PatientTag.objects.filter(practice_id=patient.practice_id, patient=patient)
    given.exclude(tag__key__in=keys).delete()
    has = set(given.values_list("tag_id", flat=True))
    PatientTag.objects.bulk_create(
        PatientTag(practice_id=patient.practice_id, patient=patient, tag=tag) for tag in tags.all() if tag.pk not in has
    )


def _write_related(actor: Actor, patient: Patient, kind: str, wanted: Facts) -> None:
    if wanted.get(said.HIDDEN):  # whom the actor does not see is not the actor's to choose
        raise NotFound
    rows = RelatedPerson.objects.filter(practice_id=patient.practice_id, patient=patient, kind=kind)
    if not wanted:
        rows.delete()
        return
    columns: dict[str, Any] = {name: wanted.get(name, "") for name in said.TYPED} | {"person": None}
    if number := wanted.get(said.NUMBER):
        person = patients_by_role(actor).filter(number=number).exclude(pk=patient.pk).first()
        if person is None:
            raise NotFound
        columns = dict.fromkeys(said.TYPED, "") | {"person": person}
    RelatedPerson.objects.update_or_create(
        practice_id=patient.practice_id, patient=patient, kind=kind, defaults=columns
    )
