"""Why a time is not offered, and which one is: by the computation that offers times, asked once more (CAL-10)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sprechzeit.access.actor import Actor
from sprechzeit.core.acting import require
from sprechzeit.core.errors import NotFound
from sprechzeit.practice.models import Room
from sprechzeit.practice.policy import visible_rooms
from sprechzeit.practice.queries import practice_of
from sprechzeit.scheduling import availability as engine
from sprechzeit.scheduling.holidays import holidays_between
from sprechzeit.scheduling.models import Appointment, AppointmentType, Calendar
from sprechzeit.scheduling.policy import sees_absence, visible_calendars
from sprechzeit.scheduling.queries.availability import FreeTimes, free_times, next_free
from sprechzeit.scheduling.queries.conflicts import conflicts_in_calendar, conflicts_in_room

DAYS_AROUND, DAYS_AHEAD = 1, 13
OTHERS = 3


@dataclass(frozen=True)
class Explanation:
    """What speaks against a start, and what is offered instead.

    `time`: the calendar as the engine saw it. `nearest`: the offer of this calendar nearest to the start, or without
    one the first of any; `others`: the next ones of any calendar. `movable`: what lies over the time, as far as the
    actor sees it. `rooms_taken`: when the allowed rooms are, in words without names. `holiday`: what day it is.
    `moved`: the appointment that is asked about as if it were not there.
    """

    type: AppointmentType
    calendar: Calendar
    start: int
    free: FreeTimes
    reasons: Sequence[engine.Reason]
    nearest: engine.Offer | None
    others: Sequence[engine.Offer]
    calendars: Mapping[UUID, Calendar]
    rooms: Mapping[UUID, Room]
    movable: Sequence[Appointment]
    rooms_taken: Sequence[str]
    holiday: str
    moved: Appointment | None = None

    @property
    def time(self) -> engine.CalendarTime:
        """The calendar as the engine saw it."""
        return self.free.times[0]

    @property
    def span(self) -> engine.Span:
        """The appointment itself, without buffers."""
        return self.start, self.start + self.time.rules.duration

    @property
    def needed(self) -> engine.Span:
        """The time that it takes, with its buffers."""
        return self.start - self.time.rules.buffer_before, self.span[1] + self.time.rules.buffer_after

    def on_the_day(self, spans: Sequence[engine.Span]) -> list[engine.Span]:
        """What of these lies on the local day of the start."""
        day = self.local_day()
        return list(engine.shared([engine.day_period(self.free.zone, day, day)], spans))

    def local_day(self) -> date:
        """The day of the start, on the practice's clock."""
        return engine.instant_of(self.start).astimezone(self.free.zone).date()

    def busy_then(self) -> list[engine.Span]:
        """When the calendar is taken, of what lies over the time that is needed: each whole, buffers included."""
        begin, end = self.needed
        return [span for span in sorted(set(self.time.busy)) if span[0] < end and span[1] > begin]

    def free_minutes(self) -> int:
        """How many minutes of the time needed are free in the calendar."""
        free = engine.shared([self.needed], engine.outside(engine.merged(sorted(self.time.busy))))
        return sum(end - begin for begin, end in free)


@dataclass(frozen=True, slots=True)
class Question:
    """A start (aware) in a calendar, for a type, by who books. `moved`: an appointment that would leave its time."""

    type: AppointmentType
    calendar: Calendar
    starts_at: datetime
    channel: engine.Channel
    moved: Appointment | None = None

    @property
    def start(self) -> int:
        """The start as a UTC minute."""
        return engine.minute_of(self.starts_at)

    @property
    def asker(self) -> engine.Asker:
        """Who books for whom: of an appointment the patient is known."""
        return engine.Asker(self.channel, born_on=self.moved.patient.date_of_birth if self.moved else None)


