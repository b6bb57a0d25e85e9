"""Reading the book."""

from collections.abc import Iterable, Sequence
from datetime import date
from uuid import UUID

from sprechzeit.access.actor import Actor
from sprechzeit.core.rows import fetch, load
from sprechzeit.practice.models import Practice, Room
from sprechzeit.practice.policy import sees_rooms
from sprechzeit.scheduling import availability as engine
from sprechzeit.scheduling.models import AppointmentType, Calendar
from sprechzeit.scheduling.policy import sees_calendars
from sprechzeit.scheduling.queries.book.background import Under, closed_days, grounds
from sprechzeit.scheduling.queries.book.entries import Scope, entries
from sprechzeit.scheduling.queries.book.facts import Book, Entry, Span
from sprechzeit.scheduling.queries.book.wall import BEGIN, Wall

_IN_ORDER = "WHERE practice_id = %s ORDER BY position, name"
_PRACTICE = ("id", "zone_name", "region")
_CALENDAR = ("id", "practice_id", "member_id", "name", "initials", "colour", "retired_at")
_TYPE = ("id", "practice_id", "name", "colour", "location", "retired_at")
_TAKEN = "SELECT space_id, starts, ends FROM taken_in_spaces(%s::uuid[], %s, %s)"
_OWN = f"""
SELECT space_id, {BEGIN.format("")} FROM scheduling_occupancy
 WHERE practice_id = %s AND active AND space_id = ANY(%s) AND starts_at < %s AND ends_at > %s
"""  # noqa: S608 – of our own words alone
_ROOM = ("id", "practice_id", "space_id", "name", "colour", "retired_at")


def read_practice(actor: Actor) -> Practice:
    """The actor's practice, as far as the book is concerned: its clock, and where it is."""
    (practice,) = load(Practice, _PRACTICE, "WHERE id = %s", [actor.practice_id])
    return practice


def read_book(
    actor: Actor,
    days: Sequence[date],
    calendar_id: UUID | None = None,
    *,
    practice: Practice | None = None,
    rooms: bool = False,
    cancelled: bool = False,
    heads: bool = True,
) -> Book:
    """Consecutive days of all visible calendars, or of one, in a constant number of statements.

    Retired calendars are there on days on which they have something. `rooms`: with the times that others take of
    shared ones; `cancelled`: with the appointments that will not take place; without `heads`: a column alone, retired
    or not, without the rooms that are named above it. `practice`: the actor's, where it is known already.
    """
    practice = practice or read_practice(actor)
    calendars = _calendars(actor, calendar_id)
    types = {one.id: one for one in load(AppointmentType, _TYPE, _IN_ORDER, [practice.id])}
    all_rooms = load(Room, _ROOM, _IN_ORDER, [practice.id]) if heads and sees_rooms(actor) else []
    period = engine.day_period(practice.zone, days[0], days[-1])
    wall = Wall(practice.zone, period)
    found = entries(actor, Scope(practice.id, wall, period, calendars, types.values(), all_rooms), cancelled=cancelled)
    busy = {entry.calendar_id for entry in found}
    shown = [one for one in calendars if one.retired_at is None or not heads or str(one.id) in busy]
    return Book(
        practice=practice,
        days=days,
        calendars=shown,
        rooms=_shown_rooms(all_rooms, found),
        types=types,
        entries=found,
        grounds=grounds(actor, Under(practice, days, [one.id for one in shown], types, wall, period)),
        holidays=closed_days(actor, practice, days),
        elsewhere=_elsewhere(practice.id, all_rooms, wall, period) if rooms else {},
    )


def _shown_rooms(rooms: Iterable[Room], found: Sequence[Entry]) -> list[Room]:
    used = {entry.room_id for entry in found}
    return [one for one in rooms if one.retired_at is None or str(one.id) in used]


def _elsewhere(practice_id: UUID, rooms: Sequence[Room], wall: Wall, period: Span) -> dict[UUID, list[Span]]:
    """When a practice that shares a room of ours takes it: all that is taken, less what we took ourselves (COM-3).

    A space is never taken twice at once, so that a time of ours is found again by its begin.
    """
    begin, end = (engine.instant_of(minute) for minute in period)
    spaces = [room.space_id for room in rooms]
    own = set(fetch(_OWN, [practice_id, spaces, end, begin]))
    room_of = {room.space_id: room.id for room in rooms}
    found: dict[UUID, list[Span]] = {}
    for space_id, starts, ends in fetch(
        "SELECT space_id, starts, ends FROM taken_in_spaces(%s::uuid[], %s, %s)", [spaces, begin, end]
    ):
        if (space_id, starts) not in own:
            found.setdefault(room_of[space_id], []).append((wall.local(starts), wall.local(ends)))
    return found


def read_calendars(actor: Actor) -> list[Calendar]:
    """The calendars to choose from, in the order of the book."""
    return [one for one in _calendars(actor) if one.retired_at is None]


def _calendars(actor: Actor, only: UUID | None = None) -> list[Calendar]:
    if not sees_calendars(actor):
        return []
    if only:
        return load(Calendar, _CALENDAR, "WHERE practice_id = %s AND id = %s", [actor.practice_id, only])
    return load(Calendar, _CALENDAR, _IN_ORDER, [actor.practice_id])
