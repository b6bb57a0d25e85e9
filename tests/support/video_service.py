"""A practice that has its video service elsewhere, in the tests."""

from typing import Any

from procrastinate.contrib.django.models import ProcrastinateJob

from sprechzeit.access.actor import Actor
from sprechzeit.core.acting import acting
from sprechzeit.integrations.video_service.jobs import push_appointment
from sprechzeit.integrations.video_service.models import Push
from sprechzeit.practice.models import VideoService
from sprechzeit.scheduling.actions.cancel import cancel_appointment
from sprechzeit.scheduling.models import Appointment, AppointmentType, Calendar, VideoAppointment
from tests.support.cast import Cast, House, book
from tests.support.video_peer import TOKEN

THERE = {"miriam": "albers-there", "jonas": "petersen-there", "berta": "brandt-there"}


def held_elsewhere(house: House, url: str, **facts: Any) -> VideoService:
    """Calls are video consultations from now on, held by the service at `url`."""
    actor = house.system
    with acting(actor):
        for name, calendar in house.calendars.items():
            Calendar.objects.filter(pk=calendar.pk).update(video_reference=THERE[name])
        AppointmentType.objects.filter(pk=house.types["call"].pk).update(location="video")
        house.types["call"].location = AppointmentType.Location.VIDEO
        VideoService.objects.filter(practice=house.practice).delete()
        made = VideoService(practice=house.practice, kind="sprechzeit", url=url, token=TOKEN, is_on=True)
        for name, value in facts.items():
            setattr(made, name, value)
        made.save()
        return made


def booked(house: House, clock: str = "09:00", **facts: Any) -> Appointment:
    """A call by video, booked online."""
    return book(house, clock, kind="call", **facts)


def push(found: Appointment) -> None:
    """Work off the job, as the worker does."""
    push_appointment.work(0, practice_id=str(found.practice_id), appointment_id=str(found.pk))


def pushes(house: House) -> list[Push]:
    """What there is to tell, in its order."""
    with acting(house.system):
        return list(Push.objects.order_by("created_at", "number"))


def states(house: House) -> list[tuple[str, str, str]]:
    """Of each change what it is, what became of it, and why."""
    return [(one.kind, one.state, one.error) for one in pushes(house)]


def service_of(house: House) -> VideoService:
    """As it is now."""
    with acting(house.system):
        return VideoService.objects.get(practice=house.practice)


def link_of(house: House, found: Appointment) -> tuple[str | None, str | None] | None:
    """Link and TAN as they are kept."""
    with acting(house.system):
        one = VideoAppointment.objects.filter(appointment_id=found.pk).first()
        return (one.join_url, one.tan) if one else None


def now_at(house: House, found: Appointment, **facts: Any) -> None:
    """It stands so, whatever way it came there."""
    with acting(house.system):
        Appointment.objects.filter(pk=found.pk).update(**facts)


def cancelled_by(actor: Actor, found: Appointment) -> None:
    """Somebody cancels it."""
    with acting(actor):
        cancel_appointment(actor, found.pk)


def cancelled_by_patient(cast: Cast, found: Appointment) -> None:
    """By their link: nobody can undo it."""
    cancelled_by(cast.albers.system, found)


def waiting_jobs(name: str) -> list[Any]:
    """Jobs of this name that wait, the oldest first."""
    return list(ProcrastinateJob.objects.filter(task_name=name, status="todo").order_by("pk"))
