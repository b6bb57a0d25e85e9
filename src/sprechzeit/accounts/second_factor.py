"""How the second factor of django-allauth behaves here: secrets are sealed, a code is good once."""

import base64
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from allauth.account.internal.stagekit import clear_login
from allauth.core import context as current
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.core.internal.cryptokit import normalize_user_code
from allauth.mfa.adapter import DefaultMFAAdapter, get_adapter
from allauth.mfa.base.forms import AuthenticateForm as PlainAuthenticateForm
from allauth.mfa.base.forms import ReauthenticateForm as PlainReauthenticateForm
from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.http import HttpResponseRedirect
from django.shortcuts import resolve_url
from django.template.loader import render_to_string
from django.utils.translation import gettext, gettext_lazy

from sprechzeit.accounts.guessing import (
    MANY_CODES,
    count_code,
    give_back,
)
from sprechzeit.accounts.jobs import post_mail
from sprechzeit.accounts.models import User
from sprechzeit.accounts.sessions import sign_out_others
from sprechzeit.core.crypto import DataKey, derived, token_hash
from sprechzeit.core.errors import TooMany

# Longer than a code is good: before and after its half minute, one more each.
USED_SECONDS = 120
_IDENTITY = "mfa_authenticator.secret"


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth has no types
    """Authenticator apps, passkeys and recovery codes."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": gettext_lazy("This is not right. Please try again."),
    }

    def encrypt(self, text: str) -> str:
        """Sealed with the installation's own key: a copy of the database opens no account."""
        return base64.b64encode(_key().seal(text.encode(), _IDENTITY)).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return _key().open(base64.b64decode(encrypted_text), _IDENTITY).decode()

    def _get_site_name(self) -> str:
        return "Sprechzeit"

    def generate_authenticator_name(self, user: User, type: Authenticator.Type) -> str:  # noqa: A002  allauth's name
        number = Authenticator.objects.filter(user_id=user.pk, type=type).count() + 1
        return gettext("Passkey %(number)s") % {"number": number}

    def get_public_key_credential_user_entity(self, user: User) -> dict[str, Any]:
        entity: dict[str, Any] = super().get_public_key_credential_user_entity(user)
        return entity | {"display_name": user.name or user.email}


def _key() -> DataKey:
    return DataKey(UUID(int=0), derived("second factor"))


TOO_MANY = gettext_lazy("Too many attempts. Please try again in five minutes.")
MANY_WRONG = gettext_lazy(
    "Too many wrong codes. One in half an hour is looked at; on a device on which you have signed in before, and with "
    "a passkey, you come in at once."
)


def note_wrong_code(user: User) -> int:
    """One more was wrong; how many in a row."""
    User.objects.filter(pk=user.pk).update(wrong_codes=F("wrong_codes") + 1)
    user.refresh_from_db(fields=["wrong_codes"])
    return user.wrong_codes


def forget_wrong_codes(user: User) -> None:
    """One was right."""
    User.objects.filter(pk=user.pk).exclude(wrong_codes=0).update(wrong_codes=0)


class _Counted:
    """Codes are counted before they are looked at, and those that were wrong until one is right."""

    user: User

    def clean_code(self) -> str:
        """The code, if it is right."""
        try:
            counted = count_code(current.request, self.user)
        except TooMany:
            raise ValidationError(MANY_WRONG if self.user.wrong_codes >= MANY_CODES else TOO_MANY) from None
        try:
            code: str = super().clean_code()  # type: ignore[misc]  # the form's
        except ValidationError:
            self.was_wrong(note_wrong_code(self.user))
            raise
        give_back(counted)
        forget_wrong_codes(self.user)
        return code

    def was_wrong(self, count: int) -> None:
        """`count`: how many were, in a row."""
        if count % MANY_CODES == 0:
            subject, text = (
                render_to_string(f"account/email/codes_guessed_{part}.txt", {"count": count})
                for part in ("subject", "message")
            )
            post_mail(self.user.email, subject, text)


class _Once:
    """A code that was used is not good again, be it still shown."""

    user: User
    authenticator: Authenticator

    def clean_code(self) -> str:
        """The code, if it is right and was not used before."""
        code: str = super().clean_code()  # type: ignore[misc]  # the form's
        used = f"second-factor:{self.user.pk}:{token_hash(normalize_user_code(code)).hex()}"
        if self.authenticator.type == Authenticator.Type.TOTP and not cache.add(used, "used", USED_SECONDS):
            raise get_adapter().validation_error("incorrect_code")
        return code


class AuthenticateForm(_Counted, _Once, PlainAuthenticateForm):  # type: ignore[misc]
    """The second step of signing in. After many wrong codes each further one asks for the password anew."""

    def was_wrong(self, count: int) -> None:
        super().was_wrong(count)
        if count >= MANY_CODES:
            clear_login(current.request)
            messages.error(current.request, gettext("That was not right, once more. Please begin with your password."))
            raise ImmediateHttpResponse(HttpResponseRedirect(resolve_url("account_login")))


class ReauthenticateForm(_Counted, _Once, PlainReauthenticateForm):  # type: ignore[misc]
    """Confirming by code that it is you."""


@dataclass(frozen=True, slots=True)
class Factors:
    """What opens an account besides its password. `codes_left`: unused recovery codes."""

    app: Authenticator | None
    passkeys: list[Authenticator]
    codes_left: int

    @property
    def has_one(self) -> bool:
        """Whether there is a second factor."""
        return bool(self.app or self.passkeys)


def factors_of(user: User) -> Factors:
    """All of somebody's own."""
    everything = list(Authenticator.objects.filter(user_id=user.pk).order_by("created_at"))
    of: dict[str, list[Authenticator]] = {kind: [] for kind in Authenticator.Type.values}
    for one in everything:
        of[one.type].append(one)
    codes = of[Authenticator.Type.RECOVERY_CODES]
    return Factors(
        app=next(iter(of[Authenticator.Type.TOTP]), None),
        passkeys=of[Authenticator.Type.WEBAUTHN],
        codes_left=len(codes[0].wrap().get_unused_codes()) if codes else 0,
    )


def are_codes_waiting(user: User) -> bool:
    """Whether there are recovery codes that nobody has seen."""
    codes = Authenticator.objects.filter(user_id=user.pk, type=Authenticator.Type.RECOVERY_CODES).first()
    return codes is not None and not codes.wrap().did_view


def show_codes(user: User) -> list[str]:
    """The recovery codes, the first time that somebody asks for them; then none."""
    with transaction.atomic():
        mine = Authenticator.objects.select_for_update().filter(user_id=user.pk)
        codes = mine.filter(type=Authenticator.Type.RECOVERY_CODES).first()
        if codes is None or codes.wrap().did_view:
            return []
        codes.wrap().mark_as_viewed()
        return list(codes.wrap().get_unused_codes())


def has_second_factor(user: User) -> bool:
    """Whether somebody has an authenticator app or a passkey."""
    wanted = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
    return bool(Authenticator.objects.filter(user_id=user.pk, type__in=wanted).exists())


def reset_second_factor(email: str) -> User | None:
    """Take everything but the password away from who lost it, sign them out everywhere and tell them.

    Returns whose it was; None if there is no such account.
    """
    user = User.objects.filter(email__iexact=email.strip()).first()
    if user is None:
        return None
    with transaction.atomic():
        Authenticator.objects.filter(user_id=user.pk).delete()
        sign_out_others(user, None)
        subject, text = (
            render_to_string(f"account/email/second_factor_reset_{part}.txt") for part in ("subject", "message")
        )
        post_mail(user.email, subject, text)
    return user
