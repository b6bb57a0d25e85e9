"""An appointment as an iCalendar event (RFC 5545, RFC 5546; STD-1)."""

from dataclasses import dataclass
from datetime import UTC, datetime
from email.mime.base import MIMEBase
from email.mime.text import MIMEText
from email.utils import parseaddr

from django.conf import settings
from django.utils import timezone
from django.utils.translation import get_language
from icalendar import Calendar, Event, vCalAddress, vText

from sprechzeit.access.actor import system
from sprechzeit.core.crypto import link_token
from sprechzeit.messages.delivered import Words
from sprechzeit.messages.placeholders import Link, Values, filled, filled_line, plain
from sprechzeit.messages.queries import words_of
from sprechzeit.messages.template_events import EVENTS, Channel, TemplateKey
from sprechzeit.messages.values import facts_of, values_of
from sprechzeit.practice.models import Practice
from sprechzeit.scheduling.models import Appointment

ENTRY_FILE = "appointment.ics"


@dataclass(frozen=True, slots=True)
class Entry:
    """What stands in a patient's calendar. `uid`: the same for all its changes; `sequence`: higher with each."""

    uid: str
    sequence: int
    starts_at: datetime
    ends_at: datetime
    title: str
    description: str
    place: str
    is_cancelled: bool

    @property
    def method(self) -> str:
        """What a calendar is to do with it (RFC 5546 1.4)."""
        return "CANCEL" if self.is_cancelled else "PUBLISH"


def calendar_event(practice: Practice, appointment: Appointment) -> bytes:
    """The event as a file. The same UID always, a higher SEQUENCE for each change: clients update what they have.

    Times are in UTC: every client shows them in its own zone, and no zone's rules have to travel along (RFC 5545
    3.3.5). It is published, not an invitation, so that no client asks the patient for an answer or sends the practice
    one; a published event is changed and cancelled by its organizer (RFC 5546 4.1.2, 4.1.3). It says no more than the
    appointment itself unless the practice's text does (NOT-3); others who may look into the patient's calendar see that
    time is taken and nothing else.
    """
    return entry_file(practice, entry_of(practice, appointment))


def entry_of(practice: Practice, appointment: Appointment) -> Entry:
    """What the entry of an appointment says, in the language of who reads it."""
    values = values_of(practice, facts_of(practice, appointment))
    title, description = described(_words(practice, appointment), values)
    place = values["LOCATION"]
    return Entry(
        uid=link_token("event", appointment.id)[:22],
        sequence=appointment.sequence,
        starts_at=appointment.starts_at,
        ends_at=appointment.ends_at,
        title=title,
        description=description,
        place=place.url if isinstance(place, Link) else str(place or ""),
        is_cancelled=hasattr(appointment, "cancellation"),
    )


def entry_file(practice: Practice, entry: Entry) -> bytes:
    """The entry as a file, published by the practice."""
    calendar = Calendar()
    calendar.add("prodid", "-//Sprechzeit//Sprechzeit//DE")
    calendar.add("version", "2.0")
    calendar.add("method", entry.method)
    event = Event()
    event.add("uid", f"{entry.uid}@{settings.MAIL_DOMAIN}")
    event.add("dtstamp", timezone.now())
    event.add("sequence", entry.sequence)
    event.add("dtstart", entry.starts_at.astimezone(UTC))
    event.add("dtend", entry.ends_at.astimezone(UTC))
    event.add("summary", entry.title)
    if entry.description:
        event.add("description", entry.description)
    event.add("status", "CANCELLED" if entry.is_cancelled else "CONFIRMED")
    event.add("transp", "OPAQUE")
    event.add("class", "PRIVATE")
    if entry.place:
        event.add("location", entry.place)
    organizer = vCalAddress(f"mailto:{practice.email or parseaddr(settings.DEFAULT_FROM_EMAIL)[1]}")
    organizer.params["cn"] = vText(practice.shown_name)
    event.add("organizer", organizer)
    calendar.add_component(event)
    return bytes(calendar.to_ical())


def attached(practice: Practice, entry: Entry) -> MIMEBase:
    """`text/calendar` with its method, as clients want it to offer the entry (RFC 6047 2.4)."""
    part = MIMEText(entry_file(practice, entry).decode(), "calendar", "utf-8")
    part.set_param("method", entry.method)
    part.add_header("Content-Disposition", "attachment", filename=ENTRY_FILE)
    return part


def described(words: Words, values: Values) -> tuple[str, str]:
    """Title and description of an entry. It is never without a title."""
    known = {name: values[name] for name in EVENTS["calendar"].placeholders}
    return filled_line(words.subject, known) or str(values["SERVICE"]), plain(filled(words.text, known))


def _words(practice: Practice, appointment: Appointment) -> Words:
    language = (get_language() or settings.LANGUAGE_CODE)[:2]
    key = TemplateKey("calendar", Channel.CALENDAR, language, appointment.type_id)
    return words_of(system(practice.id), key) or Words("", "")
