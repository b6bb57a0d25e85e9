"""Entering the lines of a file of patients, and taking them back (PAT-5)."""

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection
from django.db.models import Model, Sum
from django.utils import timezone

from sprechzeit.access.actor import Actor
from sprechzeit.audit.models import Entry
from sprechzeit.core.acting import action
from sprechzeit.core.errors import NotFound
from sprechzeit.core.locks import lock
from sprechzeit.core.rows import add_all
from sprechzeit.patients import facts as said
from sprechzeit.patients.actions.imports import ALL_OR_NONE, SKIP
from sprechzeit.patients.columns import SEALED
from sprechzeit.patients.import_lines import Understood, born_on, name_in_log, who_is_known
from sprechzeit.patients.import_seals import Seals
from sprechzeit.patients.matching import name_key
from sprechzeit.patients.models import (
    ContactPoint,
    ImportPart,
    Patient,
    PatientImport,
    PatientTag,
    PossibleDuplicate,
    RelatedPerson,
    SearchEntry,
    Tag,
    ToCompare,
)
from sprechzeit.patients.policy import get_import, may_import, visible_imports

REMOVED_AT_ONCE = 200
# What is made with a record and goes with it; whatever else refers to it came later.
_OWN: set[tuple[type[Model], str]] = {
    (one, "patient") for one in (ContactPoint, RelatedPerson, PatientTag, SearchEntry, ToCompare)
}
# Found by the program, and gone with the record.
_OWN |= {(PossibleDuplicate, "patient"), (PossibleDuplicate, "other")}
# Not by the ORM, which would go through all that may refer to a record: of that there is none, or the database refuses.
_REMOVE = (
    "DELETE FROM patients_contactpoint WHERE practice_id = %s AND patient_id = ANY (%s)",
    "DELETE FROM patients_relatedperson WHERE practice_id = %s AND patient_id = ANY (%s)",
    "DELETE FROM patients_patienttag WHERE practice_id = %s AND patient_id = ANY (%s)",
    "DELETE FROM patients_patient WHERE practice_id = %s AND id = ANY (%s)",
)


class Cancelled(Exception):
    """Somebody stopped the import; of all or none nothing is to stay."""


@action
def enter_next(actor: Actor, import_id: UUID) -> bool:
    """Enter the next lines, or all of them where all or none is wanted; whether there are more.

    A line becomes one record however often this is called: parts are done in the transaction that says so, and the
    database refuses a second record of a line. Raises `Cancelled` where all or none was wanted and it was stopped.
    """
    source = get_import(actor, import_id)
    if not _goes_on(actor, source):
        return False
    lock(f"patient-import:{source.practice_id}")  # of two imports at once each sees what the other one entered
    parts = ImportPart.objects.filter(practice_id=source.practice_id, source=source, done_at=None).order_by("number")
    if source.choices["bad_lines"] == ALL_OR_NONE:
        while part := parts.first():
            if not _goes_on(actor, source):
                raise Cancelled
            _enter(source, part)
        _finish(actor, source)
        return False
    part = parts.select_for_update().first()
    if part is None:
        _finish(actor, source)
        return False
    _enter(source, part)
    return True


def _goes_on(actor: Actor, source: PatientImport) -> bool:
    """Whether it is started and not over, as it stands at this moment. Whoever may import no more stops theirs."""
    now = visible_imports(actor).filter(pk=source.pk, started_at__isnull=False, finished_at=None, cancelled_at=None)
    return may_import(actor) and now.exists()


def _finish(actor: Actor, source: PatientImport) -> None:
    """Count what was entered; of an import that was stopped too."""
    held = visible_imports(actor).select_for_update().get(pk=source.pk)
    if held.finished_at or (held.cancelled_at and source.choices["bad_lines"] == ALL_OR_NONE):
        raise Cancelled
    parts = ImportPart.objects.filter(practice_id=source.practice_id, source=source, done_at__isnull=False)
    sums = parts.aggregate(entered=Sum("entered"), lines=Sum("line_count"))
    held.entered = sums["entered"] or 0
    held.left_out = (sums["lines"] or 0) - held.entered
    held.finished_at = timezone.now()
    held.save(update_fields=["entered", "left_out", "finished_at"])


@action
def count_cancelled(actor: Actor, import_id: UUID) -> None:
    """Of an import that was stopped on its way: how many records it had entered by then."""
    source = get_import(actor, import_id)
    if source.cancelled_at and source.started_at:
        source.entered = Patient.objects.filter(practice_id=source.practice_id, imported_by=source).count()
        source.save(update_fields=["entered"])


def _enter(source: PatientImport, part: ImportPart) -> None:
    """The lines of a part: those that are to be records become some, of the others the reason is kept."""
    lines: list[Understood] = json.loads(part.understood or "[]")
    cells = dict(json.loads(part.lines or "[]"))
    known = who_is_known(source, [one for one in lines if not one["faults"]])
    wanted, left = [], []
    for one in lines:
        if one["faults"]:
            left.append({"n": one["n"], "cells": cells[one["n"]], "faults": one["faults"]})
        elif _is_left_out(source, one, known.get(one["n"], ())):
            left.append({"n": one["n"], "cells": cells[one["n"]], "alike": True})
        else:
            wanted.append(one)
    _Rows(source, wanted).insert()
    part.lines, part.understood = None, Seals(part).sealed(part, "understood", left)
    part.entered, part.done_at = len(wanted), timezone.now()
    part.save(update_fields=["lines", "understood", "entered", "done_at"])


