"""Handing a mail to the mail server. Called by jobs only, never by a page."""

from collections.abc import Sequence
from dataclasses import dataclass
from email.mime.base import MIMEBase

from django.conf import settings
from django.core.mail import EmailMultiAlternatives


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail. `key` stays the same over retries, so that a mail sent twice bears one Message-ID (RFC 5322 3.6.4)."""

    key: str
    to: str
    subject: str
    text: str
    html: str = ""
    sender: str | None = None
    reply_to: str = ""
    attachments: Sequence[MIMEBase] = ()


def send(mail: Mail) -> None:
    """Give `mail` to the mail server. Raises what the server or the connection says (OSError, SMTPException)."""
    message = EmailMultiAlternatives(
        subject=" ".join(mail.subject.split()),
        body=mail.text,
        from_email=" ".join((mail.sender or settings.DEFAULT_FROM_EMAIL).split()),
        to=[mail.to],
        reply_to=[mail.reply_to] if mail.reply_to else None,
        headers={"Message-ID": f"<{mail.key}@{settings.MAIL_DOMAIN}>", "Auto-Submitted": "auto-generated"},
    )
    if mail.html:
        message.attach_alternative(mail.html, "text/html")
    for attachment in mail.attachments:
        message.attach(attachment)
    message.send()
