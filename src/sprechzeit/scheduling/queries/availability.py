"""Free times: gathers the engine's input in a constant number of statements, and asks it (CAL-9…11)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import connection
from django.utils import timezone

from sprechzeit.access.actor import Actor
from sprechzeit.practice.queries import practice_of
from sprechzeit.scheduling import availability as engine
from sprechzeit.scheduling.models import AppointmentType, Calendar
from sprechzeit.scheduling.policy import visible_calendars

# As far around a period as an appointment with its buffers may reach: a day, and a day of buffers.
MARGIN_MINUTES = 2 * 24 * 60
FIRST_SEARCH_DAYS = 14

_TAKEN_IN_CALENDARS = """
    SELECT calendar_id, floor(extract(epoch FROM starts_at) / 60)::int, ceil(extract(epoch FROM ends_at) / 60)::int
      FROM scheduling_occupancy
     WHERE practice_id = %s AND calendar_id = ANY (%s) AND active AND ends_at > %s AND starts_at < %s
       AND (expires_at IS NULL OR expires_at > clock_timestamp())
     ORDER BY starts_at
"""

_HOURS = """
    SELECT calendar_id, weekday, starts, ends FROM scheduling_workinghours
     WHERE practice_id = %s AND calendar_id = ANY (%s)
"""

_ALLOWED_ROOMS = """
    SELECT offering.calendar_id, room.id, room.space_id
      FROM scheduling_offering offering
      JOIN scheduling_offeringroom allowed USING (practice_id)
      JOIN practice_room room USING (practice_id)
     WHERE practice_id = %s AND offering.type_id = %s AND offering.calendar_id = ANY (%s)
       AND allowed.offering_id = offering.id AND room.id = allowed.room_id AND room.retired_at IS NULL
     ORDER BY allowed.position, room.position, room.name
