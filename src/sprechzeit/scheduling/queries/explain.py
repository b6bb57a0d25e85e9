"""Why a time is not offered, and which one is: by the computation that offers times, asked once more (CAL-10)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from uuid import UUID

from sprechzeit.access.actor import Actor
from sprechzeit.practice.models import Room
from sprechzeit.practice.policy import visible_rooms
from sprechzeit.practice.queries import practice_of
from sprechzeit.scheduling import availability as engine
from sprechzeit.scheduling.holidays import holidays_between
from sprechzeit.scheduling.models import Appointment, AppointmentType, Calendar
from sprechzeit.scheduling.policy import visible_calendars
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
        return self.start - self.type.buffer_before, self.span[1] + self.type.buffer_after

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


def explain(
    actor: Actor,
    appointment_type: AppointmentType,
    calendar: Calendar,
    starts_at: datetime,
    channel: engine.Channel,
) -> Explanation:
    """All that speaks against `starts_at` (aware) when somebody books by `channel`, and the nearest that is offered.

    Of other practices and of patients that the actor does not see there is nothing in it but when time is taken.
    """
    asker = engine.Asker(channel)
    start = engine.minute_of(starts_at)
    day = engine.instant_of(start).date()
    around = timedelta(days=DAYS_AROUND)
    free = free_times(actor, appointment_type, day - around, day + around, calendar.pk, asker=asker)
    reasons = free.reasons(start)[calendar.pk]
    nearest, others = _instead(actor, appointment_type, calendar, start, asker)
    rooms = {room.pk: room for room in visible_rooms(actor)}
    shown = Explanation(
        type=appointment_type,
        calendar=calendar,
        start=start,
        free=free,
        reasons=reasons,
        nearest=nearest,
        others=others,
        calendars={one.pk: one for one in visible_calendars(actor)},
        rooms=rooms,
        movable=[],
        rooms_taken=[],
        holiday="",
    )
    return _with_details(actor, shown)


def _with_details(actor: Actor, shown: Explanation) -> Explanation:
    since, until = (engine.instant_of(minute) for minute in shown.needed)
    movable: list[Appointment] = []
    rooms_taken: list[str] = []
    holiday = ""
    if engine.Reason.CALENDAR_TAKEN in shown.reasons:
        conflicts = conflicts_in_calendar(actor, shown.calendar.pk, since, until)
        movable = [one.appointment for one in conflicts if one.appointment]
    if engine.Reason.NO_ROOM_FREE in shown.reasons:
        allowed = (shown.rooms[room.room_id] for room in shown.time.rooms if room.room_id in shown.rooms)
        rooms_taken = [words for room in allowed for words in conflicts_in_room(actor, room, since, until)]
    if engine.Reason.HOLIDAY in shown.reasons:
        holiday = _holiday(actor, shown)
    return replace(shown, movable=movable, rooms_taken=rooms_taken, holiday=holiday)


def _holiday(actor: Actor, shown: Explanation) -> str:
    """The name of the holiday on which it begins, or ends."""
    days = [engine.instant_of(minute).astimezone(shown.free.zone).date() for minute in (shown.start, shown.span[1] - 1)]
    return next(iter(holidays_between(practice_of(actor).region, *days).values()), "")


def _instead(
    actor: Actor, appointment_type: AppointmentType, calendar: Calendar, start: int, asker: engine.Asker
) -> tuple[engine.Offer | None, list[engine.Offer]]:
    """The nearest offer of the calendar, before or after, and the next ones of any; nothing of the past."""
    day = engine.instant_of(start).date()
    first, last = day - timedelta(days=DAYS_AROUND), day + timedelta(days=DAYS_AHEAD)
    free = free_times(actor, appointment_type, first, last, asker=asker)
    coming = [offer for offer in free.all() if offer.start >= free.now]
    own = [offer for offer in coming if offer.calendar_id == calendar.pk]
    nearest = min(own, key=lambda offer: (abs(offer.start - start), offer.start), default=None)
    since = max(start, free.now)
    if nearest is None:
        later = next_free(actor, appointment_type, 1, since=since, calendar_id=calendar.pk, asker=asker)
        nearest = later[0] if later else None
    following = [offer for offer in coming if offer.start >= since]
    if len(following) <= OTHERS:
        following = next_free(actor, appointment_type, OTHERS + 1, since=since, asker=asker)
    nearest = nearest or next(iter(following), None)
    return nearest, [offer for offer in following if offer != nearest][:OTHERS]
