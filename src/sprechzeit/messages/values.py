"""What the placeholders of a message stand for, in the language that is spoken (NOT-3)."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple

from django.conf import settings
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from sprechzeit.access.actor import system
from sprechzeit.messages.placeholders import Link, Value
from sprechzeit.practice.models import Practice
from sprechzeit.scheduling.actions.book import manage_token
from sprechzeit.scheduling.actions.cancel import cancel_deadline, cancelled_by_practice, is_in_time, told_reason
from sprechzeit.scheduling.models import Appointment, AppointmentType
from sprechzeit.scheduling.queries.video import joining

Location = AppointmentType.Location


@dataclass(frozen=True, slots=True)
class Facts:
    """What a message speaks of. `starts_at`, `deadline`: aware, in the practice's zone.

    `for_whom`: the patient's first name, where somebody else is addressed. `join_url`, `tan`: of an appointment by
    video; empty where there are none yet. `may_change`: the patient is in time to move or cancel. `partner`: through
    which it was booked.
    """

    first_name: str
    last_name: str
    patient: str
    service: str
    practitioner: str
    starts_at: datetime
    deadline: datetime
    location: str
    manage_url: str
    for_whom: str = ""
    join_url: str = ""
    tan: str = ""
    may_change: bool = True
    is_cancelled: bool = False
    by_practice: bool = False
    reason: str = ""
    partner: str = ""

    def to_practitioner(self, name: str) -> "Facts":
        """As they are told to a practitioner, whose name in the practice this is."""
        return replace(self, practitioner=name)


class _Name(NamedTuple):
    first_name: str
    last_name: str


def facts_of(practice: Practice, appointment: Appointment) -> Facts:
    """The facts of an appointment."""
    patient = _typed(appointment) or appointment.patient
    addressed = getattr(appointment, "booker", patient)
    how = joining(system(practice.id), appointment)
    return Facts(
        first_name=addressed.first_name,
        last_name=addressed.last_name,
        patient=appointment.patient.full_name,
        for_whom="" if addressed is patient else patient.first_name,
        service=appointment.type.name,
        practitioner=appointment.calendar.name,
        starts_at=appointment.starts_at.astimezone(practice.zone),
        deadline=cancel_deadline(practice, appointment).astimezone(practice.zone),
        location=appointment.location,
        manage_url=settings.PUBLIC_URL + reverse("portal:manage", args=[manage_token(appointment.id)]),
        join_url=how.url if how else "",
        tan=how.tan if how else "",
        may_change=is_in_time(practice, appointment),
        is_cancelled=hasattr(appointment, "cancellation"),
        by_practice=cancelled_by_practice(appointment),
        reason=told_reason(appointment),
        partner=appointment.partner.name if appointment.partner else "",
    )


def _typed(appointment: Appointment) -> _Name | None:
    """The patient as who booked online typed them: a record's spelling would say that there is one (BOO-8)."""
    name = _Name(appointment.typed_first_name, appointment.typed_last_name)
    return name if any(name) else None


def address_of(practice: Practice) -> str:
    """The practice's address on one line; empty if it has none."""
    return ", ".join(filter(None, (practice.street, f"{practice.postcode} {practice.town}".strip())))


def values_of(practice: Practice, facts: Facts) -> dict[str, Value]:
    """The value of each placeholder. They are text: nobody reads them as templates or markup."""
    open_book = f"{settings.PUBLIC_URL}{reverse('scheduling:book')}?day={facts.starts_at:%Y-%m-%d}"
    booking_page = settings.PUBLIC_URL + reverse("portal:services", args=[practice.slug])
    return {
        "FIRSTNAME": facts.first_name,
        "LASTNAME": facts.last_name,
        "FORWHOM": _("for %(name)s") % {"name": facts.for_whom} if facts.for_whom else "",
        "PATIENT": facts.patient,
        "DATE": date_format(facts.starts_at, "WEEKDAY_DATE_FORMAT"),
        "SHORTDATE": date_format(facts.starts_at, "SHORT_WEEKDAY_DATE_FORMAT"),
        "TIME": date_format(facts.starts_at, "CLOCK_FORMAT"),
        "SERVICE": facts.service,
        "PRACTITIONER": facts.practitioner,
        "LOCATION": _place(practice, facts),
        "VIDEOLINK": _video_link(facts),
        "MEETINGPASSWORD": _tan(facts),
        "CANCELLINK": Link(facts.manage_url, _("View, move or cancel") if facts.may_change else _("View appointment")),
        "CHANGENOTE": _change_note(facts),
        "CANCELNOTE": _cancel_note(practice, facts),
        "REASON": facts.reason,
        "BOOKINGPAGE": Link(booking_page, _("Book another appointment")),
        "APPOINTMENTBOOK": Link(open_book, _("Open the appointment book")),
        "BOOKEDNOTE": _booked_note(facts),
        "PRACTICE": practice.shown_name,
        "PRACTICEPHONE": practice.shown_phone,
        "PRACTICEADDRESS": address_of(practice),
    }


def _place(practice: Practice, facts: Facts) -> Value:
    if facts.location == Location.VIDEO:
        return _("by video") if facts.is_cancelled else _joining(facts) or _("The link to the video call follows.")
    if facts.location == Location.PHONE:
        return _("by phone")
    if facts.location == Location.HOME:
        return _("at your home")
    return address_of(practice)


def _video_link(facts: Facts) -> Value:
    if facts.location != Location.VIDEO or facts.is_cancelled:
        return ""
    return _joining(facts) or _("the link follows")


def _joining(facts: Facts) -> Value:
    """The link. What another service calls one is followed only if it leads to a page."""
    if facts.join_url.startswith(("https://", "http://")):
        return Link(facts.join_url, _("Join the video call"))
    return facts.join_url


def _tan(facts: Facts) -> str:
    """The TAN, without the link (NOT-3)."""
    if facts.location != Location.VIDEO or facts.is_cancelled:
        return ""
    return facts.tan or ("" if facts.join_url else _("follows with the link"))


def _change_note(facts: Facts) -> str:
    if not facts.may_change:
        return _("You can view the appointment here:")
    until = date_format(facts.deadline, "WEEKDAY_DATETIME_FORMAT")
    return _("You can view the appointment, and move or cancel it until %(until)s:") % {"until": until}


def _cancel_note(practice: Practice, facts: Facts) -> str:
    if facts.by_practice:
        return _("unfortunately %(practice)s has to cancel this appointment:") % {"practice": practice.shown_name}
    return _("this appointment at %(practice)s is cancelled:") % {"practice": practice.shown_name}


def _booked_note(facts: Facts) -> str:
    if facts.partner:
        return _("this appointment has been booked through %(partner)s:") % {"partner": facts.partner}
    return _("this appointment has been booked online:")
