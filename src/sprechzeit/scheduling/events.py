"""What happens in the appointment book."""

from dataclasses import dataclass
from uuid import UUID

from sprechzeit.core.events import Event


@dataclass(frozen=True, slots=True)
class AppointmentBooked(Event):
    """A patient has a time."""

    appointment_id: UUID


@dataclass(frozen=True, slots=True)
class AppointmentCancelled(Event):
    """An appointment will not take place."""

    appointment_id: UUID
