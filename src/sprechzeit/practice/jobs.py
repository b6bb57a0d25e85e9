"""Telling people about their place in the practice."""

from email.utils import formataddr, parseaddr
from uuid import UUID

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from sprechzeit.access.actor import Actor, system
from sprechzeit.core.acting import run_as
from sprechzeit.core.jobs import job
from sprechzeit.core.mail import Mail, send
from sprechzeit.practice.actions.invitation import invitation_token
from sprechzeit.practice.policy import open_invitations
from sprechzeit.practice.queries import practice_of


@job(subject="invitation_id")
def send_invitation(attempts: int, *, practice_id: str, invitation_id: str) -> None:
    """The mail with the link. Withdrawn or accepted meanwhile, nothing is sent (ACC-8)."""
    actor = system(UUID(practice_id))
    mail = run_as(actor, lambda: _compose(actor, UUID(invitation_id)))
    if mail is not None:
        send(mail)


def _compose(actor: Actor, invitation_id: UUID) -> Mail | None:
    invitation = open_invitations(actor).filter(pk=invitation_id).first()
    if invitation is None:
        return None
    practice = practice_of(actor)
    token = invitation_token(invitation.sending)
    with translation.override(practice.language):
        text = render_to_string(
            "practice/mail/invitation.txt",
            {
                "practice": practice,
                "url": settings.PUBLIC_URL + reverse("joining", args=[token]),
                "until": date_format(invitation.expires_at.astimezone(practice.zone), "DATE_FORMAT"),
            },
        )
        subject = _("Invitation to %(practice)s") % {"practice": practice.name}
    return Mail(
        key=f"invitation-{invitation.sending}",
        to=invitation.email,
        subject=subject,
        text=text,
        sender=formataddr((practice.name, parseaddr(settings.DEFAULT_FROM_EMAIL)[1])),
        reply_to=practice.email,
    )
