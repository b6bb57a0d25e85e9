"""What happens to messages."""

from dataclasses import dataclass
from uuid import UUID

from sprechzeit.core.events import Event


@dataclass(frozen=True, slots=True)
class SampleWanted(Event):
    """A member wants a text of the practice's own by mail, with the data of nobody, to see how it arrives."""

    template_id: UUID
    member_id: UUID
    sample_id: UUID


@dataclass(frozen=True, slots=True)
class ReminderDue(Event):
    """A patient is to be reminded of an appointment; told once for each reminder."""

    appointment_id: UUID
    message_id: UUID


@dataclass(frozen=True, slots=True)
class MessageWantedAgain(Event):
    """The practice wants a message that could not be delivered to be sent once more."""

    appointment_id: UUID
    message_id: UUID
