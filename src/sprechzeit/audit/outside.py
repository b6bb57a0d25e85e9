"""Whether the chain agrees with all of its heads outside the database, and with the times that they say (AUD-3)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from django.db import connection

from sprechzeit.access.actor import Actor
from sprechzeit.audit.findings import Finding, Trouble
from sprechzeit.audit.heads import SignedHead, Torn, kept

AT_ONCE = 5_000
# An entry is sealed when its transaction has ended; no transaction of ours runs so long after what it wrote.
LONGEST_TRANSACTION = timedelta(hours=1)

# Of the entries between two heads, the first that claims to be older than the earlier head allows.
BACKDATED = """
SELECT s.place, e.id
  FROM unnest(%s::bigint[], %s::bigint[], %s::timestamptz[]) AS h (after, upto, bound)
  JOIN audit_seal s ON s.practice_id = %s AND s.place > h.after AND s.place <= h.upto
  JOIN audit_entry e ON e.id = s.entry_id AND e.practice_id = s.practice_id
 WHERE e.at < h.bound
 ORDER BY s.place LIMIT 1
"""


@dataclass(slots=True)
class _Walk:
    """How far the heads were gone through: the last that the chain agrees with, and what was found."""

    found: list[Finding] = field(default_factory=list)
    agreed: SignedHead | None = None
    is_any: bool = False
    is_over: bool = False

    @property
    def place(self) -> int:
        return self.agreed.place if self.agreed else 0

    def note(self, finding: Finding) -> None:
        """The first of each trouble."""
        if finding.trouble not in {one.trouble for one in self.found}:
            self.found.append(finding)


def compare_with_copies(actor: Actor, *, is_signed: bool) -> list[Finding]:
    """The first of each trouble with the heads that were kept, in the order of the chain; in constant memory.

    Each head's signature is looked at: one that is not ours proves nothing, and is passed over once it is noted.
    `is_signed`: a head was signed before, so there must be copies.
    """
    walk, heads = _Walk(), kept(actor.practice_id)
    while not walk.is_over and (batch := list(islice(heads, AT_ONCE))):
        walk.is_any = True
        _go_on(actor, walk, batch)
    if is_signed and not walk.is_any:
        # What is signed was kept before: without any copy a chain that was made anew could not be told.
        walk.note(Finding(Trouble.COPIES_MISSING, 0, None))
    return walk.found


def _go_on(actor: Actor, walk: _Walk, batch: Sequence[SignedHead | Torn]) -> None:
    known = _digests(actor, [one.place for one in batch if isinstance(one, SignedHead)])
    spans: list[tuple[int, int, datetime]] = []
    for head in batch:
        if isinstance(head, Torn):
            walk.note(Finding(Trouble.TORN, walk.place + 1, None, where=head.where))
        elif not head.is_genuine():
            walk.note(Finding(Trouble.HEAD_FORGED, head.place, head.entry_id))
        elif known.get(head.place) != head.digest:
            walk.note(_disagrees(actor, head, walk.place))
            walk.is_over = True
            break
        elif head.place > walk.place:
            if walk.agreed:
                spans.append((walk.place, head.place, walk.agreed.sealed_at - LONGEST_TRANSACTION))
            walk.agreed = head
    for place, entry_id in _rows(BACKDATED, [*map(list, zip(*spans, strict=True)), actor.practice_id]) if spans else ():
        walk.note(Finding(Trouble.BACKDATED, place, entry_id))


def _disagrees(actor: Actor, head: SignedHead, agreed: int) -> Finding:
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


def _rows(statement: str, parameters: list[Any]) -> Iterator[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        yield from cursor.fetchall()
