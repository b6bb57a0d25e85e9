"""Taking a time that is offered, for a hold or an appointment."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import cast
from uuid import UUID

from django.utils.functional import SimpleLazyObject

from sprechzeit.access.actor import Actor
from sprechzeit.core.acting import action
from sprechzeit.scheduling import availability as engine
from sprechzeit.scheduling.actions.occupy import Wanted, occupy
from sprechzeit.scheduling.errors import NotOffered, TimeTaken
from sprechzeit.scheduling.models import AppointmentType
from sprechzeit.scheduling.queries.availability import free_times, next_free, this_minute

NEXT_FREE = 3
_TAKEN = {engine.Reason.CALENDAR_TAKEN, engine.Reason.NO_ROOM_FREE}


@dataclass(frozen=True, slots=True)
class Taken:
    """A time that was taken. `minutes`: how long the appointment lasts, without buffers."""

    occupancy_id: UUID
    offer: engine.Offer
    minutes: int


@action
def take_offered(
    actor: Actor,
    appointment_type: AppointmentType,
    calendar_id: UUID | None,
    minute: int,
    *,
    kind: str,
    keeps_minutes: int | None = None,
    asker: engine.Asker | None = None,
) -> Taken:
    """Take the time from this UTC minute on, buffers included, in a calendar (or the first free one) and a free room.

    `asker`: for whom, as `free_times` takes it. Raises `TimeTaken` or `NotOffered`, both with the next free times from
    there on; nobody looks for those before they are asked for.
    """
    offer, minutes, space_id = _choose(actor, appointment_type, calendar_id, minute, asker)
    wanted = Wanted(
        calendar_id=offer.calendar_id,
        space_id=space_id,
        starts_at=engine.instant_of(offer.start - appointment_type.buffer_before),
        ends_at=engine.instant_of(offer.start + minutes + appointment_type.buffer_after),
        kind=kind,
        keeps_minutes=keeps_minutes,
    )
    try:
        (occupancy_id,) = occupy(actor, wanted)
    except TimeTaken:
        raise TimeTaken(_next_free(actor, appointment_type, calendar_id, minute, asker)) from None
    return Taken(occupancy_id, offer, minutes)


def _choose(
    actor: Actor,
    appointment_type: AppointmentType,
    calendar_id: UUID | None,
    minute: int,
    asker: engine.Asker | None,
) -> tuple[engine.Offer, int, UUID | None]:
    """The offer, how long it lasts in its calendar, and the space of its room."""
    # A local day may begin or end a day beside the UTC one.
    day, one = engine.instant_of(minute).date(), timedelta(days=1)
    free = free_times(actor, appointment_type, day - one, day + one, calendar_id, asker=asker)
    if offered := free.at(minute):
        offer = offered[0]
        return offer, free.duration_of(offer.calendar_id), free.spaces[offer.room_id] if offer.room_id else None
    reasons = list(free.reasons(minute).values())
    following = _next_free(actor, appointment_type, calendar_id, minute, asker)
    if any(why and set(why) <= _TAKEN for why in reasons):
        raise TimeTaken(following)
    raise NotOffered([str(reason) for why in reasons for reason in why], following)


def _next_free(
    actor: Actor,
    appointment_type: AppointmentType,
    calendar_id: UUID | None,
    minute: int,
    asker: engine.Asker | None,
) -> Sequence[engine.Offer]:
    """The free times nearest after the one that was wanted; if there are none after it, the first there are."""

    def look() -> list[engine.Offer]:
        for since in (minute, this_minute()):
            if found := next_free(
                actor, appointment_type, NEXT_FREE, since=since, calendar_id=calendar_id, asker=asker
            ):
                return found
        return []

    return cast(Sequence[engine.Offer], SimpleLazyObject(look))
