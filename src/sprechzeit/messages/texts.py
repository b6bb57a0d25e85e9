"""The words of each message, in the patient's language and the practice's time."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.mime.base import MIMEBase
from email.mime.text import MIMEText
from typing import NamedTuple

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from sprechzeit.messages.calendar_event import calendar_event
from sprechzeit.messages.models import Message
from sprechzeit.practice.models import Practice
from sprechzeit.scheduling.actions.book import manage_token
from sprechzeit.scheduling.actions.cancel import (
    cancel_deadline,
    cancelled_by_practice,
    is_in_time,
    told_reason,
)
from sprechzeit.scheduling.models import Appointment


@dataclass(frozen=True, slots=True)
class Text:
    """A message, ready to be sent."""

    subject: str
    plain: str
    html: str
    calendar: MIMEBase | None = None


@contextmanager
def in_language(code: str) -> Iterator[None]:
    """Words and dates in a recipient's language; in that of the installation if it is none of ours."""
    with translation.override(code if code in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE):
        yield


def compose(message: Message, practice: Practice, appointment: Appointment) -> Text | None:
    """What is sent: a mail, or an SMS, of which `plain` alone holds. None where the practice's template suppresses it.

    Values are text: they are never read as templates or markup (NOT-3).
    """
    if message.kind == Message.Kind.NEW_BOOKING:
        return _to_practitioner(practice, appointment)
    return _to_patient(message.kind, practice, appointment)


def _to_patient(kind: str, practice: Practice, appointment: Appointment) -> Text:
    """The mail of this kind about an appointment."""
    with in_language(appointment.language):
        starts = appointment.starts_at.astimezone(practice.zone)
        deadline = cancel_deadline(practice, appointment)
        patient = _typed(appointment) or appointment.patient
        addressed = getattr(appointment, "booker", patient)
        context = {
            "practice": practice,
            "appointment": appointment,
            "first_name": addressed.first_name,
            "last_name": addressed.last_name,
            "patient": patient if addressed is not patient else None,
            "date": date_format(starts, "WEEKDAY_DATE_FORMAT"),
            "time": date_format(starts, "CLOCK_FORMAT"),
            "deadline": deadline.astimezone(practice.zone),
            "may_cancel": is_in_time(practice, appointment),
            "by_practice": cancelled_by_practice(appointment),
            "reason": told_reason(appointment),
            "manage_url": settings.PUBLIC_URL + reverse("portal:manage", args=[manage_token(appointment.id)]),
            "book_url": settings.PUBLIC_URL + reverse("portal:services", args=[practice.slug]),
        }
        day = date_format(starts, "SHORT_WEEKDAY_DATE_FORMAT")
        subjects = {
            Message.Kind.BOOKED: _("Your appointment on %(day)s at %(time)s"),
            Message.Kind.MOVED: _("New time: your appointment on %(day)s at %(time)s"),
            Message.Kind.CANCELLED: _("Cancelled: your appointment on %(day)s at %(time)s"),
        }
        return Text(
            subject=subjects[Message.Kind(kind)] % {"day": day, "time": context["time"]},
            plain=render_to_string(f"messages/{kind}.txt", context).strip() + "\n",
            html=render_to_string(f"messages/{kind}.html", context),
            calendar=_attachment(practice, appointment),
        )


def _to_practitioner(practice: Practice, appointment: Appointment) -> Text | None:
    """The mail that somebody has booked online, in the practitioner's language (BOO-10).

    The subject names nobody: it shows on locked screens.
    """
    member = appointment.calendar.member
    if member is None:
        return None
    with in_language(member.user.language or practice.language):
        starts = appointment.starts_at.astimezone(practice.zone)
        day, clock = date_format(starts, "SHORT_WEEKDAY_DATE_FORMAT"), date_format(starts, "CLOCK_FORMAT")
        context = {
            "practice": practice,
            "appointment": appointment,
            "member": member,
            "date": date_format(starts, "WEEKDAY_DATE_FORMAT"),
            "time": clock,
            "book_url": f"{settings.PUBLIC_URL}{reverse('scheduling:book')}?day={starts:%Y-%m-%d}",
        }
        return Text(
            subject=_("New online booking: %(day)s at %(time)s") % {"day": day, "time": clock},
            plain=render_to_string("messages/new_booking.txt", context).strip() + "\n",
            html=render_to_string("messages/new_booking.html", context),
        )


class _Name(NamedTuple):
    first_name: str
    last_name: str


def _typed(appointment: Appointment) -> _Name | None:
    """The patient as who booked online typed them: a record's spelling would say that there is one (BOO-8)."""
    name = _Name(appointment.typed_first_name, appointment.typed_last_name)
    return name if any(name) else None


def _attachment(practice: Practice, appointment: Appointment) -> MIMEBase:
    """`text/calendar` with its method, as clients want it to offer the entry (RFC 6047 2.4)."""
    part = MIMEText(calendar_event(practice, appointment).decode(), "calendar", "utf-8")
    part.set_param("method", "CANCEL" if hasattr(appointment, "cancellation") else "PUBLISH")
    part.add_header("Content-Disposition", "attachment", filename="appointment.ics")
    return part
