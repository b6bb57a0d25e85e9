"""Rows of a kind as people and programs read them, in batches of bounded size."""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import BinaryField, Field, ForeignKey, Model, QuerySet
from django.utils.formats import date_format, number_format
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from sprechzeit.access.actor import Actor
from sprechzeit.core.fields import SealedText
from sprechzeit.operations.personal.kinds import Kind
from sprechzeit.operations.personal.labels import LABELS
from sprechzeit.patients.models import Patient
from sprechzeit.patients.policy import visible_patients
from sprechzeit.practice.queries import people_of

AT_ONCE = 500
# What only the program understands; `secret` and `sending` open something.
TECHNICAL = {
    "id",
    "practice",
    "key",
    "first_key",
    "last_key",
    "secret",
    "sending",
    "reference",
    "occupancy",
    "uid",
    "before",
}
# What opens something, what only undoing needs, and files in text's clothes: they are files beside.
WITHHELD = {"practice", "secret", "sending", "before", "sealed_pdf"}
# Lists of people and things: what a foreign key to one of them is called.
NAMED = ("full_name", "name", "email", "title")


@dataclass(slots=True)
class Batch:
    """Some rows of a kind, and what is needed to put them into words."""

    kind: Kind
    actor: Actor
    zone: ZoneInfo
    rows: Sequence[Model]
    hidden: Mapping[Any, Collection[str]] = field(default_factory=dict)
    people: Mapping[str, str] = field(default_factory=dict)
    seen: Collection[UUID] = ()

    def cells(self, row: Model) -> Iterator[tuple[str, str]]:
        """Name and words of each column that people read."""
        for name in read_columns(self.kind):
            yield name, self._words(row, name)

    def whole(self, row: Model) -> dict[str, Any]:
        """All columns that the actor sees, as they are."""
        hidden = self.hidden.get(row.pk, ())
        return {
            one.attname: _plain(getattr(row, one.attname))
            for one in _kept_fields(self.kind.model)
            if one.name not in hidden and not self._is_hidden_patient(row, one)
        }

    def _words(self, row: Model, name: str) -> str:
        one = row._meta.get_field(name)
        value = getattr(row, one.attname)  # type: ignore[union-attr]  # a column has one
        if value is None or name in self.hidden.get(row.pk, ()) or self._is_hidden_patient(row, one):
            return ""
        if self.kind.words and name in self.kind.words:
            return self.kind.words[name](value)
        if isinstance(one, ForeignKey):
            return _label(getattr(row, name), self.zone)
        if getattr(one, "choices", None):
            return str(getattr(row, f"get_{name}_display")())
        if name.endswith("_by"):
            return self.people.get(value, value)
        return _in_words(value, name, self.zone)

    def _is_hidden_patient(self, row: Model, one: Any) -> bool:
        """Another patient than the one that the row is about, whom the actor does not see."""
        if not isinstance(one, ForeignKey) or one.related_model is not Patient or one.attname == self.kind.patient:
            return False
        return getattr(row, one.attname) not in self.seen


def batches(actor: Actor, kind: Kind, zone: ZoneInfo) -> Iterator[Batch]:
    """All that the actor sees of a kind, in order of the ids."""
    last: UUID | None = None
    while True:
        rows = kind.visible(actor).order_by("pk")
        found = list(_related(kind, rows.filter(pk__gt=last) if last else rows)[:AT_ONCE])
        if not found:
            return
        yield batch_of(actor, kind, found, zone)
        last = found[-1].pk


def of_patients(actor: Actor, kind: Kind, ids: Collection[UUID], zone: ZoneInfo) -> dict[UUID, list[list[str]]]:
    """What is read of a kind on the pages of these patients."""
    rows = _related(kind, kind.visible(actor).filter(**{f"{kind.patient}__in": ids}).order_by("pk"))
    batch = batch_of(actor, kind, list(rows), zone)
    found: dict[UUID, list[list[str]]] = {}
    for row in batch.rows:
        whose: Any = row
        for step in kind.patient.split("__"):
            whose = getattr(whose, step)
        found.setdefault(whose, []).append([words for name, words in batch.cells(row) if name not in own_columns(kind)])
    return found


