"""What happens to what partners are told."""

from dataclasses import dataclass
from uuid import UUID

from sprechzeit.core.events import Event


@dataclass(frozen=True, slots=True)
class DeliveryWantedAgain(Event):
    """The practice wants an event that a partner did not take to be sent once more. `webhook_of`: its appointment."""

    webhook_of: UUID
    delivery_id: UUID
