"""The demo practice's booking partner: a portal that is registered and has booked a little (OTV-7)."""

from base64 import b64encode
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from sprechzeit.access.actor import Actor, partner
from sprechzeit.core.acting import acting
from sprechzeit.patients.actions import Identity, Said, record_consent
from sprechzeit.patients.policy import get_patient
from sprechzeit.practice.actions.partner_keys import add_key
from sprechzeit.practice.actions.partners import register_partner
from sprechzeit.practice.models import Confirms, Reading
from sprechzeit.scheduling.actions.book import Contact
from sprechzeit.scheduling.actions.partner_book import PartnerBooking, Slot, book_for_partner
from sprechzeit.scheduling.actions.settings import change_type
from sprechzeit.scheduling.availability import instant_of, minute_of
from sprechzeit.scheduling.models import AppointmentType
from sprechzeit.scheduling.queries.availability import next_free

ZONE = ZoneInfo("Europe/Berlin")
AT_PARTNERS = ("next", "check", "therapy", "video")
NAME = "Terminfinder"


def book_at_partner(
    office: Actor, administrator: Actor, types: Mapping[str, AppointmentType], known: UUID, monday: date
) -> None:
    """Terminfinder is registered by the office, and four patients book there in the week after that of `monday`:
    one whom the practice has `known`, who agreed, two new ones, and a mother for her child.
    """
    for key in AT_PARTNERS:
        change_type(office, types[key].pk, {"partners": True})
        types[key].partners = True
    facts = {
        "name": NAME,
        "website": "https://terminfinder.example.org",
        "contact": "Ina Falk",
        "email": "technik@terminfinder.example.org",
        "starts_on": monday - timedelta(days=28),
        "reads": [Reading.ROOMS, Reading.HOURS, Reading.MATCH],
        "confirms": Confirms.PARTNER,
    }
    registered = register_partner(office, facts)
    # Its private half is gone at once: nobody calls in a demo, and the page shows what a partner with a key looks like.
    add_key(office, registered.pk, b64encode(Ed25519PrivateKey.generate().public_key().public_bytes_raw()))
    finder = partner(office.practice_id, registered.pk)
    patient = get_patient(office, known)
    assert patient.date_of_birth  # noqa: S101 – all of the demo have one
    mother = Contact("child", "Nele", "Hartwig", "nele.hartwig@example.org", "0171 3920011")
    wishes = [
        ("next", 4, Identity(patient.first_name, patient.last_name, patient.date_of_birth), None, ""),
        ("check", 2, Identity("Lena", "Vogt", date(1991, 4, 17), email="lena.vogt@example.org"), None, "Erster Besuch"),
        ("check", 3, Identity("Emil", "Hartwig", date(2018, 9, 2)), mother, ""),
        ("therapy", 1, Identity("Tarik", "Aydin", date(1979, 1, 30), mobile="0171 3920012"), None, ""),
    ]
    with acting(finder):
        for key, number, who, booker, remark in wishes:
            booking = PartnerBooking(_slot(finder, types[key], monday, number), who, remark=remark, booker=booker)
            book_for_partner(finder, booking)
    with acting(administrator):
        record_consent(administrator, known, finder.identity, Said("yes", "in_writing", monday - timedelta(days=7)))


def _slot(finder: Actor, appointment_type: AppointmentType, monday: date, number: int) -> Slot:
    """The first free time of a day of next week, or the next after it."""
    begin = datetime.combine(monday + timedelta(days=6 + number), time(9), ZONE)
    (offer,) = next_free(finder, appointment_type, 1, since=minute_of(begin))
    return Slot(appointment_type, offer.calendar_id, instant_of(offer.start))
