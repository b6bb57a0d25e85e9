"""What may be refused about how long things are kept."""

from django.utils.translation import gettext_lazy as _

from sprechzeit.core.errors import DomainError


class PeriodNotAllowed(DomainError):
    """A period is shorter or longer than it may be, or is not the practice's to set (PRI-21)."""

    code = "period_not_allowed"
    status = 422
    message = _("This cannot be kept for so short or so long a time.")
