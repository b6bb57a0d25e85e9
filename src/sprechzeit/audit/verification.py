"""Whether a practice's log is whole: no entry missing, none changed; else the first that is (AUD-3).

Reads in the order of the chain, one entry at a time, and computes every digest here: what the database's own functions
answer is not relied on. `core/crossing.sql` (`seal_entries`) makes what is proved here.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from typing import Any

from django.db import connection

from sprechzeit.access.actor import Actor
from sprechzeit.audit.heads import BrokenLine, SignedHead, kept
from sprechzeit.audit.models import Head
from sprechzeit.audit.queries import head_of

AT_ONCE = 5_000
BEGIN = bytes(32)

# All columns of the entry; `jsonb` leaves no doubt where one ends. Erased values count where an erasure is logged.
CHAIN = """
SELECT s.place, s.entry_id, s.digest, e.id IS NOT NULL,
       jsonb_build_array(
           e.id, e.practice_id, (extract(epoch FROM e.at) * 1000000)::bigint, e.transaction, e.actor, e.request,
           e.table_name, e.row_id, e.subject_id, e.operation, e.reason, encode(e.digest, 'hex'))::text,
       e.digest, v.entry_id IS NOT NULL, v.salt, v.old::text, v.new::text,
       v.entry_id IS NOT NULL AND v.salt IS NULL AND EXISTS (
           SELECT 1 FROM audit_entry x JOIN audit_value w ON w.entry_id = x.id
            WHERE x.practice_id = s.practice_id AND x.row_id = e.row_id AND x.operation = 'erase'
              AND w.new ->> 'entry' = e.id::text)
  FROM audit_seal s
  LEFT JOIN audit_entry e ON e.id = s.entry_id AND e.practice_id = s.practice_id
  LEFT JOIN audit_value v ON v.entry_id = e.id
 WHERE s.practice_id = %s
 ORDER BY s.place
"""
# Not in the chain: written lately, or, of a transaction whose entries are all sealed, by no function of ours.
UNSEALED = """
SELECT count(*), min(e.id) FILTER (
           WHERE e.transaction < %s AND %s <= pg_snapshot_xmin(pg_current_snapshot())::text::bigint)
  FROM audit_entry e
 WHERE e.practice_id = %s AND NOT EXISTS (SELECT 1 FROM audit_seal s WHERE s.entry_id = e.id)
"""


class Trouble(StrEnum):
    """What is wrong with an entry, or with what proves it."""

    MISSING = "missing"
    CHANGED = "changed"
    VALUES_CHANGED = "values changed"
    VALUES_MISSING = "values missing"
    SEAL_MISSING = "seal missing"
    ADDED = "added"
    TAIL_MISSING = "tail missing"
    RECOMPUTED = "recomputed"
    HEAD_FORGED = "head forged"
    COPIES_MISSING = "copies missing"


@dataclass(frozen=True, slots=True)
class Finding:
    """The first thing that is wrong. `place`: in the chain, from 1; `entry_id`: None where nothing names it.

    `last`: the entry up to which it may be; the same but for a chain that was computed anew.
    """

    trouble: Trouble
    place: int
    entry_id: int | None
    last: int | None = None


@dataclass(frozen=True, slots=True)
class Proof:
    """What a check found: how many entries are sealed and proved, how many wait, the first finding if there is one."""

    sealed: int
    waiting: int
    head: Head | None
    finding: Finding | None


def check_log(actor: Actor) -> Proof:
    """Check the whole chain of the actor's practice, in `acting`; in constant memory."""
    outside = _outside(actor)
    head = head_of(actor)
    walked, finding = _walk(actor)
    if finding is None and head is None and walked:
        finding = Finding(Trouble.HEAD_FORGED, walked, None)
    if finding is None and head is not None and walked < head.place:
        finding = Finding(Trouble.TAIL_MISSING, walked + 1, None, head.entry_id)
    if outside is not None and (finding is None or outside.place < finding.place):
        finding = outside
    if finding is None and head is not None and not _is_signed(head):
        finding = Finding(Trouble.HEAD_FORGED, head.place, head.entry_id)
    if finding is None and head is not None and head.signature and next(kept(actor.practice_id), None) is None:
        # What is signed was kept before: without any copy a chain that was made anew could not be told.
        finding = Finding(Trouble.COPIES_MISSING, head.place, head.entry_id)
    waiting, added = _unsealed(actor, head)
    if finding is None and added is not None:
        finding = Finding(Trouble.ADDED, walked, added)
    return Proof(walked, waiting, head, finding)


