"""What the log refuses."""

from django.utils.translation import gettext_lazy as _

from sprechzeit.core.errors import DomainError


class NoReason(DomainError):
    """Values are erased only for a reason that law gives, which stays in the log (PRI-3, PRI-20)."""

    code = "no_reason"
    message = _("Please say why the values are erased.")
