"""When each calendar can next be booked online for a type (CAL-11): as it is kept, or computed."""

from collections.abc import Collection
from datetime import timedelta
from uuid import UUID

from django.db import connection

from sprechzeit.access.actor import Actor, visitor
from sprechzeit.practice.queries import practice_of
from sprechzeit.scheduling import availability as engine
from sprechzeit.scheduling.models import AppointmentType
from sprechzeit.scheduling.policy import sees_all_calendars, visible_calendars
from sprechzeit.scheduling.queries.availability import free_times, this_minute

# The first stretch that is looked through, and the longest.
FIRST_DAYS, MOST_DAYS = 2, 56

_KEPT = """
    SELECT starts, calendar_id, room_id FROM scheduling_nextfree
     WHERE practice_id = %s AND type_id = %s AND starts >= %s
     ORDER BY starts LIMIT %s
"""


def next_free_of_all(actor: Actor, appointment_type: AppointmentType, count: int | None = None) -> list[engine.Offer]:
    """The next free time of each calendar that offers the type, by time; the first `count`, or all (CAL-11).

    As a visitor is offered it; of a type that is not booked online, as the actor is. A practice with many calendars is
    answered from what is kept. That is a hint: right within two seconds of every change in a calendar and of the
    practice's own rooms and rules, while a worker runs. Times of today may be missing for five minutes after they have
    come too near; another practice's use of a shared room counts from the next change or the next night on. Nothing
    here may be promised to anybody: taking a time asks the engine again, as always.
    """
    if not sees_all_calendars(actor):
        theirs = list(visible_calendars(actor).values_list("pk", flat=True))
        found = computed_next_free(actor, appointment_type, theirs).values() if theirs else ()
        return sorted(found, key=lambda offer: offer.start)[:count]
    now = this_minute()
    with connection.cursor() as cursor:
        cursor.execute(_KEPT, [actor.practice_id, appointment_type.pk, now + appointment_type.notice, count])
        kept = [engine.Offer(*row) for row in cursor.fetchall()]
    if kept:
        return kept
    computed = sorted(computed_next_free(actor, appointment_type).values(), key=lambda offer: offer.start)
    return computed[:count]


def computed_next_free(
    actor: Actor, appointment_type: AppointmentType, calendar_ids: Collection[UUID] | None = None
) -> dict[UUID, engine.Offer]:
    """The next free time of these calendars, or of all, as the engine offers it now to a visitor, or to the actor where
    the type is not booked online.

    Ever longer stretches of days, each of the calendars that have no time yet. One with nothing free up to the horizon,
    or that does not offer the type, is missing.
    """
    asker = visitor(actor.practice_id) if appointment_type.online else actor
    begin = engine.instant_of(this_minute()).astimezone(practice_of(asker).zone).date()
    last = begin + timedelta(days=appointment_type.horizon)
    found: dict[UUID, engine.Offer] = {}
    left, days = calendar_ids, FIRST_DAYS
    while begin <= last and (left is None or left):
        end = min(begin + timedelta(days=days - 1), last)
        free = free_times(asker, appointment_type, begin, end, calendar_ids=left)
        found |= free.first_of_each()
        left = [one for one in free.named if one not in found]
        begin, days = end + timedelta(days=1), min(2 * days, MOST_DAYS)
    return found