def _walk(actor: Actor) -> tuple[int, Finding | None]:
    """How far the chain is whole, and what comes then."""
    place, digest = 0, BEGIN
    for row in _rows(CHAIN, [actor.practice_id]):
        trouble = _trouble(place, digest, row)
        if trouble is not None:
            return place, Finding(trouble, place + 1, None if trouble is Trouble.SEAL_MISSING else row[1])
        place, digest = row[0], bytes(row[2])
    return place, None


def _trouble(place: int, digest: bytes, row: tuple[Any, ...]) -> Trouble | None:
    found_place, _entry, sealed, is_there, facts, entry_digest, has_values, salt, old, new, is_erased = row
    if found_place != place + 1:
        return Trouble.SEAL_MISSING
    if not is_there:
        return Trouble.MISSING
    if hashlib.sha256(digest + facts.encode()).digest() != bytes(sealed):
        return Trouble.CHANGED
    if not has_values:
        return Trouble.VALUES_MISSING if entry_digest else None
    if salt is None:
        return None if is_erased and old is None and new is None else Trouble.VALUES_CHANGED
    values = bytes(salt) + f"{old or ''}\x1e{new or ''}".encode()
    return None if hashlib.sha256(values).digest() == bytes(entry_digest) else Trouble.VALUES_CHANGED


def _outside(actor: Actor) -> Finding | None:
    """The first head kept outside the database that the chain does not agree with. Of the newest the signature is
    looked at too: it proves all before it.
    """
    agreed, newest = 0, None
    heads = kept(actor.practice_id)
    try:
        while batch := list(islice(heads, AT_ONCE)):
            known = _digests(actor, [one.place for one in batch])
            for head in batch:
                if known.get(head.place) != head.digest:
                    return _disagrees(actor, head, agreed)
                agreed = max(agreed, head.place)
            newest = batch[-1]
    except BrokenLine:
        return Finding(Trouble.HEAD_FORGED, agreed + 1, None)
    if newest is not None and not newest.is_genuine():
        return Finding(Trouble.HEAD_FORGED, newest.place, newest.entry_id)
    return None


def _disagrees(actor: Actor, head: SignedHead, agreed: int) -> Finding:
    if not head.is_genuine():
        return Finding(Trouble.HEAD_FORGED, head.place, head.entry_id)
    (ends,) = next(_rows("SELECT coalesce(max(place), 0) FROM audit_seal WHERE practice_id = %s", [actor.practice_id]))
    if ends < head.place:
        return Finding(Trouble.TAIL_MISSING, ends + 1, None, head.entry_id)
    first = next(
        _rows("SELECT entry_id FROM audit_seal WHERE practice_id = %s AND place = %s", [actor.practice_id, agreed + 1]),
        (None,),
    )
    return Finding(Trouble.RECOMPUTED, agreed + 1, first[0], head.entry_id)


def _digests(actor: Actor, places: list[int]) -> dict[int, bytes]:
    rows = _rows(
        "SELECT place, digest FROM audit_seal WHERE practice_id = %s AND place = ANY (%s)", [actor.practice_id, places]
    )
    return {place: bytes(digest) for place, digest in rows}


def _is_signed(head: Head) -> bool:
    """Whether the head in the database is ours. Without a signature it was sealed a moment ago."""
    if head.signature is None:
        return True
    signed = SignedHead(
        head.practice_id, head.place, head.entry_id, bytes(head.digest), head.sealed_at, bytes(head.signature)
    )
    return signed.is_genuine()


def _unsealed(actor: Actor, head: Head | None) -> tuple[int, int | None]:
    """How many entries wait for their seal, and the first that should have had one."""
    upto = head.upto if head else 0
    waiting, added = next(_rows(UNSEALED, [upto, upto, actor.practice_id]))
    return waiting, added


def _rows(statement: str, parameters: list[Any]) -> Iterator[tuple[Any, ...]]:
    """Rows one by one, fetched a few thousand at a time by a cursor of the server."""
    with connection.chunked_cursor() as cursor:
        cursor.execute(statement, parameters)
        while rows := cursor.fetchmany(AT_ONCE):
            yield from rows
