"""The lines of a file of patients: what each would become, what is wrong, who is there already (PAT-5)."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from hashlib import blake2b
from typing import Any
from uuid import UUID

from django.utils import timezone

from sprechzeit.patients import facts as said
from sprechzeit.patients.comparing import records_like
from sprechzeit.patients.import_seals import Seals
from sprechzeit.patients.importing.reading import Mapped, read_line
from sprechzeit.patients.likeness import Person
from sprechzeit.patients.matching import name_key
from sprechzeit.patients.models import ImportPart, PatientImport

Understood = dict[str, Any]
"""Of a line: `n` its number, `facts` of the record, `faults`; `twin`: the line above that says the same; `known`: ids
of records that may be of this person."""


class Twins:
    """The first line of each person met so far, by a digest of names and date of birth; of one way to read the file."""

    def __init__(self) -> None:
        self.mapped_at: datetime | None = None
        self.first: dict[int, int] = {}

    def of(self, source: PatientImport) -> "Twins":
        """These; empty if the columns were chosen anew."""
        if self.mapped_at != source.mapped_at:
            self.mapped_at, self.first = source.mapped_at, {}
        return self

    def twin(self, one: Understood) -> int:
        """The number of the line above that says the same person, or 0."""
        text = "\x1f".join((*_keys(one), one["facts"].get(said.DATE_OF_BIRTH, "")))
        digest = int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big")
        first = self.first.setdefault(digest, one["n"])
        return first if first < one["n"] else 0


def name_in_log(import_id: UUID) -> str:
    """What entries of the log have as their request that entering the lines of a file made."""
    return f"import:{import_id}"


def check_parts(source: PatientImport, parts: Iterable[ImportPart]) -> None:
    """Read all lines now, in the order of the parts; the import is held by who calls."""
    twins = Twins().of(source)
    for part in parts:
        check_part(source, part, twins)
    source.checked_at = timezone.now()
    source.save(update_fields=["checked_at"])


def check_part(source: PatientImport, part: ImportPart, twins: Twins) -> None:
    """Read the lines of a part as the columns were chosen."""
    head, choices = json.loads(source.head or "{}"), source.choices
    columns = {int(place): name for place, name in choices["columns"].items()}
    mapped = Mapped(columns, choices["order"], head["titles"], timezone.now().date())
    above = head["title_line"] if choices["titled"] else 0
    lines = [_understand(line, cells, mapped) for line, cells in json.loads(part.lines or "[]") if line > above]
    good = [one for one in lines if not one["faults"]]
    known = who_is_known(source, good)
    for one in good:
        if twin := twins.twin(one):
            one["twin"] = twin
        if one["n"] in known:
            one["known"] = [str(key) for key in known[one["n"]]]
    part.understood = Seals(part).sealed(part, "understood", lines)
    part.line_count, part.bad = len(lines), len(lines) - len(good)
    part.alike = sum(bool(one.get("twin") or one.get("known")) for one in good)
    part.checked_at = timezone.now()
    part.save(update_fields=["understood", "line_count", "bad", "alike", "checked_at"])


def _understand(line: int, cells: list[str], mapped: Mapped) -> Understood:
    read = read_line(cells, mapped)
    return {
        "n": line,
        "facts": {name: value for name, value in read.facts.items() if value},
        "faults": [list(one) for one in read.faults],
    }


def who_is_known(source: PatientImport, lines: Sequence[Understood]) -> Mapping[int, list[UUID]]:
    """Ids of the records of whom each of these lines may be, the likeliest first, those of this import left out.

    By the same signs as where one new record is made (`likeness`), in two statements.
    """
    if not lines:
        return {}
    alike = records_like(source.practice_id, [person_of(one) for one in lines], but_imported_by=source.pk)
    return {
        line["n"]: sorted(found, key=lambda key: (-found[key].weight, key))
        for line, found in zip(lines, alike, strict=True)
        if found
    }


def person_of(one: Understood) -> Person:
    """What of a line is compared."""
    contacts = one["facts"].get(said.CONTACTS, ())
    return Person(*_keys(one), born_on(one["facts"]), frozenset(key for _kind, _value, key in contacts))


def _keys(one: Understood) -> tuple[str, str]:
    """First and last name as matching compares them."""
    return name_key(one["facts"].get("first_name", "")), name_key(one["facts"].get("last_name", ""))


def born_on(facts: said.Facts) -> date | None:
    """The date of birth that facts say."""
    return date.fromisoformat(facts[said.DATE_OF_BIRTH]) if facts.get(said.DATE_OF_BIRTH) else None
