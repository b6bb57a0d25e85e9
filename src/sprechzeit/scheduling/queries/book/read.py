"""Reading the book."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sprechzeit.access.actor import Actor
from sprechzeit.audit.queries import log_list
from sprechzeit.core.rows import fetch, partly
from sprechzeit.practice.models import Practice, Room
from sprechzeit.practice.policy import sees_rooms
from sprechzeit.scheduling import availability as engine
from sprechzeit.scheduling.models import AppointmentType, Calendar
from sprechzeit.scheduling.policy import sees_absence, sees_all_calendars, whose_calendars
from sprechzeit.scheduling.queries.book.background import Under, closed_days, grounds
from sprechzeit.scheduling.queries.book.entries import Scope, entries
from sprechzeit.scheduling.queries.book.facts import Book, Entry, Furniture, Span
from sprechzeit.scheduling.queries.book.wall import BEGIN, Wall
from sprechzeit.scheduling.queries.elsewhere import names_elsewhere

# In one statement, since each costs more than what it finds. Columns: what, id, name, a word, colour, since when it is
# retired, whose or where, and where before; the practice's name is its zone's, its word the region.
_FURNITURE = """
SELECT 'practice', id, zone_name AS name, region, 0, NULL::timestamptz, NULL::uuid, NULL::uuid[], 0 AS position
  FROM practice_practice WHERE id = %(practice)s
UNION ALL
SELECT 'plan', id, plan, '', 0, NULL, NULL, NULL, 0 FROM practice_practice WHERE id = %(practice)s
UNION ALL
SELECT 'calendar', id, name, initials, colour, retired_at, member_id, NULL, position
  FROM scheduling_calendar WHERE practice_id = %(practice)s AND (%(all)s OR member_id = ANY (%(whose)s))
   AND (%(only)s IS NULL OR id = %(only)s)
UNION ALL
SELECT 'type', id, name, '', colour, retired_at, NULL, NULL, position
  FROM scheduling_appointmenttype WHERE practice_id = %(practice)s
UNION ALL
SELECT 'room', id, name, '', colour, retired_at, space_id, former_spaces, position
  FROM practice_room WHERE practice_id = %(practice)s AND %(rooms)s
 ORDER BY position, name
"""
_OWN = f"""
SELECT space_id, {BEGIN.format("")} FROM scheduling_occupancy
 WHERE practice_id = %s AND calendar_id = ANY(%s) AND active AND space_id = ANY(%s) AND starts_at < %s AND ends_at > %s
"""  # noqa: S608 – of our own words alone


def read_furniture(actor: Actor, column: UUID | None = None) -> Furniture:
    """What the book of the actor's practice consists of; for the column of one calendar that alone, and no rooms.

    One statement.
    """
    practice, rooms = actor.practice_id, column is None and sees_rooms(actor)
    asked = {
        "practice": practice,
        "all": sees_all_calendars(actor),
        "whose": whose_calendars(actor),
        "only": column,
        "rooms": rooms,
    }
    found: dict[str, list[Any]] = {"practice": [], "plan": [], "calendar": [], "type": [], "room": []}
    for what, key, name, word, colour, retired_at, other, former, _ in fetch(_FURNITURE, asked):
        named = {"practice_id": practice, "id": key, "name": name, "colour": colour, "retired_at": retired_at}
        match what:
            case "practice":
                one: Any = partly(Practice, id=key, zone_name=name, region=word)
            case "plan":
                one = name
            case "calendar":
                one = partly(Calendar, **named, initials=word, member_id=other)
            case "type":
                one = partly(AppointmentType, **named)
            case _:
                one = partly(Room, **named, space_id=other, former_spaces=former)
        found[what].append(one)
    (only,) = found["practice"]
    (only.plan,) = found["plan"]
    return Furniture(only, found["calendar"], found["type"], found["room"])


def read_book(
    actor: Actor,
    days: Sequence[date],
    calendar_id: UUID | None = None,
    *,
    furniture: Furniture | None = None,
    rooms: bool = False,
    cancelled: bool = False,
    heads: bool = True,
    view: str = "book",
) -> Book:
    """Consecutive days of all visible calendars, or of one, in a constant number of statements.

    Retired calendars are there on days on which they have something. `rooms`: with the times that others take of
    shared ones; `cancelled`: with the appointments that will not take place; without `heads`: a column alone, retired
    or not, without the rooms that are named above it. `furniture`: the practice's, where it is known already. That
    the appointments were seen is logged, for each `view` that shows other ones or more of them (AUD-2).
    """
    furniture = furniture or read_furniture(actor, None if heads else calendar_id)
    practice = furniture.practice
    calendars = [one for one in furniture.calendars if calendar_id is None or one.id == calendar_id]
    types = {one.id: one for one in furniture.types}
    all_rooms = furniture.rooms
    period = engine.day_period(practice.zone, days[0], days[-1])
    wall = Wall(practice.zone, period)
    found = entries(actor, Scope(practice.id, wall, period, calendars, all_rooms), cancelled=cancelled)
    ids = [one.id for one in found if one.id and one.kind == "appointment"]
    log_list(actor, "scheduling_appointment", f"{view} {days[0]} {days[-1]} {calendar_id}", ids)
    busy = {entry.calendar_id for entry in found}
    shown = [one for one in calendars if one.retired_at is None or not heads or str(one.id) in busy]
    away = [one.id for one in shown if sees_absence(actor, one)]
    return Book(
        practice=practice,
        days=days,
        calendars=shown,
        rooms=_shown_rooms(all_rooms, found),
        types=types,
        entries=found,
        grounds=grounds(actor, Under(practice, days, [one.id for one in shown], away, types, wall, period)),
        holidays=closed_days(actor, practice, days),
        elsewhere=_elsewhere(actor, practice.id, calendars, all_rooms, wall, period) if rooms else {},
    )


def _shown_rooms(rooms: Iterable[Room], found: Sequence[Entry]) -> list[Room]:
    used = {entry.room_id for entry in found}
    return [one for one in rooms if one.retired_at is None or str(one.id) in used]


def _elsewhere(
    actor: Actor, practice_id: UUID, calendars: Sequence[Calendar], rooms: Sequence[Room], wall: Wall, period: Span
) -> dict[UUID, list[tuple[Span, str]]]:
    """When a room is taken by what stands in none of the columns: by a practice that shares it, or by a calendar that
    the viewer does not see. All that is taken, less what is in the columns (COM-3).

    A space is never taken twice at once, so that a time of ours is found again by its begin.
    """
    begin, end = (engine.instant_of(minute) for minute in period)
    spaces = [room.space_id for room in rooms]
    own = set(fetch(_OWN, [practice_id, [one.id for one in calendars], spaces, end, begin]))
    room_of = {room.space_id: room.id for room in rooms}
    taken = fetch("SELECT space_id, starts, ends FROM taken_in_spaces(%s::uuid[], %s, %s)", [spaces, begin, end])
    theirs = [one for one in taken if one[:2] not in own]
    whose = names_elsewhere(actor, begin, end) if theirs else {}
    found: dict[UUID, list[tuple[Span, str]]] = {}
    for space_id, starts, ends in theirs:
        span = (wall.local(starts), wall.local(ends))
        found.setdefault(room_of[space_id], []).append((span, whose.get((space_id, starts), "")))
    return found
