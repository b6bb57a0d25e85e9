"""Mails about signing in are jobs: with the mail server away, signing in still works (architecture §6)."""

from django.db import transaction

from sprechzeit.accounts.models import AccountMail
from sprechzeit.core.jobs import is_last_attempt, job
from sprechzeit.core.mail import Mail, send


@job(subject="mail_id")
def send_account_mail(attempts: int, *, mail_id: str) -> None:
    """Send it and forget it. Sent twice in the worst case (killed in between), then with the same Message-ID."""
    mail = AccountMail.objects.filter(pk=mail_id).first()
    if mail is None:
        return
    try:
        send(Mail(key=f"account-{mail.id}", to=mail.to, subject=mail.subject, text=mail.text, html=mail.html or ""))
    except Exception:
        if is_last_attempt(attempts):
            mail.delete()
        raise
    with transaction.atomic():
        mail.delete()


def post_mail(to: str, subject: str, text: str, html: str = "") -> None:
    """Have a mail about signing in sent, in the transaction of what it tells."""
    with transaction.atomic():
        mail = AccountMail.objects.create(to=to, subject=" ".join(subject.split())[:250], text=text, html=html or None)
        send_account_mail.follow({"mail_id": str(mail.id)})
