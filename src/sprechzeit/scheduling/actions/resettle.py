"""A room becomes part of another physical room, or one of its own again (COM-2)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from psycopg.errors import ExclusionViolation

from sprechzeit.access.actor import Actor
from sprechzeit.core.acting import action, require
from sprechzeit.core.errors import NotAllowed
from sprechzeit.core.events import publish
from sprechzeit.core.rows import fetch
from sprechzeit.practice.events import PracticeChanged
from sprechzeit.practice.models import Room, Space
from sprechzeit.practice.policy import get_room, may_change_practice
from sprechzeit.practice.queries import practice_of
from sprechzeit.scheduling.actions.occupy import lock_time
from sprechzeit.scheduling.errors import ChangedMeanwhile, TimesCollide
from sprechzeit.scheduling.models import Calendar, Occupancy

# A time that was given up goes too, as it may be taken again.
_MOVE = """
    UPDATE scheduling_occupancy SET space_id = %s
     WHERE practice_id = %s AND space_id = %s AND (%s OR ends_at > clock_timestamp())
"""


@dataclass(frozen=True, slots=True)
class Overlap:
    """When another practice has the room in which the actor's practice has something too."""

    practice_name: str
    starts_at: datetime
    ends_at: datetime


@action
def join_space(actor: Actor, room_id: UUID, space_id: UUID) -> None:
    """Make a room the same physical room as others': what is booked in it from now on stands there too.

    Raises `TimesCollide` with the times that lie over others', and nothing has changed then. What is over stays in the
    space that it was in, which is remembered as one of the room's: there it may lie over what others had.
    """
    room = _locked(actor, room_id, space_id)
    overlaps = [Overlap(*row) for row in fetch("SELECT * FROM community_overlaps(%s, %s, %s)",
                                               [actor.practice_id, room.space_id, space_id])]  # fmt: skip
    if overlaps:
        raise TimesCollide(_in_words(actor, overlaps))
    _resettle(actor, room, space_id, everything=False)


@action
def leave_space(actor: Actor, room_id: UUID) -> None:
    """Make a room a physical room of its own again. All that the practice has in it goes with it, and nobody else's."""
    space_id = Space.objects.create().pk
    _resettle(actor, _locked(actor, room_id, space_id), space_id, everything=True)


def lock_rooms(actor: Actor, space_ids: Iterable[UUID]) -> None:
    """The locks of spaces, and of the calendars whose times may stand in them: at once, as who books takes them."""
    calendars = Calendar.objects.filter(practice_id=actor.practice_id).values_list("pk", flat=True)
    lock_time(calendars, space_ids)


def _locked(actor: Actor, room_id: UUID, space_id: UUID) -> Room:
    """The room as it is under the locks of both spaces, and of the calendars whose times are moved."""
    require(may_change_practice(actor), NotAllowed)
    seen = get_room(actor, room_id)
    lock_rooms(actor, [seen.space_id, space_id])
    room = get_room(actor, room_id)
    require(room.space_id == seen.space_id, ChangedMeanwhile)
    return room


def _resettle(actor: Actor, room: Room, space_id: UUID, *, everything: bool) -> None:
    former = room.space_id
    try:
        with transaction.atomic():
            _release_expired(former)  # as long as the room stands there: they keep nothing and go along
            remembered = room.former_spaces if everything else [*room.former_spaces, former]
            Room.objects.filter(pk=room.pk).update(space_id=space_id, former_spaces=remembered)
            _release_expired(space_id)  # others', now that it stands here
            _move(actor, former, space_id, everything=everything)
    except IntegrityError as error:
        if isinstance(error.__cause__, ExclusionViolation):
            raise TimesCollide([]) from error
        raise
    publish(PracticeChanged(actor.practice_id))


def _release_expired(space_id: UUID) -> None:
    fetch("SELECT release_expired_holds(%s::uuid[])", [[space_id]])


def _move(actor: Actor, former: UUID, space_id: UUID, *, everything: bool) -> None:
    own = Occupancy.objects.filter(practice_id=actor.practice_id, space_id=former)
    if own.exists():
        fetch(_MOVE + " RETURNING id", [space_id, actor.practice_id, former, everything])


def _in_words(actor: Actor, overlaps: Sequence[Overlap]) -> list[str]:
    """'Mo 23.11. 10:00–11:00 · Raum belegt · Praxis Brandt'."""
    zone = practice_of(actor).zone
    words = []
    for one in overlaps:
        begin, end = one.starts_at.astimezone(zone), one.ends_at.astimezone(zone)
        day = date_format(begin, "SHORT_WEEKDAY_DAY_FORMAT")
        words.append(f"{day}, {begin:%H:%M}–{end:%H:%M} · {_('Room taken')} · {one.practice_name}")
    return words
