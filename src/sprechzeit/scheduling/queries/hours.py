"""When a calendar works: its weeks, shifts, the practice's holidays, and what lies outside (CAL-2…4, CAL-22)."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from operator import itemgetter
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from sprechzeit.access.actor import Actor
from sprechzeit.practice.queries import practice_of
from sprechzeit.scheduling import availability as engine
from sprechzeit.scheduling.availability.clock import Shift as ClockShift
from sprechzeit.scheduling.availability.clock import day_number
from sprechzeit.scheduling.holidays import holidays_between
from sprechzeit.scheduling.models import Appointment, BookingWindow, Calendar, OpenHoliday, Shift, WorkingHours
from sprechzeit.scheduling.policy import visible_appointments, visible_calendars
from sprechzeit.scheduling.week import EVERY_WEEK, Pattern, Stretch, Week, Window


@dataclass(frozen=True, slots=True)
class Holiday:
    """A public holiday, and whether the practice works on it."""

    day: date
    name: str
    open: bool


def own_calendar(actor: Actor) -> Calendar | None:
    """The calendar whose hours somebody most likely wants to see: their own, else the first."""
    calendars = list(visible_calendars(actor).order_by("position", "name"))
    return next((one for one in calendars if one.member_id == actor.id), calendars[0] if calendars else None)


def weeks_of(actor: Actor, calendar_id: UUID | None) -> dict[Pattern, Week]:
    """All weeks of a calendar, or the practice's weeks of windows for all calendars; those of always first."""
    of_calendar = {"practice_id": actor.practice_id, "calendar_id": calendar_id}
    working: dict[Pattern, list[Stretch]] = {}
    windows: dict[Pattern, list[Window]] = {}
    if calendar_id is not None:
        for row in WorkingHours.objects.filter(**of_calendar).order_by("weekday", "starts"):
            working.setdefault(pattern_of(row), []).append(Stretch(row.weekday, row.starts, row.ends))
    rows = BookingWindow.objects.filter(**of_calendar).order_by("weekday", "starts").prefetch_related("kept_for")
    for window in rows:
        types = tuple(kept.type_id for kept in window.kept_for.all())
        windows.setdefault(pattern_of(window), []).append(Window(window.weekday, window.starts, window.ends, types))
    found = sorted({*working, *windows}, key=lambda one: (one.valid_from or date.min, one.every_weeks))
    return {one: Week(one, tuple(working.get(one, ())), tuple(windows.get(one, ()))) for one in found or [EVERY_WEEK]}


def pattern_of(row: WorkingHours | BookingWindow) -> Pattern:
    """The pattern to which a row of a week belongs."""
    return Pattern(row.every_weeks, row.valid_from, row.valid_until)


def shifts_of(actor: Actor, calendar_id: UUID, since: date | None = None) -> QuerySet[Shift]:
    """The shifts of a calendar, from a day on."""
    shifts = Shift.objects.filter(practice_id=actor.practice_id, calendar_id=calendar_id)
    if since is not None:
        shifts = shifts.filter(works_on__gte=since)
    return shifts.order_by("works_on", "starts")


def appointments_outside(actor: Actor, calendar_id: UUID) -> list[Appointment]:
    """The coming appointments of a calendar, as far as visible, that lie outside its working time (CAL-22)."""
    zone = practice_of(actor).zone
    coming = list(
        visible_appointments(actor)
        .filter(calendar_id=calendar_id, starts_at__gt=timezone.now(), cancellation=None)
        .select_related("patient", "type", "calendar")
        .prefetch_related("patient__contact_points")
        .order_by("starts_at")
    )
    if not coming:
        return []
    days = [one.starts_at.astimezone(zone).date() for one in coming]
    working = engine.working_spans(
        _blocks(actor, calendar_id), zone, days[0], days[-1], _engine_shifts(actor, calendar_id)
    )
    return [one for one in coming if not _inside(one, working)]


def _inside(appointment: Appointment, working: Sequence[engine.Span]) -> bool:
    starts = engine.minute_of(appointment.starts_at)
    ends = engine.minute_of(appointment.ends_at, round_up=True)
    place = bisect_right(working, starts, key=itemgetter(0)) - 1
    return place >= 0 and working[place][1] >= ends


def _blocks(actor: Actor, calendar_id: UUID) -> list[engine.Block]:
    """The weeks as the engine takes them."""
    return [
        engine.Block(one.weekday, one.starts, one.ends, every_weeks=week.pattern.every_weeks, **_validity(week.pattern))
        for week in weeks_of(actor, calendar_id).values()
        for one in week.working
    ]


def _validity(pattern: Pattern) -> dict[str, int]:
    days = {"valid_from": pattern.valid_from, "valid_until": pattern.valid_until}
    return {name: day_number(day) for name, day in days.items() if day is not None}


def _engine_shifts(actor: Actor, calendar_id: UUID) -> list[ClockShift]:
    return [ClockShift(day_number(one.works_on), one.starts, one.ends) for one in shifts_of(actor, calendar_id)]


def coming_holidays(actor: Actor, months: int = 12) -> Sequence[Holiday]:
    """The public holidays of the practice's region in the coming months, today included (CAL-3)."""
    practice = practice_of(actor)
    today = timezone.now().astimezone(practice.zone).date()
    days = holidays_between(practice.region, today, today + timedelta(days=round(months * 365.25 / 12)))
    worked = set(
        OpenHoliday.objects.filter(practice_id=practice.id, open_on__in=list(days)).values_list("open_on", flat=True)
    )
    return [Holiday(day, name, day in worked) for day, name in sorted(days.items())]
