"""A consultation as its pages show it."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils import timezone

from sprechzeit.access.actor import Actor
from sprechzeit.audit.queries import log_list, log_read
from sprechzeit.core.acting import require
from sprechzeit.core.rows import count_each
from sprechzeit.practice.queries import practice_of
from sprechzeit.scheduling.models import Appointment, Block, Calendar, VideoAppointment
from sprechzeit.video.errors import LinkNotOpen
from sprechzeit.video.models import Consultation, Seat
from sprechzeit.video.opening import Opening, opening_of
from sprechzeit.video.policy import get_consultation, listed_consultations, waiting_patients


@dataclass(frozen=True)
class Meeting:
    """A video appointment that is held here, with what the book says of it."""

    video: VideoAppointment

    @property
    def id(self) -> UUID:
        """Of the video appointment: what the addresses of a call name."""
        return self.video.pk

    @cached_property
    def of(self) -> Appointment | Block:
        """What stands in the book."""
        found: Appointment | Block = self.video.appointment or self.video.block
        return found

    @property
    def starts_at(self) -> datetime:
        """Aware."""
        return self.of.starts_at

    @property
    def ends_at(self) -> datetime:
        """Aware."""
        return self.of.ends_at

    @property
    def calendar(self) -> Calendar:
        """Whose it is."""
        found: Calendar = self.of.calendar
        return found

    @property
    def name(self) -> str:
        """The patient, as they are spoken to."""
        if isinstance(self.of, Block):
            return self.of.title
        first = self.of.typed_first_name or self.of.patient.first_name
        last = self.of.typed_last_name or self.of.patient.last_name
        return f"{first} {last}".strip()

    @property
    def is_cancelled(self) -> bool:
        """Whether it will not take place."""
        return not self.of.occupancy.active if isinstance(self.of, Block) else hasattr(self.of, "cancellation")

    @property
    def opening(self) -> Opening:
        """When its link is good (VID-4)."""
        return opening_of(self.starts_at, self.ends_at)

    def is_open(self, now: datetime) -> bool:
        """Whether one may join at this moment."""
        return not (self.is_cancelled or self.opening.is_early(now) or self.opening.is_over(now))

    @property
    def consultation(self) -> Consultation | None:
        """What happened there; None before anything did."""
        return getattr(self.video, "consultation", None)

    @property
    def is_locked(self) -> bool:
        """Whether a wrong TAN was typed too often."""
        return bool(self.consultation and self.consultation.locked_at)


def meeting_of(actor: Actor, **of: UUID) -> Meeting:
    """By its id (`pk`), its `appointment_id` or `block_id`. Raises NotFound."""
    return Meeting(get_consultation(actor, **of))


def open_meeting(actor: Actor, video_id: UUID) -> Meeting:
    """A consultation that one may join now. Raises `NotFound`, `LinkNotOpen`."""
    meeting = meeting_of(actor, pk=video_id)
    require(meeting.is_open(timezone.now()), LinkNotOpen)
    return meeting


def opened_meeting(actor: Actor, **of: UUID) -> Meeting:
    """The same to be shown to somebody of the practice: its opening is logged (AUD-2)."""
    found = meeting_of(actor, **of)
    kind = "scheduling_block" if isinstance(found.of, Block) else "scheduling_appointment"
    log_read(actor, found.video.practice_id, kind, found.of.pk)
    return found


@dataclass(frozen=True)
class Listed:
    """A consultation of a day. `patient`: their page, if it is open."""

    meeting: Meeting
    patient: Seat | None

    @property
    def waits(self) -> bool:
        """Whether the patient is in the waiting room."""
        return self.patient is not None and self.patient.state == Seat.State.WAITING


def todays_consultations(actor: Actor, now: datetime) -> list[Listed]:
    """Those of today by the practice's clock that were not cancelled, in their order, and of yesterday what still goes
    on; logged (AUD-2).
    """
    zone = practice_of(actor).zone
    today = now.astimezone(zone).date()
    since = datetime.combine(today, datetime.min.time(), zone)
    until = since.replace(hour=23, minute=59, second=59, microsecond=999_999)
    found = [Meeting(one) for one in _between(listed_consultations(actor), since, until)]
    standing = sorted((one for one in found if not one.is_cancelled), key=lambda one: (one.starts_at, one.id))
    log_list(actor, "scheduling_appointment", f"consultations {today}", [one.of.pk for one in standing])
    seats = {
        seat.consultation_id: seat
        for seat in Seat.objects.filter(
            practice_id__in=actor.practices,
            side=Seat.Side.PATIENT,
            consultation__video__in=[one.id for one in standing],
        )
    }
    listed = []
    for one in standing:
        seat = seats.get(one.consultation.pk) if one.consultation else None
        listed.append(Listed(one, seat if seat and seat.is_here(now) else None))
    return listed


def _between(held: QuerySet[VideoAppointment], since: datetime, until: datetime) -> QuerySet[VideoAppointment]:
    booked = Q(appointment__starts_at__lte=until, appointment__ends_at__gte=since)
    return held.filter(booked | Q(block__starts_at__lte=until, block__ends_at__gte=since))


def waiting_count(actor: Actor) -> int:
    """How many wait: what the navigation shows."""
    return count_each(actor, waiting_patients)[0]
