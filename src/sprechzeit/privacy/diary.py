"""An access's diary: what was done and looked at by it, when, for whom; built on the log (ACC-23)."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import F, QuerySet
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from sprechzeit.access.actor import Actor
from sprechzeit.audit.models import Entry
from sprechzeit.audit.queries import log_list
from sprechzeit.patients.models import Patient
from sprechzeit.patients.policy import seen_by, visible_patients
from sprechzeit.practice.queries import practice_of
from sprechzeit.privacy.kinds import THINGS
from sprechzeit.privacy.policy import Diary
from sprechzeit.privacy.queries import Place, diary_entries
from sprechzeit.scheduling.history import PLACE, Words, places_of
from sprechzeit.scheduling.models import Appointment
from sprechzeit.scheduling.policy import visible_appointments

PAGE = 50
CHUNK = 200
MOST_CHUNKS = 25  # that one page reads where little of them is wanted; it goes on from there
LATELY = timedelta(days=7)
MOST_NAMED = 8  # patients whom a search showed


class Deed(StrEnum):
    """What was done, as the diary sorts it."""

    BOOKED = "booked"
    MOVED = "moved"
    CANCELLED = "cancelled"
    CHANGED = "changed"
    ADDED = "added"
    DELETED = "deleted"
    VIEWED = "viewed"
    LOOKED_UP = "looked_up"


@dataclass(frozen=True, slots=True)
class Note:
    """One deed. `patient`: whom it was done for; `what`: the rest in words; `whose`: of which practitioners."""

    at: datetime
    deed: Deed
    patient: str
    what: str
    whose: str
    shown: frozenset[UUID]


@dataclass(frozen=True, slots=True)
class DiaryPage:
    """Newest first; `older`: where the next page begins, if there is one."""

    notes: Sequence[Note]
    older: Place | None


def read_diary(
    actor: Actor, diary: Diary, *, deed: str = "", day: date | None = None, before: Place | None = None
) -> DiaryPage:
    """A page of it; `day`: of that day alone. That it was read is in the log too (AUD-2)."""
    zone = practice_of(actor).zone
    found: list[tuple[Entry, Note]] = []
    at: Place | None = before
    for _number in range(MOST_CHUNKS):
        entries = diary_entries(actor, diary, CHUNK, day=day, before=at)
        for entry, note in _Reader.of(actor, diary, entries, zone).notes(entries):
            if deed in ("", note.deed):
                found.append((entry, note))
        at = Place(entries[-1].at, entries[-1].pk) if len(entries) == CHUNK else None
        if at is None or len(found) > PAGE:
            break
    shown = found[:PAGE]
    log_list(
        actor, "audit_entry", f"diary {diary.access.pk} {deed} {day}", [entry.subject_id for entry, _note in shown]
    )
    older = Place(shown[-1][0].at, shown[-1][0].pk) if len(found) > PAGE else at
    return DiaryPage([note for _entry, note in shown], older)


def lately(actor: Actor, diary: Diary) -> Mapping[Deed, int]:
    """How many appointments were booked, moved and cancelled in the last seven days, how many patients looked up."""
    zone = practice_of(actor).zone
    since = timezone.now() - LATELY
    entries = diary_entries(actor, diary, CHUNK * MOST_CHUNKS, since=since)
    notes = [note for _entry, note in _Reader.of(actor, diary, entries, zone).notes(entries)]
    counts = {deed: sum(note.deed is deed for note in notes) for deed in Deed}
    seen = {one for note in notes if note.deed is Deed.LOOKED_UP for one in note.shown}
    return counts | {Deed.LOOKED_UP: len(seen)}


@dataclass(frozen=True, slots=True)
class _Reader:
    """Entries as notes, as far as they concern the reader; with what was looked up for all of them at once."""

    diary: Diary
    zone: ZoneInfo
    appointments: Mapping[UUID, Appointment]
    patients: Mapping[UUID, Patient]
    theirs: Collection[UUID]  # the patients whom the access opens
    words: Words
    added: Collection[int]

    @classmethod
    def of(cls, actor: Actor, diary: Diary, entries: Sequence[Entry], zone: ZoneInfo) -> "_Reader":
        ids = {key for one in entries for key in (one.subject_id, one.row_id, *_shown(one))}
        visits = visible_appointments(actor).filter(pk__in=ids).select_related("type", "patient", "calendar")
        patients = visible_patients(actor).select_related("created_by")
        if diary.reader is not None:
            visits, patients = visits.filter(calendar__member_id=diary.reader), patients.filter(seen_by([diary.reader]))
        theirs = patients.filter(seen_by(diary.members)) if diary.as_member else patients.none()
        added = {
            one.transaction for one in entries if (one.table_name, one.operation) == ("patients_patient", "insert")
        }
        named = places_of(one for one in entries if hasattr(one, "value"))
        return cls(
            diary=diary,
            zone=zone,
            appointments={one.pk: one for one in visits},
            patients=_by_each_id(patients, ids),
            theirs=_by_each_id(theirs, ids),
            words=Words(zone, named),
            added=added,
        )

    def notes(self, entries: Iterable[Entry]) -> Iterator[tuple[Entry, Note]]:
        """Those that say something, in their order."""
        for entry in entries:
            deed = self._deed(entry)
            if deed is None:
                continue
            visit = self.appointments.get(entry.row_id) or self.appointments.get(entry.subject_id)
            patient = self.patients.get(entry.subject_id) or (visit.patient if visit else None)
            shown = [key for key in _shown(entry) if self._concerns(entry, self._visit(key), self.patients.get(key))]
            if self._concerns(entry, visit, patient) or shown or not self._is_narrow(entry):
                whose = self._whose(visit, patient, shown)
                name = patient.full_name if patient else ""
                yield (
                    entry,
                    Note(
                        entry.at.astimezone(self.zone),
                        deed,
                        name,
                        self._what(entry, deed, visit, shown),
                        whose,
                        frozenset(shown),
                    ),
                )

    def _visit(self, key: UUID) -> Appointment | None:
        return self.appointments.get(key)

    def _is_narrow(self, entry: Entry) -> bool:
        """Whether of these entries only some belong in the diary: a practitioner's part, a member's own work."""
        return self.diary.reader is not None or entry.actor == self.diary.as_member

    def _concerns(self, entry: Entry, visit: Appointment | None, patient: Patient | None) -> bool:
        """Whether it is about whom the access opens, or about the one who reads: theirs alone were found."""
        if not self._is_narrow(entry) or self.diary.reader is not None:
            return visit is not None or patient is not None
        if visit is not None:
            return visit.calendar.member_id in self.diary.members
        return patient is not None and patient.pk in self.theirs

    def _deed(self, entry: Entry) -> Deed | None:
        """None for what is part of another deed, or says nothing to people."""
        match entry.table_name, entry.operation:
            case _, "search":
                return Deed.LOOKED_UP
            case _, "read" | "list" | "export":
                return Deed.VIEWED
            case "scheduling_appointment", "insert":
                return Deed.BOOKED
            case "scheduling_cancellation", "insert":
                return Deed.CANCELLED
            case "scheduling_booker", "insert":
                return None
            case "patients_contactpoint", "insert" if entry.transaction in self.added:
                return None
            case "scheduling_appointment", "update" if any(column in _new(entry) for column in PLACE):
                return Deed.MOVED
            case "scheduling_appointment" | "scheduling_cancellation" | "scheduling_attendance", _:
                return Deed.CHANGED if hasattr(entry, "value") and self.words.what(entry) else None
            case _, operation:
                return {"insert": Deed.ADDED, "update": Deed.CHANGED, "delete": Deed.DELETED}.get(operation)

    def _what(self, entry: Entry, deed: Deed, visit: Appointment | None, shown: Sequence[UUID]) -> str:
        if deed is Deed.LOOKED_UP:
            return self._search(entry, shown)
        if entry.operation == "list":
            thing = THINGS.get(entry.table_name, _("Other data"))
            return _("%(thing)s: list, %(found)s") % {"thing": thing, "found": self._found(entry, shown)}
        if visit is None:
            return str(THINGS.get(entry.table_name, _("Other data")))
        starts = parse_datetime(str(_new(entry).get("starts_at", ""))) or visit.starts_at
        when = date_format(starts.astimezone(self.zone), "SHORT_DATETIME_FORMAT")
        if deed is Deed.MOVED:
            return self.words.what(entry)
        said = [visit.type.name, when]
        if deed in (Deed.CANCELLED, Deed.CHANGED) and hasattr(entry, "value"):
            said.append(self.words.what(entry))
        return " · ".join(one for one in said if one)

    def _search(self, entry: Entry, shown: Sequence[UUID]) -> str:
        names = [self.patients[key].full_name for key in shown if key in self.patients]
        words = _("Search, %(found)s") % {"found": self._found(entry, shown)}
        named = "; ".join(names[:MOST_NAMED]) + (" …" if len(names) > MOST_NAMED else "")
        return f"{words}: {named}" if named else words

    def _found(self, entry: Entry, shown: Sequence[UUID]) -> str:
        """How many it showed, of those that belong in the diary."""
        count = len(shown) if self._is_narrow(entry) else int(_new(entry).get("hits", 0))
        return ngettext("%(count)s hit", "%(count)s hits", count) % {"count": count}

    def _whose(self, visit: Appointment | None, patient: Patient | None, shown: Sequence[UUID]) -> str:
        if visit is not None:
            return str(visit.calendar.name)
        owners = [patient, *(self.patients.get(key) for key in shown)]
        names = [one.created_by.name for one in owners if one is not None and one.created_by is not None]
        names += [one.calendar.name for key in shown if (one := self.appointments.get(key))]
        return ", ".join(sorted(set(names)))


def _by_each_id(patients: QuerySet[Patient], ids: Collection[UUID]) -> dict[UUID, Patient]:
    """Those of these ids; what was done to a record that was merged is about the one that was kept (PAT-4)."""
    kept = patients.filter(merged__pk__in=ids).annotate(former=F("merged__pk"))
    return {one.pk: one for one in patients.filter(pk__in=ids)} | {one.former: one for one in kept}


def _new(entry: Entry) -> Mapping[str, Any]:
    """The values that an entry brought; none where they were erased."""
    value = getattr(entry, "value", None)
    return (value.new or {}) if value else {}


def _shown(entry: Entry) -> list[UUID]:
    """Whom or what a search or list showed."""
    return [UUID(one) for one in _new(entry).get("shown", ())] if entry.operation in ("search", "list") else []
