"""Who sees and changes the practice, its members and its rooms. Decided here and nowhere else."""

from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from sprechzeit.access.actor import Actor, ActorKind
from sprechzeit.access.table import Data, Reach, Role, Use
from sprechzeit.audit.models import Entry
from sprechzeit.core.errors import NotAllowed, NotFound
from sprechzeit.practice.errors import NotInPlan
from sprechzeit.practice.models import (
    AccessGrant,
    GrantedArea,
    Invitation,
    Member,
    Partner,
    PartnerKey,
    Practice,
    Reading,
    Room,
)
from sprechzeit.practice.plans import Feature, Plan, limits_of


def may_change_practice(actor: Actor) -> bool:
    """The practice's data and its rooms: administrators (ACC-1)."""
    return actor.reach(Data.PRACTICE, Use.WRITE) is Reach.ALL


def may_replace_keys(actor: Actor) -> bool:
    """The practice's data keys (PRI-1): the program itself, at the operator's command."""
    return actor.role is Role.SYSTEM


def visible_rooms(actor: Actor) -> QuerySet[Room]:
    """The rooms of the practice, retired ones too: they keep their history (CAL-1)."""
    rooms = Room.objects.filter(practice_id__in=actor.practices)
    return rooms if sees_rooms(actor) else rooms.none()


def sees_rooms(actor: Actor) -> bool:
    """Whether the actor sees the rooms of its practices at all: all of them, or none."""
    return actor.reach(Data.PRACTICE) is Reach.ALL


def sees_neighbours(actor: Actor) -> bool:
    """Whether the actor is told which other practice has a shared room, and when: who works with the practice's
    calendars, and the program. Who books from outside only finds the time taken (COM-3, COM-4).
    """
    works_here = actor.kind in (ActorKind.MEMBER, ActorKind.DELEGATE, ActorKind.SYSTEM)
    return works_here and sees_rooms(actor) and actor.reach(Data.CALENDARS) > Reach.NONE


def get_room(actor: Actor, room_id: UUID) -> Room:
    """Raises NotFound alike for strangers and for ids that never were (ACC-6)."""
    room = visible_rooms(actor).filter(pk=room_id).first()
    if room is None:
        raise NotFound
    return room


def visible_members(actor: Actor) -> QuerySet[Member]:
    """Who works in the practice now, suspended or not. Delegates from outside see no list of them."""
    members = Member.objects.filter(practice_id__in=actor.practices, left_at=None)
    sees = actor.reach(Data.PRACTICE) is Reach.ALL and actor.kind is not ActorKind.DELEGATE
    return members if sees else members.none()


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
    """Who was invited to be a member and has not come yet: for administrators."""
    invitations = Invitation.objects.filter(practice_id__in=actor.practices, accepted_at=None, withdrawn_at=None)
    invitations = invitations.exclude(role=Role.DELEGATE)
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


# --- Delegated access (ACC-20) --------------------------------------------------------------------------------------


def grantable_members(actor: Actor) -> QuerySet[Member]:
    """Whose calendar and records somebody may open to others: a practitioner their own, administrators everybody's.

    What somebody has by an access they cannot pass on.
    """
    treating = visible_members(actor).exclude(role=Role.SECRETARY)
    match actor.kind, actor.role:
        case (ActorKind.MEMBER, Role.ADMINISTRATOR) | (ActorKind.SYSTEM, _):
            return treating
        case ActorKind.MEMBER, Role.PRACTITIONER:
            return treating.filter(pk=actor.identity)
        case _:
            return treating.none()


def may_give_access(actor: Actor) -> bool:
    """Administrators and practitioners."""
    return actor.kind is ActorKind.MEMBER and actor.role in (Role.ADMINISTRATOR, Role.PRACTITIONER)


def managed_accesses(actor: Actor) -> QuerySet[AccessGrant]:
    """Accesses that are not revoked: administrators see all, practitioners those that open their own data."""
    accesses = AccessGrant.objects.filter(practice_id__in=actor.practices, revoked_at=None)
    if may_change_practice(actor):
        return accesses
    opened = GrantedArea.objects.filter(practice_id=OuterRef("practice_id"), grant_id=OuterRef("pk"))
    opened = opened.filter(member__in=grantable_members(actor))
    return accesses.filter(Exists(opened)) if may_give_access(actor) else accesses.none()


def ended_accesses(actor: Actor) -> QuerySet[AccessGrant]:
    """Accesses whose diary somebody may still read: administrators those that were revoked, practitioners those that
    opened their data once.
    """
    accesses = AccessGrant.objects.filter(practice_id__in=actor.practices, accepted_at__isnull=False)
    if may_change_practice(actor):
        return accesses.filter(revoked_at__isnull=False)
    if not may_give_access(actor):
        return accesses.none()
    opened = granted_ever(actor.practice_id).filter(value__new__member_id=str(actor.identity))
    once = {UUID(one) for one in opened.values_list("value__new__grant_id", flat=True)}
    return accesses.filter(pk__in=once).exclude(pk__in=managed_accesses(actor))


