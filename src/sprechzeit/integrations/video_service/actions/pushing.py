"""What the video service is to know of an appointment, change by change, in order (PUSH-4, PUSH-5)."""

from collections.abc import Container
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db.models import Max, QuerySet
from django.utils import timezone

from sprechzeit.access.actor import Actor, ActorKind
from sprechzeit.access.table import Role
from sprechzeit.core.acting import action, require
from sprechzeit.core.errors import NotAllowed
from sprechzeit.core.ids import new_id
from sprechzeit.integrations.video_service.contract import Visit
from sprechzeit.integrations.video_service.models import FormerService, Push, Why
from sprechzeit.integrations.video_service.planning import Stands, Step, has_failed, held_after, steps_to
from sprechzeit.integrations.video_service.queries import told_services, video_service
from sprechzeit.integrations.video_service.reaching import target
from sprechzeit.integrations.video_service.telling import key_of, new_reference, visit_of
from sprechzeit.practice.models import VideoService
from sprechzeit.scheduling.actions.change import UNDO_TIME
from sprechzeit.scheduling.models import Appointment, AppointmentType
from sprechzeit.scheduling.policy import get_appointment

Kind, State = Push.Kind, Push.State


@dataclass(frozen=True, slots=True)
class Due:
    """A change that is to be sent now. `in_doubt`: it may have arrived already. `keys`: its idempotency key by what is
    asked, as 'create'.
    """

    push_id: UUID
    kind: str
    in_doubt: bool
    visit: Visit
    keys: dict[str, str]
    service: tuple[str, str, str]
    """Adapter, address and token."""


@action
def plan_pushes(actor: Actor, appointment_id: UUID) -> timedelta:
    """Note what the service is still to be told so that it knows the appointment as it is now. How long that waits.

    What was never sent is replaced by what says all that it did; what the service may have got already stays in its
    place, so that each change takes effect once and in order. What staff cancelled waits while they can undo it
    (CAL-16). Raises `NotFound`, `NotAllowed`.
    """
    require(actor.role is Role.SYSTEM, NotAllowed)
    services, chosen = told_services(actor), video_service(actor)
    appointment = get_appointment(actor, appointment_id)
    pushes = list(_pushes(appointment).select_for_update().order_by("number"))
    if chosen is None or not (services or chosen.is_here):
        return timedelta(0)
    if appointment.ends_at <= timezone.now():
        _leave_out(Why.OVER, [one for one in pushes if one.state == State.WAITING])
        return timedelta(0)
    undoable = _undoable(appointment)
    if undoable:
        return undoable
    now = target(chosen)
    _leave_out(Why.OTHER_SERVICE, [one for one in pushes if one.target != now and not _still_goes(one, services)])
    for there in services:
        wanted = _wanted(appointment) if there == now else None
        _plan(appointment, wanted, [one for one in pushes if one.target == there], there)
    return timedelta(0)


def _still_goes(push: Push, services: Container[str]) -> bool:
    """Whether a change for a service that was left is sent all the same, if it waits: that is no more there."""
    return push.state != State.WAITING or (push.target in services and push.kind == Kind.CANCEL)


def _plan(appointment: Appointment, wanted: Stands | None, pushes: list[Push], there: str) -> None:
    for one in pushes:
        if one.state == State.WAITING and one.calendar_id == appointment.calendar_id:
            # What waits is sent with the reference as it is then.
            one.practitioner = appointment.calendar.video_reference
    if not steps_to(wanted, held_after(pushes)) or has_failed(pushes, wanted):
        return
    replaced = [one for one in pushes if one.state == State.WAITING and not one.in_doubt]
    _leave_out(Why.LATER, replaced)
    stay = [one for one in pushes if one not in replaced]
    last = _pushes(appointment).aggregate(last=Max("number"))["last"] or 0
    steps = steps_to(wanted, held_after(stay))
    Push.objects.bulk_create(_push(appointment, one, last + place, there) for place, one in enumerate(steps, start=1))


