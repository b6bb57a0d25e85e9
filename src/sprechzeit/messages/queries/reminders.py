"""Of which appointments patients are to be reminded now (NOT-4)."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.db.models import Exists, F, OuterRef, QuerySet

from sprechzeit.access.actor import Actor
from sprechzeit.messages.models import Message, Reminder
from sprechzeit.messages.policy import visible_reminders
from sprechzeit.scheduling.models import Appointment
from sprechzeit.scheduling.policy import visible_appointments, visible_calendars

MOST = 500
"""At once; the next minute takes the next ones."""


def due_reminders(actor: Actor, now: datetime) -> Mapping[UUID, tuple[Appointment, list[Reminder]]]:
    """Each appointment with the reminders that are due and were not entered yet.

    Of appointments to come, that are not cancelled: a reminder is due if its time has come since the appointment began
    to stand at its time, and since the reminder was made or switched on. Who books later than that knows it.
    """
    now = now.astimezone(UTC)  # in a zone of its own, a day would be one of the wall's clock
    found: dict[UUID, tuple[Appointment, list[Reminder]]] = {}
    everything = list(visible_reminders(actor))
    with_own = {one.type_id for one in everything if one.type_id}
    if not any(one.is_on for one in everything):
        return found
    coming = visible_appointments(actor).filter(
        calendar__in=list(visible_calendars(actor).values_list("pk", flat=True)), ends_at__gt=now, cancellation=None
    )
    for reminder in everything:
        if reminder.is_on:
            for appointment in _due(coming, reminder, now, with_own)[:MOST]:
                found.setdefault(appointment.pk, (appointment, []))[1].append(reminder)
    return found


def _due(
    coming: QuerySet[Appointment], reminder: Reminder, now: datetime, with_own: set[UUID]
) -> QuerySet[Appointment]:
    before = timedelta(hours=reminder.hours_before)
    entered = Message.objects.filter(
        practice_id=OuterRef("practice_id"),
        appointment=OuterRef("pk"),
        kind=Message.Kind.REMINDER,
        starts_at=OuterRef("starts_at"),
        hours_before=reminder.hours_before,
    )
    # By its end too, as the index has it: an appointment is within a day.
    near = coming.filter(ends_at__lte=now + before + timedelta(days=1))
    of_type = near.filter(type_id=reminder.type_id) if reminder.type_id else near.exclude(type_id__in=with_own)
    return (
        of_type.filter(
            starts_at__gt=max(now, reminder.counts_from + before),
            starts_at__lte=now + before,
            changed_at__lte=F("starts_at") - before,
        )
        .exclude(Exists(entered))
        .select_related("patient", "type", "partner", "booker")
        .order_by("starts_at", "pk")
    )


def reminders_in_order(actor: Actor) -> list[Reminder]:
    """The practice's reminders: of all types first, the earliest first."""
    found = visible_reminders(actor).select_related("type")
    return list(found.order_by(F("type__position").asc(nulls_first=True), "type__name", "-hours_before", "channel"))
