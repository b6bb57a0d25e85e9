"""What was undone before the patient heard of it (CAL-16, CAL-23)."""

from datetime import UTC

from sprechzeit.access.actor import Actor
from sprechzeit.scheduling.models import Appointment, BookChange
from sprechzeit.scheduling.policy import visible_appointments


def is_told_time_undone(actor: Actor, appointment: Appointment) -> bool:
    """Whether the appointment no longer is at the time of which the patient was to be told: its move was undone."""
    told = appointment.told_starts_at
    if told is None or told == appointment.starts_at:
        return False
    undone = BookChange.objects.filter(
        appointment__in=visible_appointments(actor).filter(pk=appointment.pk),
        kind=BookChange.Kind.MOVED,
        undone_at__isnull=False,
        after__starts_at=told.astimezone(UTC).isoformat(),
    )
    return undone.exists()
