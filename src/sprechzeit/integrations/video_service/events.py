"""What happens between the practice and its video service."""

from dataclasses import dataclass
from uuid import UUID

from sprechzeit.core.events import Event


@dataclass(frozen=True, slots=True)
class PushWanted(Event):
    """What the video service is to know of an appointment is to be sent now: again, or since it answers once more."""

    appointment_id: UUID


@dataclass(frozen=True, slots=True)
class VideoServiceChanged(Event):
    """Another video service was chosen, it was switched on, or can be reached otherwise than before (PUSH-2)."""


@dataclass(frozen=True, slots=True)
class VideoLinkArrived(Event):
    """An appointment has another link and TAN, or its first: a service answered, or it is held here now (PUSH-7)."""

    appointment_id: UUID
