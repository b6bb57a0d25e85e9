"""Who sees what the video service was told, and who may change where it is. Decided here and nowhere else."""

from uuid import UUID

from django.db.models import QuerySet

from sprechzeit.access.actor import Actor, ActorKind
from sprechzeit.core.errors import NotFound
from sprechzeit.integrations.video_service.models import FormerService, Push
from sprechzeit.practice.policy import may_change_practice


def visible_pushes(actor: Actor) -> QuerySet[Push]:
    """For administrators, and the program itself."""
    pushes = Push.objects.filter(practice_id__in=actor.practices)
    sees = actor.kind is ActorKind.SYSTEM or may_change_practice(actor)
    return pushes if sees else pushes.none()


def get_push(actor: Actor, push_id: UUID) -> Push:
    """Raises NotFound alike for strangers and for ids that never were (ACC-6)."""
    found = visible_pushes(actor).select_related("appointment", "calendar").filter(pk=push_id).first()
    if found is None:
        raise NotFound
    return found


def visible_formers(actor: Actor) -> QuerySet[FormerService]:
    """For the same."""
    formers = FormerService.objects.filter(practice_id__in=actor.practices)
    sees = actor.kind is ActorKind.SYSTEM or may_change_practice(actor)
    return formers.order_by("left_at", "pk") if sees else formers.none()


def get_former(actor: Actor, former_id: UUID) -> FormerService:
    """Raises NotFound alike for strangers and for ids that never were (ACC-6)."""
    found = visible_formers(actor).filter(pk=former_id).first()
    if found is None:
        raise NotFound
    return found
