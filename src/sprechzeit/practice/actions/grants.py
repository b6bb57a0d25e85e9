"""Giving an access, changing and revoking it (ACC-20). Whoever it is taken from is out with their next request."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from sprechzeit.access.actor import Actor, ActorKind
from sprechzeit.access.table import Area, Role
from sprechzeit.accounts.models import User
from sprechzeit.core.acting import action, require
from sprechzeit.core.constraints import refused_by
from sprechzeit.core.errors import NotAllowed, NotFound
from sprechzeit.core.events import publish
from sprechzeit.core.live import announce_person
from sprechzeit.practice.actions.invitation import fresh_sending, is_for
from sprechzeit.practice.errors import (
    AlreadyGranted,
    AlreadyInvited,
    AlreadyMember,
    EndsInThePast,
    InvitedIsAnother,
    NothingGranted,
)
from sprechzeit.practice.events import AccessChanged, AccessConcerns
from sprechzeit.practice.models import AccessGrant, GrantedArea, Invitation, Member
from sprechzeit.practice.plans import feature_for
from sprechzeit.practice.policy import (
    covers_others,
    get_access,
    get_member,
    grantable_members,
    invited,
    is_own_access,
    may_change_practice,
    may_give_access,
    require_feature,
    visible_members,
)
from sprechzeit.practice.queries import kept_without, practice_of

Pair = tuple[Area, UUID]


@dataclass(frozen=True, slots=True)
class Terms:
    """What an access opens: areas, each of one member; and its last day on the practice's clock, or None."""

    pairs: frozenset[Pair]
    ends_on: date | None = None


@action
def give_access_inside(actor: Actor, member_id: UUID, terms: Terms, *, purpose: str = "") -> AccessGrant:
    """Open others' calendars and records to a member of the practice, at once. Raises as `give_access_outside`."""
    require(may_give_access(actor), NotAllowed)
    member = _staying(actor, member_id)
    pairs = frozenset(one for one in terms.pairs if one[1] != member.pk)
    access = AccessGrant(
        user=member.user, name=member.name, email=member.user.email, accepted_at=timezone.now(), purpose=purpose
    )
    return _give(actor, access, Terms(pairs, terms.ends_on))


@action
def give_access_outside(actor: Actor, name: str, email: str, terms: Terms, *, purpose: str = "") -> AccessGrant:
    """Ask somebody from outside by mail; the link is good once, for a week.

    Whether the address has an account already is neither asked nor told. Raises `AlreadyMember`, `AlreadyGranted`,
    `AlreadyInvited`, `NothingGranted`, `EndsInThePast`, `NotInPlan`; `NotFound` for a member whose data the actor may
    not open.
    """
    require(may_give_access(actor), NotAllowed)
    email = email.strip().lower()
    require(not visible_members(actor).filter(user__email__iexact=email).exists(), AlreadyMember)
    require(not _standing(actor).filter(email__iexact=email).exists(), AlreadyGranted)
    invitation = Invitation(
        practice_id=actor.practice_id, email=email, role=Role.DELEGATE, invited_by=actor.name, **fresh_sending()
    )
    with refused_by("invitation_once", AlreadyInvited):
        invitation.save(force_insert=True)
    return _give(actor, AccessGrant(invitation=invitation, name=name.strip(), email=email, purpose=purpose), terms)


def _give(actor: Actor, access: AccessGrant, terms: Terms) -> AccessGrant:
    require(bool(terms.pairs), NothingGranted)
    _check(actor, terms.pairs)
    _check_end(actor, terms.ends_on)
    access.practice_id, access.given_by_id, access.ends_on = actor.practice_id, actor.identity, terms.ends_on
    with refused_by("access_once", AlreadyGranted), refused_by("access_once_per_address", AlreadyGranted):
        access.save(force_insert=True)
    _open(actor, access, terms.pairs)
    _tell(access, (member_id for _, member_id in terms.pairs))
    return access


@action
def change_access(actor: Actor, access_id: UUID, terms: Terms) -> None:
    """Open and close areas of the members whose data the actor may open; the others' stay as they are, and are closed
    by who may change the practice, whose areas they were.

    Its last day is changed by who may open all that it opens. What is left without any area is revoked. Raises
    `EndsInThePast`, `NotInPlan`; `NotFound` for one that is over, or for a member whose data the actor may not open.
    """
    access = _locked(actor, access_id)
    require(not is_own_access(actor, access), NotAllowed)
    _check(actor, terms.pairs)
    if terms.ends_on != access.ends_on and not covers_others(actor, access):
        _check_end(actor, terms.ends_on)
        AccessGrant.objects.filter(pk=access.pk).update(ends_on=terms.ends_on)
    theirs = access.areas.all()
    if not may_change_practice(actor):
        theirs = theirs.filter(member__in=grantable_members(actor).values("pk"))
    now = {(Area(one.area), one.member_id): one.pk for one in theirs}
    closed = [key for pair, key in now.items() if pair not in terms.pairs]
    GrantedArea.objects.filter(practice_id=actor.practice_id, pk__in=closed).delete()
    _open(actor, access, terms.pairs - now.keys())
    if access.areas.exists():
        _announce(access)
    else:
        _end(actor, access, [member_id for _, member_id in now])


