"""What is typed about a consent."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from sprechzeit.patients.actions import Said
from sprechzeit.patients.errors import ConsentInFuture
from sprechzeit.patients.models import Consent

LONGEST_NOTE = 500


class ConsentForm(forms.Form):
    """What a patient said to one partner; how, when, and what proves it. `today`: on the practice's clock."""

    value = forms.ChoiceField(label=_("The patient says"), choices=Consent.Choice.choices, widget=forms.RadioSelect)
    how = forms.ChoiceField(label=_("How it was given"), choices=[("", _("Please choose")), *Consent.How.choices])
    given_on = forms.DateField(
        label=_("Given on"),
        widget=forms.DateInput({"type": "date", "min": "1990-01-01"}, format="%Y-%m-%d"),
    )
    note = forms.CharField(
        label=_("Proof"),
        required=False,
        max_length=LONGEST_NOTE,
        widget=forms.Textarea({"rows": 2}),
        help_text=_("For example the number of a form, or who was on the phone."),
    )

    def __init__(self, *args: Any, today: date, now: str, partner_id: object, **kwargs: Any) -> None:
        initial = {"value": now, "given_on": today}
        # One form a partner on the page: each has ids of its own.
        super().__init__(*args, **kwargs | {"initial": initial, "auto_id": f"consent-{partner_id}-%s"})
        self._today = today
        self.fields["given_on"].widget.attrs["max"] = today.isoformat()

    def clean_given_on(self) -> date:
        """A day that has come."""
        day: date = self.cleaned_data["given_on"]
        if day > self._today:
            raise forms.ValidationError(str(ConsentInFuture.message), code=ConsentInFuture.code)
        return day

    def said(self) -> Said:
        """As the action takes it."""
        facts = self.cleaned_data
        return Said(facts["value"], facts["how"], facts["given_on"], facts["note"])
