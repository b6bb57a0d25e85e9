"""What the pages of an import show (PAT-5): how far it is, what its lines become, what was left out."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db.models import Q, Sum

from sprechzeit.access.actor import Actor
from sprechzeit.audit.queries import log_list
from sprechzeit.patients import import_lines
from sprechzeit.patients.comparing import person_of
from sprechzeit.patients.likeness import likeness
from sprechzeit.patients.models import ImportPart, Patient, PatientImport
from sprechzeit.patients.policy import get_import, patients_by_role, visible_imports, visible_patients
from sprechzeit.patients.queries.duplicates import Alike

SHOWN_IMPORTS, SHOWN_FIRST, SHOWN_LINES, SHOWN_KEPT = 20, 5, 50, 50


def recent_imports(actor: Actor) -> list[PatientImport]:
    """The latest ones."""
    found = visible_imports(actor).defer("head").select_related("brought_by").order_by("-brought_at", "-pk")
    return list(found[:SHOWN_IMPORTS])


def import_of(actor: Actor, import_id: UUID) -> tuple[PatientImport, dict[str, Any]]:
    """An import, and what its table is like: {} when the file is gone. Raises NotFound."""
    source = get_import(actor, import_id)
    return source, json.loads(source.head or "{}")


@dataclass(frozen=True, slots=True)
class Progress:
    """How many lines of how many are done."""

    done: int
    lines: int


def progress_of(actor: Actor, source: PatientImport) -> Progress:
    """Of reading the lines; of entering them once that was started. All or none is done at once, and counts none."""
    parts = _parts(source)
    done = Q(done_at__isnull=False) if source.started_at else Q(checked_at__gte=source.mapped_at)
    sums = parts.aggregate(done=Sum("line_count", filter=done), lines=Sum("line_count"))
    return Progress(sums["done"] or 0, sums["lines"] or 0)


@dataclass(slots=True)
class Preview:
    """Counts of lines; the first ones as they will be, those with faults, those that may be of somebody known."""

    lines: int
    bad: int
    alike: int
    first: list[dict[str, Any]] = field(default_factory=list)
    faulty: list[dict[str, Any]] = field(default_factory=list)
    doubtful: list[dict[str, Any]] = field(default_factory=list)


def preview_of(actor: Actor, source: PatientImport) -> Preview:
    """Some of the lines of each kind, as many as a page shows; of doubtful ones with the records that they may be."""
    sums = _parts(source).aggregate(lines=Sum("line_count"), bad=Sum("bad"), alike=Sum("alike"))
    preview = Preview(sums["lines"] or 0, sums["bad"] or 0, sums["alike"] or 0)
    told = _parts(source).filter(number__in=_telling(source)).order_by("number")
    for part in told.defer("lines").iterator(chunk_size=1):
        for line in json.loads(part.understood or "[]"):
            _sort(preview, line)
    _name_known(actor, source, preview.doubtful)
    return preview


def _telling(source: PatientImport) -> list[int]:
    """Numbers of the parts in which what is shown stands: the others need not be opened."""
    good = bad = alike = 0
    found = []
    parts = _parts(source).order_by("number").values_list("number", "line_count", "bad", "alike")
    for number, lines, is_bad, is_alike in parts:
        wanted = (good < SHOWN_FIRST and is_bad < lines, bad < SHOWN_LINES and is_bad, alike < SHOWN_LINES and is_alike)
        if any(wanted):
            found.append(number)
            good, bad, alike = good + lines - is_bad, bad + is_bad, alike + is_alike
    return found


def _sort(preview: Preview, line: dict[str, Any]) -> None:
    is_doubtful = bool(line.get("twin") or line.get("known"))
    for found, belongs, most in (
        (preview.faulty, bool(line["faults"]), SHOWN_LINES),
        (preview.doubtful, is_doubtful and not line["faults"], SHOWN_LINES),
        (preview.first, not line["faults"], SHOWN_FIRST),
    ):
        if belongs and len(found) < most:
            found.append(line)


def _name_known(actor: Actor, source: PatientImport, lines: list[dict[str, Any]]) -> None:
    ids = {key for line in lines for key in line.get("known", ())}
    seen = patients_by_role(actor).filter(pk__in=ids).prefetch_related("contact_points")
    records = {str(one.pk): one for one in seen}
    for line in lines:
        there = [records[key] for key in line.get("known", ()) if key in records]
        why = [likeness(import_lines.person_of(line), person_of(one)) for one in there]
        line["records"] = [Alike(one, reason) for one, reason in zip(there, why, strict=True) if reason]
    if records:
        log_list(actor, "patients_patient", f"import {source.pk}", list(records))


def left_lines(actor: Actor, source: PatientImport) -> Iterator[dict[str, Any]]:
    """Each line that was left out, with its cells and the reason; before it is entered, those that cannot be."""
    parts = _parts(source).order_by("number")
    if source.started_at:
        for part in parts.filter(done_at__isnull=False).iterator(chunk_size=1):
            yield from json.loads(part.understood or "[]")
        return
    for part in parts.filter(bad__gt=0).iterator(chunk_size=1):
        cells = dict(json.loads(part.lines or "[]"))
        for line in json.loads(part.understood or "[]"):
            if line["faults"]:
                yield {**line, "cells": cells[line["n"]]}


def entered_by(actor: Actor, source: PatientImport) -> int:
    """How many records an import has made; of one that was called off they are not counted at once."""
    return patients_by_role(actor).filter(imported_by=source).count()


def kept_records(actor: Actor, source: PatientImport) -> list[Patient]:
    """Records of an import that are there still, as many as a page shows."""
    return list(patients_by_role(actor).filter(imported_by=source).order_by("import_line")[:SHOWN_KEPT])


def origin_of(actor: Actor, patient: Patient) -> tuple[str, int | None] | None:
    """Of which file and line a visible record was made, if of any; for whoever sees the record."""
    if patient.imported_by_id is None:
        return None
    return visible_patients(actor).filter(pk=patient.pk).values_list("imported_by__file_name", "import_line").first()


def _parts(source: PatientImport) -> Any:
    return ImportPart.objects.filter(practice_id=source.practice_id, source=source)
