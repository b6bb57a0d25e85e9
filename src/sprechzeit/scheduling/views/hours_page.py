"""What the page of the working hours shows, as its template takes it."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.dates import WEEKDAYS, WEEKDAYS_ABBR
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from sprechzeit.access.actor import Actor
from sprechzeit.access.table import Data, Reach, Use
from sprechzeit.patients.models import ContactKind
from sprechzeit.practice.models import Practice
from sprechzeit.practice.queries import practice_of
from sprechzeit.scheduling.forms.clock import clock
from sprechzeit.scheduling.forms.hours import ShiftForm
from sprechzeit.scheduling.models import Appointment, Calendar
from sprechzeit.scheduling.policy import may_change_calendar, may_enter_absence, visible_calendars, visible_types
from sprechzeit.scheduling.queries.absence import affected_by_coming, coming_absences
from sprechzeit.scheduling.queries.hours import appointments_outside, shifts_of
from sprechzeit.scheduling.week import Pattern, Stretch, Week, Window, minutes_worked

UNIT = 5  # minutes
FIRST_HOUR, LAST_HOUR = 7, 21
LONGEST_BREAK = 180  # minutes; a longer gap is no break

# As booking takes them: the list is for whose calendar it is, be the record somebody else's (ACC-11).
PHONES = (ContactKind.MOBILE, ContactKind.PHONE)


def hours_page(actor: Actor, calendar: Calendar | None, page: Mapping[str, Any]) -> dict[str, Any]:
    """The page of one calendar's week, or of the windows of all (`calendar` None)."""
    practice = practice_of(actor)
    write_all = actor.reach(Data.CALENDARS, Use.WRITE) is Reach.ALL
    may_change = write_all if calendar is None else may_change_calendar(actor, calendar)
    names = dict(visible_types(actor).values_list("pk", "name"))
    context: dict[str, Any] = {
        "calendar": calendar,
        "calendars": visible_calendars(actor).order_by("position", "name"),
        "may_change": may_change,
        "may_change_all": write_all,
        "types": [{"id": str(pk), "name": name} for pk, name in names.items()],
        "painter": painter(page["shown"], names),
        "clock": clock,
        "shift_form": ShiftForm(),
        **page,
    }
    context["weeks"] = [one | {"label": label_of(one["pattern"])} for one in page["weeks"]]
    for name in ("would_lie_outside", "shift_would_leave"):
        context[name] = lines(page.get(name, ()), practice)
    if calendar is not None:
        context |= _beside(actor, calendar, practice)
    return context


def _beside(actor: Actor, calendar: Calendar, practice: Practice) -> dict[str, Any]:
    """What stands below the week: shifts, absences, and appointments that lie outside."""
    today = timezone.now().astimezone(practice.zone).date()
    affected = affected_by_coming(actor, calendar.id)
    return {
        "outside": lines(appointments_outside(actor, calendar.id), practice),
        "may_enter_absence": may_enter_absence(actor, calendar),
        "shifts": [
            {"id": one.id, "day": one.works_on, "times": f"{clock(one.starts)}–{clock(one.ends)}"}
            for one in shifts_of(actor, calendar.id, today)
        ],
        "absences": [
            absence_line(one, len(affected.get(one.id, ())), practice) for one in coming_absences(actor, calendar.id)
        ],
    }


def absence_line(absence: Any, affected: int, practice: Practice) -> dict[str, Any]:
    """An absence in a list."""
    return {
        "id": absence.id,
        "when": span_of(absence, practice),
        "who": absence.calendar.name if absence.calendar else _("Whole practice"),
        "calendar": absence.calendar,
        "reason": absence.reason,
        "affected": affected,
    }