def _is_left_out(source: PatientImport, one: Understood, known: Sequence[UUID]) -> bool:
    """As it was decided for the line, else for all that may be of somebody who is there by now."""
    if not (one.get("twin") or one.get("known") or known):
        return False
    what: str = source.choices["decided"].get(str(one["n"]), source.choices["alike"])
    return what == SKIP


class _Rows(NamedTuple):
    """The rows that lines become, by one statement."""

    source: PatientImport
    lines: Sequence[Understood]

    def insert(self) -> None:
        """Enter them."""
        if not self.lines:
            return
        patients = list(self._patients())
        pairs = [(one, {**said.EMPTY, **line["facts"]}) for one, line in zip(patients, self.lines, strict=True)]
        practice = self.source.practice_id
        tags = self._tags({name_key(name): name for _one, facts in pairs for name in facts[said.TAGS]})
        points = [
            ContactPoint(practice_id=practice, patient=one, kind=kind, value=value, key=key)
            for one, facts in pairs
            for kind, value, key in facts[said.CONTACTS]
        ]
        related = [
            RelatedPerson(practice_id=practice, patient=one, kind=kind, **facts[kind])
            for one, facts in pairs
            for kind in said.RELATED
            if facts[kind]
        ]
        tagged = [
            PatientTag(practice_id=practice, patient=one, tag_id=tags[name_key(name)])
            for one, facts in pairs
            for name in facts[said.TAGS]
        ]
        # At once: what they are found by is made of a record and its contact points, and so only once.
        add_all(patients, points, related, tagged)

    def _patients(self) -> Iterator[Patient]:
        source, seals = self.source, Seals(self.source)
        for line in self.lines:
            facts = {**said.EMPTY, **line["facts"]}
            first, last = facts["first_name"], facts["last_name"]
            patient = Patient(
                practice_id=source.practice_id, created_by_id=source.choices["belongs_to"], imported_by=source,
                import_line=line["n"], first_key=name_key(first), last_key=name_key(last),
                date_of_birth=born_on(facts), **{name: facts[name] for name in said.PLAIN if name not in SEALED},
            )  # fmt: skip
            for name in SEALED:
                setattr(patient, name, seals.sealed(patient, name, facts[name]))
            yield patient

    def _tags(self, names: dict[str, str]) -> dict[str, UUID]:
        """Id by key; a word that the practice has not used yet is the practice's from now on."""
        practice = self.source.practice_id
        tags = Tag.objects.filter(practice_id=practice, key__in=names)
        known = set(tags.values_list("key", flat=True))
        new = [Tag(practice_id=practice, name=names[key], key=key) for key in names if key not in known]
        Tag.objects.bulk_create(new, ignore_conflicts=True)  # another one may think of the same word at the same time
        return dict(tags.all().values_list("key", "pk"))


@action
def take_back_next(actor: Actor, import_id: UUID, after: UUID | None) -> UUID | None:
    """Remove the next records that the import made and that nobody has touched since; None when it is done.

    `after`: the last record that was looked at. What somebody changed, or attached anything to, stays.
    """
    source = visible_imports(actor).filter(pk=import_id).select_for_update().first()
    if source is None:
        raise NotFound
    if not source.taking_back_at or source.taken_back_at or not may_import(actor):
        return None
    records = Patient.objects.filter(practice_id=source.practice_id, imported_by=source).order_by("pk")
    records = records.filter(pk__gt=after) if after else records
    ids = list(records.select_for_update().values_list("pk", flat=True)[:REMOVED_AT_ONCE])
    if not ids:
        source.taken_back_at = timezone.now()
        source.save(update_fields=["taken_back_at"])
        return None
    removed = set(ids) - _touched(source, ids)
    with connection.cursor() as cursor:
        for statement in _REMOVE:
            cursor.execute(statement, [source.practice_id, list(removed)])
    source.removed += len(removed)
    source.save(update_fields=["removed"])
    return ids[-1]


def _touched(source: PatientImport, ids: Sequence[UUID]) -> set[UUID]:
    """Records that something refers to, or of which the log knows any other change than their import."""
    found = {key for relation in _relations() for key in _attached(source, ids, *relation)}
    entries = Entry.objects.filter(practice_id=source.practice_id, subject_id__in=ids)
    changes = entries.filter(operation__in=("insert", "update", "delete")).exclude(request=name_in_log(source.pk))
    return found | set(changes.values_list("subject_id", flat=True))


def _relations() -> Iterable[tuple[Any, str]]:
    """Each model that refers to records, of all rooms, and by which field; what is made with a record left out."""
    for one in Patient._meta.get_fields(include_hidden=True):
        if one.auto_created and not one.concrete and (one.one_to_many or one.one_to_one):
            relation: Any = one
            if (relation.related_model, relation.field.name) not in _OWN:
                yield relation.related_model, relation.field.name


def _attached(source: PatientImport, ids: Sequence[UUID], model: Any, name: str) -> Iterable[UUID]:
    rows = model._default_manager.filter(practice_id=source.practice_id, **{f"{name}__in": ids})
    found: Iterable[UUID] = rows.values_list(f"{name}_id", flat=True)
    return found
