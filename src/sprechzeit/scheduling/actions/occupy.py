"""The one writer of occupied time (architecture §4, CAL-8)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, connection
from psycopg.errors import ExclusionViolation

from sprechzeit.access.actor import Actor
from sprechzeit.core.acting import action, require
from sprechzeit.core.ids import new_id
from sprechzeit.core.live import announce
from sprechzeit.core.locks import lock
from sprechzeit.scheduling.errors import ChangedMeanwhile, TimeTaken
from sprechzeit.scheduling.models import Occupancy

BATCH = 1_000

_INSERT = """
    INSERT INTO scheduling_occupancy
        (id, practice_id, calendar_id, space_id, starts_at, ends_at, kind, active, overbooked, expires_at)
    SELECT wanted.id, %(practice)s, wanted.calendar_id, wanted.space_id, wanted.starts_at, wanted.ends_at, wanted.kind,
           true, wanted.overbooked, clock_timestamp() + wanted.keeps_minutes * interval '1 minute'
      FROM unnest(%(ids)s::uuid[], %(calendars)s::uuid[], %(spaces)s::uuid[], %(starts)s::timestamptz[],
                  %(ends)s::timestamptz[], %(kinds)s::text[], %(overbooked)s::boolean[], %(keeps)s::int[])
           AS wanted (id, calendar_id, space_id, starts_at, ends_at, kind, overbooked, keeps_minutes)
     WHERE wanted.overbooked OR NOT EXISTS (
           SELECT 1 FROM scheduling_occupancy o
            WHERE o.practice_id = %(practice)s AND o.calendar_id = wanted.calendar_id AND o.active
              AND o.ends_at > wanted.starts_at AND o.starts_at < wanted.ends_at)
    ON CONFLICT DO NOTHING
"""


_AGAIN = """
    UPDATE scheduling_occupancy wanted SET active = true
     WHERE wanted.practice_id = %(practice)s AND wanted.id = ANY (%(ids)s) AND NOT wanted.active
       AND (wanted.overbooked OR NOT EXISTS (
           SELECT 1 FROM scheduling_occupancy o
            WHERE o.practice_id = %(practice)s AND o.calendar_id = wanted.calendar_id AND o.active
              AND o.ends_at > wanted.starts_at AND o.starts_at < wanted.ends_at))
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


def calendar_lock(calendar_id: UUID) -> str:
    """The name of a calendar's lock. The database's trigger takes the same."""
    return f"calendar:{calendar_id}"


def space_lock(space_id: UUID) -> str:
    """The name of a space's lock, the same for all practices that use it."""
    return f"space:{space_id}"


def lock_time(calendar_ids: Iterable[UUID], space_ids: Iterable[UUID]) -> None:
    """Lock calendars and spaces, sorted, so that bookings wait for one another and never deadlock."""
    lock(*map(calendar_lock, calendar_ids), *map(space_lock, space_ids))


@action
def occupy(actor: Actor, *wanted: Wanted) -> list[UUID]:
    """Take all of these times or none; returns the occupancies' ids in the same order.

    Raises `TimeTaken`. What is `overbooked` may lie over others in its calendar, on purpose; a space never. Many at
    once are taken a thousand a statement.
    """
    calendars = {one.calendar_id for one in wanted}
    spaces = {one.space_id for one in wanted if one.space_id}
    lock_time(calendars, spaces)
    _release_expired_holds(actor, calendars, spaces)
    ids: list[UUID] = []
    for first in range(0, len(wanted), BATCH):
        ids += _insert(actor, wanted[first : first + BATCH])
    for calendar_id in calendars:
        announce(actor.practice_id, calendar_id)
    return ids


def _release_expired_holds(actor: Actor, calendars: set[UUID], spaces: set[UUID]) -> None:
    """An expired hold frees itself when somebody wants its time; of another practice by a function of `crossing`."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE scheduling_occupancy SET active = false WHERE practice_id = %s AND calendar_id = ANY (%s) "
            "AND active AND kind = 'hold' AND expires_at <= clock_timestamp()",
            [actor.practice_id, list(calendars)],
        )
        if spaces:
            cursor.execute("SELECT release_expired_holds(%s::uuid[])", [list(spaces)])


def _insert(actor: Actor, wanted: Sequence[Wanted]) -> list[UUID]:
    """Insert, unless something active overlaps: the calendar's normal and overbooked times alike, or the space's.

    The look-up refuses what the exclusion constraint alone would let lie over an overbooked time; the constraint
    refuses what the look-up cannot see, the trigger what stands in the same statement. Fewer rows back than asked
    means taken.
    """
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
    with connection.cursor() as cursor:
        try:
            cursor.execute(_INSERT, {"practice": actor.practice_id, **columns})
        except IntegrityError as error:
            if isinstance(error.__cause__, ExclusionViolation):
                raise TimeTaken from error
            raise
        if cursor.rowcount < len(ids):
            raise TimeTaken
    return ids


@action
def take_again(actor: Actor, former: Sequence[Occupancy], *again: Occupancy) -> None:
    """Free `former` and take the times that `again` were, all or none: they are the same rows as before.

    Raises `ChangedMeanwhile` if one of `former` is no longer taken, and `TimeTaken`.
    """
    both = (*former, *again)
    calendars, spaces = {one.calendar_id for one in both}, {one.space_id for one in both if one.space_id}
    lock_time(calendars, spaces)
    require(release(actor, *former) == len(former), ChangedMeanwhile)
    _release_expired_holds(actor, calendars, spaces)
    with connection.cursor() as cursor:
        try:
            cursor.execute(_AGAIN, {"practice": actor.practice_id, "ids": [one.pk for one in again]})
        except IntegrityError as error:
            if isinstance(error.__cause__, ExclusionViolation):
                raise TimeTaken from error
            raise
        if cursor.rowcount < len(again):
            raise TimeTaken
    for calendar_id in calendars:
        announce(actor.practice_id, calendar_id)


@action
def confirm_hold(actor: Actor, occupancy_id: UUID, calendar_id: UUID) -> bool:
    """Make a hold an appointment's time, if it has not expired on the database's clock: one conditional UPDATE."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE scheduling_occupancy SET kind = 'appointment', expires_at = NULL "
            "WHERE practice_id = %s AND id = %s AND active AND kind = 'hold' AND expires_at > clock_timestamp()",
            [actor.practice_id, occupancy_id],
        )
        confirmed = bool(cursor.rowcount)
    if confirmed:
        announce(actor.practice_id, calendar_id)
    return confirmed


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
