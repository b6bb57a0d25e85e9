"""The forms of working hours: a week as rows, its pattern, a shift."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _

from sprechzeit.scheduling.forms.clock import ClockField, DayField
from sprechzeit.scheduling.models import AppointmentType
from sprechzeit.scheduling.week import MOST_WEEKS, Pattern, Stretch, Week, Window, in_a_day, overlapping
from sprechzeit.ui.forms import WholeNumber

WORKING, KEPT = "work", "kept"
MOST_ROWS = 150


class RowForm(forms.Form):
    """A time of the week. Without a time it is no row."""

    weekday = forms.TypedChoiceField(label=_("Day"), choices=WEEKDAYS.items, coerce=int, initial=0)
    starts = ClockField(label=_("from"), required=False)
    ends = ClockField(label=_("to"), required=False)
    kind = forms.ChoiceField(
        label=_("Kind"), choices=[(WORKING, _("Working time")), (KEPT, _("Booking window"))], initial=WORKING
    )
    types = forms.TypedMultipleChoiceField(
        label=_("Kept for"), coerce=UUID, required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, types: Sequence[tuple[str, str]], only_windows: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["types"].choices = types  # type: ignore[attr-defined]  # of a choice field
        if only_windows:
            self.fields["kind"].choices = [(KEPT, _("Booking window"))]  # type: ignore[attr-defined]
            self.fields["kind"].initial = KEPT

    def clean(self) -> dict[str, Any]:
        """A row has both times, lies in a day, and a window is kept for something."""
        data = self.cleaned_data
        if "starts" in self.errors or "ends" in self.errors or self.is_blank:
            return data
        for name in ("starts", "ends"):
            if data.get(name) is None:
                self.add_error(name, _("Please enter a time, for example 08:30."))
        if not self.errors and not in_a_day(Stretch(*self.times)):
            self.add_error("ends", _("The end must come after the beginning."))
        if data.get("kind") == KEPT and not data.get("types") and "types" not in self.errors:
            self.add_error("types", _("Please choose what this time is kept for."))
        return data

    @property
    def is_blank(self) -> bool:
        """Whether nobody entered a time."""
        return self.cleaned_data.get("starts") is None and self.cleaned_data.get("ends") is None

    @property
    def times(self) -> tuple[int, int, int]:
        """Weekday, begin, end."""
        data = self.cleaned_data
        return data["weekday"], data["starts"], data["ends"]


class _Rows(forms.BaseFormSet):  # type: ignore[type-arg]  # generic in the stub only
    def clean(self) -> None:
        """No two times of one kind overlap: the error stands beside the later one."""
        if any(self.errors):
            return
        for kind in (WORKING, KEPT):
            rows = [row for row in self.forms if not row.is_blank and row.cleaned_data["kind"] == kind]
            for place in overlapping([Stretch(*row.times) for row in rows]):
                rows[place].add_error("starts", _("This overlaps another time on the same day."))

    def is_valid(self) -> bool:
        """Also by what `clean` put beside the rows."""
        return super().is_valid() and not any(row.errors for row in self.forms)

    def working(self) -> tuple[Stretch, ...]:
        """The working time, in order."""
        return tuple(sorted(Stretch(*row.times) for row in self._of(WORKING)))

    def windows(self) -> tuple[Window, ...]:
        """The booking windows, in order."""
        return tuple(sorted(_window(row) for row in self._of(KEPT)))

    def _of(self, kind: str) -> list[Any]:
        return [row for row in self.forms if not row.is_blank and row.cleaned_data["kind"] == kind]


def _window(row: Any) -> Window:
    weekday, starts, ends = row.times
    return Window(weekday, starts, ends, tuple(row.cleaned_data["types"]))


RowSet = forms.formset_factory(
    RowForm, formset=_Rows, extra=3, max_num=MOST_ROWS, absolute_max=MOST_ROWS, validate_max=True
)


def rows_of(week: Week) -> list[dict[str, Any]]:
    """A week as the rows of its form show it."""
    working = [
        {"weekday": one.weekday, "starts": one.starts, "ends": one.ends, "kind": WORKING} for one in week.working
    ]
    windows = [
        {
            "weekday": one.weekday,
            "starts": one.starts,
            "ends": one.ends,
            "kind": KEPT,
            "types": list(map(str, one.types)),
        }
        for one in week.windows
    ]
    return sorted(working + windows, key=lambda row: (row["weekday"], row["starts"], row["kind"] == KEPT))


def type_choices(types: Iterable[AppointmentType]) -> list[tuple[str, str]]:
    """Appointment types to choose from."""
    return [(str(one.pk), one.name) for one in types]


class PatternForm(forms.Form):
    """In which weeks the hours count."""

    every_weeks = WholeNumber(
        label=_("Rhythm in weeks"),
        min_value=1,
        max_value=MOST_WEEKS,
        initial=1,
        error_messages=dict.fromkeys(
            ("invalid", "min_value", "max_value"), _("Please enter a number of weeks from 1 to 52.")
        ),
    )
    valid_from = DayField(label=_("Valid from"), required=False)
    valid_until = DayField(label=_("Valid until"), required=False)

    def clean(self) -> dict[str, Any]:
        """What comes every few weeks is counted from a day; a week ends after it begins."""
        data = self.cleaned_data
        if self.errors:
            return data
        if data["every_weeks"] > 1 and data["valid_from"] is None:
            self.add_error("valid_from", _("Please enter the first week: the others are counted from it."))
        elif not self.pattern().is_possible:
            self.add_error("valid_until", _("The end must come after the beginning."))
        return data

    def pattern(self) -> Pattern:
        """What was entered."""
        return Pattern(**{name: self.cleaned_data[name] for name in ("every_weeks", "valid_from", "valid_until")})


class ShiftForm(forms.Form):
    """Working time on one date."""

    works_on = DayField(label=_("Date"))
    starts = ClockField(label=_("from"))
    ends = ClockField(label=_("to"), help_text=_("An end before the beginning lies on the next day."))
