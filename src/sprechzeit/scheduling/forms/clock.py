"""Times of day and days as people type them."""

import re
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

_CLOCK = re.compile(r"(?P<hour>[0-9]{1,2})(?:[:.h]?(?P<minute>[0-9]{2}))?")


def clock(minutes: int) -> str:
    """'08:30' for minutes since midnight; past the day's end it goes on with the next day's times."""
    minutes = minutes if minutes <= 1440 else minutes - 1440
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


class ClockField(forms.CharField):
    """A time of day ('8', '8:30', '0830', '24:00'), in minutes since midnight; None when empty."""

    default_error_messages = {"invalid": _("Please enter a time, for example 08:30.")}

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off", "placeholder": "08:30"})
        options: dict[str, Any] = {"max_length": 8, "widget": widget, **kwargs}
        super().__init__(**options)

    def to_python(self, value: Any) -> int | None:  # type: ignore[override]  # a text field that gives a number
        """Minutes since midnight."""
        if isinstance(value, int):
            return value
        text = re.sub(r"\s|Uhr", "", str(value or ""))
        if not text:
            return None
        found = _CLOCK.fullmatch(text)
        minutes = int(found["hour"]) * 60 + int(found["minute"] or 0) if found else -1
        if found is None or int(found["minute"] or 0) > 59 or minutes > 1440:
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        return minutes

    def prepare_value(self, value: Any) -> Any:
        """What the control shows: typed text as it was typed."""
        return clock(value) if isinstance(value, int) else value

    def run_validators(self, value: Any) -> None:
        """None: those of a text do not fit a number."""


class DayField(forms.DateField):
    """A day, by the browser's own control."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", "min": "1990-01-01", "max": "2200-12-31"})
        options: dict[str, Any] = {"widget": widget, "input_formats": ["%Y-%m-%d", "%d.%m.%Y"], **kwargs}
        super().__init__(**options)

    def clean(self, value: Any) -> Any:
        """A day of our times."""
        day = super().clean(value)
        if day is not None and not 1990 <= day.year <= 2200:
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        return day
