"""What the practice types about appointments and blocks."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from sprechzeit.access.actor import Actor
from sprechzeit.core.errors import NotFound
from sprechzeit.patients.actions import NewPatient
from sprechzeit.practice.models import Room
from sprechzeit.practice.policy import visible_rooms
from sprechzeit.practice.queries import practice_of
from sprechzeit.scheduling.actions.appoint import Wish
from sprechzeit.scheduling.actions.place import Place
from sprechzeit.scheduling.errors import ImpossibleLength
from sprechzeit.scheduling.forms.local_time import LocalTimeField, instant_said, on_the_wire, resolved
from sprechzeit.scheduling.models import Appointment, AppointmentType
from sprechzeit.scheduling.policy import enterable_calendars, visible_types
from sprechzeit.scheduling.queries.dialog import duration_in

FIRST_FREE, NO_ROOM = "", "none"


class PlaceForm(forms.Form):
    """Where something shall stand: calendar, room, begin and end. `confirmed`: reasons that the person accepts."""

    calendar: Any = forms.ModelChoiceField(None, label=_("Calendar"), empty_label=None)
    start = LocalTimeField(label=_("Begin"))
    end = LocalTimeField(label=_("End"), required=False)
    fold = forms.BooleanField(required=False, widget=forms.HiddenInput)
    room = forms.ChoiceField(label=_("Room"), required=False)
    confirmed = forms.CharField(required=False, max_length=300, widget=forms.HiddenInput)

    first_free_label = _("The first that is free")

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.actor = actor
        self.zone = practice_of(actor).zone
        self.rooms: dict[str, Room] = {
            str(one.pk): one for one in visible_rooms(actor).filter(retired_at=None).order_by("position", "name")
        }
        calendars: Any = self.fields["calendar"]
        calendars.queryset = enterable_calendars(actor).order_by("position", "name")
        calendars.label_from_instance = lambda calendar: calendar.name
        room: Any = self.fields["room"]
        room.choices = [
            (FIRST_FREE, self.first_free_label),
            (NO_ROOM, _("No room")),
            *((key, one.name) for key, one in self.rooms.items()),
        ]

    def default_end(self, start: datetime) -> datetime | None:
        """The end where none is given."""
        return None

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        second = bool(cleaned.get("fold"))
        for name in ("start", "end"):
            if local := cleaned.get(name):
                try:
                    cleaned[name] = resolved(local, self.zone, fold=second)
                    if name == "end" and cleaned["end"] <= (cleaned.get("start") or cleaned["end"]):
                        # It begins before the clock is put back, and ends after.
                        cleaned["end"] = resolved(local, self.zone, fold=True)
                except ValueError:
                    self.add_error(name, _("The clock is put forward then: this time does not exist on that day."))
        if self.errors:
            return cleaned
        cleaned["end"] = cleaned.get("end") or self.default_end(cleaned["start"])
        if not cleaned["end"] or cleaned["end"] <= cleaned["start"]:
            self.add_error("end", ImpossibleLength.message)
        return cleaned

    def place(self) -> Place:
        """The place that a valid form names."""
        chosen = self.cleaned_data["room"]
        return Place(
            calendar=self.cleaned_data["calendar"],
            starts_at=self.cleaned_data["start"],
            ends_at=self.cleaned_data["end"],
            room=self.rooms.get(chosen),
            any_room=chosen == FIRST_FREE,
        )

    def accepted(self) -> frozenset[str]:
        """The reasons that the person accepts."""
        return frozenset(filter(None, self.cleaned_data.get("confirmed", "").split(",")))


class MoveForm(PlaceForm):
    """Moving something that stands in the book: what is left out stays."""

    start = LocalTimeField(label=_("Begin"), required=False)

    def __init__(self, *args: Any, standing: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.standing = standing
        self.fields["calendar"].required = False

    def proposing(self, said: Mapping[str, str]) -> "MoveForm":
        """Filled in with where it stands, and what an address proposes instead: calendar, room, begin."""
        room = self._room()
        starts, ends = (one.astimezone(self.zone) for one in (self.standing.starts_at, self.standing.ends_at))
        self.initial = {
            "calendar": self.standing.calendar_id,
            "room": str(room.pk) if room else NO_ROOM,
            "start": on_the_wire(starts, self.zone),
            "end": on_the_wire(ends, self.zone),
            "fold": "1" if starts.fold else "",
        }
        begin = instant_said(said.get("start"), said.get("fold"), self.zone)
        if begin:
            ends = begin + (self.standing.ends_at - self.standing.starts_at)
            named = {name: said[name] for name in ("calendar", "room") if said.get(name)}
            times = {"start": on_the_wire(begin, self.zone), "end": on_the_wire(ends, self.zone)}
            self.initial |= named | times | {"fold": "1" if begin.astimezone(self.zone).fold else ""}
        return self

    def shown(self) -> "MoveForm":
        """As a person fills it in: with everything that stands there, so nothing of it is optional."""
        for field in self.fields.values():
            field.required = True
        return self

    def clean(self) -> dict[str, Any]:
        if self.data.get("start") in (None, ""):
            self.cleaned_data["start"] = self.standing.starts_at.astimezone(self.zone).replace(tzinfo=None)
            self.cleaned_data["fold"] = bool(self.standing.starts_at.astimezone(self.zone).fold)
        self.cleaned_data["calendar"] = self.cleaned_data.get("calendar") or self.standing.calendar
        return super().clean()

    def default_end(self, start: datetime) -> datetime | None:
        length: timedelta = self.standing.ends_at - self.standing.starts_at
        return start + length

    def place(self) -> Place:
        """Without a word on the room it stays, as long as the calendar does."""
        place = super().place()
        if "room" in self.data or place.calendar.pk != self.standing.calendar_id:
            return place
        return Place(place.calendar, place.starts_at, place.ends_at, room=self._room())

    def _room(self) -> Room | None:
        """Where it stands; of a block the room of its space."""
        if isinstance(self.standing, Appointment):
            own: Room | None = self.standing.room
            return own
        space = self.standing.occupancy.space_id
        return next((one for one in self.rooms.values() if one.is_in(space)), None)


class BlockForm(PlaceForm):
    """Time that is taken without a patient."""

    first_free_label = _("No room")
    title = forms.CharField(label=_("Title"), required=False, max_length=300)
    key = forms.CharField(min_length=20, max_length=80, widget=forms.HiddenInput)
    field_order = ("title", "calendar", "start", "end", "room")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        room: Any = self.fields["room"]
        room.choices = [(FIRST_FREE, self.first_free_label), *((key, one.name) for key, one in self.rooms.items())]

    def default_end(self, start: datetime) -> datetime | None:
        return start + timedelta(hours=1)


class AppointmentForm(PlaceForm):
    """A new appointment: of a patient who is known, or of a new one whose names are typed here."""

    key = forms.CharField(min_length=20, max_length=80, widget=forms.HiddenInput)
    type: Any = forms.ModelChoiceField(None, label=_("Appointment type"), empty_label=None, widget=forms.RadioSelect)
    patient = forms.UUIDField(required=False, widget=forms.HiddenInput)
    is_new = forms.BooleanField(required=False, widget=forms.HiddenInput)
    first_name = forms.CharField(label=_("First name"), max_length=100, required=False)
    last_name = forms.CharField(label=_("Last name"), max_length=100, required=False)
    date_of_birth = forms.DateField(
        label=_("Date of birth"), required=False, widget=forms.TextInput(attrs={"placeholder": "24.03.1985"})
    )
    phone = forms.CharField(label=_("Phone"), max_length=40, required=False, widget=forms.TextInput({"type": "tel"}))
    email = forms.EmailField(label=_("E-mail"), max_length=254, required=False)
    location = forms.ChoiceField(
        label=_("Location"), required=False, choices=[("", _("As the type says")), *AppointmentType.Location.choices]
    )
    remark = forms.CharField(label=_("Remark"), max_length=2000, required=False)
    tell = forms.BooleanField(label=_("Send confirmation"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        types: Any = self.fields["type"]
        types.queryset = visible_types(self.actor).order_by("position", "name")
        types.label_from_instance = lambda one: one.name
        said: Mapping[str, Any] = self.data if self.is_bound else self.initial
        for name in ("first_name", "last_name"):
            self.fields[name].required = bool(said.get("is_new"))
            self.fields[name].error_messages["required"] = _("Please enter the name.")

    def clean_date_of_birth(self) -> date | None:
        born: date | None = self.cleaned_data["date_of_birth"]
        if born and not date(1890, 1, 1) <= born <= timezone.now().date():
            raise forms.ValidationError(_("Please check the date of birth."))
        return born

    def default_end(self, start: datetime) -> datetime | None:
        minutes = duration_in(self.actor, self.cleaned_data["type"], self.cleaned_data["calendar"].pk)
        return start + timedelta(minutes=minutes)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if not cleaned.get("is_new") and not cleaned.get("patient") and "patient" not in self.errors:
            self.add_error("patient", _("Please choose a patient, or enter a new one."))
        return cleaned

    def who(self) -> UUID | NewPatient:
        """The patient's id, or the new patient."""
        given = self.cleaned_data
        if not given["is_new"]:
            if given["patient"] is None:
                raise NotFound
            found: UUID = given["patient"]
            return found
        names = ("first_name", "last_name", "date_of_birth", "phone", "email")
        return NewPatient(**{name: given[name] for name in names})

    def wish(self) -> Wish:
        """What a valid form asks for."""
        given = self.cleaned_data
        return Wish(
            key=given["key"],
            type=given["type"],
            place=self.place(),
            patient=self.who(),
            remark=given["remark"],
            location=given["location"],
            tell=given["tell"],
            confirmed=self.accepted(),
        )