"""


@dataclass(frozen=True, slots=True)
class FreeTimes:
    """The engine with its input for one type: ask it for times within the period it was gathered for."""

    type: AppointmentType
    calendars: Mapping[UUID, Calendar]
    times: Sequence[engine.CalendarTime]
    zone: ZoneInfo
    now: int
    period: engine.Span

    def all(self) -> list[engine.Offer]:
        """All free starts of the period."""
        return engine.offers(self.times, self.period, now=self.now, zone=self.zone)

    def first(self, count: int, *, since: int) -> list[engine.Offer]:
        """The first free starts of the period from a UTC minute on."""
        period = (max(since, self.period[0]), self.period[1])
        return engine.next_offers(self.times, count, period, now=self.now, zone=self.zone)

    def at(self, start: int) -> list[engine.Offer]:
        """What is free at exactly this UTC minute, in the order of the calendars."""
        return engine.offers(self.times, (start, start + 1), now=self.now, zone=self.zone)

    def reasons(self, start: int) -> dict[UUID, list[engine.Reason]]:
        """Per calendar, why this start is not offered; an empty list where it is."""
        return {time.calendar_id: engine.reasons(time, start, now=self.now, zone=self.zone) for time in self.times}


def free_times(
    actor: Actor,
    appointment_type: AppointmentType,
    first_day: date,
    last_day: date,
    calendar_id: UUID | None = None,
) -> FreeTimes:
    """Free times of a type over local days of the practice, of one calendar or of all that offer it (CAL-9)."""
    practice = practice_of(actor)
    period = engine.day_period(practice.zone, first_day, last_day)
    calendars = _calendars(actor, appointment_type, calendar_id)
    hours = _working_hours(practice.id, list(calendars))
    busy = _taken_in_calendars(practice.id, list(calendars), period)
    rooms = _rooms(appointment_type, list(calendars), period) if appointment_type.needs_room else {}
    rules = rules_of(appointment_type)
    return FreeTimes(
        type=appointment_type,
        calendars=calendars,
        times=[
            engine.CalendarTime(
                calendar_id=one,
                rules=rules,
                working=engine.working_spans(
                    hours.get(one, ()), practice.zone, first_day - timedelta(days=1), last_day + timedelta(days=1)
                ),
                busy=busy.get(one, ()),
                rooms=rooms.get(one, ()),
            )
            for one in calendars
        ],
        zone=practice.zone,
        now=this_minute(),
        period=period,
    )


def rules_of(appointment_type: AppointmentType) -> engine.Rules:
    """The rules of a type as the engine takes them."""
    return engine.Rules(
        duration=appointment_type.duration,
        buffer_before=appointment_type.buffer_before,
        buffer_after=appointment_type.buffer_after,
        grid=appointment_type.grid,
        notice=appointment_type.notice,
        horizon_days=appointment_type.horizon,
        needs_room=appointment_type.needs_room,
    )


def _calendars(actor: Actor, appointment_type: AppointmentType, calendar_id: UUID | None) -> dict[UUID, Calendar]:
    """The calendars that offer the type (or the one asked for, if it does), in the order of the book."""
    offering = visible_calendars(actor).filter(offerings__type=appointment_type)
    if calendar_id is not None:
        offering = offering.filter(pk=calendar_id)
    return {one.pk: one for one in offering.order_by("position", "name")}


def _working_hours(practice_id: UUID, calendar_ids: list[UUID]) -> dict[UUID, list[engine.Block]]:
    hours: dict[UUID, list[engine.Block]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_HOURS, [practice_id, calendar_ids])
        for calendar_id, weekday, starts, ends in cursor.fetchall():
            hours.setdefault(calendar_id, []).append(engine.Block(weekday, starts, ends))
    return hours


def _bounds(period: engine.Span) -> list[datetime]:
    return [engine.instant_of(period[0] - MARGIN_MINUTES), engine.instant_of(period[1] + MARGIN_MINUTES)]


def _grouped(rows: Iterable[tuple[UUID, int, int]]) -> dict[UUID, list[engine.Span]]:
    """Integers straight from the database: converting datetimes would cost more than the whole computation."""
    spans: dict[UUID, list[engine.Span]] = {}
    for key, starts, ends in rows:
        spans.setdefault(key, []).append((starts, ends))
    return spans


def _taken_in_calendars(
    practice_id: UUID, calendar_ids: list[UUID], period: engine.Span
) -> dict[UUID, list[engine.Span]]:
    with connection.cursor() as cursor:
        cursor.execute(_TAKEN_IN_CALENDARS, [practice_id, calendar_ids, *_bounds(period)])
        return _grouped(cursor.fetchall())


def _rooms(
    appointment_type: AppointmentType, calendar_ids: list[UUID], period: engine.Span
) -> dict[UUID, list[engine.RoomTime]]:
    """The allowed rooms of each calendar, with the times at which their space is taken, by whomever (COM-4)."""
    with connection.cursor() as cursor:
        cursor.execute(_ALLOWED_ROOMS, [appointment_type.practice_id, appointment_type.pk, calendar_ids])
        allowed = cursor.fetchall()
        spaces = sorted({space_id for _, _, space_id in allowed})
        since, until = _bounds(period)
        cursor.execute("SELECT * FROM taken_in_spaces(%s::uuid[], %s, %s)", [spaces, since, until])
        taken = _grouped(cursor.fetchall())
    rooms: dict[UUID, list[engine.RoomTime]] = {}
    for calendar_id, room_id, space_id in allowed:
        rooms.setdefault(calendar_id, []).append(engine.RoomTime(room_id, taken.get(space_id, ())))
    return rooms


def next_free(
    actor: Actor, appointment_type: AppointmentType, count: int, *, since: int, calendar_id: UUID | None = None
) -> list[engine.Offer]:
    """The next `count` free starts from a UTC minute on (CAL-11), searched two weeks at a time up to the horizon."""
    zone = practice_of(actor).zone
    today = engine.instant_of(this_minute()).astimezone(zone).date()
    begin = max(today, engine.instant_of(since).astimezone(zone).date())
    last = today + timedelta(days=appointment_type.horizon)
    found: list[engine.Offer] = []
    while len(found) < count and begin <= last:
        end = min(begin + timedelta(days=13), last)
        found += free_times(actor, appointment_type, begin, end, calendar_id).first(count - len(found), since=since)
        begin = end + timedelta(days=1)
    return found


def this_minute() -> int:
    """Now, as a UTC minute: the next one, since what is left of this one cannot be had."""
    return engine.minute_of(timezone.now(), round_up=True)
