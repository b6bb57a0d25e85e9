"""Who works in a practice: roles, suspending, leaving (ACC-2, ACC-8)."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db.models import Max
from django.utils import timezone

from sprechzeit.access.actor import Actor, ActorKind
from sprechzeit.access.table import Role
from sprechzeit.accounts.models import User
from sprechzeit.accounts.second_factor import has_second_factor
from sprechzeit.core.acting import action, require
from sprechzeit.core.constraints import refused_by
from sprechzeit.core.errors import NotAllowed
from sprechzeit.core.live import announce_practice
from sprechzeit.core.locks import lock
from sprechzeit.practice.errors import AlreadyMember, LastAdministrator, NoSecondFactor
from sprechzeit.practice.models import AccessGrant, Invitation, Member, Practice
from sprechzeit.practice.policy import get_member, may_change_practice, may_end_membership

_ASKS_IN = Member.RoleChoice.ADMINISTRATOR


@action
def add_member(actor: Actor, user: User, *, role: str, name: str, initials: str, colour: int = 1) -> Member:
    """Make a user a member, with the practice's next account number. Raises `AlreadyMember`."""
    require(may_change_practice(actor), NotAllowed)
    return enter_member(actor, user, role=role, name=name, initials=initials, colour=colour)


@action
def enter_member(actor: Actor, user: User, *, role: str, name: str, initials: str, colour: int) -> Member:
    """The step itself, once it is known that somebody may come. Raises `AlreadyMember`."""
    lock(f"account-number:{actor.practice_id}")
    highest = Member.objects.filter(practice_id=actor.practice_id).aggregate(highest=Max("account_number"))["highest"]
    with refused_by("member_once", AlreadyMember):
        return Member.objects.create(
            practice_id=actor.practice_id,
            user=user,
            role=role,
            name=name,
            initials=initials,
            colour=colour,
            account_number=(highest or 100) + 1,
        )


@action
def change_member(actor: Actor, member_id: UUID, changes: Mapping[str, Any]) -> None:
    """Write what was changed of a member: name, initials, colour, role. Raises `LastAdministrator`."""
    member = get_member(actor, member_id)
    require(may_change_practice(actor), NotAllowed)
    _write(actor, member, **changes)


@action
def suspend_member(actor: Actor, member_id: UUID) -> None:
    """Out at once: open pages, streams and tokens stop working; records stay. Raises `LastAdministrator`."""
    member = get_member(actor, member_id)
    require(may_change_practice(actor), NotAllowed)
    if member.suspended_at is None:
        _write(actor, member, suspended_at=timezone.now())


@action
def take_up_member(actor: Actor, member_id: UUID) -> None:
    """A suspended member is back."""
    member = get_member(actor, member_id)
    require(may_change_practice(actor), NotAllowed)
    _write(actor, member, suspended_at=None)


@action
def end_membership(actor: Actor, member_id: UUID) -> None:
    """Somebody leaves, or is removed. Whatever was theirs is handed over before. Raises `LastAdministrator`."""
    member = get_member(actor, member_id)
    require(may_end_membership(actor, member), NotAllowed)
    _write(actor, member, left_at=timezone.now())


def _write(actor: Actor, member: Member, **changes: Any) -> None:
    """The database keeps an administrator, however many change roles at once; open pages ask anew who they are."""
    with refused_by("last_administrator", LastAdministrator):
        if changes:
            Member.objects.filter(pk=member.pk).update(**changes)
    if changes.get("suspended_at") or changes.get("left_at") or changes.get("role", _ASKS_IN) != _ASKS_IN:
        _withdraw_invitations(actor, member)
    if changes.get("left_at"):
        # Nor do they keep what was opened to them as a member.
        held = AccessGrant.objects.filter(practice_id=actor.practice_id, user_id=member.user_id, revoked_at=None)
        held.update(revoked_at=timezone.now(), revoked_by=actor.name)
    announce_practice(actor.practice_id)


def _withdraw_invitations(actor: Actor, member: Member) -> None:
    """Nobody comes back by an invitation of their own. An access that waited for one is over: it can be given anew.

    The access is taken before its invitation, as by who accepts it, so neither waits for the other for ever.
    """
    sent = Invitation.objects.filter(practice_id=actor.practice_id, invited_by=f"{ActorKind.MEMBER}:{member.pk}")
    sent = sent.filter(accepted_at=None, withdrawn_at=None)
    now = timezone.now()
    waiting = AccessGrant.objects.filter(practice_id=actor.practice_id, accepted_at=None, revoked_at=None)
    waiting.filter(invitation__in=sent).update(revoked_at=now, revoked_by=actor.name)
    sent.update(withdrawn_at=now)


@action
def require_second_factor(actor: Actor, roles: Sequence[str]) -> None:
    """Let nobody of these roles in without a second factor (ACC-9). Who asks it of others has one: `NoSecondFactor`.

    Whoever has none is led to set one up when they come next; nobody is locked out.
    """
    require(may_change_practice(actor), NotAllowed)
    wanted = [role for role in (*Member.RoleChoice.values, Role.DELEGATE.value) if role in roles]
    if wanted and actor.kind is ActorKind.MEMBER:
        require(has_second_factor(get_member(actor, actor.identity).user), NoSecondFactor)
    Practice.objects.filter(pk=actor.practice_id).update(second_factor_roles=wanted)
    announce_practice(actor.practice_id)


@action
def note_factor_reset(actor: Actor, user_id: UUID) -> None:
    """An operator took a second factor away, a member's or a delegate's: the practice's log says so."""
    require(actor.kind is ActorKind.SYSTEM, NotAllowed)
    here = {"practice_id": actor.practice_id, "user_id": user_id}
    Member.objects.filter(**here, left_at=None).update(factor_reset_at=timezone.now())
    AccessGrant.objects.filter(**here, revoked_at=None).update(factor_reset_at=timezone.now())
