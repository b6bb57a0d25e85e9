"""What a process may remember of rows until they change (architecture §5, decision 0009).

The rows are the truth. Whoever changes them raises the version of what they belong to in the same transaction, by
trigger; a version is a random id, so that none ever comes back, not even after a rollback. Whoever remembers asks for
the versions first, one look-up by primary key, and reads anew when one has changed.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from typing import Generic, TypeVar
from uuid import UUID

from sprechzeit.core.plans import planned
from sprechzeit.core.rows import fetch

T = TypeVar("T")

# Sorted, so that two transactions that raise the same versions in one statement each never wait in a circle.
RAISE = """
CREATE FUNCTION raise_versions(subjects uuid[]) RETURNS void
LANGUAGE sql SET search_path = pg_catalog, public, pg_temp AS $$
    INSERT INTO core_version (subject, version)
    SELECT subject, gen_random_uuid() FROM (SELECT DISTINCT unnest(subjects) AS subject) AS each
     WHERE subject IS NOT NULL ORDER BY subject
        ON CONFLICT (subject) DO UPDATE SET version = excluded.version
$$
"""

# What versions some have, as one value to compare, and the time. A function, since its plan is made once a connection.
STATE = """
CREATE FUNCTION state_of_versions(subjects uuid[], OUT state bytea, OUT seconds float8)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public, pg_temp SET plan_cache_mode = force_generic_plan AS $$
BEGIN
    SELECT string_agg(uuid_send(subject) || uuid_send(version), '' ORDER BY subject) INTO state
      FROM core_version WHERE subject = ANY (subjects);
    seconds := extract(epoch FROM clock_timestamp());
END $$
"""


@dataclass(frozen=True, slots=True)
class Read(Generic[T]):
    """What was read. `subjects`: whose versions it hangs on; `until`: when it ends without anybody's doing, by the
    database's clock; `weight`: how much of the memory it takes.
    """

    what: T
    subjects: Sequence[UUID]
    until: datetime | None
    weight: int


@dataclass(frozen=True, slots=True)
class _Kept(Generic[T]):
    read: Read[T]
    state: bytes | None


class Memory(Generic[T]):
    """What was read before, up to `room` in weight; what was not asked for the longest goes first."""

    def __init__(self, room: int) -> None:
        self.room = room
        self._kept: OrderedDict[Hashable, _Kept[T]] = OrderedDict()
        self._weight = 0
        self._lock = Lock()

    def recall(self, key: Hashable, read: Callable[[], Read[T]]) -> T:
        """What `read` gives, or gave and still would.

        The versions are asked for before it reads: what changes in between is read with a version that is no longer
        true, and so never recalled. Of whom they are, the first reading tells; so the second one is kept.
        """
        with self._lock:
            kept = self._kept.get(key)
            if kept:
                self._kept.move_to_end(key)
        if not kept:
            fresh = read()
            self._keep(key, _Kept(fresh, None))
            return fresh.what
        state, now = _state_of(kept.read.subjects)
        if kept.state == state and (kept.read.until is None or now < kept.read.until.timestamp()):
            return kept.read.what
        fresh = read()
        self._keep(key, _Kept(fresh, state if fresh.subjects == kept.read.subjects else None))
        return fresh.what

    def _keep(self, key: Hashable, kept: _Kept[T]) -> None:
        with self._lock:
            self._drop(self._kept.pop(key, None))
            if kept.read.weight > self.room:
                return
            self._kept[key] = kept
            self._weight += kept.read.weight
            while self._weight > self.room:
                self._drop(self._kept.popitem(last=False)[1])

    def _drop(self, kept: _Kept[T] | None) -> None:
        self._weight -= kept.read.weight if kept else 0


def _state_of(subjects: Sequence[UUID]) -> tuple[bytes, float]:
    ((state, seconds),) = fetch(*planned("SELECT * FROM state_of_versions(%s::uuid[])", [list(subjects)]))
    return state or b"", seconds
