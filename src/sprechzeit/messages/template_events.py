"""Of what people are told, by which ways, and what the texts about it may say (NOT-2, NOT-3).

A line more in `EVENTS`, with the texts it begins with in `starts/`, is an event more: its templates, their page and
their preview follow.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from sprechzeit.messages.placeholders import NO_EMAIL
from sprechzeit.scheduling.models import BOOKED_OUTSIDE, Appointment


class Channel(models.TextChoices):
    """How a text reaches people. The calendar entry is attached to e-mails, and can be had on the patient's page."""

    EMAIL = "email", _("E-mail")
    SMS = "sms", _("SMS")
    CALENDAR = "calendar", _("Calendar entry")


LABELS: Mapping[str, Promise] = {
    "FIRSTNAME": _("First name"),
    "LASTNAME": _("Last name"),
    "FORWHOM": _("For whom"),
    "PATIENT": _("Patient"),
    "DATE": _("Date"),
    "SHORTDATE": _("Date, short"),
    "TIME": pgettext_lazy("clock", "Time"),
    "SERVICE": _("Service"),
    "PRACTITIONER": _("Practitioner"),
    "LOCATION": _("Place or video link"),
    "VIDEOLINK": _("Video link"),
    "MEETINGPASSWORD": _("TAN"),
    "CANCELLINK": _("Link to cancel"),
    "CHANGENOTE": _("Until when to change"),
    "CANCELNOTE": _("Who cancelled"),
    "REASON": _("Reason"),
    "BOOKINGPAGE": _("Booking page"),
    "APPOINTMENTBOOK": _("Appointment book"),
    "BOOKEDNOTE": _("How it was booked"),
    "PRACTICE": _("Practice"),
    "PRACTICEPHONE": _("Phone of the practice"),
    "PRACTICEADDRESS": _("Address of the practice"),
}
"""What each placeholder is called on the page, in the order in which they are offered."""

_ABOUT = ("DATE", "SHORTDATE", "TIME", "SERVICE", "PRACTITIONER", "PRACTICE", "PRACTICEPHONE", "PRACTICEADDRESS")
_TO_PATIENT = ("FIRSTNAME", "LASTNAME", "FORWHOM", *_ABOUT, "LOCATION", "BOOKINGPAGE")
_COMING = (*_TO_PATIENT, "VIDEOLINK", "MEETINGPASSWORD", "CANCELLINK", "CHANGENOTE")
_BOTH = (Channel.EMAIL, Channel.SMS)


class TemplateKey(NamedTuple):
    """Which text: of what, by which channel, in which language, of which type of appointments; None: of all."""

    event: str
    channel: str
    language: str
    type_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class TemplateEvent:
    """Something of which people are told. `placeholders`: those that its texts may use. `samples`: what its preview
    offers to look at, keys of `samples.SAMPLES`.
    """

    key: str
    name: Promise
    icon: str
    channels: tuple[Channel, ...]
    placeholders: tuple[str, ...]
    samples: tuple[str, ...] = ("practice", "video", "child", "late")

    def usable(self, channel: str) -> frozenset[str]:
        """The placeholders that a text for this channel may use; in an e-mail, `%NOEMAIL%` too."""
        return frozenset((*self.placeholders, *((NO_EMAIL,) if channel == Channel.EMAIL else ())))


_ALL = (
    TemplateEvent("booked_online", _("Booked online"), "globe", _BOTH, _COMING),
    TemplateEvent("booked_by_staff", _("Booked by the practice"), "user-plus", _BOTH, _COMING),
    TemplateEvent("moved", _("Moved"), "calendar-sync", _BOTH, _COMING),
    TemplateEvent(
        "cancelled", _("Cancelled"), "calendar-x", _BOTH, (*_TO_PATIENT, "CANCELLINK", "CANCELNOTE", "REASON"),
        ("practice", "reason", "patient", "child"),
    ),
    TemplateEvent("video_link", _("Link to the video call"), "video", _BOTH, _COMING, ("video",)),
    TemplateEvent("reminder", _("Reminder"), "bell-ring", _BOTH, _COMING),
    TemplateEvent(
        "new_booking", _("To the practitioner"), "inbox", (Channel.EMAIL,),
        (*_ABOUT, "PATIENT", "BOOKEDNOTE", "APPOINTMENTBOOK"), ("practice", "partner"),
    ),
    TemplateEvent("calendar", _("Calendar entry"), "calendar", (Channel.CALENDAR,), _COMING, ("practice", "video")),
)  # fmt: skip
EVENTS: Mapping[str, TemplateEvent] = {one.key: one for one in _ALL}


def event_of(kind: str, appointment: Appointment) -> str:
    """Which event's text a message of this kind has: a booking's depends on who booked (NOT-2)."""
    if kind == "booked":
        return "booked_online" if appointment.source in BOOKED_OUTSIDE else "booked_by_staff"
    return kind
