"""One appointment: opening it, and whether its day has come."""

from datetime import datetime
from uuid import UUID

from django.utils import timezone

from sprechzeit.access.actor import Actor
from sprechzeit.audit.queries import log_read
from sprechzeit.patients.queries import email_of
from sprechzeit.practice.models import Partner
from sprechzeit.practice.queries import practice_of
from sprechzeit.scheduling.models import Appointment
from sprechzeit.scheduling.policy import get_appointment


def read_appointment(actor: Actor, appointment_id: UUID) -> Appointment:
    """An appointment to be shown: visible to the actor, and its opening logged (AUD-2). Raises NotFound."""
    found = get_appointment(actor, appointment_id)
    log_read(actor, found.practice_id, "scheduling_appointment", found.id)
    return found


def address_of(actor: Actor, appointment: Appointment) -> str:
    """Where a mail about the appointment reaches the patient: as it was booked, else as their record says, or ''."""
    return appointment.email or email_of(actor, appointment.patient)


def who_writes(actor: Actor, appointment: Appointment) -> Partner | None:
    """The partner that writes to the patient about it, so that Sprechzeit does not (OTV-13): as was agreed when it was
    booked, and as long as the partner may do anything. None: Sprechzeit writes.
    """
    if not appointment.partner_writes or appointment.partner is None:
        return None
    today = timezone.now().astimezone(practice_of(actor).zone).date()
    return appointment.partner if appointment.partner.is_active(today) else None


def is_later_day(actor: Actor, instant: datetime) -> bool:
    """Whether the day of an instant, on the practice's clock, has not come."""
    zone = practice_of(actor).zone
    return instant.astimezone(zone).date() > timezone.now().astimezone(zone).date()
