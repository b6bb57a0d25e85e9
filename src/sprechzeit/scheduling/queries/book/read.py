"""Reading the book."""

from collections.abc import Iterable, Sequence
from datetime import date
from uuid import UUID

from django.db import connection
from django.db.models import Q

from sprechzeit.access.actor import Actor
from sprechzeit.practice.models import Room
from sprechzeit.practice.policy import visible_rooms
from sprechzeit.practice.queries import practice_of
from sprechzeit.scheduling import availability as engine
from sprechzeit.scheduling.models import AppointmentType, Calendar, Occupancy
from sprechzeit.scheduling.policy import visible_calendars
from sprechzeit.scheduling.queries.book.background import closed_days, grounds
from sprechzeit.scheduling.queries.book.entries import Scope, entries
from sprechzeit.scheduling.queries.book.facts import Book, Entry, Span
from sprechzeit.scheduling.queries.book.wall import Minutes, Wall


def read_book(
    actor: Actor,
    days: Sequence[date],
    calendar_id: UUID | None = None,
    *,
    rooms: bool = False,
    cancelled: bool = False,
) -> Book:
    """Consecutive days of all visible calendars, or of one, in a constant number of statements.

    Retired calendars are there on days on which they have something. `rooms`: with the times that others take of
    shared ones; `cancelled`: with the appointments that will not take place.
    """
    practice = practice_of(actor)
    columns = visible_calendars(actor, retired=True).order_by("position", "name")
    if calendar_id is not None:
        columns = columns.filter(pk=calendar_id)
    calendars = {one.id: one for one in columns}
    types = {
        one.id: one for one in AppointmentType.objects.filter(practice_id=practice.id).order_by("position", "name")
    }
    all_rooms = list(visible_rooms(actor).order_by("position", "name"))
    period = engine.day_period(practice.zone, days[0], days[-1])
    begin, end = (engine.instant_of(minute) for minute in period)
    wall = Wall(practice.zone, period)
    within = Q(practice_id=practice.id, calendar_id__in=list(calendars), starts_at__lt=end, ends_at__gt=begin)
    scope = Scope(wall, within, calendars, types, {room.space_id: room.id for room in all_rooms})
    found = entries(actor, scope, cancelled=cancelled)
    busy = {entry.calendar_id for entry in found}
    shown = [one for one in calendars.values() if one.retired_at is None or one.id in busy]
    return Book(
        practice=practice,
        days=days,
        calendars=shown,
        rooms=_shown_rooms(all_rooms, found),
        types=types,
        entries=found,
        grounds=grounds(actor, practice, days, [one.id for one in shown], wall, period),
        holidays=closed_days(actor, practice, days),
        elsewhere=_elsewhere(practice.id, all_rooms, wall, period) if rooms else {},
    )


def _shown_rooms(rooms: Iterable[Room], found: Iterable[Entry]) -> list[Room]:
    used = {entry.room_id for entry in found}
    return [room for room in rooms if room.retired_at is None or room.id in used]


def _elsewhere(practice_id: UUID, rooms: Sequence[Room], wall: Wall, period: Span) -> dict[UUID, list[Span]]:
    """When a practice that shares a room of ours takes it: all that is taken, less what we took ourselves (COM-3).

    A space is never taken twice at once, so that a time of ours is found again by its begin.
    """
    begin, end = (engine.instant_of(minute) for minute in period)
    spaces = [room.space_id for room in rooms]
    own = set(
        Occupancy.objects.filter(
            practice_id=practice_id, active=True, space_id__in=spaces, starts_at__lt=end, ends_at__gt=begin
        ).values_list("space_id", Minutes("starts_at"))
    )
    room_of = {room.space_id: room.id for room in rooms}
    found: dict[UUID, list[Span]] = {}
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM taken_in_spaces(%s::uuid[], %s, %s)", [spaces, begin, end])
        for space_id, starts, ends in cursor.fetchall():
            if (space_id, starts) not in own:
                found.setdefault(room_of[space_id], []).append((wall.local(starts), wall.local(ends)))
    return found


def read_calendars(actor: Actor) -> list[Calendar]:
    """The calendars to choose from, in the order of the book."""
    return list(visible_calendars(actor).order_by("position", "name"))
