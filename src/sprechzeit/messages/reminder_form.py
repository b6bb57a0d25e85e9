"""What is typed about a reminder."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from sprechzeit.access.actor import Actor
from sprechzeit.core.ids import parse_id
from sprechzeit.messages.actions.reminders import Wanted
from sprechzeit.messages.models import Message, Reminder
from sprechzeit.messages.models.reminders import MOST_HOURS
from sprechzeit.scheduling.queries.settings import types_in_order
from sprechzeit.ui.forms import WholeNumber

HOURS, DAYS = "hours", "days"
HOURS_A_DAY = 24


class ReminderForm(forms.Form):
    """How long before, by which way, of which appointments. Which ones stays as it was made."""

    count = WholeNumber(label=_("How long before"), min_value=1, max_value=MOST_HOURS, initial=24)
    unit = forms.ChoiceField(label=_("Unit"), choices=[(HOURS, _("hours")), (DAYS, _("days"))], initial=HOURS)
    channel = forms.ChoiceField(label=_("Channel"), choices=[(one.value, one.label) for one in Message.WAYS])
    type = forms.ChoiceField(label=_("Applies to"), required=False)

    def __init__(self, *args: Any, actor: Actor, found: Reminder | None = None, **kwargs: Any) -> None:
        if found:
            kwargs["initial"] = _shown(found)
        super().__init__(*args, **kwargs)
        if found:
            del self.fields["type"]
        else:
            types: Any = self.fields["type"]
            named = [(str(one.pk), one.name) for one in types_in_order(actor)]
            types.choices = [("", _("All appointment types")), *named]

    def clean(self) -> dict[str, Any]:
        """Not more than two months before."""
        given: dict[str, Any] = super().clean() or {}
        if "count" in given and self._hours(given) > MOST_HOURS:
            self.add_error("count", _("At most 60 days, please."))
        return given

    def _hours(self, given: dict[str, Any]) -> int:
        return int(given["count"]) * (HOURS_A_DAY if given.get("unit") == DAYS else 1)

    def wanted(self) -> Wanted:
        """What was typed."""
        given = self.cleaned_data
        return Wanted(self._hours(given), given["channel"], parse_id(given["type"]) if given.get("type") else None)


def _shown(found: Reminder) -> dict[str, Any]:
    days, rest = divmod(found.hours_before, HOURS_A_DAY)
    whole = days > 1 and not rest
    return {
        "count": days if whole else found.hours_before,
        "unit": DAYS if whole else HOURS,
        "channel": found.channel,
    }
