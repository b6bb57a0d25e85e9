"""Leaving a video service: what still stands there is cancelled there, or stays on purpose (PUSH-2)."""

from uuid import UUID

from django.utils import timezone

from sprechzeit.access.actor import Actor
from sprechzeit.access.table import Role
from sprechzeit.core.acting import action, require
from sprechzeit.core.errors import NotAllowed
from sprechzeit.core.events import publish
from sprechzeit.integrations.video_service.events import PushWanted
from sprechzeit.integrations.video_service.models import FormerService, Push, Why
from sprechzeit.integrations.video_service.policy import get_former, visible_formers
from sprechzeit.integrations.video_service.queries import standing_at
from sprechzeit.practice.policy import may_change_practice

State = Push.State


@action
def keep_former(actor: Actor, before: FormerService, chosen: str) -> None:
    """Another service is chosen: how the one `before` is reached is kept as long as something stands there.

    `chosen`: which one it is now; chosen again, it is none of the former ones. Raises `NotAllowed`.
    """
    require(may_change_practice(actor), NotAllowed)
    visible_formers(actor).filter(target=chosen).delete()
    if before.target != chosen and before.token and standing_at(actor, before.target).exists():
        before.save()


@action
def empty_former(actor: Actor, former_id: UUID) -> int:
    """Cancel at a former service what stands there, each appointment by itself. How many they are.

    Done twice it is done once. Raises `NotFound`.
    """
    former = get_former(actor, former_id)
    if former.emptied_at is None:
        former.emptied_at = timezone.now()
        former.save(update_fields=["emptied_at"])
    found = list(standing_at(actor, former.target).values_list("pk", flat=True))
    for appointment_id in found:
        publish(PushWanted(former.practice_id, appointment_id))
    return len(found)


@action
def leave_former(actor: Actor, former_id: UUID) -> None:
    """What stands at a former service stays there; how it is reached is forgotten. Raises `NotFound`."""
    former = get_former(actor, former_id)
    told = Push.objects.filter(practice_id=former.practice_id, target=former.target)
    told.filter(state__in=[State.WAITING, State.FAILED]).update(state=State.LEFT_OUT, error=Why.PUT_ASIDE, next_at=None)
    former.delete()


@action
def forget_formers(actor: Actor) -> None:
    """How former services are reached is forgotten once nothing stands there any more. Raises `NotAllowed`."""
    require(actor.role is Role.SYSTEM, NotAllowed)
    for former in visible_formers(actor).select_for_update():
        if not standing_at(actor, former.target).exists():
            leave_former(actor, former.pk)
