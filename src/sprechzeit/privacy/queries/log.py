"""The log as administrators read it: filtered, a page at a time, by keyset (AUD-2, AUD-4)."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Model

from sprechzeit.access.actor import Actor
from sprechzeit.access.table import Data, Reach
from sprechzeit.audit.models import Entry
from sprechzeit.audit.policy import may_read_log, visible_entries
from sprechzeit.audit.queries import log_list
from sprechzeit.core.acting import require
from sprechzeit.core.errors import NotAllowed
from sprechzeit.core.rows import fetch
from sprechzeit.patients.models import Patient, Tag
from sprechzeit.patients.queries import ids_in_log, read_patient
from sprechzeit.practice.models import Member, Partner
from sprechzeit.practice.queries import practice_of
from sprechzeit.privacy.kinds import sought
from sprechzeit.privacy.policy import Diary
from sprechzeit.records.policy import visible_documents, visible_reports, visible_sessions
from sprechzeit.scheduling.policy import visible_appointments

PAGE = 50
KNOWN_TO_ALL = (Member, Tag, Partner)
AT_ONCE = 5_000
# Who is no member, each kind as one; the database's index of each is made for it (audit/models.py).
KINDS_OF_PEOPLE = ("link", "database")
FIRST, LAST = datetime(1970, 1, 1, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC)

# Of each table and operation as many as the page holds, from an index that is in order: the same few rows of a hundred
# entries and of a million, whatever is filtered.
PAGE_OF_TABLES = """
SELECT e.id FROM unnest(%(tables)s::text[], %(operations)s::text[]) AS t (name, operation),
LATERAL (SELECT id, at FROM audit_entry
          WHERE practice_id = %(practice)s AND table_name = t.name AND operation = t.operation{more}
            AND at >= %(since)s AND (at, id) < (%(at)s, %(id)s)
          ORDER BY at DESC, id DESC LIMIT %(limit)s) AS e
ORDER BY e.at DESC, e.id DESC LIMIT %(limit)s
"""
# All about one patient: a few hundred entries.
PAGE_OF_SUBJECTS = """
SELECT id FROM audit_entry
 WHERE practice_id = %(practice)s AND subject_id = ANY (%(subjects)s) {more}
   AND (table_name, operation) IN (SELECT * FROM unnest(%(tables)s::text[], %(operations)s::text[]))
   AND at >= %(since)s AND (at, id) < (%(at)s, %(id)s)
 ORDER BY at DESC, id DESC LIMIT %(limit)s
"""

# What somebody did: the same of each name that the log has for them, which are two at most.
PAGE_OF_ACTORS = """
SELECT e.id FROM unnest(%(tables)s::text[], %(operations)s::text[]) AS t (name, operation),
unnest(%(who)s::text[]) AS who (name),
LATERAL (SELECT id, at FROM audit_entry
          WHERE practice_id = %(practice)s AND actor = who.name AND table_name = t.name AND operation = t.operation
            AND at >= %(since)s AND (at, id) < (%(at)s, %(id)s)
          ORDER BY at DESC, id DESC LIMIT %(limit)s) AS e
ORDER BY e.at DESC, e.id DESC LIMIT %(limit)s
"""


# What a partner was refused, by code.
REFUSED = """
SELECT v.new ->> 'code', count(*), max(e.at), (array_agg(v.new ->> 'key' ORDER BY e.at DESC))[1]
  FROM audit_entry e JOIN audit_value v ON v.entry_id = e.id
 WHERE e.practice_id = %(practice)s AND e.actor = %(who)s AND e.table_name = 'practice_partner'
   AND e.operation = 'refused' AND e.at >= %(since)s AND v.new ? 'code'
 GROUP BY 1 ORDER BY 3 DESC LIMIT %(limit)s
"""
# Of whom a partner was told, by day of the practice's clock.
HANDED_OUT = """
SELECT (at AT TIME ZONE %(zone)s)::date, count(DISTINCT row_id), count(*) FROM audit_entry
 WHERE practice_id = %(practice)s AND actor = %(who)s AND table_name = 'patients_patient'
   AND operation = 'handed_out' AND at >= %(since)s
 GROUP BY 1 ORDER BY 1 DESC
