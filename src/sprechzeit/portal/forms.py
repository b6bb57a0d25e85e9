"""What a visitor of the booking page types."""

from datetime import date
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from sprechzeit.patients.actions import Identity
from sprechzeit.patients.matching import phone_key
from sprechzeit.scheduling.actions.book import Details

EARLIEST_BIRTH_YEARS = 130


class DetailsForm(forms.Form):
    """Who is coming (BOO-4)."""

    first_name = forms.CharField(
        label=_("First name"), max_length=100, widget=forms.TextInput({"autocomplete": "given-name"})
    )
    last_name = forms.CharField(
        label=_("Last name"), max_length=100, widget=forms.TextInput({"autocomplete": "family-name"})
    )
    date_of_birth = forms.DateField(
        label=_("Date of birth"),
        help_text=_("For example 24.03.1985"),
        input_formats=["%d.%m.%Y", "%d.%m.%y", "%Y-%m-%d", "%d/%m/%Y", "%d %m %Y", "%d%m%Y"],
        error_messages={"invalid": _("There is no such date. Please enter day, month, year, for example 24.03.1985.")},
        widget=forms.DateInput({"autocomplete": "bday"}),
    )
    email = forms.EmailField(
        label=_("E-mail"),
        max_length=254,
        help_text=_("For the confirmation."),
        widget=forms.EmailInput({"autocomplete": "email"}),
    )
    mobile = forms.CharField(
        label=_("Mobile"),
        required=False,
        max_length=40,
        widget=forms.TextInput({"autocomplete": "tel", "inputmode": "tel"}),
    )
    remark = forms.CharField(label=_("Remark"), required=False, max_length=500, widget=forms.Textarea({"rows": 3}))
    privacy = forms.BooleanField(
        label=_("I agree that the practice uses these details to arrange the appointment."),
        error_messages={"required": _("Please agree, so that the practice may book the appointment.")},
    )

    def clean_date_of_birth(self) -> date:
        """A day in the past, of somebody who may live."""
        born: date = self.cleaned_data["date_of_birth"]
        today = timezone.localdate()
        if born > today and born.year < today.year + 70 and len(str(self.data.get("date_of_birth", "")).strip()) <= 8:
            born = born.replace(year=born.year - 100)
        if not today.year - EARLIEST_BIRTH_YEARS <= born.year or born > today:
            raise forms.ValidationError(_("Please check the year, for example 1985."))
        return born

    def clean_mobile(self) -> str:
        """Something that can be called."""
        mobile: str = self.cleaned_data["mobile"].strip()
        if mobile and not 6 <= len(phone_key(mobile).lstrip("+")) <= 17:
            raise forms.ValidationError(_("Please check the number, for example 0171 2345678."))
        return mobile

    def details(self) -> Details:
        """What the action takes."""
        data: dict[str, Any] = self.cleaned_data
        return Details(
            identity=Identity(
                first_name=data["first_name"],
                last_name=data["last_name"],
                date_of_birth=data["date_of_birth"],
                email=data["email"],
                mobile=data["mobile"],
                language=(get_language() or "de")[:2],
            ),
            remark=data["remark"].strip(),
        )

    def kept(self) -> list[tuple[str, str]]:
        """What was typed, to be carried through the choice of another time."""
        names = [name for name in self.fields if self.data.get(name)]
        return [(name, str(self.data.get(name))[:600]) for name in names]
