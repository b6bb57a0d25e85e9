"""Free times: gathers the engine's input in three statements at most, and asks it (CAL-9…11)."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import replace as copy_with
from datetime import date, timedelta
from functools import cached_property
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils import timezone

from sprechzeit.access.actor import Actor, ActorKind
from sprechzeit.practice.models import Room
from sprechzeit.practice.plans import Plan, limits_of
from sprechzeit.scheduling import availability as engine
from sprechzeit.scheduling.models import Appointment, AppointmentType, Calendar
from sprechzeit.scheduling.queries.gathering import gather
from sprechzeit.scheduling.queries.months import full_months

STAFF = {ActorKind.MEMBER, ActorKind.DELEGATE, ActorKind.SYSTEM}
FIRST_SEARCH_DAYS = 14
# How far staff, whom no horizon binds, are offered times.
STAFF_SEARCH_DAYS = 365


@dataclass(frozen=True)
class FreeTimes:
    """The engine with its input for one type and asker: ask it for times within the period it was gathered for.

    `spaces`: of the allowed rooms, by their ids.
    """

    type: AppointmentType
    times: Sequence[engine.CalendarTime]
    starts: engine.Starts
    named: Mapping[UUID, Mapping[str, Any]]
    spaces: Mapping[UUID, UUID]
    zone: ZoneInfo
    now: int
    period: engine.Span
    asker: engine.Asker
    plan: Plan = Plan.UNLIMITED

    @cached_property
    def calendars(self) -> dict[UUID, Calendar]:
        """The calendars that offer the type, in the order of the book."""
        return {key: Calendar(**facts) for key, facts in self.named.items()}

    @property
    def _proposed(self) -> int | None:
        """Staff may enter at any minute, but are offered those on the grid."""
        return self.type.grid if self.asker.channel is engine.Channel.STAFF else None

    def all(self) -> list[engine.Offer]:
        """All free starts of the period."""
        return self.starts.offers(self.period, now=self.now, zone=self.zone, asker=self.asker, every=self._proposed)

    def first(self, count: int, *, since: int) -> list[engine.Offer]:
        """The first free starts of the period from a UTC minute on."""
        period = (max(since, self.period[0]), self.period[1])
        return engine.next_offers(
            self.times, count, period, now=self.now, zone=self.zone, asker=self.asker, every=self._proposed
        )

    def first_of_each(self) -> dict[UUID, engine.Offer]:
        """The first free start of the period in each calendar that has one; never one that is over, which only staff
        may still enter.
        """
        begin, end = self.period
        ahead = (max(begin, self.now), end)
        each = (
            engine.next_offers([one], 1, ahead, now=self.now, zone=self.zone, asker=self.asker, every=self._proposed)
            for one in self.times
        )
        return {offer.calendar_id: offer for found in each for offer in found}

    def at(self, start: int) -> list[engine.Offer]:
        """What is free at exactly this UTC minute, in the order of the calendars."""
        return engine.offers(self.times, (start, start + 1), now=self.now, zone=self.zone, asker=self.asker)

    def reasons(self, start: int) -> dict[UUID, list[engine.Reason]]:
        """Per calendar, why this start is not offered; an empty list where it is."""
        return {
            time.calendar_id: engine.reasons(time, start, now=self.now, zone=self.zone, asker=self.asker)
            for time in self.times
        }

    def duration_of(self, calendar_id: UUID) -> int:
        """How many minutes the type lasts in this calendar (CAL-6)."""
        return next(time.rules.duration for time in self.times if time.calendar_id == calendar_id)


def free_times(
    actor: Actor,
    appointment_type: AppointmentType,
    first_day: date,
    last_day: date,
    calendar_id: UUID | None = None,
    *,
    calendar_ids: Collection[UUID] | None = None,
    asker: engine.Asker | None = None,
    moved: Appointment | None = None,
) -> FreeTimes:
    """Free times of a type over local days of the practice, of one calendar, some, or all that offer it (CAL-9).

    A calendar that is asked for by name is there even if it does not offer the type, with that as a reason.
    `asker`: for whom, and by which way; by default what the actor is, of an unknown patient. `moved`: an appointment
    that would leave its time: as if it were not there, where it takes place as booked, and of its own length where the
    type is its own.
    """
    wanted = [calendar_id] if calendar_id else calendar_ids
    gathered = gather(actor, appointment_type, first_day, last_day, wanted)
    times, starts = gathered.times, gathered.starts
    if moved:
        times = _without(actor, moved, appointment_type, times)
        starts = engine.Starts(times)
    limits = limits_of(gathered.plan)
    if limits.appointments is not None:
        full = full_months(actor, gathered.named, limits.appointments, (first_day, last_day), moved)
        times = [copy_with(time, full=full.get(time.calendar_id, ())) for time in times]
        starts = starts.with_full(times)
    return FreeTimes(
        type=appointment_type,
        times=times,
        starts=starts,
        named=gathered.named,
        spaces=gathered.spaces,
        zone=gathered.zone,
        now=this_minute(),
        period=engine.day_period(gathered.zone, first_day, last_day),
        asker=asker or asker_of(actor),
        plan=gathered.plan,
    )


def _without(
    actor: Actor, moved: Appointment, appointment_type: AppointmentType, times: Sequence[engine.CalendarTime]
) -> list[engine.CalendarTime]:
    """The calendars and rooms as they are without the appointment; it keeps its length and buffers."""
    taken, minute = moved.occupancy, timedelta(minutes=1)
    span = engine.minute_of(taken.starts_at), engine.minute_of(taken.ends_at, round_up=True)
    rooms: frozenset[UUID] = frozenset()
    if taken.active and taken.space_id:
        own = Room.objects.filter(practice_id=actor.practice_id, space_id=taken.space_id)
        rooms = frozenset(own.values_list("pk", flat=True))
    kept: dict[str, Any] = {"by_video": by_video(moved.location)}
    if appointment_type.pk == moved.type_id:
        kept |= {
            "duration": (moved.ends_at - moved.starts_at) // minute,
            "buffer_before": (moved.starts_at - taken.starts_at) // minute,
            "buffer_after": (taken.ends_at - moved.ends_at) // minute,
        }
    return [
        copy_with(
            time,
            rules=copy_with(time.rules, **kept),
            busy=_less(time.busy, span) if taken.active and time.calendar_id == taken.calendar_id else time.busy,
            rooms=[
                copy_with(room, busy=_less(room.busy, span)) if room.room_id in rooms else room for room in time.rooms
            ],
        )
        for time in times
    ]


def by_video(location: str) -> frozenset[engine.Channel]:
    """Of what takes place there whoever books, as the engine's rules say it."""
    return frozenset(engine.Channel) if location == AppointmentType.Location.VIDEO else frozenset()


