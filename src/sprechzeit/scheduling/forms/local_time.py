"""Times as people and pages write them: on the practice's clock."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

WIRE = "%Y-%m-%dT%H:%M"


def on_the_wire(instant: datetime, zone: ZoneInfo) -> str:
    """'2026-11-23T09:00', as fields and addresses carry it."""
    return f"{instant.astimezone(zone):{WIRE}}"


def resolved(local: datetime, zone: ZoneInfo, *, fold: bool = False) -> datetime:
    """The instant at which the practice's clock shows `local`; `fold`: the second time in autumn.

    Raises ValueError for a time that the clock skips in spring.
    """
    instant = local.replace(tzinfo=zone, fold=int(fold)).astimezone(UTC)
    if instant.astimezone(zone).replace(tzinfo=None) != local:
        raise ValueError("the clock skips this time")
    return instant


def instant_said(text: Any, fold: Any, zone: ZoneInfo) -> datetime | None:
    """The instant that a page or an address says; None where it cannot be read. `fold`: the second time in autumn."""
    try:
        local = LocalTimeField().to_python(text)
        return resolved(local, zone, fold=is_second(fold)) if local else None
    except (ValidationError, ValueError):
        return None


def is_second(fold: Any) -> bool:
    """Whether a page or an address means the second time."""
    return str(fold) in ("1", "on", "True")


def is_twice(instant: datetime, zone: ZoneInfo) -> bool:
    """Whether the practice's clock shows this time twice on that day."""
    local = instant.astimezone(zone)
    return local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()


def clock_of(instant: datetime, zone: ZoneInfo) -> str:
    """'10:30'; where the clock strikes twice, with the zone, which says which of the two is meant."""
    local = instant.astimezone(zone)
    return f"{local:%H:%M %Z}" if is_twice(instant, zone) else f"{local:%H:%M}"


class LocalTimeField(forms.CharField):
    """A wall-clock time without zone, `YYYY-MM-DDTHH:MM`: a naive datetime between 1990 and 2200."""

    widget = forms.DateTimeInput(attrs={"type": "datetime-local", "step": 300}, format=WIRE)

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        if not text:
            return None
        try:
            found = datetime.strptime(text[:16], WIRE)  # noqa: DTZ007 – the practice's clock, resolved by the form
        except ValueError:
            found = None
        if found is None or not 1990 <= found.year <= 2200:
            raise ValidationError(_("Please enter a day and a time, for example 2026-11-23T09:00."))
        return found
