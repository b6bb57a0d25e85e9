"""Why a message was not sent, in words. What is kept is a code, or of a mail server's the kind of its error."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

REASONS: Mapping[str, Promise] = {
    # Of the program's own.
    "restored": gettext_lazy("It was not sent, since the data was restored from a backup."),
    "off": gettext_lazy("No SMS gateway is switched on."),
    "superseded": gettext_lazy("A later reminder was due as well."),
    "unwanted": gettext_lazy("The patient wants no reminders."),
    "no_address": gettext_lazy("There is no address for it."),
    "switched_off": gettext_lazy("Messages to patients are switched off."),
    "partner": gettext_lazy("A partner writes to the patient."),
    "late": gettext_lazy("The appointment had begun before it could be sent."),
    "address": gettext_lazy("The mail server does not know this address."),
    # Of a gateway (core/calls.py, sms.py).
    "name": gettext_lazy("The name of the gateway is not known."),
    "connection": gettext_lazy("The gateway is not reached."),
    "encryption": gettext_lazy("The connection to the gateway is not secure."),
    "timeout": gettext_lazy("The gateway did not answer in time."),
    "protocol": gettext_lazy("The gateway answered with what is no HTTP."),
    "closed": gettext_lazy("The gateway's address may not be called."),
    "refused": gettext_lazy("The gateway does not take this number or text."),
    "credentials": gettext_lazy("The gateway does not accept the token."),
    "redirect": gettext_lazy("The gateway refers to another address."),
    "status": gettext_lazy("The gateway is out of order."),
    # Of a mail server, by the kind of error.
    "ConnectionRefusedError": gettext_lazy("The mail server is not reached."),
    "SMTPRecipientsRefused": gettext_lazy("The mail server does not take mails for this address now."),
    "SMTPAuthenticationError": gettext_lazy("The mail server does not accept the sign-in of this installation."),
    "SMTPSenderRefused": gettext_lazy("The mail server does not accept the sender."),
    "SMTPDataError": gettext_lazy("The mail server does not take the mail."),
    "TimeoutError": gettext_lazy("The mail server did not answer in time."),
}


def reason_of(code: str) -> str:
    """In words; empty for none."""
    if not code:
        return ""
    known = REASONS.get(code)
    return str(known) if known else _("The mail server did not take it.")
