"""What an administrator types about a booking partner."""

from typing import Any

from django import forms
from django.core.validators import URLValidator
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from sprechzeit.practice.errors import EndsBeforeStart
from sprechzeit.practice.models import Partner
from sprechzeit.ui.forms import ChangeForm

_WRONG_ADDRESS = _("Please enter the whole address of a page, beginning with https://.")
_DAY = {"type": "date", "min": "1990-01-01", "max": "2200-12-31"}


class PartnerForm(ChangeForm, forms.ModelForm):  # type: ignore[type-arg]  # generic in the stub only
    """A partner: who it is, when it may do something, whom to call there."""

    website = forms.URLField(
        label=_("Website"),
        required=False,
        max_length=300,
        assume_scheme="https",
        validators=[URLValidator(schemes=["https"], message=_WRONG_ADDRESS)],
        error_messages={"invalid": _WRONG_ADDRESS},
        widget=forms.TextInput({"inputmode": "url", "placeholder": "https://www.example.org"}),
    )

    class Meta:
        model = Partner
        fields = ("name", "website", "starts_on", "ends_on", "contact", "email", "phone")
        widgets = {
            "starts_on": forms.DateInput(_DAY, format="%Y-%m-%d"),
            "ends_on": forms.DateInput(_DAY, format="%Y-%m-%d"),
        }
        help_texts = {"ends_on": _("Empty for no end. After it the partner is refused.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.starts_on is None:
            self.initial["starts_on"] = timezone.now().date()

    def clean(self) -> dict[str, Any]:
        """A last day that is not before the first."""
        facts: dict[str, Any] = super().clean() or {}
        first, last = facts.get("starts_on"), facts.get("ends_on")
        if first and last and last < first:
            self.add_error("ends_on", str(EndsBeforeStart.message))
        return facts
