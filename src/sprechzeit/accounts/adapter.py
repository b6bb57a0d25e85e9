"""How django-allauth behaves here: nobody signs up by themselves, and its mails are jobs."""

from typing import Any
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.http import HttpRequest

from sprechzeit.accounts.jobs import send_account_mail
from sprechzeit.accounts.models import AccountMail
from sprechzeit.core.limits import address_of


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """Accounts come by invitation (ACC-8)."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        return address_of(request)

    def get_reset_password_from_key_url(self, key: str) -> str:
        """At the installation's own address, whatever host the request named."""
        return f"{settings.PUBLIC_URL}{urlsplit(super().get_reset_password_from_key_url(key)).path}"

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        message = self.render_mail(template_prefix, email, {**context, "email": email})
        html = ""
        if isinstance(message, EmailMultiAlternatives):
            html = next((str(content) for content, kind in message.alternatives if kind == "text/html"), "")
        with transaction.atomic():
            mail = AccountMail.objects.create(
                to=email, subject=" ".join(message.subject.split())[:250], text=message.body, html=html or None
            )
            send_account_mail.follow({"mail_id": str(mail.id)})
