"""Who sees what was pushed to the video side, and who gives tokens. Decided here and nowhere else."""

from uuid import UUID

from django.db.models import QuerySet

from sprechzeit.access.actor import Actor, ActorKind
from sprechzeit.access.table import Data, Reach, Use
from sprechzeit.core.errors import NotFound
from sprechzeit.practice.models import VideoToken
from sprechzeit.practice.policy import may_change_practice
from sprechzeit.scheduling.policy import visible_blocks
from sprechzeit.video.models import Visit, VisitMessage


def visible_visits(actor: Actor) -> QuerySet[Visit]:
    """Who sees the block in the book sees who comes (ACC-1); a booking system sees what it pushed itself."""
    visits = Visit.objects.filter(practice_id__in=actor.practices)
    if actor.kind is ActorKind.VIDEO:
        return visits.filter(token_id=actor.identity)
    return visits.filter(block__in=visible_blocks(actor))


def get_visit(actor: Actor, visit_id: UUID) -> Visit:
    """Raises NotFound alike for strangers and for ids that never were (ACC-6)."""
    found = visible_visits(actor).select_related("block__calendar__member", "block__occupancy", "member", "token")
    visit = found.filter(pk=visit_id).first()
    if visit is None:
        raise NotFound
    return visit


def managed_tokens(actor: Actor) -> QuerySet[VideoToken]:
    """The tokens with which booking systems push, revoked ones too: administrators give and revoke them (PUSH-1)."""
    tokens = VideoToken.objects.filter(practice_id__in=actor.practices)
    return tokens if may_change_practice(actor) and actor.kind is ActorKind.MEMBER else tokens.none()


def get_token(actor: Actor, token_id: UUID) -> VideoToken:
    """Raises NotFound alike for strangers and for ids that never were (ACC-6)."""
    found = managed_tokens(actor).filter(pk=token_id).first()
    if found is None:
        raise NotFound
    return found


def visible_visit_messages(actor: Actor) -> QuerySet[VisitMessage]:
    """A message is seen by who sees its appointment; no access opens messages."""
    found = VisitMessage.objects.filter(practice_id__in=actor.practices)
    match actor.reach(Data.MESSAGES):
        case Reach.ALL:
            return found
        case Reach.OWN:
            return found.filter(visit__in=visible_visits(actor.by_role()))
        case _:
            return found.none()


def may_write_messages(actor: Actor) -> bool:
    """Who has messages sent, and sent again."""
    return actor.reach(Data.MESSAGES, Use.WRITE) is Reach.ALL
