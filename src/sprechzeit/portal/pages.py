"""What the booking pages show, in the practice's time."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from sprechzeit.access.actor import Actor
from sprechzeit.practice.models import Practice
from sprechzeit.scheduling import availability as engine
from sprechzeit.scheduling.models import Appointment, AppointmentType, Calendar, Hold
from sprechzeit.scheduling.queries.availability import FreeTimes, free_times, next_free, this_minute

NOON = 12
_REFERENCE = re.compile(r"[A-Za-z0-9_-]{1,24}")


@dataclass(frozen=True, slots=True)
class Local:
    """An offer as a button: `value` is its instant, with its calendar."""

    starts: datetime
    value: str
    name: str

    @classmethod
    def of(cls, offer: engine.Offer, zone: ZoneInfo, calendars: dict[Any, Calendar]) -> "Local":
        calendar = calendars[offer.calendar_id]
        starts = engine.instant_of(offer.start)
        return cls(starts.astimezone(zone), f"{starts:%Y%m%dT%H%MZ}~{calendar.reference}", calendar.name)

    def button(self, *, with_date: bool = False) -> dict[str, str]:
        """For the template. Where the clock strikes twice, the zone says which of the two is meant."""
        label = f"{self.starts:%H:%M}"
        if self.starts.replace(fold=0).utcoffset() != self.starts.replace(fold=1).utcoffset():
            label += f" {self.starts:%Z}"
        date_label = date_format(self.starts, "SHORT_WEEKDAY_DAY_FORMAT") if with_date else ""
        return {"label": label, "value": self.value, "name": self.name, "date_label": date_label}


def parse_choice(value: str) -> tuple[datetime, str] | None:
    """The instant and the calendar's reference of a pressed time button; None where it is none of ours."""
    instant, _tilde, reference = value.partition("~")
    try:
        starts = datetime.strptime(instant, "%Y%m%dT%H%MZ").replace(tzinfo=engine.instant_of(0).tzinfo)
    except ValueError:
        return None
    return (starts, reference) if 1990 <= starts.year <= 2200 and _REFERENCE.fullmatch(reference) else None


def week_of(day: date) -> date:
    """The Monday of a day's week."""
    return day - timedelta(days=day.weekday())


def times_context(
    actor: Actor, practice: Practice, appointment_type: AppointmentType, wanted: date | None
) -> dict[str, Any]:
    """The page of free times: one week, one day of it open; the next free times where the week has none."""
    today = timezone.now().astimezone(practice.zone).date()
    last = today + timedelta(days=appointment_type.horizon)
    day = min(max(wanted or today, today), last)
    free = free_times(actor, appointment_type, week_of(day), week_of(day) + timedelta(days=6))
    by_day = _by_day(free)
    if wanted is None and not by_day:
        first = next_free(actor, appointment_type, 1, since=this_minute())
        if first:
            day = engine.instant_of(first[0].start).astimezone(practice.zone).date()
            free = free_times(actor, appointment_type, week_of(day), week_of(day) + timedelta(days=6))
            by_day = _by_day(free)
    if not by_day.get(day):
        day = next((one for one in sorted(by_day) if one >= day), next(iter(sorted(by_day)), day))
    context: dict[str, Any] = {
        "type": {"name": appointment_type.name, "minutes": appointment_type.duration},
        "week": _week(practice, appointment_type, day, today, last, by_day),
        "day_title": date_format(day, "WEEKDAY_DAY_FORMAT"),
        "groups": _groups(by_day.get(day, [])),
        "hold_url": reverse("portal:hold", args=[practice.slug, appointment_type.reference]),
    }
    if not by_day:
        context["next_free"] = next_buttons(
            practice, next_free(actor, appointment_type, 6, since=this_minute()), list(free.calendars.values())
        )
    return context


def next_buttons(
    practice: Practice, offers: Sequence[engine.Offer], calendars: Iterable[Calendar]
) -> list[dict[str, str]]:
    """The next free times as buttons with their dates."""
    known = {calendar.id: calendar for calendar in calendars}
    return [Local.of(offer, practice.zone, known).button(with_date=True) for offer in offers]


def _by_day(free: FreeTimes) -> dict[date, list[Local]]:
    """The free times of each day; of several calendars free at the same time each is offered."""
    days: dict[date, list[Local]] = {}
    calendars = dict(free.calendars)
    for offer in free.all():
        local = Local.of(offer, free.zone, calendars)
        days.setdefault(local.starts.date(), []).append(local)
    return days


def _week(
    practice: Practice,
    appointment_type: AppointmentType,
    day: date,
    today: date,
    last: date,
    by_day: dict[date, list[Local]],
) -> dict[str, Any]:
    monday = week_of(day)
    address = reverse("portal:times", args=[practice.slug, appointment_type.reference])
    days = [monday + timedelta(days=number) for number in range(7)]
    return {
        "title": _week_title(days[0], days[-1]),
        "previous_url": f"{address}?day={monday - timedelta(days=7):%Y-%m-%d}" if monday > today else None,
        "next_url": f"{address}?day={days[-1] + timedelta(days=1):%Y-%m-%d}" if days[-1] < last else None,
        "days": [
            {
                "date": one,
                "weekday": date_format(one, "D")[:2],
                "count": len(by_day.get(one, ())),
                "url": f"{address}?day={one:%Y-%m-%d}",
                "is_selected": one == day and one in by_day,
                "is_open": one in by_day,
            }
            for one in days
        ],
    }


def _week_title(monday: date, sunday: date) -> str:
    if monday.month == sunday.month:
        return f"{date_format(monday, 'DAY_OF_MONTH_FORMAT')}–{date_format(sunday, 'MONTH_DAY_FORMAT')}"
    return f"{date_format(monday, 'MONTH_DAY_FORMAT')} – {date_format(sunday, 'MONTH_DAY_FORMAT')}"


def _groups(times: list[Local]) -> list[tuple[str, list[dict[str, str]]]]:
    parts = ((_("Morning"), [t for t in times if t.starts.hour < NOON]),
             (_("Afternoon"), [t for t in times if t.starts.hour >= NOON]))  # fmt: skip
    return [(title, [time.button() for time in part]) for title, part in parts if part]


def summary(practice: Practice, booked: Hold | Appointment) -> dict[str, Any]:
    """A hold or an appointment as the patient sees it."""
    starts = booked.starts_at.astimezone(practice.zone)
    return {
        "type_name": booked.type.name,
        "minutes": (booked.ends_at - booked.starts_at) // timedelta(minutes=1),
        "name": booked.calendar.name,
        "when": when(starts),
        "starts_at": starts,
    }


def when(starts: datetime) -> str:
    """'Wednesday, 25 November 2026, 10:30'."""
    return date_format(starts, "WEEKDAY_DATETIME_FORMAT")
