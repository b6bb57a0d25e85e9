"""Handing a message over to whom it is given: the mail server or the SMS gateway. No transaction is open meanwhile."""

from dataclasses import dataclass
from datetime import timedelta
from smtplib import SMTPRecipientsRefused

from sprechzeit.access.actor import Actor
from sprechzeit.core.acting import run_as
from sprechzeit.core.mail import Mail, send
from sprechzeit.messages.gates import gate_of
from sprechzeit.messages.models import Message
from sprechzeit.messages.sms import NotTaken, Sms
from sprechzeit.messages.template_events import Channel
from sprechzeit.messages.texts import Text
from sprechzeit.practice.models import Practice

PERMANENT = 500
"""From this reply of SMTP on the same will be answered again (RFC 5321 4.2.1)."""


def hand_over(actor: Actor, message: Message, text: Text, practice: Practice) -> None:
    """Its key is that by which who gets it twice knows it again; told otherwise meanwhile, it is another one. Raises
    whatever kept it from being taken.
    """
    key = f"message-{message.id}-{message.sequence}"
    if message.channel == Channel.SMS:
        gate = run_as(actor, lambda: gate_of(actor))
        gate.send(Sms(key, message.address, text.plain))
        return
    post(key, message.address, text, practice)


def post(key: str, address: str, text: Text, practice: Practice) -> None:
    """A text by mail, from the practice. Raises what the mail server or the connection says."""
    send(
        Mail(
            key=key,
            to=address,
            subject=text.subject,
            text=text.plain,
            html=text.html,
            sender=practice.shown_name,
            reply_to=practice.email,
            attachments=[text.calendar] if text.calendar else [],
        )
    )


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a message was not taken. `code`: see outcomes.py; `is_final`: it never will be; `after`: be left alone."""

    code: str
    is_final: bool = False
    after: timedelta = timedelta(0)


def fault_of(error: Exception) -> Fault:
    """What an error of `hand_over` or `post` means. Nothing of its text: that may hold what somebody typed."""
    if isinstance(error, NotTaken):
        return Fault(error.code, error.is_final, error.after)
    if isinstance(error, SMTPRecipientsRefused) and error.recipients:
        replies = [int(reply[0]) for reply in error.recipients.values()]
        if min(replies) >= PERMANENT:
            return Fault("address", is_final=True)
    return Fault(type(error).__name__)