def explain(actor: Actor, asked: Question) -> Explanation:
    """All that speaks against a start when somebody books it, and the nearest that is offered.

    Of other practices and of patients that the actor does not see there is nothing in it but when time is taken.
    Raises NotFound for who does not see when the calendar is away: the answer would tell.
    """
    require(sees_absence(actor, asked.calendar), NotFound)
    day, around = engine.instant_of(asked.start).date(), timedelta(days=DAYS_AROUND)
    free = free_times(
        actor, asked.type, day - around, day + around, asked.calendar.pk, asker=asked.asker, moved=asked.moved
    )
    nearest, others = _instead(actor, asked)
    shown = Explanation(
        type=asked.type,
        calendar=asked.calendar,
        start=asked.start,
        free=free,
        reasons=free.reasons(asked.start)[asked.calendar.pk],
        nearest=nearest,
        others=others,
        calendars={one.pk: one for one in visible_calendars(actor)},
        rooms={room.pk: room for room in visible_rooms(actor)},
        movable=[],
        rooms_taken=[],
        holiday="",
        moved=asked.moved,
    )
    return _with_details(actor, shown)


def _with_details(actor: Actor, shown: Explanation) -> Explanation:
    since, until = (engine.instant_of(minute) for minute in shown.needed)
    movable: list[Appointment] = []
    rooms_taken: list[str] = []
    holiday = ""
    if engine.Reason.CALENDAR_TAKEN in shown.reasons:
        conflicts = conflicts_in_calendar(actor, shown.calendar.pk, since, until, without=shown.moved)
        movable = [one.appointment for one in conflicts if one.appointment]
    if engine.Reason.NO_ROOM_FREE in shown.reasons:
        allowed = (shown.rooms[room.room_id] for room in shown.time.rooms if room.room_id in shown.rooms)
        rooms_taken = [
            words for room in allowed for words in conflicts_in_room(actor, room, since, until, without=shown.moved)
        ]
    if engine.Reason.HOLIDAY in shown.reasons:
        holiday = _holiday(actor, shown)
    return replace(shown, movable=movable, rooms_taken=rooms_taken, holiday=holiday)


def _holiday(actor: Actor, shown: Explanation) -> str:
    """The name of the holiday on which it begins, or ends."""
    days = [engine.instant_of(minute).astimezone(shown.free.zone).date() for minute in (shown.start, shown.span[1] - 1)]
    return next(iter(holidays_between(practice_of(actor).region, *days).values()), "")


def _instead(actor: Actor, asked: Question) -> tuple[engine.Offer | None, list[engine.Offer]]:
    """The nearest offer of the calendar, before or after, and the next ones of any; nothing of the past.

    For an appointment its own place is none of them.
    """
    start, moved, here = asked.start, asked.moved, asked.calendar.pk
    place = (engine.minute_of(moved.starts_at), moved.calendar_id) if moved else None
    more: dict[str, Any] = {"asker": asked.asker, "moved": moved}

    def others(offers: Iterable[engine.Offer]) -> list[engine.Offer]:
        return [offer for offer in offers if (offer.start, offer.calendar_id) != place]

    day = engine.instant_of(start).date()
    free = free_times(actor, asked.type, day - timedelta(DAYS_AROUND), day + timedelta(DAYS_AHEAD), **more)
    coming = others(offer for offer in free.all() if offer.start >= free.now)
    own = [offer for offer in coming if offer.calendar_id == here]
    nearest = min(own, key=lambda offer: (abs(offer.start - start), offer.start), default=None)
    since = max(start, free.now)
    if nearest is None:
        nearest = next(iter(others(next_free(actor, asked.type, 2, since=since, calendar_id=here, **more))), None)
    following = [offer for offer in coming if offer.start >= since]
    if len(following) <= OTHERS:
        following = others(next_free(actor, asked.type, OTHERS + 2, since=since, **more))
    nearest = nearest or next(iter(following), None)
    return nearest, [offer for offer in following if offer != nearest][:OTHERS]
