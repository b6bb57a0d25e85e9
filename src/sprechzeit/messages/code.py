"""The mail with the code that a visitor of the booking page types (BOO-4)."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _

from sprechzeit.access.actor import Actor
from sprechzeit.messages.texts import in_language
from sprechzeit.practice.models import Practice
from sprechzeit.practice.queries import practice_of
from sprechzeit.scheduling.actions.code import CODE_MINUTES, digits_of, get_code


@dataclass(frozen=True, slots=True)
class CodeMail:
    """The mail, ready to be sent. It says the same whether the practice knows the address or not (BOO-8)."""

    to: str
    sender: str
    reply_to: str
    subject: str
    plain: str
    html: str


def compose_code(actor: Actor, code_id: UUID) -> CodeMail | None:
    """The mail of a code; None if it can no longer be typed."""
    code = get_code(actor, code_id)
    until = code.created_at + timedelta(minutes=CODE_MINUTES)
    if until <= timezone.now():
        return None
    practice: Practice = practice_of(actor)
    digits = digits_of(code.id)
    with in_language(code.language):
        context = {
            "practice": practice,
            "code": f"{digits[:3]} {digits[3:]}",
            "until": until.astimezone(practice.zone),
        }
        return CodeMail(
            to=code.email,
            sender=practice.shown_name,
            reply_to=practice.email,
            subject=_("%(code)s is your code for booking") % {"code": context["code"]},
            plain=render_to_string("messages/code.txt", context).strip() + "\n",
            html=render_to_string("messages/code.html", context),
        )
