"""What who comes to a pushed appointment was told (VID-5)."""

from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.functions import Now

from sprechzeit.access.actor import Actor
from sprechzeit.video.models import VisitMessage
from sprechzeit.video.policy import visible_visit_messages


def messages_of_visit(actor: Actor, block_id: UUID) -> list[VisitMessage]:
    """About one appointment, the latest first."""
    found = visible_visit_messages(actor).filter(visit__block_id=block_id)
    return list(found.defer("text").order_by("-number"))


def failed_visit_messages(actor: Actor) -> QuerySet[VisitMessage]:
    """Those that were given up, of appointments that are to come, cancelled ones too; a later one tries it anew."""
    later = VisitMessage.objects.filter(
        practice_id=OuterRef("practice_id"), visit_id=OuterRef("visit_id"), number__gt=OuterRef("number")
    )
    # By the database's clock: the statement is made once for all who see alike.
    failed = visible_visit_messages(actor).filter(failed_at__isnull=False, visit__block__ends_at__gt=Now())
    return failed.filter(~Exists(later)).only("pk")


def undelivered_visit_messages(actor: Actor) -> list[VisitMessage]:
    """The same with whom they are about, the latest first."""
    ids = failed_visit_messages(actor).values("pk")
    found = visible_visit_messages(actor).filter(pk__in=ids).select_related("visit__token", "visit__block")
    return list(found.defer("text").order_by("-failed_at", "-pk"))
