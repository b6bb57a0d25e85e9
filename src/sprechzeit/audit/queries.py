"""Reading the log, and writing into it that something is read (AUD-2)."""

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Max

from sprechzeit.access.actor import Actor
from sprechzeit.access.table import Data, Reach, Role
from sprechzeit.audit.models import Entry, Head
from sprechzeit.core.acting import require
from sprechzeit.core.crypto import pseudonym
from sprechzeit.core.errors import NotAllowed

# What is no change.
USES = ("read", "search", "list", "export", "handed_out", "refused")
# Open pages fetch their lists anew; the same list is logged again after so many seconds.
SAME_LIST = 15 * 60
# Of the practice's own people a search or list logs how many it showed; of everybody else, and of who has an access,
# whom.
OWN_PEOPLE = (Role.ADMINISTRATOR, Role.PRACTITIONER, Role.SECRETARY, Role.SYSTEM)

_HANDED_OUT = """
SELECT count(log_use(%s, 'handed_out', %s, one.row_id, %s, one.facts, 0))
  FROM unnest(%s::uuid[], %s::jsonb[]) AS one (row_id, facts)
"""


def log_read(actor: Actor, practice_id: UUID, table: str, row_id: UUID, *, again_after: int = 0) -> None:
    """Log that a record is opened, in the transaction that reads it, before the data leaves (AUD-2).

    `again_after`: seconds in which the same record is not logged again, for a page that comes again and again.
    """
    _log(actor, practice_id, "read", table, row_id, again_after=again_after)


def log_search(actor: Actor, table: str, terms: str, shown: Collection[UUID | str]) -> None:
    """Log that somebody searched, and how many they were shown (AUD-2); who is none of the practice's own people,
    with the ids. In place of a row stands a keyed digest of the terms: the same search is recognised, what was typed
    cannot be read.
    """
    for practice_id in actor.practices:
        _log(actor, practice_id, "search", table, digest_of(terms), _shown(actor, shown))


def log_list(actor: Actor, table: str, terms: str, shown: Collection[UUID | str]) -> None:
    """Log that somebody saw a list; the same list again only after `SAME_LIST` seconds, an empty one never (AUD-2).

    Of whom the ids are logged it is the same only while it shows the same ones: what is new in it is in the log too.
    """
    facts = _shown(actor, shown)
    whom = " ".join(sorted(facts.get("shown", ())))
    row_id = digest_of(f"{terms} {whom}".rstrip())
    for practice_id in actor.practices if shown else ():
        _log(actor, practice_id, "list", table, row_id, facts, again_after=SAME_LIST)


def _shown(actor: Actor, shown: Collection[UUID | str]) -> dict[str, Any]:
    facts: dict[str, Any] = {"hits": len(shown)}
    if actor.granted or actor.role not in OWN_PEOPLE:
        facts["shown"] = [str(one) for one in shown]
    return facts


def log_export(actor: Actor, practice_id: UUID, table: str, row_id: UUID, facts: Mapping[str, Any]) -> None:
    """Log that data is taken out as a file, before it leaves (AUD-2). `facts`: how much, in what form."""
    _log(actor, practice_id, "export", table, row_id, facts)


def log_handed_out(actor: Actor, practice_id: UUID, table: str, fields: Mapping[UUID, Sequence[str]]) -> None:
    """Log which fields of each of these rows a partner is handed, before the data leaves (PAT-22): one entry a row, so
    that 'who got what about me' is answered. `fields`: their names, by the row's id.
    """
    rows = [str(row_id) for row_id in fields]
    facts = [json.dumps({"fields": list(names)}) for names in fields.values()]
    with connection.cursor() as cursor:
        cursor.execute(_HANDED_OUT, [practice_id, table, actor.why, rows, facts])


def log_refused(actor: Actor, practice_id: UUID, table: str, row_id: UUID, facts: Mapping[str, Any]) -> None:
    """Log that something asked of the practice was refused, for who has to find out why (OTV-1). `facts`: the code."""
    _log(actor, practice_id, "refused", table, row_id, facts)


def handed_out_about(actor: Actor, practice_id: UUID, subject_id: UUID, limit: int) -> list[Entry]:
    """What partners were handed of one patient, newest first (PAT-22): for who may read the log of what they see."""
    require(actor.reach(Data.LOG) >= Reach.OWN, NotAllowed)
    entries = Entry.objects.filter(practice_id=practice_id, subject_id=subject_id, operation="handed_out")
    return list(entries.select_related("value").order_by("-at", "-id")[:limit])


def digest_of(terms: str) -> UUID:
    """What stands in the log for the terms of a search."""
    return UUID(bytes=pseudonym("search", terms)[:16])


def _log(
    actor: Actor,
    practice_id: UUID,
    use: str,
    table: str,
    row_id: UUID,
    facts: Mapping[str, Any] | None = None,
    *,
    again_after: int = 0,
) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT log_use(%s, %s, %s, %s, %s, %s, %s)",
            [practice_id, use, table, row_id, actor.why, json.dumps(facts) if facts is not None else None, again_after],
        )


def history_of(actor: Actor, practice_id: UUID, row_ids: list[UUID]) -> list[Entry]:
    """What was done to these rows, oldest first (CAL-15, AUD-4): for who may read the log of what they see."""
    require(actor.reach(Data.LOG) >= Reach.OWN, NotAllowed)
    return list(
        Entry.objects.filter(practice_id=practice_id, row_id__in=row_ids)
        .exclude(operation__in=USES)
        .select_related("value")
        .order_by("id")
    )


def history_about(
    actor: Actor, practice_id: UUID, subject_ids: Collection[UUID], tables: Collection[str]
) -> list[Entry]:
    """What was done to the rows of these tables that are about a patient or an appointment, oldest first (AUD-4); of
    several ids where a record was merged with others.
    """
    require(actor.reach(Data.LOG) >= Reach.OWN, NotAllowed)
    return list(
        Entry.objects.filter(practice_id=practice_id, subject_id__in=subject_ids, table_name__in=tables)
        .exclude(operation__in=USES)
        .select_related("value")
        .order_by("id")
    )


def last_acts_of(actor: Actor, names: Collection[str]) -> dict[str, datetime]:
    """When each of these actors of the log last did or saw something; who never did is not there."""
    found = Entry.objects.filter(practice_id=actor.practice_id, actor__in=names).values("actor")
    return dict(found.annotate(last=Max("at")).values_list("actor", "last"))


def head_of(actor: Actor) -> Head | None:
    """The newest seal of the actor's practice; None before the first."""
    return Head.objects.filter(practice_id=actor.practice_id).first()


def find_entry(actor: Actor, entry_id: int) -> Entry | None:
    """An entry that a check of the chain names, if it is still there."""
    return Entry.objects.filter(practice_id=actor.practice_id, pk=entry_id).first()
