"""Inviting somebody into a practice (ACC-8). The link's secret is computed, so only its hash is kept."""

from datetime import timedelta
from uuid import UUID

from django.utils import timezone

from sprechzeit.access.actor import Actor
from sprechzeit.access.table import Role
from sprechzeit.accounts.models import User
from sprechzeit.core.acting import action, require
from sprechzeit.core.constraints import refused_by
from sprechzeit.core.crypto import link_token, token_hash
from sprechzeit.core.errors import NotAllowed, NotFound
from sprechzeit.core.events import publish
from sprechzeit.core.ids import new_id
from sprechzeit.practice.actions.team import enter_member
from sprechzeit.practice.errors import AlreadyInvited, AlreadyMember, InvitedIsAnother
from sprechzeit.practice.events import MemberInvited
from sprechzeit.practice.models import Invitation, Member
from sprechzeit.practice.names import initials_of
from sprechzeit.practice.policy import get_invitation, invited, may_change_practice, visible_members

DAYS_VALID = 7
COLOURS = 8


def invitation_token(sending: UUID) -> str:
    """The secret of the link in a sent invitation."""
    return link_token("invitation", sending)


@action
def invite_member(actor: Actor, email: str, role: str) -> Invitation:
    """Invite by mail; the link is good once, for a week. Raises `AlreadyMember`, `AlreadyInvited`.

    Whether the address has an account already is neither asked nor told.
    """
    require(may_change_practice(actor), NotAllowed)
    email = email.strip().lower()
    require(not visible_members(actor).filter(user__email__iexact=email).exists(), AlreadyMember)
    invitation = Invitation(
        practice_id=actor.practice_id, email=email, role=role, invited_by=actor.name, **fresh_sending()
    )
    with refused_by("invitation_once", AlreadyInvited):
        invitation.save(force_insert=True)
    publish(MemberInvited(actor.practice_id, invitation.id))
    return invitation


@action
def send_invitation_again(actor: Actor, invitation_id: UUID) -> None:
    """Another mail with another link; the former link opens nothing any more."""
    require(may_change_practice(actor), NotAllowed)
    invitation = get_invitation(actor, invitation_id)
    Invitation.objects.filter(pk=invitation.pk).update(**fresh_sending())
    publish(MemberInvited(actor.practice_id, invitation.id))


@action
def withdraw_invitation(actor: Actor, invitation_id: UUID) -> None:
    """Its link opens nothing any more. Raises `NotFound` if it was accepted meanwhile."""
    require(may_change_practice(actor), NotAllowed)
    open_ones = Invitation.objects.filter(pk=get_invitation(actor, invitation_id).pk, accepted_at=None)
    require(bool(open_ones.update(withdrawn_at=timezone.now())), NotFound)


@action
def accept_invitation(actor: Actor, user: User) -> Member:
    """Whom it was sent to becomes a member, once: a link that was passed on, or seen, lets nobody else in. An account's
    address is proven, as the invitation that opened it or the link that changed it came there.

    Raises `NotFound` for a link that is no longer good, `InvitedIsAnother`, `AlreadyMember`.
    """
    invitation = invited(actor)
    require(invitation.role != Role.DELEGATE, NotFound)
    require(is_for(invitation, user), InvitedIsAnother)
    good = Invitation.objects.filter(pk=invitation.pk, accepted_at=None, withdrawn_at=None)
    if not good.update(accepted_at=timezone.now()):
        raise NotFound
    name = user.name or user.email
    number = Member.objects.filter(practice_id=actor.practice_id).count()
    return enter_member(
        actor, user, role=invitation.role, name=name, initials=initials_of(name), colour=number % COLOURS + 1
    )


def is_for(invitation: Invitation, user: User) -> bool:
    """Whether it was sent to the user's address."""
    return invitation.email.strip().lower() == user.email.strip().lower()


def fresh_sending() -> dict[str, object]:
    """Columns of an invitation that goes out now."""
    sending, now = new_id(), timezone.now()
    return {
        "sending": sending,
        "token_hash": token_hash(invitation_token(sending)),
        "sent_at": now,
        "expires_at": now + timedelta(days=DAYS_VALID),
    }
