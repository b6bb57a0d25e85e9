"""Entries of the log in words that a receptionist understands: who, when, what, for whom (AUD-4)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.apps import apps
from django.db import models
from django.db.models import F
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from sprechzeit.access.actor import Actor
from sprechzeit.audit.models import Entry
from sprechzeit.patients.models import ContactKind, Patient
from sprechzeit.patients.policy import visible_patients
from sprechzeit.practice.queries import people_of, practice_of
from sprechzeit.privacy.kinds import THINGS
from sprechzeit.privacy.periods import KEEPINGS, REASON
from sprechzeit.privacy.queries import names_of, numbers_of
from sprechzeit.records.models import Document, Report, Session
from sprechzeit.records.policy import visible_documents, visible_reports, visible_sessions
from sprechzeit.scheduling.history import Words as AppointmentWords
from sprechzeit.scheduling.history import places_of
from sprechzeit.scheduling.models import Appointment
from sprechzeit.scheduling.policy import visible_appointments

NOTHING = "–"
LONGEST = 80  # letters of a value that are shown
# Columns that forms do not name.
LABELS: dict[str, Promise] = {
    "calendar_id": gettext_lazy("Calendar"),
    "room_id": gettext_lazy("Room"),
    "type_id": gettext_lazy("Appointment type"),
    "member_id": gettext_lazy("Member"),
    "starts_at": gettext_lazy("Begin"),
    "ends_at": gettext_lazy("End"),
    "day": gettext_lazy("Day"),
    "retired_at": gettext_lazy("Retired"),
    "archived_at": gettext_lazy("Archived"),
    "merged_into_id": gettext_lazy("Merged into No."),
    "patient_id": gettext_lazy("Belongs to the record No."),
    "undone_at": gettext_lazy("Undone"),
    "dismissed_at": gettext_lazy("Different people"),
    "left_at": gettext_lazy("Left the practice"),
    "ended_at": gettext_lazy("Ended"),
    "consents_at": gettext_lazy("Consents opened"),
    "sent_at": gettext_lazy("Sent"),
    "failed_at": gettext_lazy("Not delivered"),
    "withdrawn_at": gettext_lazy("No longer needed"),
    "seen_at": gettext_lazy("Seen"),
    "accepted_at": gettext_lazy("Accepted"),
    "revoked_at": gettext_lazy("Revoked"),
}
# What tells one thing from others of its kind.
NAMING = (
    "name", "title", "value", "kind", "address", "calendar_id", "type_id", "grant_id", "area", "member_id", "tag_id",
    "given_up_id", "file_name", "partner_id", "concerns", "by_name", "day", "starts_at",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """An entry in words. `details`: what changed, each from what to what; `about`: which thing; `whom`: the patient."""

    id: int
    at: datetime
    who: str
    what: str
    details: Sequence[str]
    about: str
    whom: str
    patient_id: UUID | None


def lines_of(actor: Actor, entries: Sequence[Entry], *, for_patient: bool = False) -> list[Line]:
    """All of them in words, in their order, with a constant number of statements.

    `for_patient`: without reasons of cancellations that are for the practice alone.
    """
    zone = practice_of(actor).zone
    people = people_of(actor, (entry.actor for entry in entries))
    subjects = _Subjects.of(actor, entries)
    names = _Names.of(actor, entries)
    visits = AppointmentWords(zone, places_of(entry for entry in entries if hasattr(entry, "value")))
    words = _Words(zone, names, visits, for_patient)
    lines = []
    for entry in entries:
        patient, appointment = subjects.patient(entry), subjects.appointment(entry)
        lines.append(
            Line(
                entry.pk,
                entry.at.astimezone(zone),
                people[entry.actor],
                words.what(entry),
                words.details(entry),
                words.about(entry, appointment),
                patient.full_name if patient else "",
                patient.pk if patient else None,
            )
        )
    return lines


@cache
def model_of(table: str) -> type[models.Model] | None:
    """The model whose rows a table holds."""
    return next((one for one in apps.get_models() if one._meta.db_table == table), None)


@dataclass(frozen=True, slots=True)
class _Subjects:
    """The patients, appointments, and of records the sessions, documents and reports that entries are about."""

    patients: Mapping[UUID, Patient]
    appointments: Mapping[UUID, Appointment]
    of_records: Mapping[UUID, Session | Document | Report]

    @classmethod
    def of(cls, actor: Actor, entries: Sequence[Entry]) -> "_Subjects":
        ids = {one for entry in entries for one in (entry.subject_id, entry.row_id)}
        visits = visible_appointments(actor).filter(pk__in=ids).select_related("type", "patient")
        appointments = {one.pk: one for one in visits}
        patients = {one.pk: one for one in visible_patients(actor).filter(pk__in=ids)}
        # What was done to a record that was merged is about the one that was kept.
        merged = visible_patients(actor).filter(merged__pk__in=ids - set(patients)).annotate(former=F("merged__pk"))
        patients |= {one.former: one for one in merged}
        is_of_records = any(entry.table_name.startswith("records_") for entry in entries)
        rows: list[Session | Document | Report] = []
        if is_of_records:
            rows += visible_sessions(actor).filter(pk__in=ids).select_related("patient")
            rows += visible_reports(actor).filter(pk__in=ids).select_related("patient").defer("content")
        if any(entry.table_name.startswith("records_document") for entry in entries):
            sealed = ("title", "remark", "secret")
            rows += visible_documents(actor).filter(pk__in=ids).select_related("patient").defer(*sealed)
        return cls(patients, appointments, {one.pk: one for one in rows})

    def appointment(self, entry: Entry) -> Appointment | None:
        return self.appointments.get(entry.row_id) or self.appointments.get(entry.subject_id)

    def patient(self, entry: Entry) -> Patient | None:
        found = self.patients.get(entry.subject_id)
        visit = self.appointment(entry) or self.of_records.get(entry.row_id) or self.of_records.get(entry.subject_id)
        return found or (visit.patient if visit else None)


@dataclass(frozen=True, slots=True)
class _Names:
    """Names of the rows that values refer to, by model and id."""

    known: Mapping[tuple[type[models.Model], str], str]

    @classmethod
    def of(cls, actor: Actor, entries: Iterable[Entry]) -> "_Names":
        wanted: dict[type[models.Model], set[str]] = {}
        for entry in entries:
            fields = _fields(entry.table_name)
            for values in _both(entry):
                for column, value in values.items():
                    if other := _other(fields.get(column)):
                        wanted.setdefault(other, set()).update({value} if value else set())
        known: dict[tuple[type[models.Model], str], str] = {}
        for other, ids in wanted.items():
            names = numbers_of(actor, ids) if other is Patient else names_of(actor, other, ids)
            known |= {(other, key): name for key, name in names.items()}
        return cls(known)

    def name(self, field: Any, value: str) -> str:
        other = _other(field)
        return self.known.get((other, value), NOTHING) if other else NOTHING


def _both(entry: Entry) -> list[dict[str, Any]]:
    value = getattr(entry, "value", None)
    return [value.old or {}, value.new or {}] if value else [{}, {}]


@cache
def _fields(table: str) -> dict[str, Any]:
    model = model_of(table)
    return {str(field.column): field for field in model._meta.concrete_fields} if model else {}


@cache
def _other(field: Any) -> type[models.Model] | None:
    """The model of named rows that a foreign key refers to; a record is named by its number."""
    related: Any = getattr(field, "related_model", None)
    if related is Patient:
        return Patient
    columns = {one.name for one in related._meta.concrete_fields} if related else set()
    return related if {"name", "practice"} <= columns else None


@dataclass(frozen=True, slots=True)
class _Words:
    zone: ZoneInfo
    names: _Names
    visits: AppointmentWords
    for_patient: bool

    def what(self, entry: Entry) -> str:
        """'Patient record changed'; of an appointment as its own history says it."""
        thing = str(THINGS.get(entry.table_name, _("Other data")))
        if words := self._of_appointment(entry):
            return words
        match entry.operation:
            case "insert":
                return _("%(thing)s: entered") % {"thing": thing}
            case "update":
                return _("%(thing)s: changed") % {"thing": thing}
            case "delete":
                return _("%(thing)s: deleted") % {"thing": thing}
            case "read":
                return _("%(thing)s: opened") % {"thing": thing}
            case "search" | "list":
                return self._search(entry, thing)
            case "handed_out":
                return _("%(thing)s: handed out to a partner") % {"thing": thing}
            case "refused":
                return _("Call refused")
            case "export":
                return _("%(thing)s: taken out as a file") % {"thing": thing}
            case _:
                return _("%(thing)s: former values erased") % {"thing": thing}

    def _of_appointment(self, entry: Entry) -> str:
        is_change = entry.operation in ("insert", "update", "delete") and hasattr(entry, "value")
        is_cancelling = is_change and entry.table_name == "scheduling_cancellation" and entry.operation == "insert"
        if is_cancelling and self.for_patient and not _both(entry)[1].get("tells_reason"):
            return _("Cancelled")
        return self.visits.what(entry) if is_change else ""

    def _search(self, entry: Entry, thing: str) -> str:
        if entry.table_name == "audit_entry":
            return _("%(thing)s: looked at") % {"thing": thing}
        hits = int(_both(entry)[1].get("hits", 0))
        found = ngettext("%(count)s hit", "%(count)s hits", hits) % {"count": hits}
        words = _("%(thing)s: searched, %(found)s") if entry.operation == "search" else _("%(thing)s: list, %(found)s")
        return words % {"thing": thing, "found": found}

    def details(self, entry: Entry) -> list[str]:
        """What changed, from what to what; only what has a name that people know."""
        if entry.operation == "erase":
            return [_("Reason: %(reason)s") % {"reason": _why_erased(entry.reason)}]
        if entry.operation == "refused":
            return [_("Reason: %(reason)s") % {"reason": _both(entry)[1].get("code", NOTHING)}]
        if entry.operation == "handed_out":
            return [", ".join(_handed_out(entry))]
        if entry.operation != "update" or self._of_appointment(entry):
            return []
        fields, (old, new) = _fields(entry.table_name), _both(entry)
        found = []
        for column in new:
            if label := _label(fields.get(column)):
                former, now = self._value(fields[column], old.get(column)), self._value(fields[column], new[column])
                found.append(_("%(label)s: %(old)s → %(new)s") % {"label": label, "old": former, "new": now})
        return found or [_("Nothing that a page shows")]

    def about(self, entry: Entry, appointment: Appointment | None) -> str:
        """Which thing it is: an appointment's time and type, else what its values call it."""
        if appointment is not None:
            starts = date_format(appointment.starts_at.astimezone(self.zone), "SHORT_DATETIME_FORMAT")
            return f"{appointment.type.name}, {starts}"
        fields, (old, new) = _fields(entry.table_name), _both(entry)
        values = new if entry.operation == "insert" else old
        # A record is called by its patient, who stands beside.
        if entry.operation not in ("insert", "delete") or entry.table_name == "patients_patient":
            return ""
        if entry.table_name == "patients_share" and values.get("member_id") is None:
            return _("everyone, future members too")
        # What is sealed stands in the log as a digest, which says nothing to people.
        plain = [column for column in NAMING if not isinstance(fields.get(column), models.BinaryField)]
        known = [column for column in plain if column in fields and column in values]
        said = [self._value(fields[column], values[column]) for column in known]
        return ", ".join(dict.fromkeys(one for one in said if one != NOTHING))

    def _value(self, field: Any, value: Any) -> str:
        if value is None or value == "":
            return NOTHING
        if _other(field):
            return self.names.name(field, value)
        if isinstance(field, models.BooleanField):
            return _("yes") if value else _("no")
        if field.choices:
            return str(dict(field.flatchoices).get(value, value))
        return _shortened(self._moment(field, value))

    def _moment(self, field: Any, value: Any) -> str:
        if isinstance(field, models.DateTimeField) and (instant := parse_datetime(str(value))):
            return str(date_format(instant.astimezone(self.zone), "SHORT_DATETIME_FORMAT"))
        if isinstance(field, models.DateField) and (day := parse_date(str(value))):
            return _day(day)
        return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _why_erased(reason: str) -> str:
    """Of what a period was over; else the reason as it was given."""
    keeping = next((one for one in KEEPINGS.values() if reason == f"{REASON}{one.kind}"), None)
    return _("retention period of “%(label)s”") % {"label": keeping.label} if keeping else reason


def _handed_out(entry: Entry) -> list[str]:
    """The names of the fields that a partner got (PAT-22)."""
    words = {one.name: str(one.verbose_name) for one in Patient._meta.concrete_fields}
    words |= {str(kind): str(label) for kind, label in ContactKind.choices} | {
        "id": _("Identifier"),
        "appointment": _("Appointment"),
    }
    return [words.get(name, name) for name in _both(entry)[1].get("fields", ())]


def _day(day: date) -> str:
    return str(date_format(day, "SHORT_DATE_FORMAT"))


def _shortened(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def _label(field: Any) -> str:
    """How people call a column; empty for what is none of theirs."""
    if field is None or isinstance(field, models.BinaryField):
        return ""
    if field.column in LABELS:
        return str(LABELS[field.column])
    return str(field.verbose_name) if isinstance(field.verbose_name, Promise) else ""
