"""Handing a mail to the mail server. Called by jobs only, never by a page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.mime.base import MIMEBase
from email.utils import formataddr, parseaddr
from pathlib import Path

from django.conf import settings
from django.core.mail import EmailMultiAlternatives

FILES_KEPT = timedelta(days=7)
"""Without a mail server mails are files, for who tries the program out."""


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail. `key` stays the same over retries, so that a mail sent twice bears one Message-ID (RFC 5322 3.6.4).

    `sender`: whose name is shown as the sender's; the address is always the installation's.
    """

    key: str
    to: str
    subject: str
    text: str
    html: str = ""
    sender: str = ""
    reply_to: str = ""
    attachments: Sequence[MIMEBase] = ()


def send(mail: Mail) -> None:
    """Give `mail` to the mail server. Raises what the server or the connection says (OSError, SMTPException)."""
    message = EmailMultiAlternatives(
        subject=" ".join(mail.subject.split()),
        body=mail.text,
        from_email=_sender(mail.sender),
        to=[mail.to],
        reply_to=[mail.reply_to] if mail.reply_to else None,
        headers={"Message-ID": f"<{mail.key}@{settings.MAIL_DOMAIN}>", "Auto-Submitted": "auto-generated"},
    )
    if mail.html:
        message.attach_alternative(mail.html, "text/html")
    for attachment in mail.attachments:
        message.attach(attachment)
    message.send()


def _sender(name: str) -> str:
    shown = formataddr((name, parseaddr(settings.DEFAULT_FROM_EMAIL)[1])) if name else settings.DEFAULT_FROM_EMAIL
    return " ".join(shown.split())


def forget_mail_files(at: datetime) -> int:
    """Delete the mails that became files more than `FILES_KEPT` before that moment; how many files (PRI-20)."""
    old = (at - FILES_KEPT).timestamp()
    files = [one for one in Path(settings.EMAIL_FILE_PATH).glob("*.log") if one.stat().st_mtime < old]
    for one in files:
        one.unlink(missing_ok=True)
    return len(files)
