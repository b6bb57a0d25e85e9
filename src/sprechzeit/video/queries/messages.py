"""What who comes to a pushed appointment was told (VID-5)."""

from uuid import UUID

from django.db.models import QuerySet

from sprechzeit.access.actor import Actor
from sprechzeit.video.models import VisitMessage
from sprechzeit.video.policy import visible_visit_messages


def messages_of_visit(actor: Actor, block_id: UUID) -> list[VisitMessage]:
    """About one appointment, the latest first."""
    found = visible_visit_messages(actor).filter(visit__block_id=block_id)
    return list(found.defer("text").order_by("-number"))


def failed_visit_messages(actor: Actor) -> QuerySet[VisitMessage]:
    """Those that were given up, and of which none was sent since."""
    return visible_visit_messages(actor).filter(failed_at__isnull=False).only("pk")