"""


@dataclass(frozen=True, slots=True)
class Refusals:
    """What a booking partner was refused of one kind: its code, how often, when last, by which key (keyid) then."""

    code: str
    count: int
    last_at: datetime
    key: str


@dataclass(frozen=True, slots=True)
class Handing:
    """What a partner was handed on a day: of how many patients, and how many times."""

    day: date
    patients: int
    times: int


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page ends: the next begins with the entry before this one."""

    at: datetime
    id: int


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants to see of the log. Each narrows; what is empty does not.

    `who`: an actor as the log names it, or a kind of `KINDS_OF_PEOPLE`; `kind`: of things; `done`: what was done to
    them (both of kinds.py); `first`, `last`: days of the practice's clock, inclusive.
    """

    who: str = ""
    kind: str = ""
    first: date | None = None
    last: date | None = None
    patient: Patient | None = None
    before: Place | None = None
    done: str = ""

    @property
    def terms(self) -> str:
        """The same for the same question, for the log of the log: a further page shows others, so it is another."""
        patient, page = self.patient.pk if self.patient else "", self.before or ""
        return f"{self.who} {self.kind} {self.done} {self.first} {self.last} {patient} {page}"


@dataclass(frozen=True, slots=True)
class LogPage:
    """Entries, newest first; `older`: where the next page begins, if there is one."""

    entries: Sequence[Entry]
    older: Place | None


def read_log(actor: Actor, wish: Wish, limit: int = PAGE) -> LogPage:
    """A page of the practice's log; that it was seen is in the log too (AUD-2). Raises NotAllowed."""
    require(may_read_log(actor), NotAllowed)
    ids = _ids(actor, wish, limit + 1)
    found = _entries(actor, ids[:limit])
    log_list(actor, "audit_entry", wish.terms, [one.subject_id for one in found])
    return LogPage(found, Place(found[-1].at, found[-1].pk) if len(ids) > limit else None)


def diary_entries(
    actor: Actor, diary: Diary, limit: int, *, since: datetime | None = None, day: date | None = None,
    before: Place | None = None,
) -> list[Entry]:  # fmt: skip
    """What was done by an access, newest first; `day`: on that day. Whoever has a `Diary` may read it (ACC-23).

    What a member does before it is given, after its last day or after it is revoked is not done by it.
    """
    zone = practice_of(actor).zone
    begin = datetime.combine(day, time.min, zone) if day else since or FIRST
    place = before or _until(day, zone)
    pairs = sought("", "")
    values: dict[str, Any] = {
        "practice": actor.practice_id,
        "tables": [table for table, _operation in pairs],
        "operations": [operation for _table, operation in pairs],
        "who": [one for one in (diary.as_delegate, diary.as_member) if one],
        "since": max(begin, diary.access.given_at),
        "at": min(place.at, diary.access.revoked_at or LAST, _until(diary.access.ends_on, zone).at),
        "id": place.id,
        "limit": limit,
    }
    ids = [entry_id for (entry_id,) in fetch(PAGE_OF_ACTORS, values)]
    rows = Entry.objects.filter(practice_id=actor.practice_id, pk__in=ids).select_related("value")
    return list(rows.order_by("-at", "-id"))


def all_entries(actor: Actor, wish: Wish, most: int) -> Sequence[Entry]:
    """Everything that is wished for, newest first, at most so much. Whoever calls it logs what it is for."""
    require(may_read_log(actor), NotAllowed)
    return _entries(actor, _ids(actor, wish, most))


def entries_in_turn(actor: Actor, wish: Wish) -> Iterator[Sequence[Entry]]:
    """Everything that is wished for, newest first, `AT_ONCE` at a time: in the memory of a few thousand, however many.

    Whoever calls it logs what it is for.
    """
    while entries := all_entries(actor, wish, AT_ONCE):
        yield entries
        wish = replace(wish, before=Place(entries[-1].at, entries[-1].pk))


