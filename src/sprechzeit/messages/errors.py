"""Refusals of the texts of messages."""

from django.utils.translation import gettext_lazy as _

from sprechzeit.core.errors import DomainError


class PlaceholderUnknown(DomainError):
    """A text of a message names what nobody fills in there. `faults`: each, with what is probably meant (NOT-2)."""

    code = "placeholder_unknown"
    message = _("There is a placeholder that nothing can be filled in for.")


class TextMissing(DomainError):
    """A text of a message, or the subject of a mail, says nothing; to say nothing on purpose there is `%NOEMAIL%`."""

    code = "text_missing"
    message = _("Please write what the message says.")


class ReminderThere(DomainError):
    """The same reminder stands there already: of these appointments, by this way, so many hours before."""

    code = "reminder_there"
    status = 409
    message = _("This reminder stands there already. Choose another time or another way.")
