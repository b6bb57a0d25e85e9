"""By which way the patient of an appointment is written to (NOT-1)."""

from typing import NamedTuple

from sprechzeit.access.actor import Actor
from sprechzeit.patients.queries import email_of, has_email, mobile_of
from sprechzeit.practice.queries import practice_of, sends_sms
from sprechzeit.scheduling.models import BOOKED_OUTSIDE, Appointment, Source

EMAIL, SMS = "email", "sms"


class Way(NamedTuple):
    """`channel`: 'email' or 'sms'; `address`: an e-mail address, or a mobile number in E.164."""

    channel: str
    address: str


def way_to(actor: Actor, appointment: Appointment, *, wanted: str = "", known: bool = False) -> Way | None:
    """How a message about the appointment reaches the patient, or who booked for them; None: it does not, or the
    practice has switched messages to patients off (NOT-6).

    Their preferred way, else the one `wanted`, else e-mail; the other one where that is not possible. `known`: an
    e-mail address that the record has learned since counts too.
    """
    if not practice_of(actor).patient_messages:
        return None
    email = _email(actor, appointment) or (email_of(actor, appointment.patient) if known else "")
    preferred = _preferred(actor, appointment) or wanted
    if email and preferred != SMS:
        return Way(EMAIL, email)
    mobile = _mobile(actor, appointment) if sends_sms(actor) else ""
    if mobile:
        return Way(SMS, mobile)
    return Way(EMAIL, email) if email else None


def _email(actor: Actor, appointment: Appointment) -> str:
    """As it was booked; what the practice took from the record, as the record was put right since."""
    email = appointment.email
    if not email or appointment.source != Source.STAFF or has_email(actor, appointment.patient, email):
        return email
    return email_of(actor, appointment.patient) or email


def _preferred(actor: Actor, appointment: Appointment) -> str:
    """The patient's own wish; who booked for somebody else left none.

    Who books online and types an address that the record does not have may be a stranger, whom another way than the
    one they typed would tell that there is such a record (BOO-8).
    """
    patient = appointment.patient
    if hasattr(appointment, "booker") or not patient.channel:
        return ""
    is_typed = appointment.source in BOOKED_OUTSIDE and appointment.email
    return patient.channel if not is_typed or has_email(actor, patient, appointment.email) else ""


def _mobile(actor: Actor, appointment: Appointment) -> str:
    booker = getattr(appointment, "booker", None)
    return mobile_of(actor, appointment.patient, booker.mobile if booker else None)
