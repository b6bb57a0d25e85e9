"""Telling people about their place in the practice."""

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
from sprechzeit.practice.access_mails import to_delegate, to_member
from sprechzeit.practice.actions.invitation import invitation_token
from sprechzeit.practice.policy import open_invitations, visible_members
from sprechzeit.practice.queries import access_ever, practice_of


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
        sender=practice.name,
        reply_to=practice.email,
    )


@job(subject="access_id")
def tell_delegate(attempts: int, *, practice_id: str, access_id: str) -> None:
    """The mail to who was given an access, or from whom it was taken (ACC-20)."""
    actor = system(UUID(practice_id))
    mail = run_as(actor, lambda: to_delegate(actor, access_ever(actor, UUID(access_id))))
    if mail is not None:
        send(mail)


@job(subject="access_id")
def tell_of_access(attempts: int, *, practice_id: str, access_id: str, member_id: str) -> None:
    """The mail to a member who gave an access, or whose data it opens."""
    actor = system(UUID(practice_id))
    mail = run_as(actor, lambda: _notice(actor, UUID(access_id), UUID(member_id)))
    if mail is not None:
        send(mail)


def _notice(actor: Actor, access_id: UUID, member_id: UUID) -> Mail | None:
    """Nothing for who has left meanwhile."""
    member = visible_members(actor).select_related("user").filter(pk=member_id).first()
    return to_member(actor, access_ever(actor, access_id), member) if member else None
