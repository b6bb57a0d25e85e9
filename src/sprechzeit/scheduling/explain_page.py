"""What *Why is this time not offered?* shows: each reason in words, with the link that lifts it (CAL-10)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from sprechzeit.access.actor import Actor
from sprechzeit.scheduling import availability as engine
from sprechzeit.scheduling.availability import Channel, Reason
from sprechzeit.scheduling.errors import month_full_words
from sprechzeit.scheduling.forms.lengths import length_in_words
from sprechzeit.scheduling.forms.local_time import clock_of, on_the_wire
from sprechzeit.scheduling.policy import may_change_appointment, may_enter
from sprechzeit.scheduling.queries.explain import Explanation
from sprechzeit.scheduling.reasons import ends_outside, title_of, words_of

VIDEO_SERVICE = "/settings/video-service/"
"""By its path: a room above this one answers there."""


@dataclass(frozen=True, slots=True)
class Why:
    """One reason: what it is, what it means here, and where it can be lifted."""

    title: str
    detail: str
    lift: str = ""
    url: str = ""
    in_dialog: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """A time that is offered. `url`: where it is booked; empty where the actor may not."""

    when: str
    short: str
    where: str
    url: str


class ExplainPage:
    """An explanation as a person reads it, on the practice's clock."""

    def __init__(self, actor: Actor, shown: Explanation) -> None:
        self.actor, self.shown = actor, shown
        self.zone = shown.free.zone
        self.starts_at = engine.instant_of(shown.start).astimezone(self.zone)
        self.now = engine.instant_of(shown.free.now - 1).astimezone(self.zone)

    @property
    def is_offered(self) -> bool:
        """Whether nothing speaks against it."""
        return not self.shown.reasons

    @property
    def minutes(self) -> int:
        """How long it lasts here."""
        return self.shown.time.rules.duration

    @property
    def clock(self) -> str:
        """The time that was asked about."""
        return clock_of(self.starts_at, self.zone)

    @property
    def when(self) -> str:
        """The day and time that were asked about."""
        return f"{date_format(self.starts_at, 'SHORT_WEEKDAY_DAY_FORMAT')}, {self.clock}"

    def channels(self) -> list[tuple[str, str, bool]]:
        """Who books: label, the address of the same question, and whether it is the one asked."""
        chosen = self.shown.free.asker.channel
        return [(label, self._address(one), one is chosen) for one, label in _channels()]

    def _address(self, channel: Channel) -> str:
        asked = {
            "calendar": self.shown.calendar.pk,
            "type": self.shown.type.pk,
            "start": on_the_wire(self.starts_at, self.zone),
            "by": channel.value,
        }
        if self.starts_at.fold:
            asked["fold"] = 1
        if self.shown.moved:
            asked["appointment"] = self.shown.moved.pk
        return f"{reverse('scheduling:explain')}?{urlencode(asked)}"

    def nearest(self) -> Choice | None:
        """The nearest time that is offered."""
        return self._choice(self.shown.nearest) if self.shown.nearest else None

    def others(self) -> list[Choice]:
        """The next times, of any calendar."""
        return [self._choice(offer) for offer in self.shown.others]

    def _choice(self, offer: engine.Offer) -> Choice:
        calendar = self.shown.calendars[offer.calendar_id]
        room = self.shown.rooms.get(offer.room_id) if offer.room_id else None
        starts = engine.instant_of(offer.start).astimezone(self.zone)
        asked = {"calendar": calendar.pk, "start": on_the_wire(starts, self.zone)}
        if room:
            asked["room"] = room.pk
        if starts.fold:
            asked["fold"] = 1
        own = offer.calendar_id == self.shown.calendar.pk
        clock = clock_of(starts, self.zone)
        return Choice(
            when=f"{date_format(starts, 'SHORT_WEEKDAY_DAY_FORMAT')}, {clock}",
            short=f"{date_format(starts, 'D' if self._is_this_week(starts) else 'SHORT_WEEKDAY_DAY_FORMAT')} {clock}",
            where=room.name if own and room else calendar.name,
            url=self._booked_at(asked) if may_enter(self.actor, calendar) else "",
        )

    def _booked_at(self, asked: dict[str, Any]) -> str:
        """Where a time is booked, or the appointment is moved to it."""
        moved = self.shown.moved
        if moved is None:
            return f"{reverse('scheduling:new')}?{urlencode(asked | {'type': self.shown.type.pk})}"
        if not may_change_appointment(self.actor, moved) or hasattr(moved, "cancellation"):
            return ""
        return f"{reverse('scheduling:place', args=[moved.pk])}?{urlencode(asked)}"

    def _is_this_week(self, moment: datetime) -> bool:
        """Whether the name of the day says which one is meant."""
        return timedelta(0) <= moment.date() - self.now.date() < timedelta(days=7)

    def reasons(self) -> list[Why]:
        """Each reason with what it means here and the link that lifts it."""
        return [self._why(reason) for reason in self.shown.reasons]

    def _why(self, reason: Reason) -> Why:
        title = str(title_of(reason))
        detail = self._detail(reason) or str(words_of(reason))
        if reason is Reason.CALENDAR_TAKEN and self.shown.movable:
            found = self.shown.movable[-1]
            lift = _("Move the appointment at %(time)s …") % {"time": clock_of(found.starts_at, self.zone)}
            return Why(title, detail, lift, reverse("scheduling:place", args=[found.pk]), in_dialog=True)
        lift, url = self._lift(reason)
        return Why(title, detail, lift, url)

    def _lift(self, reason: Reason) -> tuple[str, str]:
        of_type = reverse("scheduling_settings:type", args=[self.shown.type.pk])
        of_calendar = reverse("scheduling_hours:calendar", args=[self.shown.calendar.pk])
        match reason:
            case Reason.OUTSIDE_WORKING_TIME:
                return _("Change working hours"), of_calendar
            case Reason.KEPT_FOR_OTHERS | Reason.OUTSIDE_WINDOWS:
                return _("Change booking windows"), of_calendar
            case Reason.ABSENT:
                return _("Show absences"), reverse("scheduling_hours:absences")
            case Reason.HOLIDAY:
                return _("Work on this holiday"), reverse("scheduling_hours:absences") + "#holidays"
            case Reason.NO_ROOM_FREE | Reason.NO_ROOM_ALLOWED:
                return _("Allow another room"), of_type
            case Reason.TOO_SOON:
                return _("Change the type's notice"), of_type
            case Reason.TOO_FAR_AHEAD:
                return _("Change how far ahead it is bookable"), of_type
            case Reason.MONTH_FULL:
                return _("Show the plan"), reverse("scheduling_settings:plan")
            case Reason.VIDEO_OFF:
                return _("Show the video service"), VIDEO_SERVICE
            case Reason.NO_VIDEO_REFERENCE:
                return _("Enter the reference"), reverse("scheduling_settings:calendar", args=[self.shown.calendar.pk])
            case Reason.CALENDAR_TAKEN:
                day = f"{self.starts_at:%Y-%m-%d}"
                return _("Show the day"), f"{reverse('scheduling:book')}?day={day}"
            case _:
                return _("Change the appointment type"), of_type

    def _detail(self, reason: Reason) -> str:
        shown, rules = self.shown, self.shown.time.rules
        match reason:
            case Reason.OFF_GRID:
                return self._on_grid()
            case Reason.TOO_SOON:
                return _("Notice: %(length)s. Earliest %(when)s.") % {
                    "length": length_in_words(rules.notice),
                    "when": self._moment(shown.free.now + rules.notice),
                }
            case Reason.TOO_FAR_AHEAD:
                last = self.now.date() + timedelta(days=rules.horizon_days)
                return _("Bookable for %(length)s ahead, at present until %(day)s.") % {
                    "length": ngettext("%(n)s day", "%(n)s days", rules.horizon_days) % {"n": rules.horizon_days},
                    "day": date_format(last, "SHORT_WEEKDAY_DATE_FORMAT"),
                }
            case Reason.OUTSIDE_WORKING_TIME:
                return self._outside()
            case Reason.ABSENT:
                return _("Absent: %(times)s.") % {"times": self._over(shown.time.absent)}
            case Reason.HOLIDAY:
                return _("%(holiday)s: the practice is closed.") % {"holiday": shown.holiday} if shown.holiday else ""
            case Reason.KEPT_FOR_OTHERS:
                return _("Kept for other appointment types: %(times)s.") % {"times": self._over(shown.time.kept)}
            case Reason.OUTSIDE_WINDOWS:
                return self._on_this_day(_("Its windows on this day: %(times)s."), shown.time.windows)
            case Reason.CALENDAR_TAKEN:
                return self._taken()
            case Reason.NO_ROOM_FREE:
                return " ".join(shown.rooms_taken)
            case Reason.NOT_BOOKABLE:
                return _not_bookable(shown.free.asker.channel)
            case Reason.MONTH_FULL:
                return month_full_words(shown.free.plan, self.starts_at.date())
            case _:
                return ""

    def _outside(self) -> str:
        """The hours; and where it begins within them, that it is the end which lies outside."""
        shown = self.shown
        spans = self._clocks(shown.on_the_day(shown.time.working))
        hours = _("Working hours on this day: %(times)s.") % {"times": spans} if spans else _("None on this day.")
        return f"{ends_outside(shown.time.working, shown.span, self.zone)} {hours}".strip()

    def _on_grid(self) -> str:
        """The starts before and after it that lie on the grid."""
        grid = self.shown.time.rules.grid
        minute = self.starts_at.hour * 60 + self.starts_at.minute
        before = minute // grid * grid
        after = before + grid
        clocks = [f"{at // 60:02}:{at % 60:02}" for at in (before, after) if at < 24 * 60]
        return _("Starts every %(grid)s minutes: %(times)s.") % {"grid": grid, "times": _joined(clocks)}

    def _taken(self) -> str:
        """When it is taken, and how much is free."""
        begin, end = self.shown.needed
        taken = _("Taken %(times)s.") % {"times": self._clocks(self.shown.busy_then())}
        free, whole = self.shown.free_minutes(), end - begin
        if not free:
            return taken
        only = ngettext(
            "Only %(free)s of %(whole)s minute is free.", "Only %(free)s of %(whole)s minutes are free.", whole
        )
        return f"{taken} {only % {'free': free, 'whole': whole}}"

    def fits(self) -> list[str]:
        """What does not speak against it, in words."""
        shown, against = self.shown, set(self.shown.reasons)
        found = []
        if Reason.OUTSIDE_WORKING_TIME not in against:
            found.append(_("Working hours %(times)s") % {"times": self._clocks(shown.on_the_day(shown.time.working))})
        if not against & {Reason.NOT_BOOKABLE, Reason.NOT_OFFERED_HERE}:
            found.append(self._bookable())
        if not against & {Reason.ABSENT, Reason.HOLIDAY}:
            found.append(_("No absence, no public holiday"))
        if not against & {Reason.KEPT_FOR_OTHERS, Reason.OUTSIDE_WINDOWS} and (shown.time.windows or shown.time.kept):
            found.append(_("No booking window against it"))
        if not against & {Reason.TOO_SOON, Reason.TOO_FAR_AHEAD, Reason.OFF_GRID}:
            found.append(
                _("No notice, horizon or grid for the practice")
                if shown.free.asker.channel is Channel.STAFF
                else _("Notice, horizon and grid")
            )
        if Reason.CALENDAR_TAKEN not in against:
            found.append(_("Calendar free"))
        if shown.type.needs_room and not against & {Reason.NO_ROOM_FREE, Reason.NO_ROOM_ALLOWED}:
            found.append(_("A room is free"))
        return found

    def _bookable(self) -> str:
        who = self.shown.type.get_patients_display()
        match self.shown.free.asker.channel:
            case Channel.ONLINE:
                return _("Bookable online, for %(patients)s") % {"patients": who}
            case Channel.PARTNERS:
                return _("Bookable by partners, for %(patients)s") % {"patients": who}
            case _:
                return _("Bookable by the practice, for %(patients)s") % {"patients": who}

    def _over(self, spans: Sequence[engine.Span]) -> str:
        begin, end = self.shown.span
        return _joined(self._span(span) for span in engine.merged(sorted(spans)) if span[0] < end and span[1] > begin)

    def _on_this_day(self, words: str, spans: Sequence[engine.Span]) -> str:
        return words % {"times": self._clocks(self.shown.on_the_day(spans)) or _("none")}

    def _clocks(self, spans: Iterable[engine.Span]) -> str:
        return _joined(self._span(span) for span in spans)

    def _span(self, span: engine.Span) -> str:
        """'10:15–10:55'; with the days where it does not lie on the day asked about."""
        begin, end = (engine.instant_of(minute).astimezone(self.zone) for minute in span)
        last = engine.instant_of(span[1] - 1).astimezone(self.zone)
        if begin.date() == last.date() == self.starts_at.date():
            return f"{clock_of(begin, self.zone)}–{clock_of(end, self.zone) if end.date() == begin.date() else '24:00'}"
        return f"{self._moment(span[0])} – {self._moment(span[1])}"

    def _moment(self, minute: int) -> str:
        moment = engine.instant_of(minute).astimezone(self.zone)
        if moment.date() == self.now.date():
            return _("today %(time)s") % {"time": clock_of(moment, self.zone)}
        return f"{date_format(moment, 'SHORT_WEEKDAY_DAY_FORMAT')}, {clock_of(moment, self.zone)}"


def _channels() -> list[tuple[Channel, str]]:
    return [(Channel.ONLINE, _("Online")), (Channel.STAFF, _("Practice")), (Channel.PARTNERS, _("Partners"))]


def _not_bookable(channel: Channel) -> str:
    match channel:
        case Channel.ONLINE:
            return _("This type is not open to online booking.")
        case Channel.PARTNERS:
            return _("This type is not open to booking partners.")
        case _:
            return _("The practice itself does not book this type.")


def _joined(parts: Iterable[str]) -> str:
    """'a, b and c'."""
    known = list(parts)
    if len(known) < 2:
        return "".join(known)
    return _("%(first)s and %(last)s") % {"first": ", ".join(known[:-1]), "last": known[-1]}
