"""Giving something a place in the book: what is against it, in which room, over what (CAL-7, CAL-8)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from dataclasses import replace as copy_with
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import BooleanField, F, Func

from sprechzeit.access.actor import Actor
from sprechzeit.core.acting import action, require
from sprechzeit.practice.models import Room
from sprechzeit.scheduling import availability as engine
from sprechzeit.scheduling.actions.occupy import Wanted, lock_time, occupy, release
from sprechzeit.scheduling.errors import ChangedMeanwhile, ImpossibleLength, NotOffered
from sprechzeit.scheduling.models import AppointmentType, Calendar, Occupancy, OfferingRoom
from sprechzeit.scheduling.queries.availability import by_video, free_times
from sprechzeit.scheduling.queries.conflicts import (
    Conflict,
    conflicts_in_calendar,
    conflicts_in_room,
    could_swap,
)
from sprechzeit.scheduling.reasons import ends_outside

LONGEST = timedelta(days=1)
ROOM_REASONS = frozenset({"no_room_allowed", "no_room_free"})
NO_VIDEO = frozenset({"video_off", "no_video_reference"})
NEVER_ALL_THE_SAME = frozenset({"no_room_free", "month_full", "room_closed"}) | NO_VIDEO
# Asked elsewhere: rooms of the one that is wanted, a month by the database when the appointment stands.
ASKED_ELSEWHERE = ROOM_REASONS | {"month_full"}


@dataclass(frozen=True, slots=True)
class Place:
    """Where something shall stand: times aware, without buffers.

    `room`: this one. `any_room`: the first free one of those in which the calendar offers the type, if it needs one.
    """

    calendar: Calendar
    starts_at: datetime
    ends_at: datetime
    room: Room | None = None
    any_room: bool = False

    def __post_init__(self) -> None:
        require(self.starts_at < self.ends_at, ImpossibleLength)


@dataclass(frozen=True, slots=True)
class Visit:
    """What shall stand there: its type and buffers, where it takes place, and what the type may ask of the patient
    (None: do not ask).
    """

    type: AppointmentType
    before: timedelta
    after: timedelta
    location: str
    known: bool | None = None
    born_on: date | None = None


@dataclass(frozen=True, slots=True)
class Placed:
    """The time that was taken."""

    occupancy_id: UUID
    room: Room | None


@action
def take_place(
    actor: Actor, place: Place, visit: Visit | None, *, freed: Sequence[Occupancy] = (), confirmed: Collection[str] = ()
) -> Placed:
    """Take the place, buffers included, in exchange for the times `freed`. Without a `visit`: for a block.

    Raises `NotOffered` with all reasons that are not `confirmed` and with what has the time. A confirmed
    `calendar_taken` overbooks the calendar; a space is never taken twice. Raises `ChangedMeanwhile` if `freed` was.
    """
    require(visit is None or place.ends_at - place.starts_at <= LONGEST, ImpossibleLength)
    rooms = _candidates(actor, place, visit)
    lock_time(
        {place.calendar.id, *(one.calendar_id for one in freed)},
        {room.space_id for room in rooms} | {one.space_id for one in freed if one.space_id},
    )
    require(release(actor, *freed) == len(freed), ChangedMeanwhile)
    since = place.starts_at - (visit.before if visit else timedelta())
    until = place.ends_at + (visit.after if visit else timedelta())
    room, room_words = _first_free(actor, rooms, since, until)
    conflicts = conflicts_in_calendar(actor, place.calendar.id, since, until)
    reasons, meanings = reasons_against(actor, place, visit) if visit else ([], {})
    if conflicts:
        reasons.append("calendar_taken")
    if rooms and room is None:
        reasons.append("no_room_free")
    elif visit and place.any_room and visit.type.needs_room and not rooms:
        reasons.append("no_room_allowed")
    refused = [one for one in dict.fromkeys(reasons) if one not in confirmed or one in NEVER_ALL_THE_SAME]
    if refused:
        told = conflicts if "calendar_taken" in refused else []
        raise NotOffered(
            refused,
            conflicts=[one.words for one in told] + room_words,
            named=[one.appointment.pk for one in told if one.appointment],
            meanings=meanings,
            swap_with=_swappable(actor, place, visit, freed, conflicts, refused) if visit else None,
        )
    (occupancy_id,) = occupy(
        actor,
        Wanted(
            calendar_id=place.calendar.id,
            space_id=room.space_id if room else None,
            starts_at=since,
            ends_at=until,
            kind=Occupancy.Kind.APPOINTMENT if visit else Occupancy.Kind.BLOCK,
            overbooked=bool(conflicts),
        ),
    )
    return Placed(occupancy_id, room)


def _candidates(actor: Actor, place: Place, visit: Visit | None) -> list[Room]:
    if place.room:
        return [place.room]
    if not (visit and place.any_room and visit.type.needs_room):
        return []
    allowed = OfferingRoom.objects.filter(
        practice_id=actor.practice_id,
        offering__type=visit.type,
        offering__calendar=place.calendar,
        room__retired_at=None,
    ).select_related("room")
    is_open = Func(F("practice_id"), F("room_id"), function="is_room_open", output_field=BooleanField())
    allowed = allowed.alias(is_open=is_open).filter(is_open=True)
    return [one.room for one in allowed.order_by("position", "room__position", "room__name")]


def _first_free(actor: Actor, rooms: Sequence[Room], since: datetime, until: datetime) -> tuple[Room | None, list[str]]:
    """The first free room; without one, when each of them is taken."""
    words: list[str] = []
    for room in rooms:
        taken = conflicts_in_room(actor, room, since, until)
        if not taken:
            return room, []
        words += taken
    return None, words


def reasons_against(actor: Actor, place: Place, visit: Visit) -> tuple[list[str], dict[str, str]]:
    """What the engine has against it, but for rooms and full months. And what it means."""
    minute = engine.minute_of(place.starts_at)
    day = engine.instant_of(minute).date()
    one_day = timedelta(days=1)
    asker = engine.Asker(engine.Channel.STAFF, visit.known, visit.born_on)
    free = free_times(actor, visit.type, day - one_day, day + one_day, place.calendar.id, asker=asker)
    own: dict[str, Any] = {
        "duration": engine.minute_of(place.ends_at) - minute,
        "buffer_before": visit.before // timedelta(minutes=1),
        "buffer_after": visit.after // timedelta(minutes=1),
        "by_video": by_video(visit.location),
    }
    times = [copy_with(time, rules=copy_with(time.rules, **own)) for time in free.times]
    found = copy_with(free, times=times).reasons(minute)[place.calendar.id]
    outside = ends_outside(times[0].working, (minute, minute + own["duration"]), free.zone)
    meanings = {"outside_working_time": outside} if outside else {}
    return [str(one) for one in found if one not in ASKED_ELSEWHERE], meanings


def _swappable(
    actor: Actor,
    place: Place,
    visit: Visit,
    freed: Sequence[Occupancy],
    conflicts: Sequence[Conflict],
    refused: Collection[str],
) -> UUID | None:
    """The one appointment of about the same length that has the time, and could change places with the moved one.

    What is only made longer stays where it is: there is nothing to swap. A room that is taken is no obstacle where the
    other's own room is the one that becomes free.
    """
    if len(freed) != 1 or len(conflicts) != 1 or not (other := conflicts[0].appointment):
        return None
    (former,) = freed
    begins_at = former.starts_at + visit.before
    if (former.calendar_id, begins_at) == (place.calendar.pk, place.starts_at):
        return None
    difference = (place.ends_at - place.starts_at) - (other.ends_at - other.starts_at)
    is_alike = abs(difference) <= timedelta(minutes=15) and not hasattr(other, "attendance")
    if not is_alike or ("no_room_free" in refused and not other.occupancy.space_id):
        return None
    return other.id if could_swap(actor, former, other.starts_at - begins_at, other) else None
