"""Albers and Brandt in one community: who they are there, and the room that both use."""

from dataclasses import dataclass
from uuid import UUID

from sprechzeit.community import actions
from sprechzeit.community.models import CommunityCode
from sprechzeit.community.queries import partners
from sprechzeit.core.acting import acting
from tests.support.cast import Cast, House


@dataclass(frozen=True)
class Together:
    """`hers`: Brandt's membership, as the founder knows it; `space`: of the community, to which nothing is assigned."""

    id: UUID
    hers: UUID
    space: UUID


def code_of(house: House, community_id: UUID) -> str:
    """The code as the founder reads it."""
    with acting(house.system):
        return str(CommunityCode.objects.get(community_id=community_id).code)


def entered(cast: Cast, name: str = "Haus am Lindenplatz") -> UUID:
    """Albers founds a community, and Brandt has entered its code."""
    miriam, berta = cast.albers.actor("miriam"), cast.brandt.actor("berta")
    with acting(miriam):
        community = actions.found_community(miriam, name)
    with acting(berta):
        actions.enter_code(berta, code_of(cast.albers, community.pk))
    return community.pk


def united(cast: Cast, name: str = "Haus am Lindenplatz", room: str = "Therapieraum EG") -> Together:
    """Both have agreed, and there is a room of the community to which none is assigned."""
    community_id = entered(cast, name)
    miriam, berta = cast.albers.actor("miriam"), cast.brandt.actor("berta")
    with acting(berta):
        actions.agree(berta, community_id)
    with acting(miriam):
        (hers,) = (one.id for one in partners(miriam)[community_id] if not one.is_own)
        actions.confirm(miriam, community_id, hers)
        space = actions.add_space(miriam, community_id, room)
    return Together(community_id, hers, space.pk)


def share(house: House, who: str, room: str, at: Together) -> None:
    """Assign a room to the community's."""
    actor = house.actor(who)
    with acting(actor):
        actions.map_room(actor, at.id, house.rooms[room].pk, at.space)


def sharing(cast: Cast, **names: str) -> Together:
    """Both use it: the rooms that they call 'own'."""
    together = united(cast, **names)
    share(cast.albers, "miriam", "own", together)
    share(cast.brandt, "berta", "own", together)
    return together