def span_of(absence: Any, practice: Practice) -> str:
    """'21.12.2026 – 03.01.2027', or with times where it is not all day."""
    starts, ends = (one.astimezone(practice.zone) for one in (absence.starts_at, absence.ends_at))
    if absence.all_day:
        last = (ends - timedelta(minutes=1)).date()
        days = [date_format(one, "SHORT_DATE_FORMAT") for one in dict.fromkeys([starts.date(), last])]
        return " – ".join(days)
    first = f"{date_format(starts, 'SHORT_DATE_FORMAT')}, {starts:%H:%M}"
    second = (
        f"{ends:%H:%M}" if ends.date() == starts.date() else f"{date_format(ends, 'SHORT_DATE_FORMAT')}, {ends:%H:%M}"
    )
    return f"{first} – {second}"


def lines(appointments: Iterable[Appointment], practice: Practice) -> list[dict[str, Any]]:
    """Appointments in a list, each to be moved."""
    return [
        {
            "id": one.id,
            "when": date_format(one.starts_at.astimezone(practice.zone), "WEEKDAY_DAY_TIME_FORMAT"),
            "who": one.patient.full_name,
            "what": f"{one.type.name} · {one.calendar.name}",
            "email": one.email or any(point.kind == ContactKind.EMAIL for point in one.patient.contact_points.all()),
            "phones": [point.value for point in one.patient.contact_points.all() if point.kind in PHONES],
        }
        for one in appointments
    ]


def label_of(pattern: Pattern) -> str:
    """A pattern in words."""
    days = {
        name: date_format(day, "SHORT_DATE_FORMAT")
        for name in ("valid_from", "valid_until")
        if (day := getattr(pattern, name))
    }
    weeks = pattern.every_weeks
    every_few = ngettext("Every %(n)s week", "Every %(n)s weeks", weeks) % {"n": weeks}
    rhythm = _("Every week") if weeks == 1 else every_few
    match len(days), "valid_from" in days:
        case 2, _both:
            return _("%(rhythm)s, %(valid_from)s–%(valid_until)s") % {"rhythm": rhythm, **days}
        case 1, True:
            return _("%(rhythm)s from %(valid_from)s") % {"rhythm": rhythm, **days}
        case 1, False:
            return _("%(rhythm)s until %(valid_until)s") % {"rhythm": rhythm, **days}
    return rhythm


def painter(week: Week, names: Mapping[UUID, str]) -> dict[str, Any]:
    """The week as a picture: columns with blocks at places in units of five minutes."""
    times: list[Stretch | Window] = [*week.working, *week.windows]
    first = min([FIRST_HOUR, *(one.starts // 60 for one in times)])
    last = max([LAST_HOUR, *(-(-one.ends // 60) for one in times)])
    return {
        "first": first,
        "last": last,
        "units": (last - first) * 60 // UNIT,
        "hours": [{"top": (hour - first) * 60 // UNIT, "text": f"{hour:02d}:00"} for hour in range(first + 1, last)],
        "hours_worked": minutes_worked(week.working) / 60,
        "hours_kept": minutes_worked(week.windows) / 60,
        "days": [_day(week, weekday, first, names) for weekday in range(7)],
    }


def _day(week: Week, weekday: int, first: int, names: Mapping[UUID, str]) -> dict[str, Any]:
    working = [one for one in week.working if one.weekday == weekday]
    breaks = [
        {**_place(Stretch(weekday, one.ends, other.starts), first), "kind": "break"}
        for one, other in pairwise(working)
        if 0 < other.starts - one.ends <= LONGEST_BREAK
    ]
    kept = [
        {
            **_place(one, first),
            "kind": "kept",
            "names": ", ".join(names[type_id] for type_id in one.types if type_id in names),
        }
        for one in week.windows
        if one.weekday == weekday
    ]
    return {
        "name": WEEKDAYS[weekday],
        "short": WEEKDAYS_ABBR[weekday],
        "hours": minutes_worked(working) / 60,
        "blocks": [*({**_place(one, first), "kind": "work"} for one in working), *breaks, *kept],
    }


def _place(one: Stretch | Window, first: int) -> dict[str, Any]:
    top = one.starts // UNIT - first * 60 // UNIT
    length = max(1, -(-one.ends // UNIT) - one.starts // UNIT)
    return {"top": top, "length": length, "text": f"{clock(one.starts)}–{clock(one.ends)}"}
