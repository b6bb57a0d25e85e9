"""What a booking partner reads of the book: who offers what, when they work, and when they are taken (OTV-4)."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import groupby
from operator import attrgetter, itemgetter
from typing import TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Prefetch, Q, QuerySet
from django.utils import timezone

from sprechzeit.access.actor import Actor
from sprechzeit.core.acting import require
from sprechzeit.practice.models import Reading, Room
from sprechzeit.practice.policy import partner_reading, visible_rooms
from sprechzeit.practice.queries import practice_of
from sprechzeit.scheduling import availability as engine
from sprechzeit.scheduling.errors import WrongPeriod
from sprechzeit.scheduling.holidays import holidays_between
from sprechzeit.scheduling.models import (
    Absence,
    AppointmentType,
    BookingWindow,
    BookingWindowType,
    Calendar,
    Occupancy,
    Offering,
    OfferingRoom,
    OpenHoliday,
    Shift,
    WeeklyTime,
    WorkingHours,
)
from sprechzeit.scheduling.policy import calendars_at_partners, visible_offerings, visible_types
from sprechzeit.scheduling.queries.availability import free_times, next_free

MOST_DAYS = 31
NEXT_FREE = 10
# A local day may begin an hour later or end one later than the clock's day of 24 hours.
_MOST_MINUTES = MOST_DAYS * 24 * 60 + 60
_YEARS = range(1971, 2200)

Moment = date | datetime
R = TypeVar("R", WorkingHours, Shift)


class HourKind(StrEnum):
    """What a time of a calendar is: worked, away, or kept for some appointment types."""

    WORKING = "working"
    ABSENCE = "absence"
    WINDOW = "window"


@dataclass(frozen=True, slots=True)
class Period:
    """A stretch of time that was asked for: UTC minutes, and the practice's zone."""

    span: engine.Span
    zone: ZoneInfo

    @property
    def days(self) -> tuple[date, date]:
        """The first and the last local day of which it has something."""
        return self.local(self.span[0]).date(), self.local(self.span[1] - 1).date()

    def local(self, minute: int) -> datetime:
        """A UTC minute on the practice's clock."""
        return engine.instant_of(minute).astimezone(self.zone)

    def within(self, spans: Iterable[engine.Span]) -> Iterator[engine.Span]:
        """What of these lies in it, as one where they touch: nobody sees how many there were, or what lies beside."""
        return engine.shared([self.span], engine.merged(sorted(spans)))


@dataclass(frozen=True, slots=True)
class Time:
    """A time on the practice's clock. `calendar_id`: None for all of them. `types`: for which a window is kept, of
    those that partners book; None where it is no window.
    """

    calendar_id: UUID | None
    starts_at: datetime
    ends_at: datetime
    kind: HourKind | None = None
    types: Sequence[UUID] | None = None


def period_of(actor: Actor, since: Moment, until: Moment) -> Period:
    """What somebody asks for, up to 31 days: days of the practice, the last one included, or instants.

    Raises WrongPeriod.
    """
    require(since.year in _YEARS and until.year in _YEARS, WrongPeriod)
    zone = practice_of(actor).zone
    begin = engine.minute_of(since) if isinstance(since, datetime) else engine.day_period(zone, since, since)[0]
    if isinstance(until, datetime):
        end = engine.minute_of(until, round_up=True)
    else:
        end = engine.day_period(zone, until, until)[1]
    require(0 < end - begin <= _MOST_MINUTES, WrongPeriod)
    return Period((begin, end), zone)


def practitioners(actor: Actor) -> list[Calendar]:
    """The calendars that offer something to partners, in the order of the book, each with its member, if it has one."""
    return list(calendars_at_partners(actor).select_related("member").order_by("position", "name"))


def types_at_partners(actor: Actor) -> list[AppointmentType]:
    """The appointment types that partners book, in the practice's order (CAL-5)."""
    return list(visible_types(actor).order_by("position", "name"))


