"""What the booking pages show, in the practice's time."""

import re
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from sprechzeit.access.actor import Actor
from sprechzeit.portal import cards
from sprechzeit.portal.cards import card
from sprechzeit.practice.models import Practice
from sprechzeit.scheduling import availability as engine
from sprechzeit.scheduling.models import Appointment, AppointmentType, Calendar, Hold
from sprechzeit.scheduling.queries.availability import free_times, next_free, this_minute
from sprechzeit.scheduling.queries.video import joining
from sprechzeit.scheduling.video_links import CLOSES_AFTER, OPENS_BEFORE, is_open

NOON = 12
OTHER_TIMES = 8
_REFERENCE = re.compile(r"[A-Za-z0-9_-]{1,24}")


@dataclass(frozen=True)
class Search:
    """What a visitor looks for: a type, with one of `calendars` or with any; `held`: the secret of a time they keep.

    `language`: as chosen on the page, else empty.
    """

    practice: Practice
    type: AppointmentType
    calendars: Sequence[Calendar]
    calendar: Calendar | None = None
    held: str = ""
    language: str = ""

    @property
    def calendar_id(self) -> UUID | None:
        """Of the one practitioner looked for."""
        return self.calendar.id if self.calendar else None

    def url(self, page: str, token: str = "", **more: str) -> str:
        """The address of a step: with the practitioner, the kept time and the language, and nothing that was typed."""
        calendar = self.calendar.reference if self.calendar else ""
        chosen = {"calendar": calendar, "held": self.held, "language": self.language} | more
        address = reverse(f"portal:{page}", args=[self.practice.slug, token or self.type.reference])
        query = urlencode({key: value for key, value in chosen.items() if value})
        return f"{address}?{query}" if query else address

    def offers(self, actor: Actor, first_day: date, last_day: date) -> list[engine.Offer]:
        """What is free over local days."""
        return free_times(actor, self.type, first_day, last_day, self.calendar_id).all()

    def next_offers(self, actor: Actor, count: int, *, since: int) -> Sequence[engine.Offer]:
        """What is free next, from a UTC minute on."""
        return next_free(actor, self.type, count, since=since, calendar_id=self.calendar_id)

    def minutes_of(self, calendar: Calendar) -> int:
        """How long the appointment lasts there (CAL-6)."""
        return getattr(calendar, "own_duration", None) or self.type.duration

    @cached_property
    def lengths(self) -> list[int]:
        """How long it may last: with whom was chosen, or with each."""
        asked = (self.calendar,) if self.calendar else self.calendars
        return sorted({self.minutes_of(one) for one in asked})

    @cached_property
    def in_words(self) -> dict[UUID, tuple[Calendar, str]]:
        """The calendars by their ids; with the length, where that differs from one practitioner to another."""
        differ = len(self.lengths) > 1
        return {one.pk: (one, cards.minutes([self.minutes_of(one)]) if differ else "") for one in self.calendars}

    def local_day(self, instant: datetime) -> date:
        """The day of an instant on the practice's wall."""
        return instant.astimezone(self.practice.zone).date()


@dataclass(frozen=True, slots=True)
class Local:
    """An offer as a button: `value` is its instant, with its calendar."""

    starts: datetime
    value: str
    name: str
    length: str = ""

    @classmethod
    def of(cls, offer: engine.Offer, zone: ZoneInfo, calendar: Calendar, length: str = "") -> "Local":
        starts = engine.instant_of(offer.start)
        return cls(starts.astimezone(zone), f"{starts:%Y%m%dT%H%MZ}~{calendar.reference}", calendar.name, length)

    def button(self) -> dict[str, str]:
        """For the template. Where the clock strikes twice, the zone says which of the two is meant."""
        label = clock(self.starts)
        if self.starts.replace(fold=0).utcoffset() != self.starts.replace(fold=1).utcoffset():
            label += f" {self.starts:%Z}"
        return {
            "label": label,
            "value": self.value,
            "name": self.name,
            "length": self.length,
        }


