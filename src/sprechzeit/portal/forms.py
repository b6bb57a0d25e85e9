"""What a visitor of the booking page types."""

import re
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from django import forms
from django.core import signing
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from sprechzeit.patients.actions import Identity
from sprechzeit.patients.matching import phone_key
from sprechzeit.portal.cards import ages
from sprechzeit.scheduling.actions.book import Contact, Details
from sprechzeit.scheduling.availability import Reason
from sprechzeit.scheduling.models import AppointmentType, Booker, Insurance

EARLIEST_BIRTH_YEARS = 130
MYSELF = "self"
PROOF_SALT, PROOF_SECONDS = "portal.proof", 3 * 3600
_DIGITS = 8
_LONGEST = 600
_SHORT_YEAR = re.compile(r"\D[0-9]{2}$")
_BESIDE = {
    Reason.TOO_YOUNG: "date_of_birth",
    Reason.TOO_OLD: "date_of_birth",
    Reason.OTHER_INSURANCE: "insurance",
}
_REFUSALS = {
    Reason.TOO_YOUNG: _("On the day of the appointment the patient is too young for it. It is %(ages)s."),
    Reason.TOO_OLD: _("On the day of the appointment the patient is too old for it. It is %(ages)s."),
    Reason.OTHER_INSURANCE: _("This kind of appointment is not for patients with this insurance."),
    Reason.ONLY_NEW_PATIENTS: _(
        "This kind of appointment is for new patients only. Please choose another one, or call the practice."
    ),
    Reason.ONLY_KNOWN_PATIENTS: _(
        "This kind of appointment can be booked online only by patients whose e-mail address the practice has on "
        "record. Please check name, date of birth and e-mail address, or call the practice."
    ),
}


def proof_of(code_id: UUID) -> str:
    """What a form carries of a code that was asked for: signed, so that only who asked has it."""
    return signing.dumps(str(code_id), salt=PROOF_SALT)


class DetailsForm(forms.Form):
    """Who is coming (BOO-4). `appointment_type`: the type that is booked, whose insurances are offered."""

    for_whom = forms.ChoiceField(
        label=_("Who is the appointment for?"),
        choices=[
            (MYSELF, _("For me")),
            (Booker.Relation.CHILD.value, _("For my child")),
            (Booker.Relation.OTHER.value, _("For somebody else")),
        ],
        required=False,
        initial=MYSELF,
        widget=forms.RadioSelect,
    )
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
    insurance = forms.ChoiceField(
        label=_("Insurance"),
        choices=Insurance.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Please choose how the patient is insured.")},
    )
    booker_first_name = forms.CharField(
        label=_("Your first name"),
        max_length=100,
        widget=forms.TextInput({"autocomplete": "given-name"}),
    )
    booker_last_name = forms.CharField(
        label=_("Your last name"),
        max_length=100,
        widget=forms.TextInput({"autocomplete": "family-name"}),
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

    proof = forms.CharField(required=False, max_length=200, widget=forms.HiddenInput)

    def __init__(self, *args: Any, appointment_type: AppointmentType | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.appointment_type = appointment_type
        if self.is_bound and self.data.get("for_whom") in (None, "", MYSELF):
            for name in ("booker_first_name", "booker_last_name"):
                self.fields[name].required = False
        if appointment_type is not None:
            allowed = [one for one in Insurance.choices if one[0] in appointment_type.insurances]
            self.fields["insurance"].choices = allowed  # type: ignore[attr-defined]  # a ChoiceField
            self.fields["insurance"].initial = allowed[0][0] if len(allowed) == 1 else None

    def clean_for_whom(self) -> str:
        """Who says nothing comes themselves."""
        return self.cleaned_data["for_whom"] or MYSELF

    def clean_date_of_birth(self) -> date:
        """A day in the past, of somebody who may live."""
        born: date = self.cleaned_data["date_of_birth"]
        today = timezone.localdate()
        said = str(self.data.get("date_of_birth", "")).strip()
        if said.isdecimal() and len(said) != _DIGITS:
            # 1121985 is the first of December as well as the eleventh of February.
            raise forms.ValidationError(self.fields["date_of_birth"].error_messages["invalid"])
        if born > today and _SHORT_YEAR.search(said):
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
        """What the action takes. The contact points are those of who books, and the patient's only if they come."""
        data: dict[str, Any] = self.cleaned_data
        own = data["for_whom"] == MYSELF
        return Details(
            identity=Identity(
                first_name=data["first_name"],
                last_name=data["last_name"],
                date_of_birth=data["date_of_birth"],
                email=data["email"] if own else "",
                mobile=data["mobile"] if own else "",
                language=(get_language() or "de")[:2],
            ),
            remark=data["remark"].strip(),
            insurance=data["insurance"],
            booker=None if own else self._booker(),
            code_id=self._code_id(),
        )

    def _booker(self) -> Contact:
        data = self.cleaned_data
        return Contact(
            relation=data["for_whom"],
            first_name=data["booker_first_name"],
            last_name=data["booker_last_name"],
            email=data["email"],
            mobile=data["mobile"],
        )

    def _code_id(self) -> UUID | None:
        """The code that this form asked for; none if it is none of ours, or too old."""
        try:
            return UUID(signing.loads(self.cleaned_data["proof"], salt=PROOF_SALT, max_age=PROOF_SECONDS))
        except signing.BadSignature:
            return None

    def refuse(self, reasons: Iterable[str]) -> None:
        """Say beside the fields why the type is not for this patient."""
        for reason in map(Reason, reasons):
            words = str(_REFUSALS[reason])
            if self.appointment_type is not None:
                words = words % {"ages": ages(self.appointment_type)} if "%(ages)s" in words else words
            self.add_error(_BESIDE.get(reason), words)

    def kept(self) -> dict[str, str]:
        """What was typed, to be carried through the choice of another time."""
        return kept_of(self.data)


def kept_of(data: Mapping[str, Any]) -> dict[str, str]:
    """What was typed of the details, as far as it can have been."""
    return {name: str(data.get(name))[:_LONGEST] for name in DetailsForm.base_fields if data.get(name)}
