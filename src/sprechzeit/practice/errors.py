"""Refusals of the practice's settings."""

from django.utils.translation import gettext_lazy as _

from sprechzeit.core.errors import DomainError


class NameTaken(DomainError):
    """Another one of the practice has this name, be it retired."""

    code = "name_taken"
    status = 422
    message = _("This name is already there, perhaps on something retired. Please choose another one.")
