"""What somebody types about their own account."""

from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from sprechzeit.accounts.models import User


class NewAccountForm(forms.Form):
    """A new account, for who was invited. The address is not asked: the link came there."""

    name = forms.CharField(label=_("Your name"), max_length=120, widget=forms.TextInput({"autocomplete": "name"}))
    password = forms.CharField(
        label=_("Password"),
        strip=False,
        max_length=1024,
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
        help_text=_("At least ten characters; several words are easy to remember."),
    )

    def __init__(self, *args: Any, email: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.email = email

    def clean(self) -> dict[str, Any]:
        """A password that is not easily guessed."""
        typed = super().clean() or {}
        if "password" in typed:
            try:
                validate_password(typed["password"], User(email=self.email, name=typed.get("name", "")))
            except ValidationError as refused:
                self.add_error("password", refused)
        return typed


class EmailForm(forms.Form):
    """The new address."""

    email = forms.EmailField(
        label=_("New e-mail address"), max_length=254, widget=forms.EmailInput({"autocomplete": "email"})
    )

    def clean_email(self) -> str:
        """In small letters, as all are."""
        return str(self.cleaned_data["email"]).strip().lower()
