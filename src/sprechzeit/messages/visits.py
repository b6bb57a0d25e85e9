"""The video side's own messages to who comes to a pushed appointment: confirmation, change, cancellation (VID-5)."""

from datetime import UTC
from email.mime.base import MIMEBase
from email.mime.text import MIMEText
from email.utils import formataddr, parseaddr
from uuid import UUID

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from icalendar import Calendar, Event

from sprechzeit.access.actor import Actor, system
from sprechzeit.core.acting import run_as
from sprechzeit.core.crypto import link_token
from sprechzeit.core.jobs import is_last_attempt, job
from sprechzeit.core.mail import Mail, send
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
    with the same Message-ID.
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
        send(
            Mail(
                key=f"visit-{message.pk}-{message.starts_at:%Y%m%dT%H%M}",
                to=message.address,
                subject=text.subject,
                text=text.plain,
                html=text.html,
                sender=formataddr((practice.shown_name, parseaddr(settings.DEFAULT_FROM_EMAIL)[1])),
                reply_to=practice.email,
                attachments=[text.calendar] if text.calendar else [],
            )
        )
    except Exception as error:
        what = type(error).__name__
        run_as(actor, lambda: mark_visit_attempt(actor, message, what, final=is_last_attempt(attempts)))
        raise
    run_as(actor, lambda: mark_visit_sent(actor, message, text.subject, text.plain))


def compose_visit(actor: Actor, practice: Practice, message: VisitMessage) -> Text:
    """The mail, in the practice's language: that of who comes is not known. Values are text, never markup."""
    visit = get_visit(actor, message.visit_id)
    with in_language(practice.language):
        starts = message.starts_at.astimezone(practice.zone)
        context = {
            "practice": practice,
            "visit": visit,
            "kind": message.kind,
            "with_whom": message.member.name,
            "date": date_format(starts, "WEEKDAY_DATE_FORMAT"),
            "time": date_format(starts, "CLOCK_FORMAT"),
            "joining": joined_by(actor, visit),
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
            calendar=_attachment(practice, message, joined_by(actor, visit)),
        )


def _attachment(practice: Practice, message: VisitMessage, how: Joining) -> MIMEBase:
    """The same UID always, a higher SEQUENCE each time: calendars update what they have (RFC 5546 2.1.4)."""
    cancelled = message.kind == Kind.CANCELLED
    event = Event()
    event.add("uid", f"{link_token('visit-event', message.visit_id)[:22]}@{settings.MAIL_DOMAIN}")
    event.add("dtstamp", timezone.now())
    event.add("sequence", message.number)
    event.add("dtstart", message.starts_at.astimezone(UTC))
    event.add("dtend", message.ends_at.astimezone(UTC))
    event.add("summary", _("Video consultation – %(practice)s") % {"practice": practice.shown_name})
    event.add("status", "CANCELLED" if cancelled else "CONFIRMED")
    event.add("class", "PRIVATE")
    if not cancelled:
        event.add("location", how.url)
    calendar, method = Calendar(), "CANCEL" if cancelled else "PUBLISH"
    for name, value in (("prodid", "-//Sprechzeit//Sprechzeit//DE"), ("version", "2.0"), ("method", method)):
        calendar.add(name, value)
    calendar.add_component(event)
    part = MIMEText(calendar.to_ical().decode(), "calendar", "utf-8")
    part.set_param("method", method)
    part.add_header("Content-Disposition", "attachment", filename="appointment.ics")
    return part