def clock(starts: datetime) -> str:
    """'10:30'."""
    return f"{starts:%H:%M}"


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


def types_for(types: Sequence[AppointmentType], said: str) -> list[AppointmentType]:
    """Those for somebody who says that they are `new` or `known` here; all of them for who says neither."""
    if said not in (AppointmentType.Patients.NEW, AppointmentType.Patients.KNOWN):
        return list(types)
    return [one for one in types if one.patients in (said, AppointmentType.Patients.ALL)]


def answers(types: Sequence[AppointmentType], said: str) -> list[dict[str, Any]]:
    """What one may answer to 'Have you been here before?'; nothing where it makes no difference."""
    if all(one.patients == AppointmentType.Patients.ALL for one in types):
        return []
    words = {AppointmentType.Patients.KNOWN: _("I have been here before"), AppointmentType.Patients.NEW: _("I am new")}
    return [{"words": one, "value": str(value), "is_chosen": said == value} for value, one in words.items()]


def times_context(actor: Actor, search: Search, wanted: date | None, *, whole_week: bool = False) -> dict[str, Any]:
    """The page of free times: one week, one day of it open.

    Without a wanted day it opens at the next free time. `whole_week`: any day of its week will do. What is empty says
    so, with the next free time, or with whom else there are times.
    """
    today = search.local_day(timezone.now())
    last = today + timedelta(days=search.type.horizon)
    day = min(max(wanted or today, today), last)
    by_day = _week_of_times(actor, search, day)
    if wanted is None and not by_day and (first := _first(actor, search)):
        day = first.starts.date()
        by_day = _week_of_times(actor, search, day)
    empty_day = day if wanted and not whole_week and by_day and day not in by_day else None
    if day not in by_day:
        day = next((one for one in sorted(by_day) if one >= day), next(iter(sorted(by_day)), day))
    return {
        **choice_context(search),
        "chips": _chips(search, day),
        "week": _week(search, day, today, last, by_day),
        "day_title": date_format(day, "WEEKDAY_DAY_FORMAT"),
        "empty_day": date_format(empty_day, "WEEKDAY_DAY_FORMAT") if empty_day else "",
        "groups": _groups([local_offer(search, one) for one in by_day.get(day, ())]),
        "hold_url": search.url("hold"),
        **({} if by_day else _elsewhere(actor, search)),
    }


def choice_context(search: Search) -> dict[str, Any]:
    """What was chosen so far, for the summary."""
    return {
        "type": card(search.type, search.practice, search.lengths),
        "with_name": search.calendar.name if search.calendar else "",
        "services_url": reverse("portal:services", args=[search.practice.slug]),
    }


def _week_of_times(actor: Actor, search: Search, day: date) -> dict[date, list[engine.Offer]]:
    """The free times of each day of a week that has some; of several who are free at the same time each is offered."""
    days = _days_of(week_of(day))
    offers = search.offers(actor, days[0], days[-1])
    starts = [one.start for one in offers]
    spans = ((one, engine.day_period(search.practice.zone, one, one)) for one in days)
    found = {one: offers[bisect_left(starts, begin) : bisect_left(starts, end)] for one, (begin, end) in spans}
    return {one: times for one, times in found.items() if times}


def _days_of(monday: date) -> list[date]:
    return [monday + timedelta(days=number) for number in range(7)]


def _first(actor: Actor, search: Search) -> Local | None:
    """The next free time."""
    found = search.next_offers(actor, 1, since=this_minute())
    return local_offer(search, found[0]) if found else None


def local_offer(search: Search, offer: engine.Offer) -> Local:
    """As a button; with its length, where that differs from one practitioner to another."""
    return Local.of(offer, search.practice.zone, *search.in_words[offer.calendar_id])


def _elsewhere(actor: Actor, search: Search) -> dict[str, Any]:
    """Nothing in this week: the next free time; if there is none with this practitioner, all of them."""
    first = _first(actor, search)
    if first:
        return {
            "next_free": date_format(first.starts, "WEEKDAY_DAY_TIME_FORMAT"),
            "next_url": search.url("times", day=f"{first.starts:%Y-%m-%d}"),
        }
    return {"everybody_url": search.url("times", calendar="")} if search.calendar else {}


