"""The mails about an access: to the delegate and to those whose data it opens (ACC-20)."""

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from sprechzeit.access.actor import Actor
from sprechzeit.core.mail import Mail
from sprechzeit.practice.actions.invitation import invitation_token
from sprechzeit.practice.models import AccessGrant, GrantedArea, Member
from sprechzeit.practice.queries import practice_of


def to_delegate(actor: Actor, access: AccessGrant) -> Mail | None:
    """The invitation with its link, that there is an access now, or that it was revoked; None where nothing is said:
    somebody who did not come is not told that they need not.
    """
    if access.revoked_at is not None:
        return _mail(actor, access, "revoked", access.email, _language(access)) if access.user_id else None
    invitation = access.invitation
    if invitation is None:
        return _mail(actor, access, "given", access.email, _language(access))
    if invitation.accepted_at or invitation.withdrawn_at:
        return None
    link = {"url": settings.PUBLIC_URL + reverse("joining", args=[invitation_token(invitation.sending)])}
    until = date_format(invitation.expires_at.astimezone(practice_of(actor).zone), "DATE_FORMAT")
    return _mail(actor, access, "invitation", access.email, "", key=str(invitation.sending), until=until, **link)


def to_member(actor: Actor, access: AccessGrant, member: Member) -> Mail:
    """That an access was given or revoked which they gave, or which opens their data."""
    what = "revoked_notice" if access.revoked_at else "given_notice"
    return _mail(actor, access, what, member.user.email, member.user.language, key=f"{access.pk}-{member.pk}")


def _language(access: AccessGrant) -> str:
    return access.user.language if access.user else ""


def _mail(actor: Actor, access: AccessGrant, what: str, to: str, language: str, **more: Any) -> Mail:
    practice = practice_of(actor)
    key = more.pop("key", access.pk)
    with translation.override(language or practice.language):
        subject = {
            "invitation": _("%(practice)s gives you an access"),
            "given": _("%(practice)s: you have an access"),
            "revoked": _("%(practice)s: your access has ended"),
            "given_notice": _("%(practice)s: %(name)s has an access"),
            "revoked_notice": _("%(practice)s: the access of %(name)s has ended"),
        }[what]
        context = {
            "practice": practice,
            "access": access,
            "opens": opens(access.areas.select_related("member")),
            "ends": date_format(access.ends_on, "DATE_FORMAT") if access.ends_on else "",
            "url": settings.PUBLIC_URL + reverse("scheduling:book"),
            "settings_url": settings.PUBLIC_URL + reverse("practice:accesses"),
        }
        text = render_to_string(f"practice/mail/access_{what}.txt", context | more)
    return Mail(
        key=f"access-{what}-{key}",
        to=to,
        subject=subject % {"practice": practice.name, "name": access.name},
        text=text,
        sender=practice.name,
        reply_to=practice.email,
    )


def opens(areas: Iterable[GrantedArea]) -> list[tuple[str, list[str]]]:
    """Each area in words, with the names of the practitioners whose data it opens."""
    found: dict[str, list[str]] = {}
    for one in areas:
        found.setdefault(one.area, []).append(one.member.name)
    return [(str(label), sorted(found[value])) for value, label in GrantedArea.Choice.choices if value in found]
