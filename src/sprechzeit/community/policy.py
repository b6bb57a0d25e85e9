"""Who sees and changes communities. Decided here and nowhere else."""

from uuid import UUID

from django.db.models import QuerySet

from sprechzeit.access.actor import Actor
from sprechzeit.community.errors import NotAgreed
from sprechzeit.community.models import CommunityCode, CommunitySpace, Membership
from sprechzeit.core.acting import require
from sprechzeit.core.errors import NotAllowed, NotFound
from sprechzeit.practice.policy import may_change_practice, sees_neighbours


def may_change_communities(actor: Actor) -> bool:
    """What the practice shares with others: administrators, as its rooms."""
    return may_change_practice(actor)


def own_memberships(actor: Actor) -> QuerySet[Membership]:
    """In which communities the practice is, or waits to be."""
    memberships = Membership.objects.filter(practice_id__in=actor.practices, left_at=None).select_related("community")
    return memberships if sees_neighbours(actor) else memberships.none()


def get_membership(actor: Actor, community_id: UUID) -> Membership:
    """The practice's own in a community. Raises NotFound alike for strangers and for ids that never were (ACC-6)."""
    membership = own_memberships(actor).filter(community_id=community_id).first()
    if membership is None:
        raise NotFound
    return membership


def changed_membership(actor: Actor, community_id: UUID, *, founder: bool = False) -> Membership:
    """The same, to change something in the community; `founder`: what only its founder may. Raises `NotAllowed`."""
    membership = get_membership(actor, community_id)
    require(may_change_communities(actor), NotAllowed)
    require(not founder or is_founder(membership), NotAllowed)
    return membership


def standing_membership(actor: Actor, community_id: UUID) -> Membership:
    """The same, where both sides have agreed. Raises `NotAgreed`."""
    membership = changed_membership(actor, community_id)
    require(stands(membership), NotAgreed)
    return membership


def stands(membership: Membership) -> bool:
    """Whether both sides have agreed, and neither has ended it."""
    return bool(membership.agreed_at and membership.confirmed_at and not membership.left_at)


def is_founder(membership: Membership) -> bool:
    """Whether it is of the practice that takes others in."""
    return membership.practice_id == membership.community.founder_id


def visible_spaces(actor: Actor) -> QuerySet[CommunitySpace]:
    """The shared rooms of the communities in which the practice stands."""
    standing = own_memberships(actor).filter(agreed_at__isnull=False, confirmed_at__isnull=False)
    return CommunitySpace.objects.filter(community_id__in=standing.values("community_id"))


def get_space(actor: Actor, community_id: UUID, space_id: UUID) -> CommunitySpace:
    """One of a community's. Raises NotFound."""
    space = visible_spaces(actor).filter(community_id=community_id, pk=space_id).first()
    if space is None:
        raise NotFound
    return space


def visible_codes(actor: Actor) -> QuerySet[CommunityCode]:
    """Codes that can still be entered once: for who may hand them on."""
    codes = CommunityCode.objects.filter(practice_id__in=actor.practices, used_at=None)
    return codes if may_change_communities(actor) else codes.none()
