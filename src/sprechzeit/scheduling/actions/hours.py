"""Setting when a calendar works: its weeks, shifts, and holidays on which the practice works (CAL-2…4, CAL-22)."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from uuid import UUID

from django.db.models import Q

from sprechzeit.access.actor import Actor
from sprechzeit.access.table import Data, Reach, Use
from sprechzeit.core.acting import action, require
from sprechzeit.core.errors import NotAllowed, NotFound
from sprechzeit.core.live import announce
from sprechzeit.practice.queries import practice_of
from sprechzeit.scheduling.actions.occupy import lock_time
from sprechzeit.scheduling.errors import AppointmentsOutside, EndsTooEarly, TimesOverlap, WeekExists
from sprechzeit.scheduling.holidays import holidays_between
from sprechzeit.scheduling.models import BookingWindow, BookingWindowType, Calendar, OpenHoliday, Shift, WorkingHours
from sprechzeit.scheduling.policy import get_calendar, get_shift, may_change_calendar, visible_calendars, visible_types
from sprechzeit.scheduling.queries.hours import appointments_outside, shifts_of, weeks_of
from sprechzeit.scheduling.week import DAY, EVERY_WEEK, Pattern, Stretch, Week, Window, in_a_day, overlapping


@action
def set_working_hours(actor: Actor, calendar_id: UUID, week: Iterable[tuple[int, int, int]]) -> None:
    """Let a calendar work every week the same: (weekday, starts, ends) in minutes since local midnight (CAL-2)."""
    working = tuple(Stretch(*one) for one in week)
    windows = weeks_of(actor, calendar_id).get(EVERY_WEEK, Week()).windows
    set_week(actor, calendar_id, Week(EVERY_WEEK, working, windows), former=EVERY_WEEK, confirmed=True)


@action
def set_week(
    actor: Actor, calendar_id: UUID | None, week: Week, *, former: Pattern | None = None, confirmed: bool = False
) -> None:
    """Write a week of a calendar in place of its `former` one; without a calendar, booking windows for all.

    An empty week takes the former one away. Raises `EndsTooEarly`, `TimesOverlap`, `WeekExists`, `NotAllowed`, and,
    unless `confirmed`, `AppointmentsOutside` where coming appointments lie inside working time now and not then.
    """
    calendars = _calendars_to_change(actor, calendar_id)
    _require_possible(week)
    lock_time([one.id for one in calendars], [])
    before = _outside(actor, calendar_id, confirmed=confirmed)
    others = [one for one in weeks_of(actor, calendar_id).values() if one.pattern != former]
    if any(_same_beginning(one.pattern, week.pattern) for one in others if one.working or one.windows):
        raise WeekExists
    if former is not None:
        _remove_week(actor, calendar_id, former)
    _write_week(actor, calendar_id, week)
    _refuse_new_ones_outside(actor, calendar_id, before)
    for calendar in calendars:
        announce(calendar.practice_id, calendar.id)


def _calendars_to_change(actor: Actor, calendar_id: UUID | None) -> list[Calendar]:
    if calendar_id is None:
        require(actor.reach(Data.CALENDARS, Use.WRITE) is Reach.ALL, NotAllowed)
        return list(visible_calendars(actor))
    calendar = get_calendar(actor, calendar_id)
    require(may_change_calendar(actor, calendar), NotAllowed)
    return [calendar]


def _require_possible(week: Week) -> None:
    times: list[Stretch | Window] = [*week.working, *week.windows]
    require(week.pattern.is_possible and all(map(in_a_day, times)), EndsTooEarly)
    require(not overlapping(week.working) and not overlapping(week.windows), TimesOverlap)


def _same_beginning(one: Pattern, other: Pattern) -> bool:
    return (one.every_weeks, one.valid_from) == (other.every_weeks, other.valid_from)


def _remove_week(actor: Actor, calendar_id: UUID | None, pattern: Pattern) -> None:
    same = Q(
        practice_id=actor.practice_id,
        calendar_id=calendar_id,
        every_weeks=pattern.every_weeks,
        valid_from=pattern.valid_from,
        valid_until=pattern.valid_until,
    )
    WorkingHours.objects.filter(same).delete()
    BookingWindow.objects.filter(same).delete()


def _write_week(actor: Actor, calendar_id: UUID | None, week: Week) -> None:
    pattern = week.pattern
    facts = {
        "practice_id": actor.practice_id,
        "calendar_id": calendar_id,
        "every_weeks": pattern.every_weeks,
        "valid_from": pattern.valid_from,
        "valid_until": pattern.valid_until,
    }
    if calendar_id is not None:
        WorkingHours.objects.bulk_create(
            WorkingHours(weekday=weekday, starts=starts, ends=ends, **facts) for weekday, starts, ends in week.working
        )
    known = set(visible_types(actor).values_list("pk", flat=True))
    for weekday, starts, ends, types in week.windows:
        require(bool(types) and known.issuperset(types), NotFound)
        window = BookingWindow.objects.create(weekday=weekday, starts=starts, ends=ends, **facts)
        BookingWindowType.objects.bulk_create(
            BookingWindowType(practice_id=actor.practice_id, window=window, type_id=one) for one in dict.fromkeys(types)
        )


def _outside(actor: Actor, calendar_id: UUID | None, *, confirmed: bool) -> set[UUID] | None:
    """Which coming appointments lie outside now; None where nobody asks."""
    if calendar_id is None or confirmed:
        return None
    return {one.id for one in appointments_outside(actor, calendar_id)}


def _refuse_new_ones_outside(actor: Actor, calendar_id: UUID | None, before: set[UUID] | None) -> None:
    if calendar_id is None or before is None:
        return
    found = [one for one in appointments_outside(actor, calendar_id) if one.id not in before]
    if found:
        raise AppointmentsOutside(found)


@action
def add_shift(
    actor: Actor, calendar_id: UUID, works_on: date, starts: int, ends: int, *, confirmed: bool = False
) -> Shift:
    """Work on one date from `starts` to `ends`, minutes since local midnight, instead of as the week says (CAL-2).

    An end that is not after the beginning lies on the next day. Raises `EndsTooEarly`, `TimesOverlap`, `NotAllowed`,
    and, unless `confirmed`, `AppointmentsOutside`.
    """
    calendar = get_calendar(actor, calendar_id)
    require(may_change_calendar(actor, calendar), NotAllowed)
    ends = ends + DAY if ends <= starts else ends
    require(0 <= starts < DAY and ends <= 2 * DAY and ends - starts <= DAY, EndsTooEarly)
    lock_time([calendar.id], [])
    require(not _overlaps(shifts_of(actor, calendar.id), works_on, starts, ends), TimesOverlap)
    before = _outside(actor, calendar.id, confirmed=confirmed)
    shift = Shift.objects.create(
        practice_id=calendar.practice_id, calendar=calendar, works_on=works_on, starts=starts, ends=ends
    )
    _refuse_new_ones_outside(actor, calendar.id, before)
    announce(calendar.practice_id, calendar.id)
    return shift


def _overlaps(shifts: Iterable[Shift], works_on: date, starts: int, ends: int) -> bool:
    """Whether one of the shifts, of the day itself or one beside it, lies in these minutes."""
    for one in shifts:
        offset = (one.works_on - works_on) // timedelta(days=1) * DAY
        if one.starts + offset < ends and one.ends + offset > starts:
            return True
    return False


@action
def remove_shift(actor: Actor, shift_id: UUID) -> Shift:
    """The week counts again on its date, where it was the only one. Raises `NotFound`, `NotAllowed`."""
    shift = get_shift(actor, shift_id)
    require(may_change_calendar(actor, shift.calendar), NotAllowed)
    lock_time([shift.calendar_id], [])
    Shift.objects.filter(pk=shift.pk).delete()
    announce(shift.practice_id, shift.calendar_id)
    return shift


@action
def set_open_holiday(actor: Actor, day: date, *, works: bool) -> None:
    """Work on a public holiday of the practice's region, or not (CAL-3). Raises `NotFound` for any other day."""
    require(actor.reach(Data.CALENDARS, Use.WRITE) is Reach.ALL, NotAllowed)
    require(bool(holidays_between(practice_of(actor).region, day, day)), NotFound)
    calendars: Sequence[UUID] = list(visible_calendars(actor).values_list("pk", flat=True))
    lock_time(calendars, [])
    if works:
        OpenHoliday.objects.get_or_create(practice_id=actor.practice_id, open_on=day)
    else:
        OpenHoliday.objects.filter(practice_id=actor.practice_id, open_on=day).delete()
    for calendar_id in calendars:
        announce(actor.practice_id, calendar_id)
