"""An appointment as an iCalendar event (RFC 5545, RFC 5546; STD-1)."""

from datetime import UTC
from email.utils import parseaddr

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from icalendar import Calendar, Event, vCalAddress, vText

from sprechzeit.core.crypto import link_token
from sprechzeit.practice.models import Practice
from sprechzeit.scheduling.models import Appointment


def calendar_event(practice: Practice, appointment: Appointment) -> bytes:
    """The event as a file. The same UID always, a higher SEQUENCE for each change: clients update what they have.

    Times are in UTC: every client shows them in its own zone, and no zone's rules have to travel along (RFC 5545
    3.3.5). It is published, not an invitation, so that no client asks the patient for an answer or sends the practice
    one; a published event is changed and cancelled by its organizer (RFC 5546 4.1.2, 4.1.3). It says no more than the
    appointment itself, and others who may look into the patient's calendar see that time is taken and nothing else.
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
    event.add(
        "summary", _("%(service)s – %(practice)s") % {"service": appointment.type.name, "practice": practice.shown_name}
    )
    event.add("status", "CANCELLED" if cancelled else "CONFIRMED")
    event.add("transp", "OPAQUE")
    event.add("class", "PRIVATE")
    if address := ", ".join(filter(None, (practice.street, f"{practice.postcode} {practice.town}".strip()))):
        event.add("location", address)
    organizer = vCalAddress(f"mailto:{practice.email or parseaddr(settings.DEFAULT_FROM_EMAIL)[1]}")
    organizer.params["cn"] = vText(practice.shown_name)
    event.add("organizer", organizer)
    calendar.add_component(event)
    return bytes(calendar.to_ical())