def refusals_of(actor: Actor, who: str, since: datetime, most: int) -> list[Refusals]:
    """What a partner was refused since then, by code, the newest first (OTV-1). `who`: as the log names it."""
    require(may_read_log(actor), NotAllowed)
    values = {"practice": actor.practice_id, "who": who, "since": since, "limit": most}
    return [Refusals(code, count, at, key or "") for code, count, at, key in fetch(REFUSED, values)]


def handings_of(actor: Actor, who: str, since: datetime) -> list[Handing]:
    """On which days since then a partner was told of how many patients (PAT-22); the newest first, no names."""
    require(may_read_log(actor), NotAllowed)
    zone = str(practice_of(actor).zone)
    return [
        Handing(*row)
        for row in fetch(HANDED_OUT, {"practice": actor.practice_id, "who": who, "since": since, "zone": zone})
    ]


def patient_for_log(actor: Actor, patient_id: UUID) -> Patient:
    """The patient whose log is read: that is an opening of the record (AUD-2). Raises NotFound."""
    require(may_read_log(actor), NotAllowed)
    return read_patient(actor, patient_id)


def names_of(actor: Actor, model: type[Model], ids: Collection[str]) -> dict[str, str]:
    """What the practice's rows of a model are called, by id: for who reads all of the log, retired ones too; and for
    who reads the history of a record, where everybody in the practice knows these names.
    """
    known = model in KNOWN_TO_ALL and actor.reach(Data.LOG) >= Reach.OWN
    require(known or may_read_log(actor), NotAllowed)
    rows = model._default_manager.filter(practice_id__in=actor.practices, pk__in=ids)
    return {str(key): name for key, name in rows.values_list("pk", "name")}


def numbers_of(actor: Actor, ids: Collection[str]) -> dict[str, str]:
    """The numbers of the practice's records, by id, for who reads the history of a record."""
    require(actor.reach(Data.LOG) >= Reach.OWN, NotAllowed)
    rows = Patient.objects.filter(practice_id__in=actor.practices, pk__in=ids)
    return {str(key): str(number) for key, number in rows.values_list("pk", "number")}


def _ids(actor: Actor, wish: Wish, limit: int) -> list[int]:
    """The newest entries that are wished for."""
    zone = practice_of(actor).zone
    before = wish.before or _until(wish.last, zone)
    pairs = sought(wish.kind, wish.done)
    values: dict[str, Any] = {
        "practice": actor.practice_id,
        "tables": [table for table, _operation in pairs],
        "operations": [operation for _table, operation in pairs],
        "since": datetime.combine(wish.first, time.min, zone) if wish.first else FIRST,
        "at": before.at,
        "id": before.id,
        "limit": limit,
        "who": wish.who,
    }
    more = _by(wish.who)
    statement = PAGE_OF_TABLES
    if wish.patient is not None:
        visits = visible_appointments(actor).filter(patient=wish.patient).values_list("pk", flat=True)
        treated = visible_sessions(actor).filter(patient=wish.patient).values_list("pk", flat=True)
        kept = visible_documents(actor).filter(patient=wish.patient).values_list("pk", flat=True)
        written = visible_reports(actor).filter(patient=wish.patient).values_list("pk", flat=True)
        values["subjects"] = [*ids_in_log(actor, wish.patient), *visits, *treated, *kept, *written]
        statement = PAGE_OF_SUBJECTS
    return [entry_id for (entry_id,) in fetch(statement.format(more=more), values)]


def _by(who: str) -> str:
    """The condition on the actor. Of a kind word for word as its index has it: so the index is taken."""
    if who in KINDS_OF_PEOPLE:
        return f" AND actor LIKE '{who}:%%'"
    return " AND actor = %(who)s" if who else ""


def _until(last: date | None, zone: Any) -> Place:
    end = datetime.combine(last + timedelta(days=1), time.min, zone) if last else LAST
    return Place(end, 0)


def _entries(actor: Actor, ids: Sequence[int]) -> list[Entry]:
    rows = visible_entries(actor).filter(pk__in=ids).select_related("value")
    return list(rows.order_by("-at", "-id"))
