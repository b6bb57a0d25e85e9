"""The rooms that practices share (COM-2)."""

from collections.abc import Collection, Mapping
from uuid import UUID

from sprechzeit.access.actor import Actor
from sprechzeit.community.errors import RoomShared, SpaceAssigned, SpaceUsed
from sprechzeit.community.models import CommunityEvent, CommunitySpace
from sprechzeit.community.notes import lock_community, note
from sprechzeit.community.policy import get_space, standing_membership
from sprechzeit.community.queries import shared_rooms
from sprechzeit.core.acting import action, require
from sprechzeit.core.constraints import refused_by
from sprechzeit.core.errors import NotFound
from sprechzeit.core.rows import fetch
from sprechzeit.practice.errors import NameTaken
from sprechzeit.practice.models import Room, Space
from sprechzeit.practice.policy import get_room
from sprechzeit.scheduling.actions.resettle import join_space, leave_space, lock_rooms

Kind = CommunityEvent.Kind


@action
def add_space(actor: Actor, community_id: UUID, name: str) -> CommunitySpace:
    """A physical room of the community, to which its practices assign theirs. Raises `NameTaken`, `NotAgreed`."""
    standing_membership(actor, community_id)
    with refused_by("community_space_name_once", NameTaken):
        space = CommunitySpace.objects.create(
            community_id=community_id, name=name.strip(), space=Space.objects.create()
        )
    note(actor, community_id, Kind.SPACE, space.name)
    return space


@action
def rename_space(actor: Actor, community_id: UUID, space_id: UUID, name: str) -> None:
    """Another name for a shared room, for all practices; what is assigned stays. Raises `NameTaken`, `NotAgreed`."""
    standing_membership(actor, community_id)
    space, name = get_space(actor, community_id, space_id), name.strip()
    if space.name == name:
        return
    with refused_by("community_space_name_once", NameTaken):
        CommunitySpace.objects.filter(pk=space.pk).update(name=name)
    note(actor, community_id, Kind.SPACE_NAMED, f"{space.name} → {name}")


@action
def remove_space(actor: Actor, community_id: UUID, space_id: UUID) -> None:
    """Take a shared room out of the community. Raises `SpaceAssigned` while any practice uses it, and `NotAgreed`."""
    standing_membership(actor, community_id)
    lock_community(community_id)
    # Under the lock: who assigns a room to it meanwhile is either seen here or finds it gone.
    space = get_space(actor, community_id, space_id)
    ((used_by,),) = fetch("SELECT remove_community_space(%s, %s)", [actor.practice_id, space.pk])
    require(used_by is not None, NotFound)
    if used_by:
        raise SpaceAssigned(used_by)
    note(actor, community_id, Kind.SPACE_GONE, space.name)


@action
def assign_rooms(actor: Actor, community_id: UUID, wanted: Mapping[UUID, UUID | None]) -> None:
    """Say of rooms which shared room each is, or None for none. All or nothing; raises as `map_room`.

    What is no longer shared first, so that two rooms may change places.
    """
    standing_membership(actor, community_id)
    now = {room.pk: space.pk for room, space in shared_rooms(actor, community_id)}
    changed = {room_id: space_id for room_id, space_id in wanted.items() if now.get(room_id) != space_id}
    for room_id in changed:
        if room_id in now:
            unmap_room(actor, community_id, room_id)
    for room_id, space_id in changed.items():
        if space_id:
            map_room(actor, community_id, room_id, space_id)


@action
def map_room(actor: Actor, community_id: UUID, room_id: UUID, space_id: UUID) -> None:
    """Say that a room is a shared room of the community. Raises `TimesCollide` with the times that lie over others',
    `SpaceUsed`, `RoomShared`, `NotAgreed`.
    """
    standing_membership(actor, community_id)
    lock_community(community_id)
    # Again: it may have ended while the lock was waited for.
    standing_membership(actor, community_id)
    room, space = get_room(actor, room_id), get_space(actor, community_id, space_id)
    if room.space_id == space.space_id:
        return
    require(not CommunitySpace.objects.filter(space_id=room.space_id).exists(), RoomShared)
    own = Room.objects.filter(practice_id=actor.practice_id, space_id=space.space_id)
    require(not own.exists(), SpaceUsed)
    join_space(actor, room.pk, space.space_id)
    note(actor, community_id, Kind.MAPPED, space.name)


@action
def unmap_room(actor: Actor, community_id: UUID, room_id: UUID) -> None:
    """The room is the practice's own again, with all that the practice has booked in it."""
    standing_membership(actor, community_id)
    lock_community(community_id)
    room = get_room(actor, room_id)
    space = CommunitySpace.objects.filter(community_id=community_id, space_id=room.space_id).first()
    if space:
        leave_space(actor, room.pk)
        note(actor, community_id, Kind.UNMAPPED, space.name)


@action
def take_rooms_out(actor: Actor, space_ids: Collection[UUID]) -> None:
    """All of the practice's rooms in these spaces are its own again."""
    rooms = Room.objects.filter(practice_id=actor.practice_id, space_id__in=space_ids)
    lock_rooms(actor, space_ids)
    for room_id in rooms.order_by("pk").values_list("pk", flat=True):
        leave_space(actor, room_id)