def other_times(actor: Actor, search: Search, since: datetime) -> list[dict[str, Any]]:
    """The free times nearest after an instant, by day; if there are none after it, the first there are."""
    minute = engine.minute_of(since)
    found: Sequence[engine.Offer] = ()
    for begin in (max(minute, this_minute()), this_minute()):
        found = found or search.next_offers(actor, OTHER_TIMES, since=begin)
    days: dict[date, list[dict[str, Any]]] = {}
    for number, offer in enumerate(found, 1):
        local = local_offer(search, offer)
        when = date_format(local.starts, "SHORT_WEEKDAY_DAY_FORMAT")
        days.setdefault(local.starts.date(), []).append(local.button() | {"number": number, "when": when})
    same = search.local_day(since)
    return [
        {"title": date_format(day, "WEEKDAY_DAY_FORMAT"), "same_day": day == same, "times": times}
        for day, times in days.items()
    ]


def _chips(search: Search, day: date) -> list[dict[str, Any]]:
    """Who offers it, to look at one of them alone; none where there is no choice."""
    if len(search.calendars) < 2:
        return []
    shown = f"{day:%Y-%m-%d}"
    everybody = {"name": _("Anybody"), "url": search.url("times", calendar="", week=shown),
                 "is_chosen": search.calendar is None}  # fmt: skip
    return [everybody] + [
        {
            "name": one.name,
            "initials": one.initials,
            "colour": one.colour,
            "url": search.url("times", calendar=one.reference, week=shown),
            "is_chosen": one == search.calendar,
        }
        for one in search.calendars
    ]


def _week(
    search: Search, day: date, today: date, last: date, by_day: Mapping[date, Sequence[engine.Offer]]
) -> dict[str, Any]:
    monday = week_of(day)
    days = _days_of(monday)
    before, after = monday - timedelta(days=7), days[-1] + timedelta(days=1)
    return {
        "title": _week_title(days[0], days[-1]),
        "previous_url": search.url("times", week=f"{before:%Y-%m-%d}") if monday > today else None,
        "next_url": search.url("times", week=f"{after:%Y-%m-%d}") if days[-1] < last else None,
        "days": [
            {
                "date": one,
                "weekday": date_format(one, "D")[:2],
                "count": len(by_day.get(one, ())),
                "url": search.url("times", day=f"{one:%Y-%m-%d}"),
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
    about = card(booked.type, practice)
    made = booked if isinstance(booked, Appointment) else booked.appointment
    if made:
        about |= cards.place(made.location)
    return {
        "type_name": booked.type.name,
        "minutes": (booked.ends_at - booked.starts_at) // timedelta(minutes=1),
        "price": about["price"],
        "where": about["where"],
        "where_icon": about["where_icon"],
        "by_video": about["where_icon"] == "video",
        "name": booked.calendar.name,
        "when": when(starts),
        "starts_at": starts,
    }


def how_to_join(actor: Actor, practice: Practice, booked: Appointment) -> dict[str, Any] | None:
    """The way into an appointment that is held by video, with the link while it is open (VID-4); the TAN is in the mail
    alone. None for any other, and when it is over.
    """
    now, is_held = timezone.now(), booked.location == AppointmentType.Location.VIDEO
    if not is_held or hasattr(booked, "cancellation") or now > booked.ends_at + CLOSES_AFTER:
        return None
    found, may_join = joining(actor, booked), is_open(booked.starts_at, booked.ends_at, now)
    return {
        "url": found.url if found and may_join else "",
        "opens_at": (booked.starts_at - OPENS_BEFORE).astimezone(practice.zone),
        "is_open": may_join,
    }


def when(starts: datetime) -> str:
    """'Wednesday, 25 November 2026, 10:30'."""
    return date_format(starts, "WEEKDAY_DATETIME_FORMAT")
