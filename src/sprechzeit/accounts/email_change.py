"""Changing the address that somebody signs in with: by a link mailed to the new one, told to the old one (ACC-9).

The link's secret is signed and names both addresses, so that nothing is kept and it is good once.
"""

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.models import EmailAddress
from django.conf import settings
from django.core import signing
from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.urls import reverse
from django.utils.crypto import constant_time_compare

from sprechzeit.accounts.models import User
from sprechzeit.core.limits import Limit

GOOD_SECONDS = 86_400
ASKING = Limit("email change", 5, 3600)
_SALT = "sprechzeit.accounts.email_change"


def ask_for_change(request: HttpRequest, user: User, email: str) -> None:
    """Mail the link to the new address. Who has that address already is told so there, and nowhere else."""
    ASKING.attempt(str(user.pk))
    token = signing.dumps([str(user.pk), user.email, email, user.get_session_auth_hash()], salt=_SALT)
    taken = User.objects.filter(email__iexact=email).exists()
    template = "account/email/email_taken" if taken else "account/email/email_change"
    context = {"url": settings.PUBLIC_URL + reverse("account_email_confirmation", args=[token])}
    get_adapter(request).send_mail(template, email, context)


def asked_by(token: str) -> tuple[User, str] | None:
    """Whose address the link changes to what; None for a link that is no longer good: a changed password ends it."""
    try:
        user_id, former, email, password = signing.loads(token, salt=_SALT, max_age=GOOD_SECONDS)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    user = User.objects.filter(pk=user_id, email=former, is_active=True).first()
    return (user, email) if user and constant_time_compare(user.get_session_auth_hash(), password) else None


def change_email(request: HttpRequest, user: User, email: str) -> bool:
    """Write it, and tell the old address; False if somebody else has the new one meanwhile, or it is done."""
    former = user.email
    try:
        with transaction.atomic():
            changed: Any = User.objects.filter(pk=user.pk, email=former).update(email=email)
            if not changed:
                return False
            EmailAddress.objects.filter(user_id=user.pk).delete()
            get_adapter(request).send_notification_mail("account/email/email_changed", user, {}, former)
    except IntegrityError:
        return False
    return True
