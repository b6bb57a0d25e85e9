"""The one writer of occupied time (architecture §4, CAL-8)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection

from sprechzeit.access.actor import Actor
from sprechzeit.core.acting import action
from sprechzeit.core.ids import new_id
from sprechzeit.core.live import announce
from sprechzeit.core.locks import lock
from sprechzeit.scheduling.errors import TimeTaken
from sprechzeit.scheduling.models import Occupancy


@dataclass(frozen=True, slots=True)
class Wanted:
    """Time to take: a calendar's, and a space's where one is needed; `starts_at`, `ends_at` with buffers, aware."""

    calendar_id: UUID
    space_id: UUID | None
    starts_at: datetime
    ends_at: datetime
    kind: str
    overbooked: bool = False
    expires_at: datetime | None = None


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

    Raises `TimeTaken`. What is `overbooked` may lie over others in its calendar, on purpose; a space never.
    """
    calendars = {one.calendar_id for one in wanted}
    spaces = {one.space_id for one in wanted if one.space_id}
    lock_time(calendars, spaces)
    _release_expired_holds(actor, calendars, spaces)
    ids = [_insert(actor, one) for one in wanted]
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


def _insert(actor: Actor, wanted: Wanted) -> UUID:
    """Insert, unless something active overlaps: the calendar's normal and overbooked times alike, or the space's.

    The look-up refuses what the exclusion constraint alone would let lie over an overbooked time; the constraint
    refuses what the look-up cannot see. Fewer rows back than asked means taken.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO scheduling_occupancy
                (id, practice_id, calendar_id, space_id, starts_at, ends_at, kind, active, overbooked, expires_at)
            SELECT %(id)s, %(practice)s, %(calendar)s, %(space)s, %(starts)s, %(ends)s, %(kind)s, true,
                   %(overbooked)s, %(expires)s
             WHERE %(overbooked)s OR NOT EXISTS (
                   SELECT 1 FROM scheduling_occupancy
                    WHERE practice_id = %(practice)s AND calendar_id = %(calendar)s AND active
                      AND ends_at > %(starts)s AND starts_at < %(ends)s)
            ON CONFLICT DO NOTHING
            RETURNING id
            """,
            {
                "id": new_id(),
                "practice": actor.practice_id,
                "calendar": wanted.calendar_id,
                "space": wanted.space_id,
                "starts": wanted.starts_at,
                "ends": wanted.ends_at,
                "kind": wanted.kind,
                "overbooked": wanted.overbooked,
                "expires": wanted.expires_at,
            },
        )
        row = cursor.fetchone()
    if row is None:
        raise TimeTaken
    occupancy_id: UUID = row[0]
    return occupancy_id


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
def release(actor: Actor, *occupancies: Occupancy) -> None:
    """Free these times. The rows stay."""
    lock_time({one.calendar_id for one in occupancies}, {one.space_id for one in occupancies if one.space_id})
    for one in occupancies:
        Occupancy.objects.filter(practice_id=actor.practice_id, pk=one.pk).update(active=False)
        announce(actor.practice_id, one.calendar_id)
