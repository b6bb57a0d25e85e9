"""What an administrator types about the practice and its rooms."""

from collections.abc import Callable
from uuid import UUID

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from sprechzeit.access.actor import Actor
from sprechzeit.core.errors import NotFound
from sprechzeit.practice.models import Practice, Room
from sprechzeit.practice.once import once
from sprechzeit.practice.regions import states_of
from sprechzeit.ui.forms import ChangeForm, ColourChoice


def once_per_form(actor: Actor, scope: str, sent: QueryDict, make: Callable[[UUID], None]) -> UUID:
    """The id of what a form for something new makes, however often it is sent. Its `key` came with the form."""
    key = sent.get("key", "")
    if not 20 <= len(key) <= 80:
        raise NotFound
    asked = sorted((name, sent.getlist(name)) for name in sent if name not in ("key", "csrfmiddlewaretoken"))
    return once(actor, scope, key, repr(asked), make)


class RoomForm(ChangeForm, forms.ModelForm):  # type: ignore[type-arg]  # generic in the stub only
    """A room."""

    colour = ColourChoice()

    class Meta:
        model = Room
        fields = ("name", "colour")


class PracticeForm(ChangeForm, forms.ModelForm):  # type: ignore[type-arg]  # generic in the stub only
    """The practice: who it is, whose public holidays it keeps, what patients may do."""

    region = forms.ChoiceField(
        label=_("Public holidays of"),
        required=False,
        help_text=_("The practice is closed on them. You can open it on single ones."),
        choices=lambda: [
            ("", _("No public holidays")),
            (_("Germany"), states_of("DE")),
            (_("Austria"), states_of("AT")),
            (_("Switzerland"), states_of("CH")),
        ],
    )

    cancel_hours = forms.IntegerField(label=_("Patients may cancel until (hours before)"), min_value=0, max_value=2000)
    open_bookings = forms.IntegerField(label=_("Open bookings per patient"), min_value=1, max_value=1000)

    class Meta:
        model = Practice
        fields = (
            "name",
            "street",
            "postcode",
            "town",
            "phone",
            "email",
            "region",
            "cancel_hours",
            "open_bookings",
        )