def batch_of(actor: Actor, kind: Kind, rows: Sequence[Any], zone: ZoneInfo) -> Batch:
    """Ask at once what is needed for all of them."""
    actors = {getattr(row, name) for name in read_columns(kind) if name.endswith("_by") for row in rows}
    names = {one for one in actors if isinstance(one, str)}
    others = [
        one.attname
        for one in kind.model._meta.concrete_fields
        if one.related_model is Patient and one.attname != kind.patient
    ]
    wanted = {getattr(row, name) for name in others for row in rows} - {None}
    seen = set(visible_patients(actor).filter(pk__in=wanted).values_list("pk", flat=True)) if wanted else set()
    people = people_of(actor, names) if names else {}
    return Batch(kind, actor, zone, rows, kind.hidden(actor, rows), people, seen)


@lru_cache(maxsize=256)
def read_columns(kind: Kind) -> tuple[str, ...]:
    """The columns that people read."""
    fields = (one.name for one in _kept_fields(kind.model) if one.name not in TECHNICAL)
    return kind.columns or tuple(fields)


def own_columns(kind: Kind) -> tuple[str, ...]:
    """Columns that say on a patient's page whose page it is."""
    return ("patient",) if kind.patient == "patient_id" else ()


def heads(kind: Kind, without: Collection[str] = ()) -> list[str]:
    """What the columns are called."""
    return [_head(kind.model._meta.get_field(name)) for name in read_columns(kind) if name not in without]


def as_json(row: Mapping[str, Any]) -> str:
    """One row."""
    return json.dumps(row, ensure_ascii=False)


def _head(one: Any) -> str:
    is_named = isinstance(one._verbose_name, Promise)
    return capfirst(str(one.verbose_name if is_named else LABELS.get(one.name, one.verbose_name)))


def _kept_fields(model: type[Model]) -> "list[Field[Any, Any]]":
    """All but what is binary, or opens something."""
    return [
        one
        for one in model._meta.concrete_fields
        if (isinstance(one, SealedText) or not isinstance(one, BinaryField)) and one.name not in WITHHELD
    ]


def _related(kind: Kind, rows: QuerySet[Any]) -> QuerySet[Any]:
    """With what its columns name, and the way to its patient."""
    names = [one for one in read_columns(kind) if isinstance(kind.model._meta.get_field(one), ForeignKey)]
    way = kind.patient.rpartition("__")[0]
    names += [f"{one}__session" for one in names if one == "note"] + ([way] if way else [])
    return rows.select_related(*names) if names else rows


def _label(other: Any, zone: ZoneInfo) -> str:
    """How people call what a row refers to: by its name, else by when it was."""
    for name in NAMED:
        if found := getattr(other, name, None):
            return str(found)
    session = getattr(other, "session", None) if not hasattr(other, "starts_at") else other
    begin = getattr(session, "starts_at", None)
    return _in_words(begin, "", zone) if isinstance(begin, datetime) else str(other.pk)


def _in_words(value: Any, name: str, zone: ZoneInfo) -> str:
    match value:
        case bool():
            return _("yes") if value else _("no")
        case datetime():
            return date_format(value.astimezone(zone), "SHORT_DATETIME_FORMAT")
        case date():
            return date_format(value, "SHORT_DATE_FORMAT")
        case list() | tuple():
            return ", ".join(map(str, value))
        case int() if name.endswith("_cents"):
            return f"{number_format(value / 100, 2)} €"
        case _:
            return str(value)


def _plain(value: Any) -> Any:
    """As JSON has it."""
    match value:
        case None | bool() | int() | float() | str():
            return value
        case datetime() | date():
            return value.isoformat()
        case list() | tuple():
            return [_plain(one) for one in value]
        case dict():
            return value
        case _:
            return str(value)