def _less(busy: Sequence[engine.Span], span: engine.Span) -> list[engine.Span]:
    """Taken once less: another may take the same time on purpose."""
    left = list(busy)
    if span in left:
        left.remove(span)
    return left


def asker_of(actor: Actor) -> engine.Asker:
    """As whom the actor books: its own people are staff, partners are partners, everybody else is online."""
    if actor.kind is ActorKind.PARTNER:
        return engine.Asker(engine.Channel.PARTNERS)
    return engine.Asker(engine.Channel.STAFF if actor.kind in STAFF else engine.Channel.ONLINE)


def next_free(
    actor: Actor,
    appointment_type: AppointmentType,
    count: int,
    *,
    since: int,
    calendar_id: UUID | None = None,
    asker: engine.Asker | None = None,
    moved: Appointment | None = None,
) -> list[engine.Offer]:
    """The next `count` free starts from a UTC minute on (CAL-11), searched up to the horizon, ever more at a time.

    `asker`, `moved`: as of `free_times`.
    """
    now = this_minute()
    asker = asker or asker_of(actor)
    days = appointment_type.horizon
    if asker.channel is engine.Channel.STAFF:
        days, now = max(days, STAFF_SEARCH_DAYS), max(now, since)
    # A local day may begin or end a day beside the UTC one.
    begin = engine.instant_of(max(since, now)).date() - timedelta(days=1)
    last = engine.instant_of(now).date() + timedelta(days=days + 1)
    found: list[engine.Offer] = []
    width = FIRST_SEARCH_DAYS
    while len(found) < count and begin <= last:
        end = min(begin + timedelta(days=width), last)
        free = free_times(actor, appointment_type, begin, end, calendar_id, asker=asker, moved=moved)
        found += free.first(count - len(found), since=since)
        begin, width = end + timedelta(days=1), 2 * width
    return found


def this_minute() -> int:
    """Now, as a UTC minute: the next one, since what is left of this one cannot be had."""
    return engine.minute_of(timezone.now(), round_up=True)
