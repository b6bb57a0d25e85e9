"""Who sees and changes the practice, its members and its rooms. Decided here and nowhere else."""

from uuid import UUID

from django.db.models import QuerySet

from sprechzeit.access.actor import Actor
from sprechzeit.access.table import Data, Reach, Use
from sprechzeit.core.errors import NotFound
from sprechzeit.practice.models import Member, Room


def may_change_practice(actor: Actor) -> bool:
    """The practice's data and its rooms: administrators (ACC-1)."""
    return actor.reach(Data.PRACTICE, Use.WRITE) is Reach.ALL


def visible_rooms(actor: Actor) -> QuerySet[Room]:
    """The rooms of the practice, retired ones too: they keep their history (CAL-1)."""
    rooms = Room.objects.filter(practice_id__in=actor.practices)
    return rooms if sees_rooms(actor) else rooms.none()


def sees_rooms(actor: Actor) -> bool:
    """Whether the actor sees the rooms of its practices at all: all of them, or none."""
    return actor.reach(Data.PRACTICE) is Reach.ALL


def get_room(actor: Actor, room_id: UUID) -> Room:
    """Raises NotFound alike for strangers and for ids that never were (ACC-6)."""
    room = visible_rooms(actor).filter(pk=room_id).first()
    if room is None:
        raise NotFound
    return room


def visible_members(actor: Actor) -> QuerySet[Member]:
    """Who works in the practice now."""
    members = Member.objects.filter(practice_id__in=actor.practices, left_at=None)
    return members if actor.reach(Data.PRACTICE) is Reach.ALL else members.none()