def _push(appointment: Appointment, step: Step, number: int, there: str) -> Push:
    push_id = new_id()
    return Push(
        id=push_id,
        practice_id=appointment.practice_id,
        appointment=appointment,
        number=number,
        kind=step.kind,
        reference=step.reference or new_reference(push_id),
        target=there,
        calendar_id=step.stands.calendar_id,
        practitioner=step.stands.practitioner,
        starts_at=step.stands.starts_at,
        minutes=step.stands.minutes,
    )


def _wanted(appointment: Appointment) -> Stands | None:
    """How the service is to know it; None: it is not held by video, or does not take place."""
    if appointment.location != AppointmentType.Location.VIDEO or hasattr(appointment, "cancellation"):
        return None
    length = appointment.ends_at - appointment.starts_at
    minutes = int(length.total_seconds() // 60)
    return Stands(appointment.calendar_id, appointment.calendar.video_reference, appointment.starts_at, minutes)


def _undoable(appointment: Appointment) -> timedelta:
    """For how long staff can still undo its cancellation; none where that is over, or a patient's own."""
    cancellation = getattr(appointment, "cancellation", None)
    if cancellation is None or not cancellation.cancelled_by.startswith(f"{ActorKind.MEMBER}:"):
        return timedelta(0)
    left: timedelta = cancellation.cancelled_at + UNDO_TIME - timezone.now()
    return max(timedelta(0), left)


@action
def begin_push(actor: Actor, appointment_id: UUID) -> Due | timedelta | None:
    """The change that is to be sent first; None where nothing waits. How long the service wants to be left alone.

    From now on it may have arrived there, whatever becomes of this process. Without a reference of its calendar it
    fails for good, and the next one is looked at. Raises `NotFound`, `NotAllowed`.
    """
    require(actor.role is Role.SYSTEM, NotAllowed)
    services, chosen = told_services(actor), video_service(actor)
    if chosen is None or not services:
        return None
    appointment = get_appointment(actor, appointment_id)
    waiting = _pushes(appointment).filter(state=State.WAITING, target__in=services).select_for_update()
    # Who is chosen now comes first: one that was left and does not answer holds up nothing.
    places = list(services)
    for push in sorted(waiting.select_related("calendar"), key=lambda one: (places.index(one.target), one.number)):
        service = services[push.target]
        quiet = service.quiet_until - timezone.now() if service.quiet_until else timedelta(0)
        if quiet > timedelta(0):
            Push.objects.filter(pk=push.pk).update(error=Why.BUSY, next_at=service.quiet_until)
            return quiet
        due = _due(actor, push, appointment, chosen, service)
        if due is not None:
            return due
    return None


def _due(
    actor: Actor, push: Push, appointment: Appointment, chosen: VideoService, service: VideoService | FormerService
) -> Due | None:
    is_told = push.kind != Kind.CANCEL
    visit = visit_of(actor, push, appointment, chosen) if is_told else _named(push)
    if is_told and not visit.practitioner:
        failed = {"state": State.FAILED, "error": Why.NO_REFERENCE, "next_at": None, "practitioner": ""}
        Push.objects.filter(pk=push.pk).update(**failed)
        return None
    begun = {"in_doubt": True, "attempts": push.attempts + 1, "last_at": timezone.now(), "next_at": None}
    if is_told:
        begun["practitioner"] = visit.practitioner
    Push.objects.filter(pk=push.pk).update(**begun)
    keys = {method: key_of(push, method, visit) for method in Kind.values}
    return Due(push.pk, push.kind, push.in_doubt, visit, keys, (service.kind, service.url, service.token or ""))


def _named(push: Push) -> Visit:
    """What is cancelled is named by its reference alone."""
    return Visit(push.reference, "", push.starts_at, 0, "", "", "", "")


def _pushes(appointment: Appointment) -> QuerySet[Push]:
    return Push.objects.filter(practice_id=appointment.practice_id, appointment=appointment)


def _leave_out(why: Why, pushes: list[Push]) -> None:
    """They are not sent any more; the rows in hand say so too."""
    for one in pushes:
        one.state = State.LEFT_OUT
    Push.objects.filter(pk__in=[one.pk for one in pushes]).update(state=State.LEFT_OUT, error=why, next_at=None)