@action
def revoke_access(actor: Actor, access_id: UUID) -> None:
    """At once: the next request is refused, open pages and streams end. Who may open a part of it only takes that.

    A delegate gives up an access of their own. Raises `NotFound` for one that is over.
    """
    access = _locked(actor, access_id)
    if not is_own_access(actor, access) and covers_others(actor, access):
        change_access(actor, access_id, Terms(frozenset()))
    else:
        _end(actor, access, access.areas.values_list("member_id", flat=True))


@action
def revoke_given(actor: Actor, member_id: UUID) -> None:
    """Revoke what would go on without who gave it: for somebody who is suspended, or leaves. Raises `NotFound`."""
    for access in kept_without(actor, get_member(actor, member_id)):
        revoke_access(actor, access.pk)


@action
def send_access_again(actor: Actor, access_id: UUID) -> None:
    """Another mail to who has not accepted yet; the former link opens nothing any more. Raises `NotFound`."""
    access = _locked(actor, access_id)
    require(may_give_access(actor), NotAllowed)
    open_ones = Invitation.objects.filter(accesses=access, accepted_at=None, withdrawn_at=None)
    require(bool(open_ones.update(**fresh_sending())), NotFound)
    publish(AccessChanged(actor.practice_id, access.pk))


@action
def accept_access(actor: Actor, user: User) -> AccessGrant:
    """Whom the link was sent to has the access from now on, once. Raises `NotFound` for a link that is no longer good,
    `InvitedIsAnother`, `AlreadyGranted` for who has another access to the practice."""
    require(actor.kind is ActorKind.LINK, NotAllowed)
    invitation = invited(actor)
    require(is_for(invitation, user), InvitedIsAnother)
    access = _standing(actor).select_for_update().filter(invitation=invitation, accepted_at=None).first()
    good = Invitation.objects.filter(pk=invitation.pk, accepted_at=None, withdrawn_at=None)
    if access is None or not good.update(accepted_at=timezone.now()):
        raise NotFound
    with refused_by("access_once", AlreadyGranted):
        AccessGrant.objects.filter(pk=access.pk).update(user=user, accepted_at=timezone.now())
    return access


def _standing(actor: Actor) -> QuerySet[AccessGrant]:
    return AccessGrant.objects.filter(practice_id=actor.practice_id, revoked_at=None)


def _staying(actor: Actor, member_id: UUID) -> Member:
    """A member who cannot leave before this is done: leaving takes their accesses, so it has to see this one."""
    member = get_member(actor, member_id)
    if Member.objects.select_for_update(no_key=True).filter(pk=member.pk, left_at=None).first() is None:
        raise NotFound
    return member


def _locked(actor: Actor, access_id: UUID) -> AccessGrant:
    """One that the actor sees and that is not over; who changes or revokes it meanwhile is waited for."""
    found = get_access(actor, access_id)
    access = _standing(actor).select_for_update().filter(pk=found.pk).first()
    if access is None:
        raise NotFound
    return access


def _check(actor: Actor, pairs: Iterable[Pair]) -> None:
    """Nobody opens more than is theirs to open."""
    theirs = set(grantable_members(actor).values_list("pk", flat=True))
    require({member_id for _, member_id in pairs} <= theirs, NotFound)


def _check_end(actor: Actor, ends_on: date | None) -> None:
    today = timezone.now().astimezone(practice_of(actor).zone).date()
    require(ends_on is None or ends_on >= today, EndsInThePast)


def _open(actor: Actor, access: AccessGrant, pairs: Collection[Pair]) -> None:
    """Raises `NotInPlan` for an area that the practice's plan does not have (PLAN-1)."""
    for feature in sorted({feature_for(area) for area, _ in pairs}):
        require_feature(actor, feature)
    rows = [
        GrantedArea(practice_id=access.practice_id, grant=access, area=area, member_id=member_id)
        for area, member_id in sorted(pairs)
    ]
    GrantedArea.objects.bulk_create(rows)


def _end(actor: Actor, access: AccessGrant, members: Collection[UUID]) -> None:
    now = timezone.now()
    AccessGrant.objects.filter(pk=access.pk).update(revoked_at=now, revoked_by=actor.name)
    Invitation.objects.filter(accesses=access, accepted_at=None, withdrawn_at=None).update(withdrawn_at=now)
    _tell(access, members)


def _tell(access: AccessGrant, members: Iterable[UUID]) -> None:
    """Both sides get a mail: the delegate, who gave it, and whose data it opens."""
    publish(AccessChanged(access.practice_id, access.pk))
    for member_id in sorted({access.given_by_id, *members}):
        publish(AccessConcerns(access.practice_id, access.pk, member_id))
    _announce(access)


def _announce(access: AccessGrant) -> None:
    """Open pages of the delegate ask anew whether they may still be open."""
    if access.user_id is not None:
        announce_person(access.user_id)
