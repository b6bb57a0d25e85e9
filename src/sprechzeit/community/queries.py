"""What the page of communities shows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sprechzeit.access.actor import Actor
from sprechzeit.community.models import CommunitySpace
from sprechzeit.community.policy import visible_spaces
from sprechzeit.core.rows import fetch
from sprechzeit.practice.models import Room
from sprechzeit.practice.policy import sees_neighbours, visible_rooms


@dataclass(frozen=True, slots=True)
class Partner:
    """A practice in a community, one's own too: no more than its name and how far it is in."""

    community_id: UUID
    id: UUID
    name: str
    is_own: bool
    is_founder: bool
    entered_at: datetime
    agreed_at: datetime | None
    confirmed_at: datetime | None
    shows_times: bool

    @property
    def stands(self) -> bool:
        """Whether both sides have agreed."""
        return bool(self.agreed_at and self.confirmed_at)


def partners(actor: Actor) -> Mapping[UUID, Sequence[Partner]]:
    """Who is in the practice's communities, by the community's id; the founder first."""
    found: dict[UUID, list[Partner]] = {}
    if sees_neighbours(actor):
        for row in fetch("SELECT * FROM community_members()", []):
            one = Partner(*row)
            found.setdefault(one.community_id, []).append(one)
    return found


def sharing(actor: Actor) -> Mapping[UUID, frozenset[UUID]]:
    """Who uses which shared room: ids of the community's spaces by the member's id."""
    found: dict[UUID, set[UUID]] = {}
    if sees_neighbours(actor):
        for member_id, space_id in fetch("SELECT * FROM community_sharing()", []):
            found.setdefault(member_id, set()).add(space_id)
    return {member: frozenset(spaces) for member, spaces in found.items()}


def using(actor: Actor, community_id: UUID) -> Mapping[UUID, Sequence[str]]:
    """Names of the practices that have assigned a room to a shared room, by its id."""
    found: dict[UUID, list[str]] = {}
    used = sharing(actor)
    for one in partners(actor).get(community_id, ()):
        for space_id in used.get(one.id, ()):
            found.setdefault(space_id, []).append(one.name)
    return found


def shared_rooms(actor: Actor, community_id: UUID) -> Sequence[tuple[Room, CommunitySpace]]:
    """The practice's own rooms that are a shared room of the community, each with it."""
    spaces = {one.space_id: one for one in visible_spaces(actor).filter(community_id=community_id)}
    rooms = visible_rooms(actor).filter(space_id__in=spaces).order_by("position", "name")
    return [(room, spaces[room.space_id]) for room in rooms]
