"""What an administrator types about the practice and its rooms."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.core.validators import URLValidator
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from sprechzeit.access.actor import Actor
from sprechzeit.access.table import Role
from sprechzeit.core.acting import require
from sprechzeit.core.errors import NotFound
from sprechzeit.practice.actions import BookingPage
from sprechzeit.practice.errors import ImageTooLarge
from sprechzeit.practice.logo import MOST_BYTES
from sprechzeit.practice.models import Invitation, Member, Practice, Room
from sprechzeit.practice.once import is_form_key, once
from sprechzeit.practice.origins import origins_of
from sprechzeit.practice.regions import states_of
from sprechzeit.ui.forms import ChangeForm, ColourChoice, WholeNumber


def once_per_form(actor: Actor, scope: str, sent: QueryDict, make: Callable[[UUID], None]) -> UUID:
    """The id of what a form for something new makes, however often it is sent. Its `key` came with the form."""
    key = sent.get("key", "")
    require(is_form_key(key), NotFound)
    asked = sorted((name, sent.getlist(name)) for name in sent if name not in ("key", "csrfmiddlewaretoken"))
    return once(actor, scope, key, repr(asked), make)


class RoomForm(ChangeForm, forms.ModelForm):  # type: ignore[type-arg]  # generic in the stub only
    """A room."""

    colour = ColourChoice()

    class Meta:
        model = Room
        fields = ("name", "colour")


class PracticeForm(ChangeForm, forms.ModelForm):  # type: ignore[type-arg]  # generic in the stub only
    """The practice: who it is, whose public holidays it keeps."""

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
        )


def _address(label: Any, example: str) -> forms.URLField:
    """An address that stands as a link on a page for everybody: https alone."""
    wrong = _("Please enter the whole address of a page, beginning with https://.")
    return forms.URLField(
        label=label,
        required=False,
        max_length=300,
        assume_scheme="https",
        validators=[URLValidator(schemes=["https"], message=wrong)],
        error_messages={"invalid": wrong},
        widget=forms.TextInput({"inputmode": "url", "placeholder": example}),
    )


class BookingPageForm(ChangeForm, forms.ModelForm):  # type: ignore[type-arg]  # generic in the stub only
    """What the practice sets for its booking page, and what patients may do there."""

    colour = ColourChoice()
    cancel_hours = WholeNumber(
        label=_("Cancel and move until (hours before)"),
        min_value=0,
        max_value=2000,
        widget=forms.TextInput({"inputmode": "numeric", "class": "num"}),
        help_text=_("By the link in the mail. 0: until it begins."),
    )
    open_bookings = WholeNumber(
        label=_("Open bookings per patient"),
        min_value=1,
        max_value=20,
        widget=forms.TextInput({"inputmode": "numeric", "class": "num"}),
        help_text=_("From 1 to 20 at a time."),
    )
    imprint_url = _address(_("Imprint"), "https://www.example.org/impressum")
    privacy_url = _address(_("Privacy notice"), "https://www.example.org/datenschutz")
    logo = forms.FileField(
        label=_("Logo"),
        required=False,
        help_text=_("PNG, JPEG or WebP, at most 2 MB."),
        widget=forms.FileInput({"accept": "image/png,image/jpeg,image/webp"}),
    )
    without_logo = forms.BooleanField(label=_("Remove the logo"), required=False)

    class Meta:
        model = Practice
        fields = (
            "booking_open",
            "booking_name",
            "booking_phone",
            "booking_text",
            "colour",
            "cancel_hours",
            "open_bookings",
            "booking_code_required",
            "online_location",
            "imprint_url",
            "privacy_url",
            "embed_origins",
        )
        widgets = {
            "booking_text": forms.Textarea({"rows": 4}),
            "embed_origins": forms.Textarea({"rows": 2, "placeholder": "https://www.example.org"}),
        }
        help_texts = {
            "booking_open": _("Otherwise the page says whom to call. Links in mails work all the same."),
            "booking_code_required": _("Who books types six digits that were mailed to them: no wrong addresses."),
            "online_location": _("Unless the appointment type says otherwise. Not for what the practice enters."),
            "embed_origins": _("One address a line. No other website can show the page within its own."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # What patients read if nothing is entered.
        self.fields["booking_name"].widget.attrs["placeholder"] = self.instance.name
        self.fields["booking_phone"].widget.attrs["placeholder"] = self.instance.phone
        for name in ("logo", "without_logo"):
            self.fields[name].show_hidden_initial = False

    def clean_embed_origins(self) -> str:
        """One origin a line."""
        return "\n".join(origins_of(self.cleaned_data["embed_origins"]))

    def clean_logo(self) -> "UploadedFile[bytes] | None":
        """A file that can be drawn."""
        sent: UploadedFile[bytes] | None = self.cleaned_data["logo"]
        if sent is not None and sent.size is not None and sent.size > MOST_BYTES:
            raise forms.ValidationError(ImageTooLarge.message, code="size")
        return sent

    def page(self) -> BookingPage:
        """What the action takes."""
        changes = self.changes()
        sent = changes.pop("logo", None)
        without = changes.pop("without_logo", False)
        return BookingPage(changes, logo=sent.read() if sent else None, without_logo=without)


class MemberForm(ChangeForm, forms.ModelForm):  # type: ignore[type-arg]  # generic in the stub only
    """A member, as an administrator changes them."""

    colour = ColourChoice()

    class Meta:
        model = Member
        fields = ("name", "initials", "role", "colour")


class InvitationForm(forms.ModelForm):  # type: ignore[type-arg]  # generic in the stub only
    """Whom to invite, and as what."""

    class Meta:
        model = Invitation
        fields = ("email", "role")
        widgets = {"email": forms.EmailInput({"autocomplete": "off"})}
        help_texts = {"email": _("The link in the mail is good once, for seven days.")}


class SecondFactorForm(ChangeForm, forms.Form):
    """Whom the practice does not let in without a second factor (ACC-9)."""

    roles = forms.MultipleChoiceField(
        label=_("Required for"),
        required=False,
        choices=[*Member.RoleChoice.choices, (Role.DELEGATE.value, _("Access (delegates)"))],
        widget=forms.CheckboxSelectMultiple,
    )
