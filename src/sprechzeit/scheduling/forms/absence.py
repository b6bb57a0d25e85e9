"""The form of an absence."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from sprechzeit.scheduling import availability as engine
from sprechzeit.scheduling.forms.clock import ClockField, DayField
from sprechzeit.scheduling.models import Absence, Calendar
from sprechzeit.scheduling.queries.absence import Away

PRACTICE = "practice"


class AbsenceForm(forms.Form):
    """Who is away, from when until when, and why. Without times it is all day."""

    calendar = forms.ChoiceField(label=_("Who is away"))
    first_day = DayField(label=_("First day"))
    last_day = DayField(label=_("Last day"))
    starts = ClockField(label=_("from"), required=False)
    ends = ClockField(label=_("to"), required=False)
    reason = forms.CharField(
        label=_("Reason"), max_length=200, required=False, help_text=_("Only your practice sees it.")
    )

    def __init__(
        self, *args: Any, zone: ZoneInfo, calendars: Iterable[Calendar], whole_practice: bool, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self._zone = zone
        choices = [(str(one.id), one.name) for one in calendars]
        if whole_practice:
            choices.append((PRACTICE, gettext("Whole practice")))
        self.fields["calendar"].choices = choices  # type: ignore[attr-defined]  # of a choice field

    def clean(self) -> dict[str, Any]:
        """Both times or none; the end comes after the beginning."""
        data = self.cleaned_data
        if self.errors:
            return data
        for name, other in (("starts", "ends"), ("ends", "starts")):
            if data[name] is None and data[other] is not None:
                self.add_error(name, _("Please enter both times, or none for the whole day."))
        if not self.errors and not self._begins_before_it_ends(data):
            self.add_error(
                "ends" if data["ends"] is not None else "last_day", _("The end must come after the beginning.")
            )
        return data

    def _begins_before_it_ends(self, data: dict[str, Any]) -> bool:
        if data["starts"] is None:
            return bool(data["first_day"] <= data["last_day"])
        return (data["first_day"], data["starts"]) < (data["last_day"], data["ends"])

    def away(self) -> Away:
        """What was entered, in aware times."""
        data = self.cleaned_data
        calendar, first, last = data["calendar"], data["first_day"], data["last_day"]
        all_day = data["starts"] is None
        if all_day:
            starts_at, ends_at = map(engine.instant_of, engine.day_period(self._zone, first, last))
        else:
            starts_at, ends_at = self._at(first, data["starts"]), self._at(last, data["ends"])
        return Away(None if calendar == PRACTICE else UUID(calendar), starts_at, ends_at, all_day, data["reason"])

    def _at(self, day: date, minutes: int) -> datetime:
        """The aware time that the wall clock shows; 24:00 is the next day's midnight."""
        midnight = datetime.combine(day, datetime.min.time())
        return (midnight + timedelta(minutes=minutes)).replace(tzinfo=self._zone)


def initial_of(absence: Absence, zone: ZoneInfo) -> dict[str, Any]:
    """An absence as its form shows it."""
    starts, ends = absence.starts_at.astimezone(zone), absence.ends_at.astimezone(zone)
    shown: dict[str, Any] = {
        "calendar": str(absence.calendar_id or PRACTICE),
        "reason": absence.reason,
        "first_day": starts.date(),
        "last_day": ends.date(),
    }
    if absence.all_day:
        return shown | {"last_day": (ends - timedelta(minutes=1)).date()}
    return shown | {"starts": starts.hour * 60 + starts.minute, "ends": ends.hour * 60 + ends.minute}
