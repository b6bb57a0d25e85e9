"""The video side's own messages to who comes to a pushed appointment: confirmation, change, cancellation (VID-5)."""

import hashlib
from uuid import UUID

from django.template.loader import render_to_string
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from sprechzeit.access.actor import Actor, system
from sprechzeit.core.acting import run_as
from sprechzeit.core.crypto import link_token
from sprechzeit.core.jobs import is_last_attempt, job
from sprechzeit.messages.calendar_event import Entry, attached
from sprechzeit.messages.handing import fault_of, post
from sprechzeit.messages.texts import Text, in_language
from sprechzeit.practice.models import Practice
from sprechzeit.practice.queries import practice_of
from sprechzeit.scheduling.queries.video import Joining
from sprechzeit.video.actions.messages import mark_visit_attempt, mark_visit_sent, visit_message_due
from sprechzeit.video.models import VisitMessage
from sprechzeit.video.policy import get_visit
from sprechzeit.video.queries.visits import joined_by

Kind = VisitMessage.Kind


@job(subject="block_id")
def tell_visit(attempts: int, *, practice_id: str, block_id: str) -> None:
    """What who comes does not know yet of a pushed appointment. Killed between sending and marking it is sent again,
    with the same Message-ID as long as it says the same. What will never be taken is not tried again.
    """
    actor = system(UUID(practice_id))

    def prepare() -> tuple[VisitMessage, Text, Practice] | None:
        message = visit_message_due(actor, UUID(block_id))
        if message is None:
            return None
        practice = practice_of(actor)
        return message, compose_visit(actor, practice, message), practice

    prepared = run_as(actor, prepare)
    if prepared is None:
        return
    message, text, practice = prepared
    try:
        post(f"visit-{message.pk}-{_digest(text)}", message.address, text, practice)
    except Exception as error:
        fault = fault_of(error)
        final = fault.is_final or is_last_attempt(attempts)
        run_as(actor, lambda: mark_visit_attempt(actor, message, fault.code, final=final))
        if fault.is_final:
            return
        raise
    run_as(actor, lambda: mark_visit_sent(actor, message, text.subject, text.plain))


def _digest(text: Text) -> str:
    """By which a mail that says something else is another one, which no server drops as one that it has had."""
    return hashlib.sha256(f"{text.subject}\n{text.plain}".encode()).hexdigest()[:16]


def compose_visit(actor: Actor, practice: Practice, message: VisitMessage) -> Text:
    """The mail, in the practice's language: that of who comes is not known. Values are text, never markup."""
    visit = get_visit(actor, message.visit_id)
    with in_language(practice.language):
        starts = message.starts_at.astimezone(practice.zone)
        how = joined_by(actor, visit)
        context = {
            "practice": practice,
            "visit": visit,
            "kind": message.kind,
            "with_whom": message.member.name,
            "date": date_format(starts, "WEEKDAY_DATE_FORMAT"),
            "time": date_format(starts, "CLOCK_FORMAT"),
            "joining": how,
        }
        day = {"day": date_format(starts, "SHORT_WEEKDAY_DATE_FORMAT"), "time": context["time"]}
        subjects = {
            Kind.BOOKED: _("Your video consultation on %(day)s at %(time)s"),
            Kind.MOVED: _("New time: your video consultation on %(day)s at %(time)s"),
            Kind.CANCELLED: _("Cancelled: your video consultation on %(day)s at %(time)s"),
        }
        return Text(
            subject=subjects[Kind(message.kind)] % day,
            plain=render_to_string("messages/visit.txt", context).strip() + "\n",
            html=render_to_string("messages/visit.html", context),
            calendar=attached(practice, _entry(practice, message, how)),
        )


def _entry(practice: Practice, message: VisitMessage, how: Joining) -> Entry:
    is_cancelled = message.kind == Kind.CANCELLED
    return Entry(
        uid=link_token("visit-event", message.visit_id)[:22],
        sequence=message.number,
        starts_at=message.starts_at,
        ends_at=message.ends_at,
        title=_("Video consultation – %(practice)s") % {"practice": practice.shown_name},
        description="",
        place="" if is_cancelled else how.url,
        is_cancelled=is_cancelled,
    )
