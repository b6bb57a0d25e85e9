"""Appointments that are held by video: who holds them is told of every change (PUSH-4, PUSH-5)."""

from sprechzeit.access.actor import Actor
from sprechzeit.core.events import publish
from sprechzeit.scheduling.events import VideoChanged
from sprechzeit.scheduling.models import Appointment, AppointmentType


def tell_video(actor: Actor, *appointments: Appointment) -> None:
    """Say of those of these that are held by video that they are not as they were. For the actions that change them."""
    for one in appointments:
        if one.location == AppointmentType.Location.VIDEO:
            publish(VideoChanged(one.practice_id, one.pk))
