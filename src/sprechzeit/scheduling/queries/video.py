"""How a patient joins an appointment that is held by video (PUSH-7, NOT-3)."""

from dataclasses import dataclass

from django.conf import settings

from sprechzeit.access.actor import Actor
from sprechzeit.scheduling.models import Appointment, Block, VideoAppointment
from sprechzeit.scheduling.video_links import link_of, tan_of


@dataclass(frozen=True, slots=True)
class Joining:
    """What the patient gets: the link, which does not carry the TAN, and the TAN."""

    url: str
    tan: str


def joining(actor: Actor, of: Appointment | Block) -> Joining | None:
    """Link and TAN; None where it is not held by video, or the service has not answered yet (PUSH-8)."""
    found = VideoAppointment.objects.filter(practice_id__in=actor.practices)
    one = found.filter(appointment=of).first() if isinstance(of, Appointment) else found.filter(block=of).first()
    return joining_of(one) if one else None


def joining_of(video: VideoAppointment) -> Joining:
    """Link and TAN of one."""
    if video.is_here:
        return Joining(f"{settings.PUBLIC_URL}/video/{link_of(video.pk)}/", tan_of(video.pk))
    return Joining(video.join_url or "", video.tan or "")
