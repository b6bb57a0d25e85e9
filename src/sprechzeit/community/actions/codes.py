"""The code by which one more practice comes in (COM-1)."""

from datetime import timedelta
from uuid import UUID

from django.utils import timezone

from sprechzeit.access.actor import Actor
from sprechzeit.community.codes import hash_of, new_code
from sprechzeit.community.models import CommunityCode
from sprechzeit.community.notes import lock_community
from sprechzeit.community.policy import changed_membership
from sprechzeit.core.acting import action

DAYS_VALID = 7


@action
def renew_code(actor: Actor, community_id: UUID) -> CommunityCode:
    """A new code for one practice more; the former one is dead at once. For the founder's side."""
    membership = changed_membership(actor, community_id, founder=True)
    lock_community(community_id)
    CommunityCode.objects.filter(practice_id=actor.practice_id, community_id=community_id).delete()
    code, now = new_code(), timezone.now()
    return CommunityCode.objects.create(
        practice_id=actor.practice_id, community=membership.community, code_hash=hash_of(code), code=code,
        made_at=now, expires_at=now + timedelta(days=DAYS_VALID),
    )  # fmt: skip