def rooms_for_partner(actor: Actor) -> list[Room]:
    """The rooms in use. Raises as `partner_reading`."""
    partner_reading(actor, Reading.ROOMS)
    return list(visible_rooms(actor).filter(retired_at=None).order_by("position", "name"))


def offerings_at_partners(actor: Actor, *, with_rooms: bool) -> list[Offering]:
    """Who offers which of these types (CAL-6), with its `rooms` in their order if they are asked for: see
    `rooms_for_partner`, which raises the same.
    """
    offered = visible_offerings(actor).select_related("type").order_by("type__position", "calendar__position", "pk")
    if with_rooms:
        partner_reading(actor, Reading.ROOMS)
        allowed = OfferingRoom.objects.filter(practice_id=actor.practice_id, room__retired_at=None)
        offered = offered.prefetch_related(
            Prefetch("rooms", allowed.order_by("position", "room__position", "room__name"))
        )
    return list(offered)


def free_at_partners(
    actor: Actor, appointment_type: AppointmentType, period: Period, calendar_id: UUID | None, asker: engine.Asker
) -> tuple[list[Time], list[Time]]:
    """The free times of a period as the engine offers them to `asker` (CAL-9); where there are none, the next ones."""
    free = free_times(actor, appointment_type, *period.days, calendar_id, asker=asker)
    begin, end = period.span
    lasts = {time.calendar_id: time.rules.duration for time in free.times}
    offers = [one for one in free.all() if begin <= one.start < end]
    found = [_offered(period, one, lasts[one.calendar_id]) for one in offers]
    if found:
        return found, []
    more = next_free(actor, appointment_type, NEXT_FREE, since=max(end, free.now), calendar_id=calendar_id, asker=asker)
    return [], [_offered(period, one, lasts[one.calendar_id]) for one in more]


def _offered(period: Period, offer: engine.Offer, duration: int) -> Time:
    return Time(offer.calendar_id, period.local(offer.start), period.local(offer.start + duration))


def busy_at_partners(actor: Actor, period: Period) -> list[Time]:
    """When the calendars that partners book are taken, by whatever, buffers included: date, time and calendar, nothing
    else. What touches is one time. Raises as `partner_reading`.
    """
    partner_reading(actor, Reading.BUSY)
    begin, end = map(engine.instant_of, period.span)
    taken = Occupancy.objects.filter(
        Q(expires_at=None) | Q(expires_at__gt=timezone.now()),
        practice_id=actor.practice_id,
        calendar__in=calendars_at_partners(actor),
        active=True,
        ends_at__gt=begin,
        starts_at__lt=end,
    )
    rows = taken.order_by("calendar__position", "calendar_id").values_list("calendar_id", "starts_at", "ends_at")
    return [
        one
        for calendar_id, spans in groupby(rows, itemgetter(0))
        for one in _times(period, calendar_id, None, (_minutes(*span) for _, *span in spans))
    ]


def hours_at_partners(actor: Actor, period: Period) -> list[Time]:
    """When the calendars that partners book work, are away, and what is kept for which types: times only (OTV-4).

    As the engine sees them: shifts replace weeks, a public holiday of the practice is an absence of all. Working time
    is told as it is, be somebody away meanwhile. Raises as `partner_reading`.
    """
    partner_reading(actor, Reading.HOURS)
    calendars = [one.pk for one in practitioners(actor)]
    found = [
        *_working(actor, period, calendars),
        *_absent(actor, period, calendars),
        *_windows(actor, period, calendars),
    ]
    place = {one: number for number, one in enumerate([None, *calendars])}
    return sorted(
        found,
        key=lambda one: (one.starts_at, place[one.calendar_id], list(HourKind).index(one.kind or HourKind.WINDOW)),
    )


