"""The video service as its page shows it: what it was told, what is wrong, whom it does not know (PUSH-2, PUSH-8)."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from sprechzeit.access.actor import Actor
from sprechzeit.core.acting import require
from sprechzeit.core.errors import NotAllowed
from sprechzeit.integrations.video_service.errors import VideoServiceUnnamed
from sprechzeit.integrations.video_service.models import FormerService, Push
from sprechzeit.integrations.video_service.policy import visible_formers, visible_pushes
from sprechzeit.integrations.video_service.reaching import target
from sprechzeit.practice.models import VideoService
from sprechzeit.practice.policy import may_change_practice
from sprechzeit.scheduling.models import Appointment, AppointmentType, Calendar
from sprechzeit.scheduling.policy import visible_appointments

State = Push.State


def video_service(actor: Actor) -> VideoService | None:
    """Where the practice holds video appointments; None where it never said so."""
    return VideoService.objects.filter(practice_id__in=actor.practices).first()


def pushed_to(actor: Actor) -> VideoService | None:
    """The service elsewhere to which appointments are pushed now; None where nothing is pushed."""
    service = video_service(actor)
    return service if service and service.is_on and not service.is_here else None


def pushes_shown(actor: Actor) -> QuerySet[Push]:
    """What the service was told, or is to be, the latest first; `is_last`: no later change of the appointment."""
    later = Push.objects.filter(
        practice_id=OuterRef("practice_id"), appointment_id=OuterRef("appointment_id"), number__gt=OuterRef("number")
    ).exclude(state=State.LEFT_OUT)
    found = visible_pushes(actor).select_related("appointment", "appointment__type", "calendar")
    return found.annotate(is_last=~Exists(later)).order_by("-created_at", "-number", "-pk")


def troubled_pushes(actor: Actor) -> QuerySet[Push]:
    """What the service did not take yet, or not at all, of appointments that are still to come."""
    wrong = Q(state=State.FAILED) | Q(state=State.WAITING) & ~Q(error="")
    # By the database's clock: the statement is made once for all who see alike.
    return visible_pushes(actor).filter(wrong, appointment__ends_at__gt=Now()).only("pk")


def to_be_told(actor: Actor) -> list[UUID]:
    """Appointments to come that are held by video, and those of which the service is told something still."""
    coming = visible_appointments(actor).filter(ends_at__gt=timezone.now())
    held = coming.filter(location=AppointmentType.Location.VIDEO, cancellation=None)
    open_ones = Push.objects.filter(practice_id__in=actor.practices, state=State.WAITING).values("appointment_id")
    found = coming.filter(Q(pk__in=held.values("pk")) | Q(pk__in=open_ones))
    return list(found.order_by("starts_at", "pk").values_list("pk", flat=True))


def waiting_appointments(actor: Actor) -> list[UUID]:
    """Appointments of which something waits to be taken."""
    waiting = visible_pushes(actor).filter(state=State.WAITING)
    return list(waiting.order_by("appointment_id").values_list("appointment_id", flat=True).distinct())


def rests(actor: Actor, appointment_id: UUID) -> bool:
    """Whether what waits to be told of an appointment is to be tried later still."""
    waiting = visible_pushes(actor).filter(appointment_id=appointment_id, state=State.WAITING)
    return waiting.filter(next_at__gt=timezone.now()).exists()


@dataclass(frozen=True, slots=True)
class Asked:
    """How the service that is chosen is reached: adapter, address, token."""

    kind: str
    url: str
    token: str = field(repr=False)


def service_to_ask(actor: Actor) -> Asked:
    """How it is reached, to try it. Raises `NotAllowed`, and `VideoServiceUnnamed` where there is none to be asked."""
    require(may_change_practice(actor), NotAllowed)
    service = video_service(actor)
    if service is None or service.is_here or not service.url or not service.token:
        raise VideoServiceUnnamed
    return Asked(service.kind, service.url, service.token)


def told_services(actor: Actor) -> Mapping[str, VideoService | FormerService]:
    """The services that are told something now, as pushes name them: the one that is chosen comes first, then those
    before at which what stands there is cancelled.
    """
    service = pushed_to(actor)
    chosen = {target(service): service} if service else {}
    return chosen | {one.target: one for one in visible_formers(actor).exclude(emptied_at=None)}


def standing_at(actor: Actor, there: str) -> QuerySet[Appointment]:
    """The appointments to come that a service has, or may have."""
    pushed = visible_pushes(actor).filter(target=there)
    gone = pushed.filter(
        appointment_id=OuterRef("appointment_id"),
        number__gt=OuterRef("number"),
        kind=Push.Kind.CANCEL,
        state=State.SENT,
    )
    entered = pushed.exclude(kind=Push.Kind.CANCEL).filter(Q(state=State.SENT) | Q(in_doubt=True))
    coming = Appointment.objects.filter(practice_id__in=actor.practices, starts_at__gt=timezone.now())
    found = coming.filter(pk__in=entered.filter(~Exists(gone)).values("appointment_id"))
    return found.order_by("starts_at", "pk")


def calendars_with_reference(actor: Actor) -> list[Calendar]:
    """Calendars that name somebody at the service."""
    calendars = Calendar.objects.filter(practice_id__in=actor.practices, retired_at=None).exclude(video_reference="")
    return list(calendars.order_by("position", "name"))


def calendars_unknown(actor: Actor, references: Collection[str]) -> list[Calendar]:
    """Calendars that name somebody whom the service does not know (PUSH-3)."""
    return [one for one in calendars_with_reference(actor) if one.video_reference not in references]
