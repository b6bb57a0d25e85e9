"""What lies behind the entries: working time, absences, time kept for some types, public holidays (CAL-2…4)."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from django.db.models import Q

from sprechzeit.access.actor import Actor
from sprechzeit.practice.models import Practice
from sprechzeit.scheduling.availability import instant_of
from sprechzeit.scheduling.availability.clock import day_number
from sprechzeit.scheduling.holidays import holidays_between
from sprechzeit.scheduling.models import BookingWindowType, OpenHoliday, Shift, WorkingHours
from sprechzeit.scheduling.policy import visible_absences
from sprechzeit.scheduling.queries.book.facts import Absent, Ground, Kept, Span
from sprechzeit.scheduling.queries.book.wall import Minutes, Wall

DAY = 1440
Grounds = dict[tuple[UUID, date], Ground]


class _Weekly(NamedTuple):
    """A weekly time as its columns are read."""

    weekday: int
    starts: int
    ends: int
    valid_from: date | None
    valid_until: date | None
    every_weeks: int

    def on(self, day: date) -> bool:
        """Whether it falls on that day."""
        if day.weekday() != self.weekday:
            return False
        if (self.valid_from and day < self.valid_from) or (self.valid_until and day > self.valid_until):
            return False
        return not self.valid_from or (_week(day) - _week(self.valid_from)) % self.every_weeks == 0


_WEEKLY = _Weekly._fields


def _week(day: date) -> int:
    return (day.toordinal() - 1) // 7


def grounds(
    actor: Actor, practice: Practice, days: Sequence[date], calendar_ids: Sequence[UUID], wall: Wall, period: Span
) -> Grounds:
    """Per calendar and day what lies behind its entries; four statements."""
    found = {(calendar_id, day): Ground() for calendar_id in calendar_ids for day in days}
    _add_working(found, practice, days, calendar_ids)
    _add_absences(found, actor, practice, days, calendar_ids, wall, period)
    _add_kept(found, practice, days, calendar_ids)
    return found


def closed_days(actor: Actor, practice: Practice, days: Sequence[date]) -> dict[date, str]:
    """The public holidays on which the practice is closed, with their names; one statement."""
    named = {day: name for day, name in holidays_between(practice.region, days[0], days[-1]).items() if day in days}
    if not named:
        return named
    works_on = set(
        OpenHoliday.objects.filter(practice_id__in=actor.practices, open_on__in=named).values_list("open_on", flat=True)
    )
    return {day: name for day, name in named.items() if day not in works_on}


def _add_working(found: Grounds, practice: Practice, days: Sequence[date], calendar_ids: Sequence[UUID]) -> None:
    around = [days[0] - timedelta(days=1), *days]
    of = {"practice_id": practice.id, "calendar_id__in": calendar_ids}
    shifts: dict[tuple[UUID, date], list[Span]] = {}
    for calendar_id, day, starts, ends in Shift.objects.filter(
        **of, works_on__range=(around[0], around[-1])
    ).values_list("calendar_id", "works_on", "starts", "ends"):
        shifts.setdefault((calendar_id, day), []).append((starts, ends))
    weekly: dict[UUID, list[_Weekly]] = {}
    for calendar_id, *fields in WorkingHours.objects.filter(**of).values_list("calendar_id", *_WEEKLY):
        weekly.setdefault(calendar_id, []).append(_Weekly(*fields))
    for calendar_id in calendar_ids:
        for day in around:
            spans = shifts.get((calendar_id, day)) or [
                (one.starts, one.ends) for one in weekly.get(calendar_id, ()) if one.on(day)
            ]
            for starts, ends in spans:
                _spread(found, calendar_id, day, starts, ends)
    for ground in found.values():
        ground.working.sort()


def _spread(found: Grounds, calendar_id: UUID, day: date, starts: int, ends: int) -> None:
    """What passes midnight belongs to the next day there."""
    if today := found.get((calendar_id, day)):
        today.working.append((starts, min(ends, DAY)))
    if ends > DAY and (tomorrow := found.get((calendar_id, day + timedelta(days=1)))):
        tomorrow.working.append((0, ends - DAY))


def _add_absences(
    found: Grounds,
    actor: Actor,
    practice: Practice,
    days: Sequence[date],
    calendar_ids: Sequence[UUID],
    wall: Wall,
    period: Span,
) -> None:
    begin, end = _instants(period)
    rows = (
        visible_absences(actor)
        .filter(
            Q(calendar_id__in=calendar_ids) | Q(calendar=None),
            practice_id=practice.id,
            starts_at__lt=end,
            ends_at__gt=begin,
        )
        .order_by("starts_at")
    )
    for calendar_id, starts, ends, all_day, reason in rows.values_list(
        "calendar_id", Minutes("starts_at"), Minutes("ends_at"), "all_day", "reason"
    ):
        first, last = wall.local(starts), wall.local(ends)
        last_day = date.fromordinal(_EPOCH + (last - 1) // DAY)
        for day in days:
            midnight = day_number(day) * DAY
            clipped = max(first - midnight, 0), min(last - midnight, DAY)
            if clipped[0] < clipped[1]:
                one = Absent(*clipped, all_day, last_day, reason)
                for away in [calendar_id] if calendar_id else calendar_ids:
                    found[away, day].absent.append(one)


_EPOCH = date(1970, 1, 1).toordinal()


def _instants(period: Span) -> tuple[datetime, datetime]:
    return instant_of(period[0]), instant_of(period[1])


def _add_kept(found: Grounds, practice: Practice, days: Iterable[date], calendar_ids: Sequence[UUID]) -> None:
    rows = BookingWindowType.objects.filter(
        Q(window__calendar_id__in=calendar_ids) | Q(window__calendar=None), practice_id=practice.id
    ).order_by("window__starts", "type__position", "type__name")
    windows: dict[UUID, tuple[UUID | None, _Weekly, list[UUID]]] = {}
    for window_id, calendar_id, type_id, *fields in rows.values_list(
        "window_id", "window__calendar_id", "type_id", *(f"window__{name}" for name in _WEEKLY)
    ):
        windows.setdefault(window_id, (calendar_id, _Weekly(*fields), []))[2].append(type_id)
    for day in days:
        for calendar_id, weekly, type_ids in windows.values():
            if weekly.on(day):
                for owner in [calendar_id] if calendar_id else calendar_ids:
                    found[owner, day].kept.append(Kept(weekly.starts, weekly.ends, tuple(type_ids)))
