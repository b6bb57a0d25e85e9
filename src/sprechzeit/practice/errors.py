"""Refusals of the practice's settings."""

from django.utils.translation import gettext_lazy as _

from sprechzeit.core.errors import DomainError


class NameTaken(DomainError):
    """Another one of the practice has this name, be it retired."""

    code = "name_taken"
    status = 422
    message = _("This name is already there, perhaps on something retired. Please choose another one.")


class NotAnImage(DomainError):
    """What was sent as a logo is no PNG, JPEG or WebP image, or cannot be drawn."""

    code = "not_an_image"
    status = 422
    message = _("This is no image we can read. Please choose a PNG, JPEG or WebP file.")


class ImageTooLarge(DomainError):
    """What was sent as a logo has too many bytes or pixels."""

    code = "image_too_large"
    status = 422
    message = _("This image is too large. Please choose one of at most 2 MB and 4096 by 4096 pixels.")
