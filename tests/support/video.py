"""A practice that holds appointments by video."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from uuid import UUID

import procrastinate

from sprechzeit.config.subscriptions import table
from sprechzeit.core import events
from sprechzeit.core.acting import acting
from sprechzeit.practice.models import Practice, VideoService
from sprechzeit.scheduling.actions.settings import change_calendar, change_type
from sprechzeit.scheduling.events import VideoChanged
from sprechzeit.scheduling.jobs import refresh_books
from sprechzeit.scheduling.models import Appointment, VideoAppointment
from tests.support.cast import House

ELSEWHERE = "sprechzeit"
"""An adapter: consultations are held by a service elsewhere."""


def video_on(house: House, kind: str = VideoService.HERE, *, is_on: bool = True, talk: bool = True) -> None:
    """Consultations are held here, or elsewhere; with `talk` the house's talk takes place by video."""
    with acting(house.system):
        found = {"kind": kind, "is_on": is_on}
        VideoService.objects.update_or_create(practice_id=house.practice.pk, defaults=found)
        if talk:
            change_type(house.system, house.types["talk"].pk, {"location": "video"})
            house.types["talk"].location = "video"


def online_by_video(house: House) -> None:
    """What is booked online takes place by video, unless its type says."""
    with acting(house.system):
        Practice.objects.filter(pk=house.practice.pk).update(online_location="video")


def known_there(house: House, who: str, reference: str = "there-1") -> None:
    """The calendar's practitioner is known to the service elsewhere."""
    with acting(house.system):
        change_calendar(house.system, house.calendars[who].pk, {"video_reference": reference})


def link_of(house: House, appointment: Appointment) -> VideoAppointment | None:
    """The row of its link."""
    with acting(house.system):
        return VideoAppointment.objects.filter(appointment=appointment).first()


class Told:
    """Whom the video service is told of, in a reaction's place."""

    def __init__(self) -> None:
        self.ids: list[UUID] = []

    def due(self, arguments: Mapping[str, str], *, after: timedelta = timedelta(0)) -> procrastinate.jobs.Job:
        self.ids.append(UUID(arguments["appointment_id"]))
        return refresh_books.due({"practice_id": arguments["practice_id"]}, after=after)

    def since(self) -> list[UUID]:
        """Those since it was asked last."""
        found, self.ids = self.ids, []
        return found


@contextmanager
def told_of_video() -> Iterator[Told]:
    """What is published while it lasts."""
    told = Told()
    events.connect({**table(), VideoChanged: [told]})
    try:
        yield told
    finally:
        events.connect(table())
