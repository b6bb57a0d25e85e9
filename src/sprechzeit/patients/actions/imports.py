"""An import of patients from a file (PAT-5): brought, told what its columns hold, started, called off, forgotten."""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from itertools import islice
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from sprechzeit.access.actor import Actor, ActorKind
from sprechzeit.core.acting import action, require
from sprechzeit.core.errors import NotAllowed, NotFound
from sprechzeit.core.events import publish
from sprechzeit.patients.errors import BadLines, ImportBegun, UnusableList
from sprechzeit.patients.events import ImportMapped, ImportStarted, ImportTakenBack
from sprechzeit.patients.import_lines import check_parts
from sprechzeit.patients.import_seals import Seals
from sprechzeit.patients.importing.cards import COLUMNS, is_cards, read_cards
from sprechzeit.patients.importing.dates import possible_orders
from sprechzeit.patients.importing.fields import FIELDS, field_of
from sprechzeit.patients.importing.tables import MOST_BYTES, BadFile, Problem, Row, read_table
from sprechzeit.patients.models import ImportPart, PatientImport
from sprechzeit.patients.policy import may_import, visible_imports
from sprechzeit.patients.queries import owners

PART_LINES = 500
AT_ONCE = 1_000
"""So many lines are read while one waits; of a longer file by a job."""
LOOKED_AT, SAMPLES = 2_000, 3
KEPT = timedelta(days=1)
SKIP, ENTER = "skip", "enter"
KEEP_GOOD, ALL_OR_NONE = "good", "all"
NO_LINE: Mapping[int, str] = {}


@action
def bring_file(actor: Actor, name: str, data: bytes) -> UUID:
    """Keep a file of patients, sealed, and look what is in it; its import's id. Raises `UnusableList`, `NotAllowed`."""
    require(may_import(actor), NotAllowed)
    try:
        head, rows, count = _survey(data)
    except BadFile as bad:
        raise UnusableList(bad) from bad
    cards = is_cards(data)
    source = PatientImport.objects.create(
        practice_id=actor.practice_id, file_name=name[:200], is_cards=cards, brought_by_id=actor.identity,
        line_count=count, head=json.dumps(head), choices=_as_cards() if cards else {},
    )  # fmt: skip
    seals = Seals(source)
    parts = enumerate(iter(lambda: list(islice(rows, PART_LINES)), []))
    for number, lines in parts:
        part = ImportPart(practice_id=source.practice_id, source=source, number=number, line_count=len(lines))
        part.lines = seals.sealed(part, "lines", lines)
        part.save(force_insert=True)
    if cards:
        _map(actor, source)
    return source.pk


def _survey(data: bytes) -> tuple[dict[str, Any], Iterator[Row], int]:
    """What the form shows of a file; its lines; how many patients they are. Raises `BadFile`."""
    if len(data) > MOST_BYTES:
        raise BadFile(Problem.TOO_LARGE)
    if is_cards(data):
        cards = list(read_cards(data))
        return {"titles": list(COLUMNS), "title_line": 0}, iter(cards), len(cards)
    table = read_table(data)
    first: list[list[str]] = []
    count = 0
    for line, cells in table.rows():
        if line > table.title_line:
            count += 1
            if len(first) < LOOKED_AT:
                first.append(cells)
    titles = list(table.titles) or [""] * max(map(len, first))
    columns = [[cells[place] for cells in first if place < len(cells) and cells[place]] for place in range(len(titles))]
    head = {
        "titles": titles,
        "title_line": table.title_line,
        "samples": [list(dict.fromkeys(value[:60] for value in values))[:SAMPLES] for values in columns],
        "orders": possible_orders(_of_birth(titles, columns), timezone.now().date()),
    }
    # What stands above the titles is no patient, nor are they; they are kept for who says that they are.
    return head, (row for row in table.rows() if row[0] >= table.title_line), count


def _of_birth(titles: Sequence[str], columns: Sequence[Sequence[str]]) -> list[str]:
    named = [place for place, title in enumerate(titles) if field_of(title) == "date_of_birth"]
    return [value for place in named or range(len(columns)) for value in columns[place]]


def _as_cards() -> dict[str, Any]:
    return {"columns": {str(place): name for place, name in enumerate(COLUMNS)}, "order": "ymd", "titled": True}


@action
def map_columns(actor: Actor, import_id: UUID, columns: Mapping[int, str], *, order: str, titled: bool) -> None:
    """Say which field each column holds; all lines are read by that. Raises `ImportBegun`, `NotFound`.

    `order`: of the parts of dates; `titled`: whether the line of titles is none of a patient.
    """
    source = _to_change(actor, import_id)
    require(set(columns.values()) <= set(FIELDS) and not source.is_cards, NotFound)
    source.choices = {"columns": {str(place): name for place, name in columns.items()}, "order": order,
                      "titled": titled}  # fmt: skip
    _map(actor, source)


