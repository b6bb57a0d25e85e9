"""What an administrator types about the SMS gateway."""

from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from sprechzeit.patients.matching import phone_key
from sprechzeit.practice.errors import NoMobileNumber, NoWebAddress
from sprechzeit.practice.models import SmsGateway
from sprechzeit.practice.webhook_address import is_webhook_address
from sprechzeit.ui.forms import ChangeForm

SECRETLY = ("url", "token", "sign_in")
"""What of it decides who gets to read the messages, or in whose name they go."""


class GatewayForm(ChangeForm, forms.ModelForm):  # type: ignore[type-arg]  # generic in the stub only
    """The gateway. The token is never shown again: an empty field leaves it as it is."""

    url = forms.URLField(
        label=_("Address of the gateway"),
        max_length=300,
        assume_scheme="https",
        error_messages={"invalid": NoWebAddress.message},
        widget=forms.TextInput({"inputmode": "url", "placeholder": "https://api.example.org/sms"}),
        help_text=_("Each SMS is sent there by POST, as JSON."),
    )
    token = forms.CharField(
        label=_("Token"), required=False, max_length=500, strip=True,
        widget=forms.PasswordInput({"autocomplete": "off"}, render_value=False),
    )  # fmt: skip

    class Meta:
        model = SmsGateway
        fields = ("is_on", "url", "sign_in", "sender", "number_field", "text_field", "sender_field")
        help_texts = {"sender": _("Up to eleven letters, or a number. Empty: as the gateway has it.")}
        error_messages = {"sender": {"invalid": _("Up to eleven letters without umlauts, or a number, please.")}}

    def __init__(self, *args: Any, may_change: bool, **kwargs: Any) -> None:
        super().__init__(*args, may_change=may_change, **kwargs)
        token = self.fields["token"]
        token.show_hidden_initial = False
        if self.instance.token is not None:
            token.help_text = _("One is saved. Empty: it stays as it is.")

    def clean_url(self) -> str:
        """One that may be called."""
        address: str = self.cleaned_data["url"]
        if not is_webhook_address(address):
            raise forms.ValidationError(NoWebAddress.message)
        return address

    def clean(self) -> dict[str, Any]:
        """A token goes to no machine for which it was not made."""
        facts: dict[str, Any] = super().clean() or {}
        former, url = str(self.initial.get("url", "")), facts.get("url")
        is_another = bool(url and former) and urlsplit(str(url)).netloc != urlsplit(former).netloc
        if is_another and self.instance.token and not facts.get("token"):
            self.add_error("token", gettext("Please enter the token that the gateway at this address made for you."))
        return facts

    def changed(self) -> dict[str, Any]:
        """What is not as it was, the token only where one was typed."""
        return {name: value for name, value in self.changes().items() if name != "token" or value}

    def opens_more(self) -> bool:
        """Whether somebody else would get the messages, or they would go in somebody else's name."""
        return not set(SECRETLY).isdisjoint(self.changed())


class SmsTestForm(forms.Form):
    """Whose phone is to ring."""

    number = forms.CharField(
        label=_("Mobile number"),
        max_length=40,
        widget=forms.TextInput({"inputmode": "tel", "autocomplete": "tel", "placeholder": "0171 2345678"}),
    )

    def clean_number(self) -> str:
        """In E.164."""
        key = phone_key(self.cleaned_data["number"])
        if not key.startswith("+"):
            raise forms.ValidationError(NoMobileNumber.message)
        return key
