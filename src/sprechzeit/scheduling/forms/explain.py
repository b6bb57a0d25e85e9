"""The question why a time is not offered."""

from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from sprechzeit.access.actor import Actor
from sprechzeit.practice.queries import practice_of
from sprechzeit.scheduling.availability import Channel
from sprechzeit.scheduling.forms.local_time import LocalTimeField, on_the_wire, resolved
from sprechzeit.scheduling.models import Appointment
from sprechzeit.scheduling.policy import visible_calendars, visible_types
from sprechzeit.scheduling.queries.dialog import types_in
from sprechzeit.scheduling.queries.explain import Question

BY = [(Channel.ONLINE, _("Online")), (Channel.STAFF, _("Practice")), (Channel.PARTNERS, _("Partners"))]


class ExplainForm(forms.Form):
    """Type, calendar, time on the practice's clock, and who books: online, unless said otherwise.

    Asked of an appointment alone, all of it is the appointment's own.
    """

    type: "forms.ModelChoiceField[Any]" = forms.ModelChoiceField(
        None, label=_("Appointment type"), empty_label=None, required=False
    )
    calendar: "forms.ModelChoiceField[Any]" = forms.ModelChoiceField(
        None,
        label=_("Calendar"),
        empty_label=None,
        error_messages={"invalid_choice": _("This calendar is retired: it offers nothing new.")},
    )
    start = LocalTimeField(label=_("Begin"))
    by = forms.ChoiceField(choices=BY, required=False, widget=forms.HiddenInput)
    fold = forms.BooleanField(required=False, widget=forms.HiddenInput)
    appointment = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, actor: Actor, moved: Appointment | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.actor, self.moved = actor, moved
        self.zone = practice_of(actor).zone
        # The drawer asks without a type; whoever changes the question has one.
        self.fields["type"].required = not self.is_bound
        types = visible_types(actor, retired=True)
        types = types.filter(Q(retired_at=None) | Q(pk__in=[moved.type_id] if moved else []))
        for name, rows in (("type", types), ("calendar", visible_calendars(actor))):
            field: Any = self.fields[name]
            field.queryset = rows.order_by("position", "name")
            field.label_from_instance = lambda row: row.name

    @staticmethod
    def about(moved: Appointment, zone: ZoneInfo) -> dict[str, str]:
        """The question about an appointment where it stands."""
        begins = moved.starts_at.astimezone(zone)
        return {
            "appointment": str(moved.pk),
            "type": str(moved.type_id),
            "calendar": str(moved.calendar_id),
            "start": on_the_wire(begins, zone),
            "fold": "1" if begins.fold else "",
        }

    def question(self) -> Question:
        """What a valid form asks."""
        asked = self.cleaned_data
        return Question(asked["type"], asked["calendar"], asked["start"], asked["by"], self.moved)

    def clean(self) -> dict[str, Any]:
        """The instant that is meant, and without a type the first that the calendar offers."""
        cleaned = super().clean() or {}
        if local := cleaned.get("start"):
            try:
                cleaned["start"] = resolved(local, self.zone, fold=bool(cleaned.get("fold")))
            except ValueError:
                self.add_error("start", _("The clock is put forward then: this time does not exist on that day."))
        if cleaned.get("calendar") and not cleaned.get("type") and "type" not in self.errors:
            cleaned["type"] = next(iter(types_in(self.actor, cleaned["calendar"])), None)
            if cleaned["type"] is None:
                self.add_error("type", _("There is no appointment type yet."))
        cleaned["by"] = Channel(cleaned.get("by") or Channel.ONLINE)
        return cleaned
