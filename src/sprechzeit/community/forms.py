"""The forms of communities."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from sprechzeit.community.models import Community, CommunitySpace
from sprechzeit.practice.models import Room


class NameForm(forms.ModelForm):  # type: ignore[type-arg]  # generic in the stub only
    """What a community is called."""

    class Meta:
        model = Community
        fields = ("name",)
        help_texts = {"name": _("As “House at the market”. All practices in it read the name.")}


class SpaceForm(forms.ModelForm):  # type: ignore[type-arg]  # generic in the stub only
    """What a shared room is called."""

    class Meta:
        model = CommunitySpace
        fields = ("name",)
        help_texts = {"name": _("All practices of the community read the name.")}


class CodeForm(forms.Form):
    """The code that another practice has handed on."""

    code = forms.CharField(
        label=_("Invitation code"),
        max_length=20,
        widget=forms.TextInput({"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
        help_text=_("Eight letters and digits, as K7MQ-4TXR, with or without the dash."),
    )


class RoomsForm(forms.Form):
    """Which shared room each of the practice's rooms is; and a new shared room."""

    new_space = forms.CharField(
        label=_("Add a shared room"),
        required=False,
        max_length=80,
        help_text=_("What the room is called among all practices, as “Therapy room ground floor”."),
    )

    def __init__(
        self,
        data: Mapping[str, Any] | None,
        *,
        rooms: Sequence[Room],
        spaces: Sequence[CommunitySpace],
        now: Mapping[UUID, UUID],
    ) -> None:
        super().__init__(data)
        choices = [("", _("Only ours")), *((str(one.pk), one.name) for one in spaces)]
        self._rooms = rooms
        for room in rooms:
            self.fields[f"room-{room.pk}"] = forms.ChoiceField(
                label=room.name, required=False, choices=choices, initial=str(now.get(room.pk, ""))
            )
        self.order_fields([*(f"room-{room.pk}" for room in rooms), "new_space"])

    def room_fields(self) -> list[forms.BoundField]:
        """A choice for each room."""
        return [self[f"room-{room.pk}"] for room in self._rooms]

    def wanted(self) -> dict[UUID, UUID | None]:
        """Of each room that was on the page which shared room it is, or None."""
        chosen = {room.pk: self.cleaned_data[f"room-{room.pk}"] for room in self._rooms}
        return {room_id: UUID(text) if text else None for room_id, text in chosen.items()}
