"""The one writer of occupied time (architecture §4, CAL-8)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from psycopg.errors import ExclusionViolation

from sprechzeit.access.actor import Actor
from sprechzeit.core.acting import action, require
from sprechzeit.core.ids import new_id
from sprechzeit.core.live import CHANNEL, announce
from sprechzeit.core.plans import planned
from sprechzeit.core.rows import fetch
from sprechzeit.scheduling.errors import ChangedMeanwhile, TimeTaken
from sprechzeit.scheduling.models import Occupancy

BATCH = 1_000

_TAKE = """
    SELECT take_times(%(practice)s, %(ids)s::uuid[], %(calendars)s::uuid[], %(spaces)s::uuid[],
                      %(starts)s::timestamptz[], %(ends)s::timestamptz[], %(kinds)s::text[], %(overbooked)s::boolean[],
                      %(keeps)s::int[])
"""

_AGAIN = """
    UPDATE scheduling_occupancy wanted SET active = true
     WHERE wanted.practice_id = %(practice)s AND wanted.id = ANY (%(ids)s) AND NOT wanted.active
       AND (wanted.overbooked OR NOT EXISTS (
           SELECT 1 FROM scheduling_occupancy o
            WHERE o.practice_id = %(practice)s AND o.calendar_id = wanted.calendar_id AND o.active
              AND o.ends_at > wanted.starts_at AND o.starts_at < wanted.ends_at))
    RETURNING id
"""


_CONFIRM = """
    WITH confirmed AS (
        UPDATE scheduling_occupancy SET kind = 'appointment', expires_at = NULL
         WHERE practice_id = %(practice)s AND id = %(id)s
           AND active AND kind = 'hold' AND expires_at > clock_timestamp()
        RETURNING practice_id
    )
    SELECT pg_notify(%(channel)s, practice_id || ' ' || %(calendar)s) FROM confirmed
"""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Time to take: a calendar's, and a space's where one is needed; `starts_at`, `ends_at` with buffers, aware.

    A hold `keeps_minutes`, by the database's clock, which also judges it.
    """

    calendar_id: UUID
    space_id: UUID | None
    starts_at: datetime
    ends_at: datetime
    kind: str
    overbooked: bool = False
    keeps_minutes: int | None = None


def lock_time(calendar_ids: Iterable[UUID], space_ids: Iterable[UUID]) -> None:
    """Lock calendars and spaces, sorted, so that bookings wait for one another and never deadlock.

    The database's functions and its trigger take the same locks.
    """
    fetch("SELECT lock_times(%s::uuid[], %s::uuid[])", [list(calendar_ids), list(space_ids)])


@action
def occupy(actor: Actor, *wanted: Wanted) -> list[UUID]:
    """Take all of these times or none; returns the occupancies' ids in the same order.

    Raises `TimeTaken`. What is `overbooked` may lie over others in its calendar, on purpose; a space never. The
    database does all of it (take_times.sql), of many at once a thousand a statement.
    """
    if len(wanted) > BATCH:
        lock_time({one.calendar_id for one in wanted}, {one.space_id for one in wanted if one.space_id})
    ids: list[UUID] = []
    for first in range(0, len(wanted), BATCH):
        ids += _take(actor, wanted[first : first + BATCH])
    return ids


def _take(actor: Actor, wanted: Sequence[Wanted]) -> list[UUID]:
    ids = [new_id() for _ in wanted]
    columns: dict[str, list[Any]] = {
        "ids": ids,
        "calendars": [one.calendar_id for one in wanted],
        "spaces": [one.space_id for one in wanted],
        "starts": [one.starts_at for one in wanted],
        "ends": [one.ends_at for one in wanted],
        "kinds": [one.kind for one in wanted],
        "overbooked": [one.overbooked for one in wanted],
        "keeps": [one.keeps_minutes for one in wanted],
    }
    ((taken,),) = fetch(*planned(_TAKE, {"practice": actor.practice_id, **columns}))
    require(taken, TimeTaken)
    return ids


@action
def take_again(actor: Actor, former: Sequence[Occupancy], *again: Occupancy) -> None:
    """Free `former` and take the times that `again` were, all or none: they are the same rows as before.

    Raises `ChangedMeanwhile` if one of `former` is no longer taken, and `TimeTaken`.
    """
    both = (*former, *again)
    calendars, spaces = {one.calendar_id for one in both}, {one.space_id for one in both if one.space_id}
    fetch("SELECT claim_times(%s, %s::uuid[], %s::uuid[])", [actor.practice_id, list(calendars), list(spaces)])
    require(release(actor, *former) == len(former), ChangedMeanwhile)
    try:
        with transaction.atomic():
            found = fetch(_AGAIN, {"practice": actor.practice_id, "ids": [one.pk for one in again]})
    except IntegrityError as error:
        if isinstance(error.__cause__, ExclusionViolation):
            raise TimeTaken from error
        raise
    require(len(found) == len(again), TimeTaken)
    for calendar_id in calendars:
        announce(actor.practice_id, calendar_id)


@action
def confirm_hold(actor: Actor, occupancy_id: UUID, calendar_id: UUID) -> bool:
    """Make a hold an appointment's time, if it has not expired on the database's clock: one conditional UPDATE."""
    facts = {"practice": actor.practice_id, "id": occupancy_id, "calendar": calendar_id, "channel": CHANNEL}
    return bool(fetch(*planned(_CONFIRM, facts)))


@action
def release(actor: Actor, *occupancies: Occupancy) -> int:
    """Free these times; returns how many were taken until now. The rows stay."""
    calendars = {one.calendar_id for one in occupancies}
    lock_time(calendars, {one.space_id for one in occupancies if one.space_id})
    ids = [one.pk for one in occupancies]
    freed = Occupancy.objects.filter(practice_id=actor.practice_id, pk__in=ids, active=True).update(active=False)
    for calendar_id in calendars:
        announce(actor.practice_id, calendar_id)
    return freed


@action
def replace(actor: Actor, former: Sequence[Occupancy], *wanted: Wanted) -> list[UUID]:
    """Free `former` and take these times instead, all or none: a move, or a swap of places.

    Old and new calendars and spaces are locked at once, so that two moves never wait for each other in a circle.
    Raises `ChangedMeanwhile` if one of `former` is no longer taken, and `TimeTaken`.
    """
    both: list[Occupancy | Wanted] = [*former, *wanted]
    lock_time({one.calendar_id for one in both}, {one.space_id for one in both if one.space_id})
    require(release(actor, *former) == len(former), ChangedMeanwhile)
    return occupy(actor, *wanted)
