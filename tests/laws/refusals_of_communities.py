"""Whom the actions of communities refuse (COM-1…8). `make`: as one writes a refusal in refusals.py."""

from collections.abc import Callable
from typing import Any

from sprechzeit.community import actions
from sprechzeit.community.actions.rooms import take_rooms_out
from sprechzeit.community.errors import AlreadyInCommunity, CodeUnknown, NotAgreed, SpaceAssigned, SpaceUsed
from sprechzeit.community.models import CommunitySpace
from sprechzeit.core.acting import acting
from sprechzeit.core.errors import NotAllowed, NotFound
from sprechzeit.core.ids import new_id
from sprechzeit.practice.errors import NameTaken
from sprechzeit.scheduling.actions.resettle import join_space, leave_space
from tests.support.cast import Cast
from tests.support.communities import code_of, entered, share, united


def of_communities(cast: Cast, make: Callable[..., Any]) -> list[Any]:
    """One in which Albers shares a room, and one whose code Brandt has entered."""
    miriam, jana, berta = cast.albers.actor("miriam"), cast.albers.actor("jana"), cast.brandt.actor("berta")
    both, asked = united(cast), entered(cast, "Praxisgemeinschaft")
    share(cast.albers, "miriam", "own", both)
    with acting(miriam):
        free = actions.add_space(miriam, both.id, "Gruppenraum").pk
        spaces = list(CommunitySpace.objects.filter(pk=both.space).values_list("space_id", flat=True))
    own, other = cast.albers.rooms["own"].pk, cast.albers.rooms["shared"].pk
    with acting(miriam):
        actions.renew_code(miriam, both.id)
    code = code_of(cast.albers, both.id)
    return [
        make(NotAllowed, jana, actions.found_community, "Haus"),
        make(NotAllowed, jana, actions.enter_code, code),
        make(CodeUnknown, miriam, actions.enter_code, "K7MQ-4TXR"),
        make(AlreadyInCommunity, berta, actions.enter_code, code),
        make(NotAllowed, berta, actions.rename_community, both.id, "Unser Haus"),
        make(NotFound, miriam, actions.rename_community, new_id(), "Haus"),
        make(NotAllowed, berta, actions.renew_code, both.id),
        make(NotAllowed, jana, actions.agree, both.id),
        make(NotFound, berta, actions.agree, new_id()),
        make(NotFound, miriam, actions.confirm, both.id, new_id()),
        make(NotAllowed, berta, actions.confirm, asked, new_id()),
        make(NotFound, miriam, actions.remove_member, both.id, new_id()),
        make(NotAllowed, berta, actions.remove_member, both.id, both.hers),
        make(NotAllowed, jana, actions.leave_community, both.id),
        make(NotFound, berta, actions.leave_community, new_id()),
        make(NotAgreed, berta, actions.show_times, asked, shown=True),
        make(NotAgreed, berta, actions.add_space, asked, "Raum"),
        make(NameTaken, berta, actions.add_space, both.id, "Therapieraum EG"),
        make(NameTaken, berta, actions.rename_space, both.id, free, "Therapieraum EG"),
        make(NotFound, berta, actions.rename_space, both.id, new_id(), "Raum"),
        make(NotAgreed, berta, actions.rename_space, asked, free, "Raum"),
        make(NotAllowed, jana, actions.rename_space, both.id, free, "Raum"),
        make(SpaceAssigned, berta, actions.remove_space, both.id, both.space),
        make(NotAllowed, jana, actions.remove_space, both.id, free),
        make(NotFound, berta, actions.remove_space, both.id, new_id()),
        make(SpaceUsed, miriam, actions.map_room, both.id, other, both.space),
        make(NotFound, miriam, actions.map_room, both.id, cast.brandt.rooms["own"].pk, both.space),
        make(NotAllowed, jana, actions.unmap_room, both.id, own),
        make(SpaceUsed, miriam, actions.assign_rooms, both.id, {own: both.space, other: both.space}),
        make(NotAllowed, jana, take_rooms_out, spaces),
        make(NotAllowed, jana, join_space, own, both.space),
        make(NotFound, berta, leave_space, own),
    ]
