"""What is set up in the appointment book: calendars, appointment types, who offers them."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from sprechzeit.access.actor import Actor
from sprechzeit.practice.models import Room
from sprechzeit.practice.policy import visible_members
from sprechzeit.practice.queries import video_service
from sprechzeit.scheduling.actions.settings import OfferingChange
from sprechzeit.scheduling.forms.lengths import (
    GRIDS,
    HORIZONS,
    NOTICES,
    LengthSelect,
    grid_in_words,
    horizon_in_words,
    notice_in_words,
)
from sprechzeit.scheduling.models import AppointmentType, Calendar, Insurance
from sprechzeit.scheduling.queries.settings import Offered, calendars_in_order, offerings_of, rooms_in_use
from sprechzeit.ui.forms import CentsField, ChangeForm, ColourChoice, WholeNumber

DAY = 24 * 60
NUMERIC = {"inputmode": "numeric", "class": "num"}


class CalendarForm(ChangeForm, forms.ModelForm):  # type: ignore[type-arg]  # generic in the stub only
    """A column of the book. Whose it is, only administrators say."""

    colour = ColourChoice()

    class Meta:
        model = Calendar
        fields = ("name", "initials", "colour", "member", "video_reference")
        help_texts = {
            "video_reference": _("Who the practitioner is in the third-party system: it is copied there."),
        }

    def __init__(self, *args: Any, actor: Actor, may_say_whose: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        service = video_service(actor)
        # Held here, nobody has to be told who the practitioner is.
        if service is None or service.is_here:
            del self.fields["video_reference"]
        self.fields["member"] = forms.ModelChoiceField(
            visible_members(actor).order_by("name"),
            required=False,
            label=_("Practitioner"),
            empty_label=_("None: for example a chair or a device"),
            disabled=not may_say_whose,
            show_hidden_initial=True,
        )
        self.fields["member"].label_from_instance = lambda member: member.name  # type: ignore[attr-defined]


def _minutes(label: Any, least: int) -> WholeNumber:
    return WholeNumber(label=label, min_value=least, max_value=DAY, widget=forms.TextInput(NUMERIC))


def _age(label: Any) -> WholeNumber:
    return WholeNumber(label=label, required=False, min_value=0, max_value=130, widget=forms.TextInput(NUMERIC))


class TypeForm(ChangeForm, forms.ModelForm):  # type: ignore[type-arg]  # generic in the stub only
    """An appointment type with its rules (CAL-5)."""

    colour = ColourChoice()
    duration = _minutes(_("Duration (min.)"), 5)
    buffer_before = _minutes(_("Buffer before"), 0)
    buffer_after = _minutes(_("Buffer after"), 0)
    grid = WholeNumber(label=_("Start times"), min_value=1, max_value=DAY, widget=LengthSelect(GRIDS, grid_in_words))
    notice = WholeNumber(
        label=_("Notice"), min_value=0, max_value=365 * DAY, widget=LengthSelect(NOTICES, notice_in_words)
    )
    horizon = WholeNumber(
        label=_("Horizon"), min_value=0, max_value=730, widget=LengthSelect(HORIZONS, horizon_in_words)
    )
    location = forms.ChoiceField(
        label=_("Location"),
        required=False,
        choices=[("", _("As the practice says")), *AppointmentType.Location.choices],
    )
    price_cents = CentsField(label=_("Price (€)"), required=False, max_length=20)
    min_age = _age(_("From age"))
    max_age = _age(_("Up to age"))
    insurances = forms.MultipleChoiceField(
        label=_("For patients who are insured"),
        choices=Insurance.choices,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Please choose at least one, so that somebody can book it.")},
    )

    class Meta:
        model = AppointmentType
        fields = (
            "name",
            "colour",
            "duration",
            "buffer_before",
            "buffer_after",
            "grid",
            "notice",
            "horizon",
            "location",
            "price_cents",
            "staff",
            "online",
            "partners",
            "patients",
            "min_age",
            "max_age",
            "insurances",
            "confirms_to_patient",
            "tells_practitioner",
            "needs_room",
            "only_in_windows",
        )
        help_texts = {
            "confirms_to_patient": _("By e-mail, with the calendar entry and the link to move or cancel it."),
            "tells_practitioner": _("By e-mail: time, appointment type and the patient’s name."),
        }

    def clean(self) -> dict[str, Any]:
        """Ages in order; what the database refuses is said beside the field."""
        data: dict[str, Any] = super().clean() or {}
        youngest, oldest = data.get("min_age"), data.get("max_age")
        if youngest is not None and oldest is not None and oldest < youngest:
            self.add_error("max_age", _("The upper age must not be below the lower one."))
        return data


class OfferingForm(ChangeForm, forms.Form):
    """Whether and how one calendar offers a type (CAL-6). A room's number is its place in the order of preference."""

    offered = forms.BooleanField(required=False)
    duration = WholeNumber(
        label=_("Own duration (min.)"),
        required=False,
        min_value=5,
        max_value=DAY,
        widget=forms.TextInput(NUMERIC),
    )

    def __init__(
        self,
        data: QueryDict | None,
        *,
        calendar: Calendar,
        rooms: Sequence[Room],
        offered: Offered | None,
        may_change: bool,
    ) -> None:
        self.calendar, self.rooms, self.was = calendar, rooms, offered
        # A calendar that begins to offer it may use every room, in the practice's order.
        ranked = [room.pk for room in rooms] if offered is None else list(offered.rooms)
        self.room_names = [f"room-{room.pk}" for room in rooms]
        initial = {f"room-{room}": place for place, room in enumerate(ranked, start=1)}
        super().__init__(
            data,
            prefix=str(calendar.pk),
            initial={"offered": offered is not None, "duration": offered and offered.duration} | initial,
            may_change=may_change,
        )
        places = [("", "–"), *((place, f"{place}.") for place in range(1, len(rooms) + 1))]
        for room, name in zip(rooms, self.room_names, strict=True):
            self.fields[name] = forms.TypedChoiceField(
                label=room.name,
                choices=places,
                coerce=int,
                empty_value=None,
                required=False,
                show_hidden_initial=True,
                disabled=self.fields["offered"].disabled,
            )

    def room_fields(self) -> list[forms.BoundField]:
        """The choice of place of each room."""
        return [self[name] for name in self.room_names]

    def shown_rooms(self) -> list[Room]:
        """The rooms that were allowed when the page was made, in order of preference."""
        known = {room.pk: room for room in self.rooms}
        return [known[one] for one in self.was.rooms if one in known] if self.was else []

    def change(self) -> OfferingChange | None:
        """What was changed, or None."""
        changed, offered = set(self.changed_data), self.cleaned_data["offered"]
        begins = offered and "offered" in changed
        if "offered" not in changed and not (offered and changed):
            return None
        changes: dict[str, Any] = {}
        if begins or "duration" in changed:
            changes["duration"] = self.cleaned_data["duration"]
        if begins or changed & set(self.room_names):
            changes["rooms"] = self._in_order()
        return OfferingChange(self.calendar.pk, offered if "offered" in changed else None, changes)

    def _in_order(self) -> list[Room]:
        """The allowed rooms by place; of the same place in the practice's order."""
        placed = [
            (self.cleaned_data[name], number) for number, name in enumerate(self.room_names) if self.cleaned_data[name]
        ]
        return [self.rooms[number] for _place, number in sorted(placed)]


class OfferingForms:
    """A form for every calendar in use."""

    def __init__(
        self, actor: Actor, data: QueryDict | None, appointment_type: AppointmentType | None, *, may_change: bool
    ) -> None:
        rooms = rooms_in_use(actor)
        offered: Mapping[UUID, Offered] = offerings_of(actor, appointment_type) if appointment_type else {}
        self.forms = [
            OfferingForm(data, calendar=one, rooms=rooms, offered=offered.get(one.pk), may_change=may_change)
            for one in calendars_in_order(actor)
        ]

    def __iter__(self) -> Iterator[OfferingForm]:
        return iter(self.forms)

    def is_valid(self) -> bool:
        """Whether each is; all are looked at, so that all errors are said."""
        return not sum(not form.is_valid() for form in self.forms)

    def changes(self) -> list[OfferingChange]:
        """What was changed."""
        return [change for form in self.forms if (change := form.change())]
