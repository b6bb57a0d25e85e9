"""Telling the video service of appointments, one change after another (PUSH-5).

The database is not kept waiting for the service: no transaction is open while it answers. A change that is not taken
does not raise: the queue would keep the next job of the appointment behind the wait. It is noted, and looked at again
by a job of its own.
"""

from datetime import timedelta
from functools import partial
from uuid import UUID

from procrastinate.contrib.django import app

from sprechzeit.access.actor import Actor, system
from sprechzeit.audit.jobs import each_practice
from sprechzeit.core.acting import run_as
from sprechzeit.core.events import publish
from sprechzeit.core.ids import new_id
from sprechzeit.core.jobs import defer, job
from sprechzeit.integrations.video_service.actions.former import forget_formers
from sprechzeit.integrations.video_service.actions.outcome import mark_not_taken, mark_taken, try_failed_again
from sprechzeit.integrations.video_service.actions.pushing import Due, begin_push, plan_pushes
from sprechzeit.integrations.video_service.contract import NotTaken
from sprechzeit.integrations.video_service.events import VideoLinkArrived
from sprechzeit.integrations.video_service.queries import rests, to_be_told, video_service
from sprechzeit.integrations.video_service.sending import send_push

QUEUE = "video_service"

MOST_AT_ONCE = 20
"""Changes of one appointment by one job: far more than an appointment ever has to be told."""


@job(subject="appointment_id", line="video_push", queue=QUEUE)
def push_appointment(attempts: int, *, practice_id: str, appointment_id: str) -> None:
    """Tell the service what has changed about an appointment, and mark it.

    Killed between the two it is sent again, with the same key.
    """
    actor, of = system(UUID(practice_id)), UUID(appointment_id)
    waits = run_as(actor, lambda: plan_pushes(actor, of))
    if waits:
        _look_again(actor, of, waits)
        return
    for _ in range(MOST_AT_ONCE):
        due = run_as(actor, lambda: begin_push(actor, of))
        if due is None:
            return
        if isinstance(due, timedelta):
            _look_again(actor, of, due)
            return
        if not _told(actor, of, due):
            return


@job(subject="once", line="video_push_later", queue=QUEUE)
def look_again(attempts: int, *, practice_id: str, appointment_id: str, once: str) -> None:
    """The time has come at which something is to be tried again.

    Waiting here and not in the appointment's own line, it holds up nothing that happens meanwhile.
    """
    actor, of = system(UUID(practice_id)), UUID(appointment_id)

    def look() -> None:
        # Tried meanwhile, since something new came, it waits for another one of these.
        if not rests(actor, of):
            push_appointment.follow({"practice_id": practice_id, "appointment_id": appointment_id})

    run_as(actor, look)


@job(subject="practice_id", line="video_push_all", queue=QUEUE)
def push_all(attempts: int, *, practice_id: str) -> None:
    """The practice has another service, or its own again: every appointment to come is looked at.

    Held here from now on, each has its link already: who was told another one gets it.
    """
    actor = system(UUID(practice_id))

    def look() -> None:
        try_failed_again(actor)
        found = to_be_told(actor)
        service = video_service(actor)
        if service is not None and service.is_here:
            for one in found:
                publish(VideoLinkArrived(actor.practice_id, one))
        defer(*(push_appointment.due({"practice_id": practice_id, "appointment_id": str(one)}) for one in found))

    run_as(actor, look)


def _told(actor: Actor, of: UUID, due: Due) -> bool:
    """Whether the next change may go: this one was taken, or has failed for good."""
    try:
        sent = send_push(due)
    except NotTaken as error:
        return run_as(actor, partial(_not_taken, actor, of, due, error))
    run_as(actor, lambda: mark_taken(actor, due.push_id, sent.taken, was_unknown=sent.was_unknown))
    return True


def _not_taken(actor: Actor, of: UUID, due: Due, error: NotTaken) -> bool:
    again_in = mark_not_taken(actor, due.push_id, error, in_doubt=due.in_doubt)
    if again_in is None:
        return True
    _look_again(actor, of, again_in)
    return False


def _look_again(actor: Actor, of: UUID, after: timedelta) -> None:
    """In so long, in the current transaction if there is one."""
    arguments = {"practice_id": str(actor.practice_id), "appointment_id": str(of), "once": str(new_id())}
    defer(look_again.due(arguments, after=after))


@app.periodic(cron="23 4 * * *")
@app.task(name="integrations.forget_formers", queueing_lock="forget_formers")
def forget_former_services(timestamp: int) -> None:
    """Every night: how services are reached that the practice had before, where all that stood there is over."""
    each_practice(lambda actor: run_as(actor, partial(forget_formers, actor)), f"formers:{timestamp}")