def _map(actor: Actor, source: PatientImport) -> None:
    source.mapped_at, source.checked_at = timezone.now(), None
    source.save(update_fields=["choices", "mapped_at", "checked_at"])
    if source.line_count <= AT_ONCE:
        parts = ImportPart.objects.filter(practice_id=source.practice_id, source=source)
        check_parts(source, parts.order_by("number"))
    else:
        publish(ImportMapped(source.practice_id, source.pk))


@action
def start_import(
    actor: Actor, import_id: UUID, *, belongs_to: UUID | None, alike: str, bad_lines: str,
    decided: Mapping[int, str] = NO_LINE,
) -> None:  # fmt: skip
    """Have the lines entered; asked twice it is done once.

    `alike`: what becomes of a line that may be of somebody who is there already ('skip', 'enter'), `decided`: of single
    ones, by their number. `bad_lines`: whether the others are kept ('good'), or none ('all'): then `BadLines` is raised
    where one is bad. Raises `ImportBegun` where the lines are not read yet, `NotFound`.
    """
    source = _locked(actor, import_id)
    if source.started_at and not source.cancelled_at:
        return
    require(source.checked_at is not None and source.cancelled_at is None, ImportBegun)
    require(belongs_to is None or owners(actor).filter(pk=belongs_to).exists(), NotFound)
    is_bad = ImportPart.objects.filter(practice_id=source.practice_id, source=source, bad__gt=0).exists()
    require(bad_lines == KEEP_GOOD or not is_bad, BadLines)
    source.choices |= {
        "belongs_to": str(belongs_to) if belongs_to else None, "alike": alike, "bad_lines": bad_lines,
        "decided": {str(line): what for line, what in decided.items()}, "started_by": str(actor.identity),
    }  # fmt: skip
    source.started_at = timezone.now()
    source.save(update_fields=["choices", "started_at"])
    publish(ImportStarted(source.practice_id, source.pk))


@action
def cancel_import(actor: Actor, import_id: UUID) -> None:
    """Stop it: what is entered stays, unless all or none was wanted; before it is started its file is deleted at once.

    What has ended is left as it is. Raises `NotFound`.
    """
    source = _locked(actor, import_id)
    if source.finished_at or source.cancelled_at:
        return
    source.cancelled_at = timezone.now()
    source.save(update_fields=["cancelled_at"])
    if not source.started_at:
        _forget(source)


@action
def take_back_import(actor: Actor, import_id: UUID) -> None:
    """Have the records removed that were made of the file and not touched since. Raises `ImportBegun`, `NotFound`."""
    source = _locked(actor, import_id)
    if source.taking_back_at and not source.taken_back_at:
        return
    require(bool(source.finished_at or (source.started_at and source.cancelled_at)), ImportBegun)
    source.taking_back_at, source.taken_back_at = timezone.now(), None
    source.choices |= {"taken_back_by": str(actor.identity)}
    source.save(update_fields=["choices", "taking_back_at", "taken_back_at"])
    publish(ImportTakenBack(source.practice_id, source.pk))


@action
def forget_import_files(actor: Actor) -> int:
    """Delete the files, and what was left out of them, a day after they were brought or entered; how many they were."""
    require(actor.kind is ActorKind.SYSTEM, NotAllowed)
    old = timezone.now() - KEPT
    ended = Q(finished_at__lt=old) | Q(cancelled_at__lt=old) | Q(started_at=None, brought_at__lt=old)
    stuck = Q(started_at__lt=old - KEPT)  # past the last attempt of its job
    files = visible_imports(actor).filter(ended | stuck, head__isnull=False).select_for_update(skip_locked=True)
    found = list(files)
    for source in found:
        if not source.finished_at and not source.cancelled_at:
            source.cancelled_at = timezone.now()
            source.save(update_fields=["cancelled_at"])
        _forget(source)
    return len(found)


def _forget(source: PatientImport) -> None:
    ImportPart.objects.filter(practice_id=source.practice_id, source=source).delete()
    source.head = None
    source.save(update_fields=["head"])


def _locked(actor: Actor, import_id: UUID) -> PatientImport:
    found = visible_imports(actor).filter(pk=import_id).select_for_update().first()
    if found is None:
        raise NotFound
    return found


def _to_change(actor: Actor, import_id: UUID) -> PatientImport:
    """One whose lines are not entered yet, and that nobody else changes meanwhile."""
    source = _locked(actor, import_id)
    require(not (source.started_at or source.cancelled_at), ImportBegun)
    return source
