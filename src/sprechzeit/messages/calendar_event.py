"""An appointment as an iCalendar event (RFC 5545, RFC 5546; STD-1)."""

from datetime import UTC
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


def calendar_event(practice: Practice, appointment: Appointment) -> bytes:
    """The event as a file. The same UID always, a higher SEQUENCE for each change: clients update what they have.

    Times are in UTC: every client shows them in its own zone, and no zone's rules have to travel along (RFC 5545
    3.3.5). It is published, not an invitation, so that no client asks the patient for an answer or sends the practice
    one; a published event is changed and cancelled by its organizer (RFC 5546 4.1.2, 4.1.3). It says no more than the
    appointment itself unless the practice's text does (NOT-3); others who may look into the patient's calendar see that
    time is taken and nothing else.
    """
    cancelled = hasattr(appointment, "cancellation")
    calendar = Calendar()
    calendar.add("prodid", "-//Sprechzeit//Sprechzeit//DE")
    calendar.add("version", "2.0")
    calendar.add("method", "CANCEL" if cancelled else "PUBLISH")
    event = Event()
    event.add("uid", f"{link_token('event', appointment.id)[:22]}@{settings.MAIL_DOMAIN}")
    event.add("dtstamp", timezone.now())
    event.add("sequence", appointment.sequence)
    event.add("dtstart", appointment.starts_at.astimezone(UTC))
    event.add("dtend", appointment.ends_at.astimezone(UTC))
    values = values_of(practice, facts_of(practice, appointment))
    title, description = described(_words(practice, appointment), values)
    event.add("summary", title)
    if description:
        event.add("description", description)
    event.add("status", "CANCELLED" if cancelled else "CONFIRMED")
    event.add("transp", "OPAQUE")
    event.add("class", "PRIVATE")
    place = values["LOCATION"]
    if place:
        event.add("location", place.url if isinstance(place, Link) else place)
    organizer = vCalAddress(f"mailto:{practice.email or parseaddr(settings.DEFAULT_FROM_EMAIL)[1]}")
    organizer.params["cn"] = vText(practice.shown_name)
    event.add("organizer", organizer)
    calendar.add_component(event)
    return bytes(calendar.to_ical())


def described(words: Words, values: Values) -> tuple[str, str]:
    """Title and description of an entry. It is never without a title."""
    known = {name: values[name] for name in EVENTS["calendar"].placeholders}
    return filled_line(words.subject, known) or str(values["SERVICE"]), plain(filled(words.text, known))


def _words(practice: Practice, appointment: Appointment) -> Words:
    language = (get_language() or settings.LANGUAGE_CODE)[:2]
    key = TemplateKey("calendar", Channel.CALENDAR, language, appointment.type_id)
    return words_of(system(practice.id), key) or Words("", "")
