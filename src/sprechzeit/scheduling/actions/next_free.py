"""Keeping the next free time of each calendar, for practices with many (docs/decisions/0007-next-free.md)."""

from collections.abc import Collection, Sequence
from uuid import UUID

from django.db import connection
from django.db.models import F, Q

from sprechzeit.access.actor import Actor
from sprechzeit.core.acting import action
from sprechzeit.scheduling.models import AppointmentType, NextFree
from sprechzeit.scheduling.queries.availability import this_minute
from sprechzeit.scheduling.queries.next_free import computed_next_free

# From so many calendars on that offer a type; below, computing is fast enough and nothing is kept.
MANY = 50
# How many are computed in one transaction.
AT_ONCE = 500

_SETTLE = """
    WITH offered AS (
        SELECT o.id, o.practice_id, o.calendar_id, o.type_id, count(*) OVER (PARTITION BY o.type_id) AS calendars
          FROM scheduling_offering o
          JOIN scheduling_appointmenttype t ON t.practice_id = o.practice_id AND t.id = o.type_id
          JOIN scheduling_calendar c ON c.practice_id = o.practice_id AND c.id = o.calendar_id
         WHERE o.practice_id = %(practice)s AND t.online AND t.retired_at IS NULL AND c.retired_at IS NULL
    ), gone AS (
        DELETE FROM scheduling_nextfree k
         WHERE k.practice_id = %(practice)s
           AND NOT EXISTS (SELECT 1 FROM offered WHERE offered.id = k.offering_id AND calendars >= %(many)s)
    )
    INSERT INTO scheduling_nextfree (id, practice_id, offering_id, calendar_id, type_id, changes, computed)
    SELECT gen_random_uuid(), practice_id, id, calendar_id, type_id, 1, 0 FROM offered
     WHERE calendars >= %(many)s AND NOT EXISTS (SELECT 1 FROM scheduling_nextfree k WHERE k.offering_id = offered.id)
    ON CONFLICT DO NOTHING
"""

# A calendar that is being changed is left for the next round: two that wait for each other would be a circle.
_WRITE = """
    WITH answer AS (
        SELECT * FROM unnest(%s::uuid[], %s::int[], %s::uuid[], %s::int[]) AS answer (id, starts, room_id, changes)
    ), ours AS (
        SELECT id FROM scheduling_nextfree WHERE practice_id = %s AND id = ANY (%s) FOR NO KEY UPDATE SKIP LOCKED
    )
    UPDATE scheduling_nextfree k SET starts = answer.starts, room_id = answer.room_id, computed = answer.changes
      FROM answer JOIN ours USING (id) WHERE k.id = answer.id
"""

# Rows that somebody is changing are left, here too.
_MARK = """
    WITH ours AS (
        SELECT id FROM scheduling_nextfree WHERE practice_id = %s AND id = ANY (%s) FOR NO KEY UPDATE SKIP LOCKED
    )
    UPDATE scheduling_nextfree SET changes = changes + 1 WHERE id IN (SELECT id FROM ours) RETURNING id
"""


@action
def settle_next_free(actor: Actor, many: int = MANY) -> None:
    """Keep a time for each calendar of the types that at least `many` offer online, and no other; still to compute."""
    with connection.cursor() as cursor:
        cursor.execute(_SETTLE, {"practice": actor.practice_id, "many": many})


@action
def mark_all_next_free(actor: Actor) -> None:
    """Let everything kept be computed anew: what changed without anybody's doing, or in another practice."""
    NextFree.objects.filter(practice_id=actor.practice_id).update(changes=F("changes") + 1)


@action
def kept_of_practitioner(actor: Actor, practitioner: UUID) -> set[UUID]:
    """The kept times of a practitioner's calendars; a calendar of nobody is its own practitioner, as in the count."""
    kept = NextFree.objects.filter(practice_id=actor.practice_id)
    theirs = Q(calendar__member_id=practitioner) | Q(calendar__member=None, calendar_id=practitioner)
    return set(kept.filter(theirs).values_list("pk", flat=True))


@action
def mark_next_free(actor: Actor, kept: Collection[UUID]) -> set[UUID]:
    """Let these be computed anew; which of them were marked. It waits for nobody: the others are to be tried again."""
    with connection.cursor() as cursor:
        cursor.execute(_MARK, [actor.practice_id, list(kept)])
        return {marked for (marked,) in cursor.fetchall()}


@action
def mark_expired_holds(actor: Actor) -> None:
    """A hold that expires changes no row: mark the calendars in which one did and nobody has wanted the time since."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE scheduling_nextfree SET changes = changes + 1 WHERE practice_id = %s AND calendar_id IN "
            "(SELECT calendar_id FROM scheduling_occupancy WHERE practice_id = %s AND active AND kind = 'hold' "
            "AND expires_at <= clock_timestamp())",
            [actor.practice_id] * 2,
        )


@action
def refresh_next_free(actor: Actor) -> tuple[int, int]:
    """Compute some of what is out of date or has come too near, of one type; how many were to be, and how many are.

    The change number is read before the rows, so that a change meanwhile leaves the time out of date: never lost.
    """
    due = _due(actor)
    if not due:
        return 0, 0
    appointment_type = due[0].type
    return len(due), _write(actor, due, appointment_type)


def _due(actor: Actor) -> Sequence[NextFree]:
    now = this_minute()
    rows = NextFree.objects.filter(practice_id=actor.practice_id).filter(
        ~Q(changes=F("computed")) | Q(starts__lt=now + F("type__notice"))
    )
    first = rows.select_related("type").order_by("type").first()
    return [] if first is None else [first, *rows.filter(type=first.type).exclude(pk=first.pk)[: AT_ONCE - 1]]


def _write(actor: Actor, due: Sequence[NextFree], appointment_type: AppointmentType) -> int:
    found = computed_next_free(actor, appointment_type, [one.calendar_id for one in due])
    offers = [found.get(one.calendar_id) for one in due]
    ids: list[UUID] = [one.pk for one in due]
    starts = [offer and offer.start for offer in offers]
    rooms = [offer and offer.room_id for offer in offers]
    with connection.cursor() as cursor:
        cursor.execute(_WRITE, [ids, starts, rooms, [one.changes for one in due], actor.practice_id, ids])
        written: int = cursor.rowcount
    return written
