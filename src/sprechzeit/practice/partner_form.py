"""What an administrator types about a booking partner and its keys."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator, URLValidator
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from sprechzeit.practice.actions.partner_keys import REFUSALS
from sprechzeit.practice.errors import EndsBeforeStart, NoPublicKey, NoWebAddress
from sprechzeit.practice.models import Confirms, Partner, Reading
from sprechzeit.practice.partner_keys import LONGEST, Unusable, Wrong, read_public_key
from sprechzeit.practice.webhook_address import is_webhook_address
from sprechzeit.ui.forms import ChangeForm

_WRONG_ADDRESS = _("Please enter the whole address of a page, beginning with https://.")
_DAY = {"type": "date", "min": "1990-01-01", "max": "2200-12-31"}
_DAYS = [MinValueValidator(date(1990, 1, 1)), MaxValueValidator(date(2200, 12, 31))]

# What it means that a partner may read something; whether it is about patients.
MEANINGS: dict[Reading, tuple[Promise, bool]] = {
    Reading.ROOMS: (_("It is told the names of your rooms, and in which of them a type takes place."), False),
    Reading.HOURS: (_("It is told when each calendar works, is away or takes bookings; never why."), False),
    Reading.BUSY: (_("It is told when each calendar is taken; not by whom or for what."), False),
    Reading.MATCH: (
        _(
            "It names a patient and is told whether they are yours. Who said “no”, or has no date of birth in their "
            "record, looks like a stranger."
        ),
        True,
    ),
    Reading.PATIENTS: (
        _("It is given a list of those who said “yes”: name, date of birth, phone numbers and e-mail addresses."),
        True,
    ),
}
CONFIRMING: dict[Confirms, Promise] = {
    Confirms.PRACTICE: _("By your templates, with the link to cancel. The partner is to write nothing itself."),
    Confirms.PARTNER: _("Sprechzeit writes nothing to patients about what they booked through it."),
}


class ReadingField(forms.MultipleChoiceField):
    """What a partner may read. The form shows an empty value beside it, so that nothing chosen is something shown."""

    widget = forms.CheckboxSelectMultiple

    def has_changed(self, initial: Any, data: Any) -> bool:
        return super().has_changed([one for one in initial or [] if one], data)

    def clean(self, value: Any) -> list[str]:
        """In the order in which they are shown."""
        chosen = set(super().clean(value))
        return [one for one in Reading.values if one in chosen]


class PageField(forms.URLField):
    """The address of a page, by https; a wrong one is said to be wrong once."""

    default_validators = [URLValidator(schemes=["https"])]


class PartnerForm(ChangeForm, forms.ModelForm):  # type: ignore[type-arg]  # generic in the stub only
    """A partner: who it is, when it may do something, what it may read, who confirms, whom to call there."""

    website = PageField(
        label=_("Website"),
        required=False,
        max_length=300,
        assume_scheme="https",
        error_messages={"invalid": _WRONG_ADDRESS},
        widget=forms.TextInput({"inputmode": "url", "placeholder": "https://www.example.org"}),
    )
    webhook_url = forms.URLField(
        label=_("Address for changes"),
        required=False,
        max_length=300,
        assume_scheme="https",
        error_messages={"invalid": NoWebAddress.message},
        widget=forms.TextInput({"inputmode": "url", "placeholder": "https://api.example.org/sprechzeit"}),
        help_text=_(
            "When you move or cancel what it booked, it is told there, signed. Empty: it asks for changes itself."
        ),
    )
    reads = ReadingField(label=_("What it may read"), choices=Reading.choices, required=False)

    class Meta:
        model = Partner
        fields = (
            "name", "website", "starts_on", "ends_on", "contact", "email", "phone", "reads", "confirms", "webhook_url",
        )  # fmt: skip
        widgets = {
            "starts_on": forms.DateInput(_DAY, format="%Y-%m-%d"),
            "ends_on": forms.DateInput(_DAY, format="%Y-%m-%d"),
            "confirms": forms.RadioSelect,
        }
        help_texts = {"ends_on": _("Empty for no end. After it the partner is refused.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.starts_on is None:
            self.initial["starts_on"] = timezone.now().date()

    def clean_webhook_url(self) -> str:
        """A name and a password in it would be told to whoever reads the settings."""
        address: str = self.cleaned_data["webhook_url"]
        if address and not is_webhook_address(address):
            raise forms.ValidationError(NoWebAddress.message)
        return address

    def clean(self) -> dict[str, Any]:
        """A last day that is not before the first."""
        facts: dict[str, Any] = super().clean() or {}
        first, last = facts.get("starts_on"), facts.get("ends_on")
        if first and last and last < first:
            self.add_error("ends_on", str(EndsBeforeStart.message))
        return facts

    def opens_more(self) -> bool:
        """Whether what it may read, or where it is told of changes, is not as the form showed it."""
        return not {"reads", "webhook_url"}.isdisjoint(self.changed_data)

    def readings(self) -> Iterator[dict[str, Any]]:
        """Each box with what it means."""
        for box in self["reads"]:
            meaning, of_patients = MEANINGS[Reading(str(box.data["value"]))]
            yield {"box": box, "meaning": meaning, "of_patients": of_patients}

    def shown_readings(self) -> str:
        """What was chosen when the form was shown."""
        return self["reads"].as_hidden(only_initial=True)

    def shown_confirming(self) -> str:
        """Who confirmed when the form was shown."""
        return self["confirms"].as_hidden(only_initial=True)

    def confirming(self) -> Iterator[dict[str, Any]]:
        """Each choice of who confirms with what it means."""
        for box in self["confirms"]:
            if box.data["value"]:
                yield {"box": box, "meaning": CONFIRMING[Confirms(str(box.data["value"]))]}


class PartnerKeyForm(forms.Form):
    """A public key as the partner sent it, pasted or as a file."""

    sent = forms.CharField(
        label=_("Public key"),
        required=False,
        max_length=LONGEST,
        strip=False,
        widget=forms.Textarea({"rows": 4, "class": "code", "spellcheck": "false", "autocomplete": "off"}),
        help_text=_("Ed25519, as PEM, ssh-ed25519, JWK or 32 bytes in base64. Never a private key."),
    )
    file = forms.FileField(label=_("Or its file"), required=False)
    label = forms.CharField(label=_("Label"), required=False, max_length=100)
    ends_on = forms.DateField(
        label=_("Good until"),
        required=False,
        validators=_DAYS,
        widget=forms.DateInput(_DAY, "%Y-%m-%d"),
        help_text=_("Its last day. Empty for no end."),
    )

    def clean(self) -> dict[str, Any]:
        """The key in its one form; a private one is not even shown again."""
        facts: dict[str, Any] = super().clean() or {}
        if "sent" in facts:
            try:
                facts["public_key"] = read_public_key(self._sent(facts))
            except Unusable as unusable:
                self._refuse(unusable.wrong)
        return facts

    def _sent(self, facts: dict[str, Any]) -> bytes:
        file = facts.get("file")
        if file is None:
            return str(facts["sent"]).encode(errors="replace")
        return bytes(file.read(LONGEST + 1))

    def _refuse(self, wrong: Wrong) -> None:
        refusal = REFUSALS[wrong]
        if refusal is not NoPublicKey:
            self.data = {**self.data.dict(), "sent": ""}  # type: ignore[attr-defined]  # of a request: a QueryDict
        nothing = _("Please paste the public key, or choose its file.")
        self.add_error("sent", str(nothing if wrong is Wrong.NOTHING else refusal.message))


class KeyEndForm(forms.Form):
    """The last day of a key."""

    ends_on = forms.DateField(
        label=_("Good until"), required=False, validators=_DAYS, widget=forms.DateInput(_DAY, "%Y-%m-%d")
    )
