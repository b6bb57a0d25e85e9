"""How a patient joins an appointment that is held by video, and where one can be held (PUSH-3, PUSH-7, NOT-3)."""

from dataclasses import dataclass

from django.conf import settings

from sprechzeit.access.actor import Actor
from sprechzeit.practice.models import VideoService
from sprechzeit.practice.queries import practice_of, video_service
from sprechzeit.scheduling.availability import Reason
from sprechzeit.scheduling.models import (
    Appointment,
    AppointmentType,
    Block,
    Calendar,
    Source,
    VideoAppointment,
    takes_place,
)
from sprechzeit.scheduling.policy import visible_calendars, visible_types
from sprechzeit.scheduling.video_links import link_of, tan_of

VIDEO = AppointmentType.Location.VIDEO


@dataclass(frozen=True, slots=True)
class Joining:
    """What the patient gets: the link, which does not carry the TAN, and the TAN. `is_here`: held in this practice."""

    url: str
    tan: str
    is_here: bool = True


def joining(actor: Actor, of: Appointment | Block) -> Joining | None:
    """Link and TAN; None where it is not held by video, or the service has not answered yet (PUSH-8)."""
    one = video_of(actor, of)
    return joining_of(one) if one else None


def video_of(actor: Actor, of: Appointment | Block) -> VideoAppointment | None:
    """What holds link and TAN as they are good now: those of a service elsewhere are of one calendar (PUSH-4)."""
    found = VideoAppointment.objects.filter(practice_id__in=actor.practices)
    if isinstance(of, Block):
        return found.filter(block=of).first()
    one = found.filter(appointment=of).first() if of.location == VIDEO else None
    return one if one and one.is_good_in(of.calendar_id) else None


def joining_of(video: VideoAppointment) -> Joining:
    """Link and TAN of one."""
    if video.is_here:
        return Joining(f"{settings.PUBLIC_URL}/video/{link_of(video.pk)}/", tan_of(video.pk))
    return Joining(video.join_url or "", video.tan or "", is_here=False)


def why_no_video(actor: Actor, calendar: Calendar) -> Reason | None:
    """Why the calendar holds no consultation by video (PUSH-3); None where it does. As free times are judged."""
    return _why_not(video_service(actor), calendar)


def _why_not(service: VideoService | None, calendar: Calendar) -> Reason | None:
    if service is None:
        return Reason.VIDEO_OFF
    return None if service.is_here or calendar.video_reference else Reason.NO_VIDEO_REFERENCE


def is_pushed(actor: Actor, block: Block) -> bool:
    """Whether a block is an appointment that a booking system pushed to the video side (VID-2)."""
    return VideoAppointment.objects.filter(practice_id__in=actor.practices, block=block).exists()


def types_without_video(actor: Actor, calendar: Calendar) -> list[str]:
    """The types that the calendar offers by video, though it holds none because its reference is missing (PUSH-3)."""
    if why_no_video(actor, calendar) != Reason.NO_VIDEO_REFERENCE:
        return []
    return [one.name for one in types_by_video(actor) if one.offerings.filter(calendar=calendar).exists()]


def calendars_without_video(actor: Actor, appointment_type: AppointmentType) -> list[tuple[Calendar, Reason]]:
    """The calendars that offer the type by video, though they hold none; and why (PUSH-3)."""
    if appointment_type not in types_by_video(actor):
        return []
    offering = visible_calendars(actor).filter(offerings__type=appointment_type).order_by("position", "name")
    service = video_service(actor)
    return [(one, why) for one in offering if (why := _why_not(service, one))]


def types_by_video(actor: Actor) -> list[AppointmentType]:
    """The types that take place by video, if only where patients book them."""
    online = practice_of(actor).online_location
    types = visible_types(actor).order_by("position", "name")
    return [
        one
        for one in types
        if takes_place(one.location, Source.ONLINE if one.online or one.partners else Source.STAFF, online) == VIDEO
    ]
