"""The appointments of one record."""

from django.utils import timezone

from sprechzeit.access.actor import Actor
from sprechzeit.audit.queries import log_list
from sprechzeit.patients.models import Patient
from sprechzeit.scheduling.models import Appointment
from sprechzeit.scheduling.policy import visible_appointments


def visits_of_record(actor: Actor, patient: Patient, most_past: int) -> tuple[list[Appointment], list[Appointment]]:
    """Those that the actor sees: to come, the next first; past, the latest first, at most so many. Logged as a list."""
    now = timezone.now()
    seen = visible_appointments(actor).filter(patient_id=patient.pk)
    seen = seen.select_related("type", "calendar", "room", "cancellation", "attendance")
    coming = list(seen.filter(ends_at__gt=now).order_by("starts_at", "pk"))
    past = list(seen.filter(ends_at__lte=now).order_by("-starts_at", "pk")[:most_past])
    log_list(actor, "scheduling_appointment", f"of {patient.pk}", [one.pk for one in (*coming, *past)])
    return coming, past
