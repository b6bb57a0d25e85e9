"""Refusals of signing in."""

from django.utils.translation import gettext_lazy as _

from sprechzeit.core.errors import DomainError


class AccountExists(DomainError):
    """There is an account with this address. Told only to who has a link that was mailed there."""

    code = "account_exists"
    status = 409
    message = _("There is an account with this address already. Please sign in with it.")
