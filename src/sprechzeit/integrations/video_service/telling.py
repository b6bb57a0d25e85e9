"""What the video service is told of a patient: what the practice chose, and nothing else ever (PUSH-6)."""

import base64
import hashlib
import hmac
from uuid import UUID

from sprechzeit.access.actor import Actor
from sprechzeit.core.crypto import derived, link_token
from sprechzeit.integrations.video_service.contract import Visit
from sprechzeit.integrations.video_service.models import Push
from sprechzeit.patients.queries import mobile_of
from sprechzeit.practice.models import VideoService
from sprechzeit.scheduling.models import Appointment
from sprechzeit.scheduling.queries.appointment import address_of

CODE_LETTERS = 7


def new_reference(push_id: UUID) -> str:
    """By which the service knows an appointment that is entered there with this push: 128 bits that say nothing."""
    return link_token("video-reference", push_id)[:22]


def key_of(push: Push, method: str, visit: Visit) -> str:
    """The idempotency key of a change: the same however often it is sent, as long as it says the same.

    A patient's address may be corrected between two attempts; with the former key the service would refuse that. What
    it refused it may refuse with that key for days, though it knows the practitioner by now: then it gets another one.
    """
    said = "\0".join(
        (
            method,
            str(push.refusals),
            visit.reference,
            visit.practitioner,
            visit.starts_at.isoformat(),
            str(visit.minutes),
            visit.first_name,
            visit.last_name,
            visit.email,
            visit.mobile,
        )
    )
    return hmac.new(derived("video-push-key"), push.pk.bytes + said.encode(), hashlib.sha256).hexdigest()[:40]


def visit_of(actor: Actor, push: Push, appointment: Appointment, service: VideoService) -> Visit:
    """The appointment as the service is told of it. `practitioner` is empty where the calendar has no reference."""
    first_name, last_name = _name(appointment)
    return Visit(
        reference=push.reference,
        practitioner=push.calendar.video_reference,
        starts_at=push.starts_at.astimezone(service.practice.zone),
        minutes=push.minutes,
        first_name=_shown(service.shown_as, first_name, last_name, appointment.patient_id),
        last_name=last_name if service.sends_last_name and service.shown_as == VideoService.ShownAs.FIRST_NAME else "",
        email=address_of(actor, appointment),
        mobile=_mobile_of(actor, appointment) if service.sends_mobile else "",
    )


def code_of(patient_id: UUID) -> str:
    """By which a practitioner tells patients apart over there: always the same of one patient, and no name."""
    digest = hmac.new(derived("video-code"), patient_id.bytes, hashlib.sha256).digest()
    return base64.b32encode(digest).decode()[:CODE_LETTERS]


def _name(appointment: Appointment) -> tuple[str, str]:
    """As who booked typed it: the record's spelling would say that there is one (BOO-8)."""
    typed = (appointment.typed_first_name, appointment.typed_last_name)
    return typed if any(typed) else (appointment.patient.first_name, appointment.patient.last_name)


def _shown(shown_as: str, first_name: str, last_name: str, patient_id: UUID) -> str:
    match shown_as:
        case VideoService.ShownAs.INITIALS:
            return " ".join(f"{name.strip()[:1].upper()}." for name in (first_name, last_name) if name.strip())
        case VideoService.ShownAs.CODE:
            return code_of(patient_id)
        case _:
            return first_name


def _mobile_of(actor: Actor, appointment: Appointment) -> str:
    """Of whom the e-mail address is too. What somebody wrote beside the number is not sent: the service would refuse
    the appointment for it.
    """
    booker = getattr(appointment, "booker", None)
    return mobile_of(actor, appointment.patient, booker.mobile if booker else None)
