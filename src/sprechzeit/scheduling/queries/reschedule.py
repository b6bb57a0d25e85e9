"""What is free for an appointment that its patient moves by its link (BOO-6), or the partner that booked it (OTV-6)."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sprechzeit.access.actor import Actor
from sprechzeit.scheduling import availability as engine
from sprechzeit.scheduling.models import Appointment
from sprechzeit.scheduling.queries.availability import FreeTimes, asker_of, free_times, next_free


def times_to_reschedule(
    actor: Actor, appointment: Appointment, first_day: date, last_day: date, calendar_id: UUID | None = None
) -> FreeTimes:
    """What somebody as old as its patient could book the same way, over local days; its own time is not in the way.

    It keeps its length and buffers. Its own place is among what is free.
    """
    return free_times(
        actor, appointment.type, first_day, last_day, calendar_id, asker=_asker(actor, appointment), moved=appointment
    )


def offers_to_reschedule(
    actor: Actor, appointment: Appointment, first_day: date, last_day: date, calendar_id: UUID | None = None
) -> list[engine.Offer]:
    """All free starts over local days, without its own place."""
    free = times_to_reschedule(actor, appointment, first_day, last_day, calendar_id)
    return _elsewhere(appointment, free.all())


def next_to_reschedule(
    actor: Actor, appointment: Appointment, count: int, *, since: int, calendar_id: UUID | None = None
) -> list[engine.Offer]:
    """The next `count` free starts from a UTC minute on, without its own place."""
    # Its own place may be one of them, so one more is asked for.
    found = next_free(
        actor,
        appointment.type,
        count + 1,
        since=since,
        calendar_id=calendar_id,
        asker=_asker(actor, appointment),
        moved=appointment,
    )
    return _elsewhere(appointment, found)[:count]


def _elsewhere(appointment: Appointment, offers: Sequence[engine.Offer]) -> list[engine.Offer]:
    here = (engine.minute_of(appointment.starts_at), appointment.calendar_id)
    return [offer for offer in offers if (offer.start, offer.calendar_id) != here]


def _asker(actor: Actor, appointment: Appointment) -> engine.Asker:
    """Whether the practice knew the patient was asked when it was booked: what is for new patients stays movable."""
    return engine.Asker(asker_of(actor).channel, born_on=appointment.patient.date_of_birth)
