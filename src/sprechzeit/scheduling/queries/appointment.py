"""Opening one appointment."""

from uuid import UUID

from sprechzeit.access.actor import Actor
from sprechzeit.audit.queries import log_read
from sprechzeit.scheduling.models import Appointment
from sprechzeit.scheduling.policy import get_appointment


def read_appointment(actor: Actor, appointment_id: UUID) -> Appointment:
    """An appointment to be shown: visible to the actor, and its opening logged (AUD-2). Raises NotFound."""
    found = get_appointment(actor, appointment_id)
    log_read(actor, found.practice_id, "scheduling_appointment", found.id)
    return found
