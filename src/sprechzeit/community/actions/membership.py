"""Founding a community, coming into it, leaving it (COM-1, COM-7, COM-8)."""

from uuid import UUID

from django.utils import timezone

from sprechzeit.access.actor import Actor, system
from sprechzeit.community.actions.codes import renew_code
from sprechzeit.community.actions.rooms import take_rooms_out
from sprechzeit.community.codes import hash_of
from sprechzeit.community.errors import AlreadyInCommunity, CodeUnknown
from sprechzeit.community.models import Community, CommunityEvent, Membership
from sprechzeit.community.notes import lock_community, note
from sprechzeit.community.policy import (
    changed_membership,
    get_membership,
    may_change_communities,
    standing_membership,
    visible_spaces,
)
from sprechzeit.community.queries import Partner, partners
from sprechzeit.core.acting import acting, action, require
from sprechzeit.core.constraints import refused_by
from sprechzeit.core.errors import NotAllowed, NotFound
from sprechzeit.core.ids import new_id
from sprechzeit.core.rows import fetch

Kind = CommunityEvent.Kind


@action
def found_community(actor: Actor, name: str) -> Community:
    """A community with the actor's practice alone, and a first code for another one."""
    require(may_change_communities(actor), NotAllowed)
    community_id = new_id()
    fetch("SELECT found_community(%s, %s, %s, %s)", [actor.practice_id, community_id, new_id(), name.strip()])
    note(actor, community_id, Kind.FOUNDED, name.strip())
    renew_code(actor, community_id)
    return get_membership(actor, community_id).community


@action
def rename_community(actor: Actor, community_id: UUID, name: str) -> None:
    """For the founder's side."""
    changed_membership(actor, community_id, founder=True)
    Community.objects.filter(pk=community_id).update(name=name.strip())
    note(actor, community_id, Kind.RENAMED, name.strip())


@action
def enter_code(actor: Actor, typed: str) -> Membership:
    """Come before a community: from now on who is in it is seen, and nothing else of anybody.

    Raises `CodeUnknown`, `AlreadyInCommunity`; a code that was refused for the latter can still be used by another.
    """
    require(may_change_communities(actor), NotAllowed)
    with refused_by("in_community_once", AlreadyInCommunity):
        ((community_id,),) = fetch("SELECT enter_community(%s, %s, %s)", [actor.practice_id, hash_of(typed), new_id()])
    if community_id is None:
        raise CodeUnknown
    note(actor, community_id, Kind.ENTERED)
    return get_membership(actor, community_id)


@action
def agree(actor: Actor, community_id: UUID) -> None:
    """The practice has seen who is in the community and wants to be in it."""
    membership = changed_membership(actor, community_id)
    if Membership.objects.filter(pk=membership.pk, agreed_at=None).update(agreed_at=timezone.now()):
        note(actor, community_id, Kind.AGREED)


@action
def confirm(actor: Actor, community_id: UUID, member_id: UUID) -> None:
    """Take a practice in that has entered the code. For the founder's side. Raises `NotFound`."""
    changed_membership(actor, community_id, founder=True)
    lock_community(community_id)
    partner = _partner(actor, community_id, member_id)
    ((done,),) = fetch("SELECT confirm_membership(%s, %s)", [actor.practice_id, member_id])
    if done:
        note(actor, community_id, Kind.CONFIRMED, partner.name, about=member_id)


@action
def remove_member(actor: Actor, community_id: UUID, member_id: UUID) -> None:
    """End another practice's membership, or decline one that has entered the code: neither sees the other at once, and
    what they booked stays (COM-7). For the founder's side. Raises `NotFound`.
    """
    changed_membership(actor, community_id, founder=True)
    lock_community(community_id)
    partner = _partner(actor, community_id, member_id)
    require(not partner.is_own, NotFound)
    note(actor, community_id, Kind.REMOVED if partner.stands else Kind.DECLINED, partner.name, about=member_id)
    spaces = list(visible_spaces(actor).filter(community_id=community_id).values_list("space_id", flat=True))
    ((whose,),) = fetch("SELECT end_membership(%s, %s)", [actor.practice_id, member_id])
    require(whose is not None, NotFound)
    # Its rooms are its own to write: the program does it there, as that practice's own log says.
    program = system(whose)
    with acting(program):
        take_rooms_out(program, spaces)


@action
def leave_community(actor: Actor, community_id: UUID) -> None:
    """End the practice's own membership. Where the founder leaves, who has been in it the longest is the founder; the
    last one ends the community.
    """
    membership = changed_membership(actor, community_id)
    lock_community(community_id)
    note(actor, community_id, Kind.LEFT)
    spaces = list(visible_spaces(actor).filter(community_id=community_id).values_list("space_id", flat=True))
    ((whose,),) = fetch("SELECT end_membership(%s, %s)", [actor.practice_id, membership.pk])
    require(whose is not None, NotFound)
    take_rooms_out(actor, spaces)


@action
def show_times(actor: Actor, community_id: UUID, *, shown: bool) -> None:
    """Show the practice's busy times to those who show theirs, and see theirs (COM-8); or no longer."""
    membership = standing_membership(actor, community_id)
    if Membership.objects.filter(pk=membership.pk, shows_times=not shown).update(shows_times=shown):
        note(actor, community_id, Kind.SHOWN if shown else Kind.HIDDEN)


def _partner(actor: Actor, community_id: UUID, member_id: UUID) -> Partner:
    for one in partners(actor).get(community_id, ()):
        if one.id == member_id:
            return one
    raise NotFound