def granted_ever(practice_id: UUID) -> QuerySet[Entry]:
    """Each area that an access opened, as the log has it: who closes their part takes nothing away from it.

    `value__new` holds `grant_id`, `member_id` and `area`.
    """
    areas = GrantedArea._meta.db_table
    return Entry.objects.filter(practice_id=practice_id, table_name=areas, operation="insert")


def own_accesses(actor: Actor) -> QuerySet[AccessGrant]:
    """By which somebody acts."""
    accesses = AccessGrant.objects.filter(practice_id__in=actor.practices, revoked_at=None, accepted_at__isnull=False)
    match actor.kind:
        case ActorKind.DELEGATE:
            return accesses.filter(pk=actor.identity)
        case ActorKind.MEMBER:
            oneself = Member.objects.filter(practice_id__in=actor.practices, pk=actor.identity)
            return accesses.filter(user_id__in=oneself.values("user_id"))
        case _:
            return accesses.none()


def get_access(actor: Actor, access_id: UUID) -> AccessGrant:
    """One that somebody may change, or their own. Raises NotFound alike for all others and for ids that never were."""
    access = managed_accesses(actor).filter(pk=access_id).first() or own_accesses(actor).filter(pk=access_id).first()
    if access is None:
        raise NotFound
    return access


def is_own_access(actor: Actor, access: AccessGrant) -> bool:
    """Whether somebody acts by it."""
    return own_accesses(actor).filter(pk=access.pk).exists()


def covers_others(actor: Actor, access: AccessGrant) -> bool:
    """Whether it opens data that is not the actor's to close: never for who may change the practice.

    An access keeps areas of members who have left or treat nobody any more. They open nothing, and hold nobody up.
    """
    if may_change_practice(actor):
        return False
    mine = grantable_members(actor).values("pk")
    return GrantedArea.objects.filter(practice_id=access.practice_id, grant=access).exclude(member__in=mine).exists()


# --- Booking partners (OTV-1) ---------------------------------------------------------------------------------------


def visible_partners(actor: Actor) -> QuerySet[Partner]:
    """The partners of the practice, those that ended too: to everybody who works there, by their role."""
    partners = Partner.objects.filter(practice_id__in=actor.practices)
    return partners if actor.kind in (ActorKind.MEMBER, ActorKind.SYSTEM) else partners.none()


def managed_partners(actor: Actor) -> QuerySet[Partner]:
    """Those that somebody may change: administrators (OTV-1)."""
    return visible_partners(actor) if may_change_practice(actor) else Partner.objects.none()


def get_partner(actor: Actor, partner_id: UUID) -> Partner:
    """Raises NotFound alike for strangers and for ids that never were (ACC-6)."""
    found = visible_partners(actor).filter(pk=partner_id).first()
    if found is None:
        raise NotFound
    return found


def get_partner_key(actor: Actor, key_id: UUID) -> PartnerKey:
    """A key of a partner that the actor sees. Raises NotFound alike for all others and for ids that never were."""
    keys = PartnerKey.objects.filter(practice_id__in=actor.practices, partner__in=visible_partners(actor))
    found = keys.filter(pk=key_id).select_related("partner").first()
    if found is None:
        raise NotFound
    return found


def partner_of(actor: Actor) -> Partner | None:
    """The partner that acts; None where somebody else does.

    Raises NotFound for one whose days are not there or over, or that was ended: it may do nothing (OTV-1).
    """
    if actor.kind is not ActorKind.PARTNER:
        return None
    found = Partner.objects.filter(practice_id=actor.practice_id, pk=actor.identity).select_related("practice").first()
    if found is None or not found.is_active(timezone.now().astimezone(found.practice.zone).date()):
        raise NotFound
    return found


def partner_reading(actor: Actor, what: Reading) -> Partner:
    """The partner that acts, if the practice lets it read such data (OTV-4).

    Raises `NotAllowed`, in words that say who can change that; for who is no partner too. `NotFound` as `partner_of`.
    """
    found = partner_of(actor)
    if found is None:
        raise NotAllowed
    if not found.reads_any(what):
        raise NotAllowed(
            format_lazy(
                _("The practice does not let you read this: {what}. An administrator of the practice can allow it."),
                what=what.label,
            )
        )
    return found


# --- The plan (PLAN-1, PLAN-4) ---------------------------------------------------------------------------------------


def plan_of(practice_id: UUID) -> Plan:
    """The plan of a practice that the actor acts in. Raises NotFound."""
    plan = Practice.objects.filter(pk=practice_id).values_list("plan", flat=True).first()
    if plan is None:
        raise NotFound
    return Plan(plan)


def has_feature(practice_id: UUID, feature: Feature) -> bool:
    """Whether the practice's plan has a feature (PLAN-1). What counts is the plan of the practice that grants."""
    return feature in limits_of(plan_of(practice_id)).features


def require_feature(actor: Actor, feature: Feature, *, practice_id: UUID | None = None) -> None:
    """Raise `NotInPlan`, which explains, unless the plan has it (PLAN-4).

    Of the practice that the actor acts in; of an actor in several, `practice_id` is the one that grants.
    """
    plan = plan_of(practice_id or actor.practice_id)
    if feature not in limits_of(plan).features:
        raise NotInPlan(feature, plan)
