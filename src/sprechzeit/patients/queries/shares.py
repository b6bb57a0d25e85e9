"""To whom records are open, and who could be their owner."""

from collections import defaultdict
from collections.abc import Collection
from uuid import UUID

from django.db.models import Q, QuerySet

from sprechzeit.access.actor import Actor
from sprechzeit.access.table import Role
from sprechzeit.patients.models import Share
from sprechzeit.patients.policy import (
    visible_shares,
)
from sprechzeit.practice.models import Member
from sprechzeit.practice.policy import visible_members


def shares_of(actor: Actor, patient_ids: Collection[UUID]) -> dict[UUID, list[Share]]:
    """With whom each of these records is shared: everyone first, then who still works in the practice."""
    found: dict[UUID, list[Share]] = defaultdict(list)
    given = visible_shares(actor).filter(Q(member=None) | Q(member__left_at=None), patient_id__in=list(patient_ids))
    for share in given.select_related("member").order_by("member__account_number"):
        found[share.patient_id].insert(0 if share.member_id is None else len(found[share.patient_id]), share)
    return dict(found)


def receivers(actor: Actor) -> QuerySet[Member]:
    """With whom the actor may share: everybody else who works in the practice and is not suspended (ACC-4)."""
    return visible_members(actor).filter(suspended_at=None).exclude(pk=actor.identity).order_by("account_number")


def owners(actor: Actor) -> QuerySet[Member]:
    """To whom a record may belong: who works in the practice and sees no more than their own, or all (ACC-3)."""
    return visible_members(actor).exclude(role=Role.SECRETARY).order_by("account_number")