def _working(actor: Actor, period: Period, calendars: Sequence[UUID]) -> Iterator[Time]:
    days = _around(period)
    weeks = _of_each(WorkingHours.objects.filter(practice_id=actor.practice_id, calendar__in=calendars))
    shifts = _of_each(Shift.objects.filter(practice_id=actor.practice_id, calendar__in=calendars, works_on__range=days))
    for one in calendars:
        working = engine.working_spans(
            map(_block, weeks.get(one, ())),
            period.zone,
            *days,
            (
                engine.Shift(engine.day_number(shift.works_on), shift.starts, shift.ends)
                for shift in shifts.get(one, ())
            ),
        )
        yield from _times(period, one, HourKind.WORKING, working)


def _absent(actor: Actor, period: Period, calendars: Sequence[UUID]) -> Iterator[Time]:
    begin, end = map(engine.instant_of, period.span)
    rows = Absence.objects.filter(
        Q(calendar=None) | Q(calendar__in=calendars),
        practice_id=actor.practice_id,
        ends_at__gt=begin,
        starts_at__lt=end,
    ).values_list("calendar_id", "starts_at", "ends_at")
    away: dict[UUID | None, list[engine.Span]] = {None: list(_holidays(actor, period))}
    for calendar_id, *span in rows:
        away.setdefault(calendar_id, []).append(_minutes(*span))
    for one, spans in away.items():
        yield from _times(period, one, HourKind.ABSENCE, spans)


def _holidays(actor: Actor, period: Period) -> Sequence[engine.Span]:
    days = _around(period)
    open_days = OpenHoliday.objects.filter(practice_id=actor.practice_id, open_on__range=days)
    closed = set(holidays_between(practice_of(actor).region, *days)) - set(open_days.values_list("open_on", flat=True))
    return engine.whole_days(frozenset(closed), period.zone)


def _windows(actor: Actor, period: Period, calendars: Sequence[UUID]) -> Iterator[Time]:
    """One for each calendar, or all of them, and what it is kept for: as often as it was entered, it is told once."""
    told = BookingWindowType.objects.filter(practice_id=actor.practice_id, type__in=visible_types(actor))
    rows = BookingWindow.objects.filter(Q(calendar=None) | Q(calendar__in=calendars), practice_id=actor.practice_id)
    alike: dict[tuple[UUID | None, tuple[UUID, ...]], list[BookingWindow]] = {}
    for window in rows.prefetch_related(Prefetch("kept_for", told)):
        types = tuple(sorted(one.type_id for one in window.kept_for.all()))
        alike.setdefault((window.calendar_id, types), []).append(window)
    for (calendar_id, types), windows in alike.items():
        spans = engine.working_spans(map(_block, windows), period.zone, *_around(period))
        yield from _times(period, calendar_id, HourKind.WINDOW, spans, types)


def _times(
    period: Period,
    calendar_id: UUID | None,
    kind: HourKind | None,
    spans: Iterable[engine.Span],
    types: Sequence[UUID] | None = None,
) -> Iterator[Time]:
    for begin, end in period.within(spans):
        yield Time(calendar_id, period.local(begin), period.local(end), kind, types)


def _of_each(rows: QuerySet[R]) -> dict[UUID, list[R]]:
    ordered = rows.order_by("calendar_id")
    return {one: list(of) for one, of in groupby(ordered, attrgetter("calendar_id"))}


def _block(row: WeeklyTime) -> engine.Block:
    valid = {"valid_from": row.valid_from, "valid_until": row.valid_until}
    days = {name: engine.day_number(day) for name, day in valid.items() if day is not None}
    return engine.Block(row.weekday, row.starts, row.ends, every_weeks=row.every_weeks, **days)


def _shift(row: Shift) -> engine.Shift:
    return engine.Shift(engine.day_number(row.works_on), row.starts, row.ends)


def _around(period: Period) -> tuple[date, date]:
    """The days on which something may begin that lies in the period."""
    first, last = period.days
    return first - timedelta(days=1), last + timedelta(days=1)


def _minutes(starts_at: datetime, ends_at: datetime) -> engine.Span:
    return engine.minute_of(starts_at), engine.minute_of(ends_at, round_up=True)
