"""The signed heads of the log's chains of a snapshot: later ones would tell of entries that it has not."""

from collections.abc import Iterator

import psycopg

from sprechzeit.audit.heads import SignedHead, folder_of, kept
from sprechzeit.operations.backup.files import HEADS

_HEADS = """
SELECT practice_id, place, entry_id, digest, sealed_at, signature FROM audit_head
 WHERE signature IS NOT NULL ORDER BY practice_id
"""


def heads_in(connection: "psycopg.Connection[tuple[object, ...]]") -> list[SignedHead]:
    """The head of each practice in the database."""
    rows = connection.execute(_HEADS).fetchall()
    return [SignedHead(*row) for row in rows]  # type: ignore[arg-type]  # the columns are of these types


def lines_of(head: SignedHead) -> tuple[str, Iterator[bytes]]:
    """The file of heads of a practice for a backup: its name, and what is kept here up to this head, and the head."""
    # It is read before those of the months that follow.
    return f"{HEADS}/{folder_of(head.practice_id).name}/0000-restored.heads", _lines(head)


def _lines(head: SignedHead) -> Iterator[bytes]:
    is_known = False
    for one in kept(head.practice_id):
        if isinstance(one, SignedHead) and one.place <= head.place:
            is_known = is_known or one.place == head.place
            yield f"{one.line()}\n".encode()
    if not is_known:
        # It was sealed on another machine.
        yield f"{head.line()}\n".encode()
