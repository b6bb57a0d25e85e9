"""Who is away when, and which appointments that concerns (CAL-3, CAL-22)."""

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from sprechzeit.access.actor import Actor, ActorKind
from sprechzeit.scheduling.models import Absence, Appointment
from sprechzeit.scheduling.policy import visible_absences, visible_appointments


@dataclass(frozen=True, slots=True)
class Away:
    """When a calendar is away, or the whole practice without one: from `starts_at` until `ends_at`, aware."""

    calendar_id: UUID | None
    starts_at: datetime
    ends_at: datetime
    all_day: bool = True
    reason: str = ""


def coming_absences(actor: Actor, calendar_id: UUID | None = None) -> QuerySet[Absence]:
    """The absences that are not over: all of them, or those that a calendar has, alone or with the practice."""
    absences = visible_absences(actor).filter(ends_at__gt=timezone.now()).select_related("calendar")
    if calendar_id is not None:
        absences = absences.filter(Q(calendar_id=calendar_id) | Q(calendar=None))
    return absences.order_by("starts_at", "calendar__position")


def affected_by(actor: Actor, away: Away) -> QuerySet[Appointment]:
    """The appointments in an absence that have not begun, as far as visible, in their order (CAL-22)."""
    affected = _coming(actor).filter(starts_at__lt=away.ends_at, ends_at__gt=away.starts_at)
    if away.calendar_id is not None:
        affected = affected.filter(calendar_id=away.calendar_id)
    return affected


def cancelled_in(actor: Actor, absence: Absence) -> QuerySet[Appointment]:
    """The appointments to come in an absence that the practice cancelled and whose patient no mail reaches (CAL-22)."""
    cancelled = (
        _to_come(actor)
        .filter(starts_at__lt=absence.ends_at, ends_at__gt=absence.starts_at, cancellation__isnull=False, email="")
        .exclude(cancellation__cancelled_by__startswith=ActorKind.LINK)
    )
    return cancelled if absence.calendar_id is None else cancelled.filter(calendar_id=absence.calendar_id)


def affected_by_coming(actor: Actor, calendar_id: UUID | None = None) -> dict[UUID, list[Appointment]]:
    """The same for all coming absences at once, by absence: two statements however many there are."""
    absences = list(coming_absences(actor, calendar_id))
    lies_in = visible_absences(actor).filter(
        Q(calendar_id=OuterRef("calendar_id")) | Q(calendar=None),
        starts_at__lt=OuterRef("ends_at"),
        ends_at__gt=OuterRef("starts_at"),
    )
    appointments = list(_coming(actor).filter(Exists(lies_in)))
    return {
        absence.id: [
            one
            for one in appointments
            if absence.calendar_id in (None, one.calendar_id)
            and one.starts_at < absence.ends_at
            and one.ends_at > absence.starts_at
        ]
        for absence in absences
    }


def _coming(actor: Actor) -> QuerySet[Appointment]:
    return _to_come(actor).filter(cancellation=None)


def _to_come(actor: Actor) -> QuerySet[Appointment]:
    return (
        visible_appointments(actor)
        .filter(starts_at__gt=timezone.now().astimezone(UTC))
        .select_related("patient", "type", "calendar", "occupancy")
        .prefetch_related("patient__contact_points")
        .order_by("starts_at", "calendar__position")
    )
