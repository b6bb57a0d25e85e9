"""Appointments that are held by video: their link and TAN, and who holds them is told of every change (PUSH-4…10)."""

from collections.abc import Collection
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from sprechzeit.access.actor import Actor
from sprechzeit.core.acting import action, require
from sprechzeit.core.errors import NotAllowed
from sprechzeit.core.events import publish
from sprechzeit.core.live import announce
from sprechzeit.core.rows import fetch
from sprechzeit.practice.models import VideoService
from sprechzeit.practice.policy import may_change_practice
from sprechzeit.scheduling.errors import VideoNeedsEmail
from sprechzeit.scheduling.events import VideoChanged
from sprechzeit.scheduling.models import Appointment, AppointmentType, Calendar, VideoAppointment
from sprechzeit.scheduling.policy import may_change_appointment

VIDEO = AppointmentType.Location.VIDEO

# Shared: who books waits for who is changing the service, and the other way round: none is left without its link.
_KIND = "SELECT kind FROM practice_videoservice WHERE practice_id = %s AND is_on FOR SHARE"


def tell_video(actor: Actor, *appointments: Appointment) -> None:
    """Say of those of these that are held by video that they are not as they were. For the actions that change them."""
    for one in appointments:
        if one.location == VIDEO:
            publish(VideoChanged(one.practice_id, one.pk))


def links_of(actor: Actor, *appointments: Appointment) -> list[VideoAppointment]:
    """The links of new appointments that are held by video in this practice, not saved yet (PUSH-10). Where a service
    elsewhere holds them, it answers with the link (PUSH-7).

    Raises `VideoNeedsEmail` for one, still to come, whose patient no message would reach.
    """
    held = [one for one in appointments if one.location == VIDEO]
    require(all(one.email or one.starts_at <= timezone.now() for one in held), VideoNeedsEmail)
    if not held or _kind(actor) != VideoService.HERE:
        return []
    return [VideoAppointment.here(practice_id=one.practice_id, appointment=one) for one in held]


def _kind(actor: Actor) -> str | None:
    """Who holds consultations now: `VideoService.kind`; None while the service is off."""
    rows = fetch(_KIND, [actor.practice_id])
    return rows[0][0] if rows else None


@action
def begin_video(actor: Actor, appointment: Appointment, video_id: UUID | None = None) -> None:
    """It is held by video from now on. `video_id`: of the link that it had before, which opens it again.

    Raises `VideoNeedsEmail`.
    """
    require(may_change_appointment(actor, appointment), NotAllowed)
    for link in links_of(actor, appointment):
        _links(appointment).delete()
        if video_id:
            link = VideoAppointment.here(id=video_id, practice_id=appointment.practice_id, appointment=appointment)
        link.save(force_insert=True)


@action
def end_video(actor: Actor, appointment: Appointment) -> None:
    """It is held by video no more: its link opens nothing. That of a service elsewhere stays until it is told, so that
    there and back is no change.
    """
    require(may_change_appointment(actor, appointment), NotAllowed)
    _links(appointment).filter(link_hash__isnull=False).delete()


def _links(appointment: Appointment) -> QuerySet[VideoAppointment]:
    return VideoAppointment.objects.filter(practice_id=appointment.practice_id, appointment=appointment)


def tell_video_of(actor: Actor, calendar_ids: Collection[UUID]) -> None:
    """The same of all that is to come in these calendars: somebody else holds it, or is called otherwise there."""
    tell_video(actor, *_coming(actor).filter(calendar__in=calendar_ids).order_by("pk"))


def reference_of(actor: Actor, member_id: UUID | None) -> str:
    """Who a practitioner is to the video service, by their own calendars; empty where these do not say one (PUSH-3)."""
    if member_id is None:
        return ""
    theirs = Calendar.objects.filter(practice_id=actor.practice_id, member_id=member_id)
    found = set(theirs.exclude(video_reference="").values_list("video_reference", flat=True))
    return found.pop() if len(found) == 1 else ""


def _coming(actor: Actor) -> QuerySet[Appointment]:
    """What is held by video and not over."""
    return Appointment.objects.filter(
        practice_id=actor.practice_id, location=VIDEO, cancellation=None, ends_at__gt=timezone.now()
    )


@action
def settle_video(actor: Actor) -> int:
    """After the practice's video service was switched on, or became another: what is to come is joined there (PUSH-2).

    Where consultations are held here now, each gets its link; where elsewhere, that service answers with its own.
    Patients who were sent another link count as not told. Returns how many appointments have another link, or none.
    """
    require(may_change_practice(actor), NotAllowed)
    kind = _kind(actor)
    if kind is None:
        return 0
    found = list(_coming(actor).exclude(email="").select_related("video", "calendar").order_by("pk"))
    others = [one for one in found if hasattr(one, "video") and one.video.is_here != (kind == VideoService.HERE)]
    for one in others:
        _links(one).delete()
        Appointment.objects.filter(pk=one.pk).update(told_starts_at=None)
    links = links_of(actor, *(one for one in found if one in others or not hasattr(one, "video")))
    VideoAppointment.objects.bulk_create(links)
    for calendar_id in {one.calendar_id for one in others}:
        announce(actor.practice_id, calendar_id)
    return max(len(others), len(links))
