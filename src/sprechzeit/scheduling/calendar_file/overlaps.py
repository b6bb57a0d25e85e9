"""Which entries lie over another one."""

from collections.abc import Sequence
from datetime import UTC, datetime

from .entries import Entry


def overlapping(entries: Sequence[Entry]) -> set[int]:
    """The indexes of entries that overlap one which starts earlier (or, starting together, stands earlier).

    They have to be taken as overbooked. Entries that take no time neither count nor are counted.
    """
    order = sorted((entry.starts_at, index) for index, entry in enumerate(entries) if entry.takes_time)
    taken_until = datetime.min.replace(tzinfo=UTC)
    found = set()
    for starts_at, index in order:
        if starts_at < taken_until:
            found.add(index)
        taken_until = max(taken_until, entries[index].ends_at)
    return found
