"""Who sees what was pushed to the video side. Decided here and nowhere else."""

from uuid import UUID

from django.db.models import QuerySet

from sprechzeit.access.actor import Actor
from sprechzeit.core.errors import NotFound
from sprechzeit.scheduling.policy import visible_blocks
from sprechzeit.video.models import Visit


def visible_visits(actor: Actor) -> QuerySet[Visit]:
    """Who sees the block in the book sees who comes (ACC-1)."""
    return Visit.objects.filter(practice_id__in=actor.practices, block__in=visible_blocks(actor))


def get_visit(actor: Actor, visit_id: UUID) -> Visit:
    """Raises NotFound alike for strangers and for ids that never were (ACC-6)."""
    found = visible_visits(actor).select_related("block__calendar", "block__occupancy", "member", "token")
    visit = found.filter(pk=visit_id).first()
    if visit is None:
        raise NotFound
    return visit
