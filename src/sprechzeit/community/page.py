"""The page of communities: each with who is in it and what is shared."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sprechzeit.access.actor import Actor
from sprechzeit.community.drawing import Drawing, Other, draw
from sprechzeit.community.models import Community, CommunityCode, CommunitySpace, Membership
from sprechzeit.community.policy import (
    is_founder,
    may_change_communities,
    own_memberships,
    stands,
    visible_codes,
    visible_spaces,
)
from sprechzeit.community.queries import Partner, partners, shared_rooms, sharing
from sprechzeit.practice.models import Room
from sprechzeit.practice.policy import visible_rooms
from sprechzeit.practice.queries import practice_of


@dataclass(frozen=True, slots=True)
class Row:
    """A practice in the list. `shares`: names of the shared rooms that it uses; one's own: with the own room before."""

    partner: Partner
    shares: Sequence[str]
    mutual: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """A community as one of its practices sees it."""

    community: Community
    membership: Membership
    rows: Sequence[Row]
    spaces: Sequence[CommunitySpace]
    code: CommunityCode | None
    drawing: Drawing
    founder_name: str
    may_change: bool

    @property
    def stands(self) -> bool:
        """Whether both sides have agreed."""
        return stands(self.membership)

    @property
    def is_founder(self) -> bool:
        """Whether it is the practice's to take others in."""
        return is_founder(self.membership)

    @property
    def count(self) -> int:
        """How many practices are in it."""
        return sum(row.partner.stands for row in self.rows)


def communities_of(actor: Actor) -> list[Shown]:
    """All in which the practice is or waits to be."""
    found, used = partners(actor), sharing(actor)
    codes = {one.community_id: one for one in visible_codes(actor)}
    rooms = list(visible_rooms(actor).filter(retired_at=None).order_by("position", "name"))
    return [
        _shown(actor, one, found.get(one.community_id, ()), used, codes.get(one.community_id), rooms)
        for one in own_memberships(actor).order_by("entered_at")
    ]


def _shown(
    actor: Actor,
    membership: Membership,
    members: Sequence[Partner],
    used: Mapping[UUID, frozenset[UUID]],
    code: CommunityCode | None,
    rooms: Sequence[Room],
) -> Shown:
    community = membership.community
    spaces = list(visible_spaces(actor).filter(community_id=community.pk).order_by("name"))
    names = {one.pk: one.name for one in spaces}
    own = {room.pk: space for room, space in shared_rooms(actor, community.pk)}
    rows, others = [], []
    for one in members:
        theirs = used.get(one.id, frozenset())
        mutual = one.shows_times and membership.shows_times
        shares = sorted(names[key] for key in theirs if key in names)
        if one.is_own:
            shares = [f"{room.name} → {own[room.pk].name}" for room in rooms if room.pk in own]
        else:
            others.append(Other(one.name, theirs, mutual, waits=not one.stands))
        rows.append(Row(one, shares, mutual))
    drawn = draw(
        practice_of(actor).name,
        [(room.name, own[room.pk].pk if room.pk in own else None) for room in rooms],
        names,
        others,
    )
    founder = next((one.name for one in members if one.is_founder), "")
    return Shown(community, membership, rows, spaces, code, drawn, founder, may_change_communities(actor))
