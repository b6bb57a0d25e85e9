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
    """An appointment has link and TAN, others than before if there were any: the video service answered them (PUSH-7),
    or it is held here from now on.
    """

    appointment_id: UUID
