"""How django-allauth behaves here: nobody signs up by themselves, guessing is stopped, and its mails are jobs."""

from typing import Any
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context as current
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from sprechzeit.accounts.device import device_of
from sprechzeit.accounts.fresh import is_fresh
from sprechzeit.accounts.guessing import Counted, count_attempt, give_back, remember_device
from sprechzeit.accounts.jobs import post_mail
from sprechzeit.accounts.models import User
from sprechzeit.accounts.sessions import CHOSEN, DEVICE, sign_out_others
from sprechzeit.core.errors import TooMany
from sprechzeit.core.limits import address_of

ADDED = ("mfa/email/totp_activated", "mfa/email/webauthn_added")


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """Accounts come by invitation (ACC-8)."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        return address_of(request)

    def is_reauthentication_required(self, *, app: str, **_kwargs: Any) -> bool:
        """Signing in counts as confirming: nobody is asked twice within minutes."""
        return not is_fresh(current.request)

    # --- Guessing ---

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        try:
            self._counted: Counted = count_attempt(request, credentials.get("email", ""))
        except TooMany:
            raise self.validation_error("too_many_login_attempts") from None

    def _rollback_login_failed_rl_usage(self) -> None:
        give_back(self._counted)

    def login(self, request: HttpRequest, user: User) -> None:
        device = device_of(request.headers.get("User-Agent", ""))
        since = timezone.now().timestamp()
        request.session[DEVICE] = {"browser": device.browser, "system": device.system, "since": since}
        # Where they work from now on: what they become a member of elsewhere moves no page that is open here (ACC-10).
        if places := user.workplaces:
            request.session[CHOSEN] = str(places[0].practice_id)
        super().login(request, user)

    def post_login(self, request: HttpRequest, user: User, **how: Any) -> HttpResponse:
        response: HttpResponse = super().post_login(request, user, **how)
        remember_device(request, response, user)
        return response

    # --- Passwords ---

    def set_password(self, user: User, password: str) -> None:
        """With the old password everybody else is out, at once."""
        super().set_password(user, password)
        sign_out_others(user, current.request.session.session_key)

    def get_reset_password_from_key_url(self, key: str) -> str:
        """At the installation's own address, whatever host the request named."""
        return f"{settings.PUBLIC_URL}{urlsplit(super().get_reset_password_from_key_url(key)).path}"

    # --- Second factor ---

    def send_notification_mail(self, template_prefix: str, user: User, *rest: Any, **more: Any) -> None:
        """With a new second factor everybody else is out: who came by the password alone never gave it."""
        if template_prefix in ADDED:
            sign_out_others(user, current.request.session.session_key)
        super().send_notification_mail(template_prefix, user, *rest, **more)

    # --- Mails ---

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        message = self.render_mail(template_prefix, email, {**context, "email": email})
        html = ""
        if isinstance(message, EmailMultiAlternatives):
            html = next((str(content) for content, kind in message.alternatives if kind == "text/html"), "")
        post_mail(email, message.subject, message.body, html)
