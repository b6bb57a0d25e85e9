"""When other practices are busy, as far as a community shows it (COM-3, COM-8)."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Q
from django.db.models.functions import Now

from sprechzeit.access.actor import Actor
from sprechzeit.core.rows import fetch
from sprechzeit.practice.models import Practice, Room
from sprechzeit.practice.policy import sees_neighbours
from sprechzeit.scheduling import availability as engine
from sprechzeit.scheduling.models import Occupancy

_TIMES = "SELECT space_id, member_id, practice_name, starts, ends FROM community_times(%s, %s)"


@dataclass(frozen=True, slots=True)
class TakenElsewhere:
    """A time of another practice, on the clock of the actor's: in a room that both share, or (None) anywhere.

    All that is ever known of it: the practice's name, begin and end.
    """

    room: Room | None
    practice_name: str
    starts_at: datetime
    ends_at: datetime


def taken_elsewhere(
    actor: Actor, practice: Practice, rooms: Sequence[Room], first_day: date, last_day: date
) -> list[TakenElsewhere]:
    """All over local days, in the order of their begin. For who works with the practice's calendars."""
    if not sees_neighbours(actor):
        return []
    room_of = {room.space_id: room for room in rooms}
    begin, end = (engine.instant_of(one) for one in engine.day_period(practice.zone, first_day, last_day))
    return [
        TakenElsewhere(room_of.get(space), name, *(engine.instant_of(at).astimezone(practice.zone) for at in times))
        for space, _member, name, *times in fetch(_TIMES, [begin, end])
    ]


def names_elsewhere(actor: Actor, since: datetime, until: datetime) -> dict[tuple[UUID, int], str]:
    """Whose a time in a shared space is, by space and begin in UTC minutes: what a community lets be known."""
    if not sees_neighbours(actor):
        return {}
    return {(space, starts): name for space, _member, name, starts, _ends in fetch(_TIMES, [since, until]) if space}


def minutes_on(
    actor: Actor, practice: Practice, day: date, space_ids: Collection[UUID]
) -> Mapping[UUID, Mapping[UUID | None, int]]:
    """How many minutes of a local day each practice has these shared spaces, with buffers: by space, then by which
    member of the community it is, the actor's own under None. Two statements, however many spaces and practices there
    are.
    """
    if not space_ids or not sees_neighbours(actor):
        return {}
    first, last = engine.day_period(practice.zone, day, day)
    begin, end = engine.instant_of(first), engine.instant_of(last)
    own = Occupancy.objects.filter(
        Q(expires_at=None) | Q(expires_at__gt=Now()),
        practice_id=practice.pk, space_id__in=space_ids, active=True, starts_at__lt=end, ends_at__gt=begin,
    )  # fmt: skip
    taken = [
        (space, None, "", engine.minute_of(starts), engine.minute_of(ends, round_up=True))
        for space, starts, ends in own.values_list("space_id", "starts_at", "ends_at")
    ]
    found: dict[UUID, dict[UUID | None, int]] = {}
    for space, member, _name, starts, ends in (*taken, *fetch(_TIMES, [begin, end])):
        if space in space_ids:
            of_space = found.setdefault(space, {})
            of_space[member] = of_space.get(member, 0) + min(ends, last) - max(starts, first)
    return found
