"""How many appointments there are in a month, of whom, and where there may be no more (PLAN-2, PLAN-3)."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from sprechzeit.access.actor import Actor
from sprechzeit.core.rows import fetch
from sprechzeit.practice.plans import Limits
from sprechzeit.scheduling import availability as engine
from sprechzeit.scheduling.models import Appointment, MonthNotice
from sprechzeit.scheduling.policy import visible_calendars

_FULL = "SELECT calendar_id, starts, ends FROM full_months(%s, %s::uuid[], %s, %s, %s, %s)"
_USED = """
    SELECT appointments_of(%(practice)s, %(practitioner)s, %(month)s::date::timestamp AT TIME ZONE zone_name,
                           (%(month)s::date + interval '1 month') AT TIME ZONE zone_name)
      FROM practice_practice WHERE id = %(practice)s
"""
_USE = "SELECT practitioner, month, used FROM use_of_months(%s, %s::uuid[], %s, %s)"


def notice_of_month(actor: Actor, notice_id: UUID) -> MonthNotice | None:
    """That a month is nearly full, with one of the calendars; None where it is gone."""
    notices = MonthNotice.objects.filter(practice_id=actor.practice_id).select_related("calendar__member")
    return notices.filter(pk=notice_id).first()


def full_months(
    actor: Actor, calendars: Collection[UUID], most: int, days: tuple[date, date], moved: Appointment | None = None
) -> dict[UUID, tuple[engine.Span, ...]]:
    """By calendar the months, as UTC minutes, that touch these local days and have `most` appointments or more.

    Asked each time, never remembered: an appointment in one calendar fills the month of all of its practitioner's.
    `moved`: an appointment that may stay in its month.
    """
    # What is offered on the first day may begin on the day before in UTC, and end on the day after the last.
    first, last = days[0] - timedelta(days=1), days[1] + timedelta(days=1)
    rows = fetch(_FULL, [actor.practice_id, list(calendars), most, first, last, moved.pk if moved else None])
    found: dict[UUID, list[engine.Span]] = {}
    for calendar_id, begin, end in rows:
        found.setdefault(calendar_id, []).append((begin, end))
    return {calendar_id: tuple(engine.merged(spans)) for calendar_id, spans in found.items()}


@dataclass(frozen=True, slots=True)
class Use:
    """How many appointments a practitioner, or a calendar of nobody, has in each of some months, by its first day."""

    name: str
    initials: str
    colour: int
    months: dict[date, int]

    def is_near(self, month: date, limits: Limits) -> bool:
        """Whether it is time to tell the practice: 80 % and more of what the plan allows."""
        warns_at = limits.warns_at()
        return warns_at is not None and self.months[month] >= warns_at


def use_of_months(actor: Actor, first_day: date, last_day: date) -> list[Use]:
    """The use of the months that touch these local days, of everybody in whose calendars there is something, or who has
    a calendar now; in the order of the book.
    """
    calendars = list(visible_calendars(actor, retired=True).select_related("member").order_by("position", "name"))
    rows = fetch(_USE, [actor.practice_id, [one.pk for one in calendars], first_day, last_day])
    counts: dict[UUID, dict[date, int]] = {}
    for practitioner, month, used in sorted(rows):
        counts.setdefault(practitioner, {})[month] = used
    found: dict[UUID, Use] = {}
    for one in sorted(calendars, key=lambda calendar: calendar.retired_at is not None):
        months, known = counts[one.member_id or one.pk], one.member or one
        if one.retired_at is None or any(months.values()):
            found.setdefault(one.member_id or one.pk, Use(known.name, known.initials, known.colour, months))
    return list(found.values())


def used_in_month(actor: Actor, practitioner: UUID, month: date) -> int:
    """How many appointments one practitioner, or a calendar of nobody, has in a month."""
    ((used,),) = fetch(_USED, {"practice": actor.practice_id, "practitioner": practitioner, "month": month})
    return int(used)
