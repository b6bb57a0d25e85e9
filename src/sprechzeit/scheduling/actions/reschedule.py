"""Who booked from outside gives the appointment another time: the patient by its link (BOO-6), a partner (OTV-6)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast
from uuid import UUID

from django.utils.functional import SimpleLazyObject

from sprechzeit.access.actor import Actor, ActorKind
from sprechzeit.core.acting import action, require
from sprechzeit.core.errors import NotAllowed
from sprechzeit.core.events import publish
from sprechzeit.practice.models import Practice, Room
from sprechzeit.practice.policy import partner_of
from sprechzeit.practice.queries import practice_of
from sprechzeit.scheduling import availability as engine
from sprechzeit.scheduling.actions.cancel import is_in_time
from sprechzeit.scheduling.actions.occupy import Wanted, lock_time, replace
from sprechzeit.scheduling.actions.offer import NEXT_FREE
from sprechzeit.scheduling.actions.plan import within_plan
from sprechzeit.scheduling.actions.video import tell_video
from sprechzeit.scheduling.errors import ChangedMeanwhile, NotOffered, TimeTaken, TooLate
from sprechzeit.scheduling.events import AppointmentMoved, AppointmentTold
from sprechzeit.scheduling.models import Appointment, Occupancy, OfferingRoom
from sprechzeit.scheduling.policy import get_appointment, get_calendar, may_change_appointment
from sprechzeit.scheduling.queries.availability import FreeTimes, this_minute
from sprechzeit.scheduling.queries.reaching import way_to
from sprechzeit.scheduling.queries.reschedule import next_to_reschedule, times_to_reschedule

_TAKEN = {engine.Reason.CALENDAR_TAKEN, engine.Reason.NO_ROOM_FREE}


@dataclass(frozen=True, slots=True)
class NewTime:
    """What was chosen, begin aware. `calendar_id`: None for the one in which it stands. `seen`: the appointment's
    `sequence` when they looked at it; None for who moves it however it stands.
    """

    calendar_id: UUID | None
    starts_at: datetime
    seen: int | None


@action
def reschedule_appointment(actor: Actor, appointment_id: UUID, to: NewTime) -> Appointment:
    """Move the appointment to a time that is offered to who moves it; done before, it stays done (BOO-7).

    The patient knows, and is sent the new calendar entry. Raises `NotFound`, `NotAllowed`, `TooLate`,
    `ChangedMeanwhile` if it is no longer what they saw, `TimeTaken` and `NotOffered` with the next free times: then it
    stays where it was.
    """
    appointment = get_appointment(actor, appointment_id)
    from_outside = actor.kind in (ActorKind.LINK, ActorKind.PARTNER)
    require(from_outside and may_change_appointment(actor, appointment), NotAllowed)
    partner_of(actor)
    calendar = get_calendar(actor, to.calendar_id or appointment.calendar_id)
    _lock(actor, appointment, calendar.id)
    appointment = get_appointment(actor, appointment_id)
    require(not hasattr(appointment, "cancellation"), ChangedMeanwhile)
    if (appointment.calendar_id, appointment.starts_at) == (calendar.id, to.starts_at):
        return appointment
    require(to.seen in (None, appointment.sequence), ChangedMeanwhile)
    practice = practice_of(actor)
    require(may_still_change(practice, appointment), TooLate)
    if actor.kind is ActorKind.LINK:
        require(is_booked_online(practice, appointment), NotOffered)
    free, offer = _offered(actor, appointment, calendar.id, to.starts_at)
    appointment.calendar = calendar
    _enter(actor, appointment, free, offer)
    return appointment


def may_still_change(practice: Practice, appointment: Appointment) -> bool:
    """Whether the patient may still move or cancel it: until the practice's deadline, and until they are there."""
    in_time = is_in_time(practice, appointment)
    return in_time and not hasattr(appointment, "attendance") and not hasattr(appointment, "cancellation")


def is_booked_online(practice: Practice, appointment: Appointment) -> bool:
    """Whether such an appointment can be booked online at all, and so be moved by its link."""
    kind = appointment.type
    return practice.booking_open and kind.online and kind.retired_at is None


def _lock(actor: Actor, appointment: Appointment, calendar_id: UUID) -> None:
    """All that is left and all that may be taken, at once."""
    spaces = set(
        OfferingRoom.objects.filter(
            practice_id=actor.practice_id, offering__type=appointment.type, offering__calendar_id=calendar_id
        ).values_list("room__space_id", flat=True)
    )
    if former := appointment.occupancy.space_id:
        spaces.add(former)
    lock_time({appointment.occupancy.calendar_id, calendar_id}, spaces)


def _offered(
    actor: Actor, appointment: Appointment, calendar_id: UUID, starts_at: datetime
) -> tuple[FreeTimes, engine.Offer]:
    minute = engine.minute_of(starts_at)
    # A local day may begin or end a day beside the UTC one.
    day, one = engine.instant_of(minute).date(), timedelta(days=1)
    free = times_to_reschedule(actor, appointment, day - one, day + one, calendar_id)
    if offered := free.at(minute):
        return free, offered[0]
    reasons = free.reasons(minute)[calendar_id]
    following = _next_free(actor, appointment, calendar_id, minute)
    raise TimeTaken(following) if set(reasons) <= _TAKEN else NotOffered([str(one) for one in reasons], following)


def _next_free(actor: Actor, appointment: Appointment, calendar_id: UUID, minute: int) -> Sequence[engine.Offer]:
    """The free times nearest after the one that was wanted, or the first there are; looked for when asked for."""

    def look() -> list[engine.Offer]:
        for since in (minute, this_minute()):
            if found := next_to_reschedule(actor, appointment, NEXT_FREE, since=since, calendar_id=calendar_id):
                return found
        return []

    return cast(Sequence[engine.Offer], SimpleLazyObject(look))


def _enter(actor: Actor, appointment: Appointment, free: FreeTimes, offer: engine.Offer) -> None:
    rules = next(time.rules for time in free.times if time.calendar_id == offer.calendar_id)
    room = Room.objects.get(practice_id=actor.practice_id, pk=offer.room_id) if offer.room_id else None
    end = offer.start + rules.duration
    (occupancy_id,) = replace(
        actor,
        [appointment.occupancy],
        Wanted(
            calendar_id=offer.calendar_id,
            space_id=room.space_id if room else None,
            starts_at=engine.instant_of(offer.start - rules.buffer_before),
            ends_at=engine.instant_of(end + rules.buffer_after),
            kind=Occupancy.Kind.APPOINTMENT,
        ),
    )
    appointment.occupancy_id, appointment.room = occupancy_id, room
    appointment.starts_at, appointment.ends_at = engine.instant_of(offer.start), engine.instant_of(end)
    appointment.told_starts_at = appointment.starts_at
    appointment.sequence += 1
    columns = ["occupancy", "calendar", "room", "starts_at", "ends_at", "told_starts_at", "sequence"]
    with within_plan(actor):
        appointment.save(update_fields=columns)
    publish(AppointmentMoved(appointment.practice_id, appointment.id))
    tell_video(actor, appointment)
    if way_to(actor, appointment):
        publish(AppointmentTold(appointment.practice_id, appointment.id))
