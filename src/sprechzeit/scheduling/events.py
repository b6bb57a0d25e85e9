"""What happens in the appointment book."""

from dataclasses import dataclass
from uuid import UUID

from sprechzeit.core.events import Event


@dataclass(frozen=True, slots=True)
class AppointmentBooked(Event):
    """A patient has a time."""

    appointment_id: UUID


@dataclass(frozen=True, slots=True)
class BookingCodeAsked(Event):
    """A visitor who books is to type a code that is sent by e-mail."""

    code_id: UUID


@dataclass(frozen=True, slots=True)
class AppointmentCancelled(Event):
    """An appointment will not take place. `sequence`: the appointment's, by which this cancellation is known."""

    appointment_id: UUID
    sequence: int


@dataclass(frozen=True, slots=True)
class AppointmentMoved(Event):
    """An appointment has another time or place. The patient is not told by itself (CAL-23)."""

    appointment_id: UUID


@dataclass(frozen=True, slots=True)
class AppointmentTold(Event):
    """The practice wants the patient to be told by message when the appointment now is."""

    appointment_id: UUID


@dataclass(frozen=True, slots=True)
class VideoChanged(Event):
    """An appointment held by video, or so until now, is not what it was: whoever holds it is to know (PUSH-4, PUSH-5).

    It was booked, moved, cancelled or restored, or has another calendar or location. Its row says what it is now.
    """

    appointment_id: UUID


@dataclass(frozen=True, slots=True)
class BookingUndone(Event):
    """A booking was taken back. Who already has its confirmation must be told."""

    appointment_id: UUID


@dataclass(frozen=True, slots=True)
class CancellationUndone(Event):
    """A cancelled appointment takes place after all. Who was told of the cancellation does not know."""

    appointment_id: UUID


@dataclass(frozen=True, slots=True)
class PushedChanged(Event):
    """What a booking system pushed to the video side was booked, moved or taken away: there, or by hand here."""

    block_id: UUID
