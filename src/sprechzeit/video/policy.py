"""Who sees what was pushed to the video side, who gives tokens, who sees and holds a consultation. Decided here and
nowhere else.
"""

from uuid import UUID

from django.db.models import Q, QuerySet
from django.db.models.functions import Now

from sprechzeit.access.actor import Actor, ActorKind
from sprechzeit.access.table import Data, Reach, Use
from sprechzeit.core.errors import NotFound
from sprechzeit.practice.models import VideoToken
from sprechzeit.practice.policy import may_change_practice
from sprechzeit.scheduling.models import VideoAppointment
from sprechzeit.scheduling.policy import visible_appointments, visible_blocks, whose_book
from sprechzeit.video.models import Seat, Visit, VisitMessage
from sprechzeit.video.models.consultations import GONE_AFTER

_WITH = (
    "appointment__patient", "appointment__calendar", "appointment__type", "appointment__cancellation",
    "block__calendar", "block__occupancy", "consultation",
)  # fmt: skip


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


def visible_consultations(actor: Actor) -> QuerySet[VideoAppointment]:
    """Those that are held here, of the appointments and blocks that the actor sees; of a patient's link its one."""
    held = VideoAppointment.objects.filter(practice_id__in=actor.practices, link_hash__isnull=False)
    if actor.kind is ActorKind.LINK:
        return held.filter(pk=actor.identity)
    return held.filter(Q(appointment__in=visible_appointments(actor)) | Q(block__in=visible_blocks(actor)))


def get_consultation(actor: Actor, **of: UUID) -> VideoAppointment:
    """By its id, its appointment's or block's. Raises NotFound alike for strangers and for what never was (ACC-6)."""
    found = visible_consultations(actor).select_related(*_WITH).filter(**of).first()
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


def listed_consultations(actor: Actor) -> QuerySet[VideoAppointment]:
    """Those of the calendars in which the actor enters appointments: the list of a day."""
    held = VideoAppointment.objects.filter(practice_id__in=actor.practices, link_hash__isnull=False)
    if actor.reach(Data.APPOINTMENTS, Use.WRITE) is Reach.ALL:
        return held.select_related(*_WITH)
    members = whose_book(actor)
    own = Q(appointment__calendar__member_id__in=members) | Q(block__calendar__member_id__in=members)
    return held.filter(own).select_related(*_WITH)


def any_consultation(actor: Actor) -> QuerySet[VideoAppointment]:
    """One if the practice holds consultations at all: then the navigation leads there."""
    return VideoAppointment.objects.filter(practice_id__in=actor.practices, link_hash__isnull=False)[:1]


def waiting_patients(actor: Actor) -> QuerySet[Seat]:
    """Who waits now, at the consultations that are listed for the actor."""
    waits = Seat.objects.filter(
        practice_id__in=actor.practices,
        side=Seat.Side.PATIENT,
        state=Seat.State.WAITING,
        seen_at__gt=Now() - GONE_AFTER,
    )
    if actor.reach(Data.APPOINTMENTS, Use.WRITE) is Reach.ALL:
        return waits
    members = whose_book(actor)
    video = "consultation__video"
    own = Q(**{f"{video}__appointment__calendar__member_id__in": members})
    return waits.filter(own | Q(**{f"{video}__block__calendar__member_id__in": members}))
