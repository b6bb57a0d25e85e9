"""Who sees and changes the practice, its members and its rooms. Decided here and nowhere else."""

from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from sprechzeit.access.actor import Actor, ActorKind
from sprechzeit.access.table import Data, Reach, Use
from sprechzeit.core.errors import NotFound
from sprechzeit.practice.models import Invitation, Member, Room


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
    """Who works in the practice now, suspended or not."""
    members = Member.objects.filter(practice_id__in=actor.practices, left_at=None)
    return members if actor.reach(Data.PRACTICE) is Reach.ALL else members.none()


def get_member(actor: Actor, member_id: UUID) -> Member:
    """Raises NotFound alike for strangers and for ids that never were (ACC-6)."""
    member = visible_members(actor).filter(pk=member_id).select_related("user").first()
    if member is None:
        raise NotFound
    return member


def may_end_membership(actor: Actor, member: Member) -> bool:
    """Administrators remove members; everybody may leave (ACC-8)."""
    return may_change_practice(actor) or is_oneself(actor, member)


def is_oneself(actor: Actor, member: Member) -> bool:
    """Whether a member is who acts."""
    return actor.kind is ActorKind.MEMBER and actor.id == member.pk


def open_invitations(actor: Actor) -> QuerySet[Invitation]:
    """Who was invited and has not come yet: for administrators."""
    invitations = Invitation.objects.filter(practice_id__in=actor.practices, accepted_at=None, withdrawn_at=None)
    return invitations if may_change_practice(actor) else invitations.none()


def get_invitation(actor: Actor, invitation_id: UUID) -> Invitation:
    """An open one. Raises NotFound."""
    invitation = open_invitations(actor).filter(pk=invitation_id).first()
    if invitation is None:
        raise NotFound
    return invitation


def invited(actor: Actor) -> Invitation:
    """The invitation of who holds its link. Raises NotFound for any other actor, and for a link that expired."""
    if actor.kind is not ActorKind.LINK:
        raise NotFound
    open_ones = Invitation.objects.filter(practice_id__in=actor.practices, accepted_at=None, withdrawn_at=None)
    invitation = open_ones.filter(pk=actor.identity, expires_at__gt=timezone.now()).first()
    if invitation is None:
        raise NotFound
    return invitation
