"""Invented content for the pages of one's own account and of coming into a practice."""

from collections.abc import Callable
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from django import forms

from sprechzeit.accounts.forms import NewAccountForm
from sprechzeit.accounts.second_factor import Factors
from sprechzeit.accounts.sessions import SignedIn

THEN = datetime(2026, 11, 20, 7, 30, tzinfo=UTC)
USER = SimpleNamespace(email="jana.albrecht@example.org")
PRACTICE = SimpleNamespace(name="Praxis am Lindenhof")


class CodeForm(forms.Form):
    """As django-allauth builds it."""

    code = forms.CharField()
    secret = "JBSWY3DPEHPK3PXP"


class NameForm(forms.Form):
    """The name of a passkey."""

    name = forms.CharField(initial="Empfang")


def _factor(name: str) -> Any:
    return SimpleNamespace(pk=7, created_at=THEN, last_used_at=THEN, wrap=SimpleNamespace(name=name))


def _devices() -> list[SignedIn]:
    return [
        SignedIn("a" * 32, "Firefox", "Linux", THEN, THEN, is_this=True),
        SignedIn("b" * 32, "Safari", "iPhone", THEN, THEN, is_this=False),
        SignedIn("c" * 32, "", "", None, THEN, is_this=False),
    ]


def _joining(**content: Any) -> dict[str, Any]:
    invitation = SimpleNamespace(email="nora@example.org", get_role_display="Gruppen-Mitglied")
    return {"practice": PRACTICE, "invitation": invitation, "form": NewAccountForm(email="nora@example.org"), **content}


def _memberships() -> list[Any]:
    names = ("Praxis am Lindenhof", "Praxis Brandt")
    return [
        SimpleNamespace(practice_id=UUID(int=number), practice_name=name, wants_factor=bool(number))
        for number, name in enumerate(names)
    ]


PAGES: dict[str, tuple[str, Callable[[], dict[str, Any]]]] = {
    "account": (
        "account/security.html",
        lambda: {"user": USER, "factors": Factors(_factor("App"), [_factor("Empfang")], 8), "devices": _devices()},
    ),
    "account-asked": (
        "account/security.html",
        lambda: {"user": USER, "factors": Factors(None, [], 0), "devices": _devices()[:1], "asked": True},
    ),
    "second-step": ("mfa/authenticate.html", lambda: {"form": CodeForm(), "js_data": {}}),
    "second-step-wrong": ("mfa/authenticate.html", lambda: {"form": CodeForm({"code": ""}), "js_data": {}}),
    "app": ("mfa/totp/activate_form.html", lambda: {"form": CodeForm(), "totp_url": "otpauth://totp/Jana?secret=J"}),
    "app-removal": ("mfa/totp/deactivate_form.html", dict),
    "codes": (
        "mfa/recovery_codes/index.html",
        lambda: {"codes": [f"{number:08}" for number in range(10)]},
    ),
    "codes-waiting": ("mfa/recovery_codes/index.html", lambda: {"are_waiting": True}),
    "codes-seen": ("mfa/recovery_codes/index.html", dict),
    "codes-new": ("mfa/recovery_codes/generate.html", dict),
    "passkey-new": ("mfa/webauthn/add_form.html", lambda: {"form": NameForm(), "js_data": {}}),
    "passkey-name": ("mfa/webauthn/edit_form.html", lambda: {"form": NameForm()}),
    "passkey-removal": ("mfa/webauthn/authenticator_confirm_delete.html", lambda: {"authenticator": _factor("Büro")}),
    "confirm-code": (
        "mfa/reauthenticate.html",
        lambda: {"form": CodeForm(), "reauthentication_alternatives": [{"url": "/x/", "description": "Passwort"}]},
    ),
    "confirm-passkey": ("mfa/webauthn/reauthenticate.html", lambda: {"js_data": {}}),
    "email-asked": ("account/email_asked.html", lambda: {"email": "neu@example.org"}),
    "email-confirm": ("account/email_confirmation.html", lambda: {"email": "neu@example.org", "good": True}),
    "email-done": ("account/email_confirmation.html", lambda: {"email": "neu@example.org", "good": True, "done": True}),
    "email-gone": ("account/email_confirmation.html", dict),
    "joining": ("practice/joining.html", _joining),
    "joining-another": ("practice/joining.html", lambda: _joining(is_another=True)),
    "joining-known": ("practice/joining.html", lambda: _joining(known=True)),
    "joining-gone": ("practice/joining_gone.html", dict),
    "practices": ("practice/practices.html", lambda: {"memberships": _memberships(), "current": _memberships()[0]}),
    "practices-none": ("practice/practices.html", dict),
}
