"""What happens to messages."""

from dataclasses import dataclass
from uuid import UUID

from sprechzeit.core.events import Event


@dataclass(frozen=True, slots=True)
class MessageWantedAgain(Event):
    """The practice wants a message that could not be delivered to be sent once more."""

    appointment_id: UUID
    message_id: UUID
