"""The accesses as the settings show them."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.functional import Promise

from sprechzeit.access.actor import Actor, ActorKind
from sprechzeit.access.table import Area
from sprechzeit.audit.queries import last_acts_of
from sprechzeit.practice.actions.grants import Pair
from sprechzeit.practice.models import AccessGrant, GrantedArea, Member, Practice
from sprechzeit.practice.names import initials_of
from sprechzeit.practice.plans import areas_of
from sprechzeit.practice.policy import managed_accesses, visible_members
from sprechzeit.practice.queries import DELEGATES_COLOUR, practice_of
from sprechzeit.practice.rights_page import ACCESSES


def rows_of(actor: Actor) -> list[dict[str, Any]]:
    """Each access with whom it is for, what it opens, of whom, until when, and when it was last used."""
    accesses = list(managed_accesses(actor).select_related("invitation").prefetch_related("areas__member"))
    people: dict[UUID | None, Member] = {one.user_id: one for one in visible_members(actor)}
    used = last_acts_of(actor, [f"{ActorKind.DELEGATE}:{one.pk}" for one in accesses])
    zone = practice_of(actor).zone
    now = timezone.now()
    today = now.astimezone(zone).date()
    rows = [
        {
            "access": one,
            "member": people.get(one.user_id),
            "initials": initials_of(one.name),
            "colour": people[one.user_id].colour if one.user_id in people else DELEGATES_COLOUR,
            "areas": _areas(one),
            "practitioners": _practitioners(one),
            "is_over": one.ends_on is not None and one.ends_on < today,
            "waits": one.accepted_at is None,
            "link_is_over": one.invitation is not None and one.accepted_at is None and one.invitation.expires_at < now,
            "used_at": used.get(f"{ActorKind.DELEGATE}:{one.pk}"),
        }
        for one in accesses
    ]
    return sorted(rows, key=lambda row: (row["is_over"], str(row["access"].name).casefold()))


def _areas(access: AccessGrant) -> list[str]:
    open_ones = {one.area for one in access.areas.all()}
    return [str(label) for value, label in GrantedArea.Choice.choices if value in open_ones]


def _practitioners(access: AccessGrant) -> list[Member]:
    return sorted({one.member for one in access.areas.all()}, key=lambda one: one.account_number)


def their_areas(access: AccessGrant, members: Collection[Member]) -> set[Pair]:
    """What an access opens of these members."""
    return {(Area(one.area), one.member_id) for one in access.areas.filter(member__in=members)}


def missing_areas(practice: Practice) -> list[Promise]:
    """The areas that the plan does not have, in words: accesses to them are kept and open nothing (PLAN-4)."""
    has = areas_of(practice.plan)
    return [ACCESSES[area] for area in Area if area not in has]
