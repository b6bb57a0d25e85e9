"""Whether a practice's log is whole: no entry missing, none changed; else the first that is (AUD-3).

Reads in the order of the chain, one entry at a time, and computes every digest here: what the database's own functions
answer is not relied on. `core/crossing.sql` (`seal_entries`) makes what is proved here.
"""

import hashlib
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.db import connection

from sprechzeit.access.actor import Actor
from sprechzeit.audit.findings import Finding, Proof, Trouble
from sprechzeit.audit.heads import SignedHead
from sprechzeit.audit.models import Head
from sprechzeit.audit.outside import compare_with_copies
from sprechzeit.audit.queries import head_of

AT_ONCE = 5_000
BEGIN = bytes(32)
# The worker seals every minute; so long it is not away for a new start.
SEALED_WITHIN = timedelta(minutes=15)
# What says nothing against an entry comes last.
OF_NO_ENTRY = (Trouble.TORN, Trouble.UNSEALED)
# How copies contradict the chain.
CONTRADICTED = (Trouble.TAIL_MISSING, Trouble.RECOMPUTED)

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
              AND (w.new ->> 'entry' = e.id::text OR w.new -> 'entries' @> to_jsonb(e.id)))
  FROM audit_seal s
  LEFT JOIN audit_entry e ON e.id = s.entry_id AND e.practice_id = s.practice_id
  LEFT JOIN audit_value v ON v.entry_id = e.id
 WHERE s.practice_id = %s
 ORDER BY s.place
"""
# Not in the chain: written lately; of a transaction whose entries are all sealed, by no function of ours; or for long,
# since nobody seals.
UNSEALED = """
SELECT count(*), min(e.id) FILTER (
           WHERE e.transaction < %s AND %s <= pg_snapshot_xmin(pg_current_snapshot())::text::bigint),
       min(e.id) FILTER (WHERE e.at < clock_timestamp() - %s)
  FROM audit_entry e
 WHERE e.practice_id = %s AND NOT EXISTS (SELECT 1 FROM audit_seal s WHERE s.entry_id = e.id)
"""


def check_log(actor: Actor) -> Proof:
    """Check the whole chain of the actor's practice, in `acting`; in constant memory. The worst is found first."""
    head = head_of(actor)
    walked, broken = _walk(actor)
    outside = compare_with_copies(actor, is_signed=head is not None and head.signature is not None)
    if broken is None and head is not None and walked < head.place:
        broken = Finding(Trouble.TAIL_MISSING, walked + 1, None, head.entry_id)
    # Where the chain breaks says it all: what contradicts it further on is the same.
    chain = [one for one in (broken, *outside) if one and (one is broken or one.trouble in CONTRADICTED)]
    found = sorted(chain, key=lambda one: one.place)[:1]
    found += [one for one in outside if one.trouble not in CONTRADICTED]
    if head is None and walked:
        found.append(Finding(Trouble.HEAD_FORGED, walked, None))
    if head is not None and not _is_signed(head):
        found.append(Finding(Trouble.HEAD_FORGED, head.place, head.entry_id))
    waiting, unsealed = _unsealed(actor, head, walked)
    return Proof(walked, waiting, head, sorted(found + unsealed, key=lambda one: one.trouble in OF_NO_ENTRY))


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


def _is_signed(head: Head) -> bool:
    """Whether the head in the database is ours. Without a signature it was sealed a moment ago."""
    if head.signature is None:
        return True
    signed = SignedHead(
        head.practice_id, head.place, head.entry_id, bytes(head.digest), head.sealed_at, bytes(head.signature)
    )
    return signed.is_genuine()


def _unsealed(actor: Actor, head: Head | None, walked: int) -> tuple[int, list[Finding]]:
    """How many entries wait for their seal; the first that should have had one, and the first that waits for long."""
    upto = head.upto if head else 0
    waiting, added, late = next(_rows(UNSEALED, [upto, upto, SEALED_WITHIN, actor.practice_id]))
    troubles = ((Trouble.ADDED, added), (Trouble.UNSEALED, late if late != added else None))
    return waiting, [Finding(trouble, walked, entry_id) for trouble, entry_id in troubles if entry_id is not None]


def _rows(statement: str, parameters: list[Any]) -> Iterator[tuple[Any, ...]]:
    """Rows one by one, fetched a few thousand at a time by a cursor of the server."""
    with connection.chunked_cursor() as cursor:
        cursor.execute(statement, parameters)
        while rows := cursor.fetchmany(AT_ONCE):
            yield from rows
