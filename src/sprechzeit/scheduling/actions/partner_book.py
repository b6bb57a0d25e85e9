"""A booking partner books, by the same rules and writers as everybody (OTV-6, OTV-7, BOO-11)."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q
from django.db.models.functions import Now

from sprechzeit.access.actor import Actor
from sprechzeit.core.acting import action, require
from sprechzeit.core.errors import NotAllowed, NotFound
from sprechzeit.patients.actions import Identity, find_or_add_patient
from sprechzeit.patients.models import Consent, Patient
from sprechzeit.patients.policy import newest_consent
from sprechzeit.patients.queries import email_of, matched
from sprechzeit.practice.actions.partners import note_booking
from sprechzeit.practice.models import Confirms, Partner, Reading
from sprechzeit.practice.policy import partner_of
from sprechzeit.scheduling import availability as engine
from sprechzeit.scheduling.actions.book import UNSAID, Contact, Said, admit, enter_booking, knows
from sprechzeit.scheduling.actions.hold import get_hold, hold_to_book, hold_token, take_anew
from sprechzeit.scheduling.actions.occupy import confirm_hold
from sprechzeit.scheduling.errors import HoldUsed, NotForThisPatient, OpenBookingsFull
from sprechzeit.scheduling.models import Appointment, AppointmentType, Hold, Occupancy
from sprechzeit.scheduling.queries.availability import asker_of


@dataclass(frozen=True, slots=True)
class Slot:
    """A time that is booked without being kept before. `calendar_id`: None for the first that is free."""

    type: AppointmentType
    calendar_id: UUID | None
    starts_at: datetime


@dataclass(frozen=True, slots=True)
class PartnerBooking:
    """What a partner books. `time`: the id of its hold, or a time; `who`: the id of a patient of whom it was given the
    reference, or who they say that they are. `booker`: who books for the patient, if it is not the patient.
    """

    time: UUID | Slot
    who: UUID | Identity
    remark: str = ""
    insurance: str = ""
    booker: Contact | None = None
    language: str = "de"


@action
def book_for_partner(actor: Actor, booking: PartnerBooking) -> Appointment:
    """Make a time an appointment of a partner's, of a patient who is known by reference, found or made (PAT-10…14).

    With the first booking the practice's records have a page of consents (PAT-20). A hold that expired is taken anew
    if its time is still free. Raises `NotFound`, also for a patient who said no, is archived or gone; `TimeTaken` or
    `NotOffered` with the next free times, `HoldUsed`; and, while a hold stays kept, `NotForThisPatient` and
    `OpenBookingsFull`.
    """
    partner = partner_of(actor)
    if partner is None:
        raise NotAllowed
    known = None if isinstance(booking.who, Identity) else _known_patient(actor, booking.who)
    hold = _hold(actor, booking)
    _admit(actor, partner, hold, booking, known)
    if not confirm_hold(actor, hold.occupancy_id, hold.calendar_id):
        hold = take_anew(actor, hold, kind=Occupancy.Kind.APPOINTMENT)
    patient = _patient(actor, booking, hold)
    _keep_cap(actor, hold, patient)
    note_booking(actor)
    return enter_booking(actor, hold, patient, _said(actor, partner, booking, patient))


def _known_patient(actor: Actor, patient_id: UUID, *, lock: bool = False) -> Patient:
    """Whom a reference means, or who was kept in their place. A patient who said no is as one who never was (PAT-21).

    `lock`: nobody merges or archives the record until the booking stands.
    """
    records = Patient.objects.filter(practice_id=actor.practice_id, merged_into=None, archived_at=None)
    records = records.alias(said=newest_consent(actor.identity)).filter(Q(said=None) | ~Q(said=Consent.Choice.NO))
    if lock:
        records = records.select_for_update(no_key=True, of=("self",))
    found = records.filter(pk=patient_id).first()
    if found is None:
        found = records.filter(merged__pk=patient_id).first()
    if found is None:
        raise NotFound
    return found


def _hold(actor: Actor, booking: PartnerBooking) -> Hold:
    if isinstance(booking.time, Slot):
        return hold_to_book(actor, booking.time.type, booking.time.calendar_id, booking.time.starts_at)
    hold = get_hold(actor, hold_token(booking.time), lock=True)
    require(hold.appointment_id is None, HoldUsed)
    return hold


def _admit(actor: Actor, partner: Partner, hold: Hold, booking: PartnerBooking, known: Patient | None) -> None:
    """The rules of the type about who comes (BOO-11). What the practice knows of the patient is judged only for a
    partner that may learn it: to any other one, types for known patients are closed, and those for new ones open, to
    everybody alike (PAT-14).
    """
    is_known: bool | None = None
    if hold.type.patients != AppointmentType.Patients.ALL:
        if _may_learn(actor, partner, known):
            is_known = knows(actor, _records(actor, partner, booking, known))
        elif hold.type.patients == AppointmentType.Patients.KNOWN:
            raise NotForThisPatient([str(engine.Reason.ONLY_KNOWN_PATIENTS)])
    said = booking.who if isinstance(booking.who, Identity) else known
    born_on = said.date_of_birth if said else None
    channel = asker_of(actor).channel
    admit(actor, hold, engine.Asker(channel, is_known, born_on, booking.insurance or UNSAID))


def _may_learn(actor: Actor, partner: Partner, known: Patient | None) -> bool:
    """Whether it may be told that somebody is a patient: it may ask, or has them on its list."""
    if partner.reads_any(Reading.MATCH):
        return True
    if known is None or not partner.reads_any(Reading.PATIENTS):
        return False
    records = Patient.objects.filter(practice_id=actor.practice_id, pk=known.pk)
    return records.alias(said=newest_consent(partner.pk)).filter(said=Consent.Choice.YES).exists()


def _records(actor: Actor, partner: Partner, booking: PartnerBooking, known: Patient | None) -> list[Patient]:
    found = known if known or not isinstance(booking.who, Identity) else matched(actor, partner, booking.who)
    return [found] if found else []


def _patient(actor: Actor, booking: PartnerBooking, hold: Hold) -> Patient:
    if isinstance(booking.who, Identity):
        return find_or_add_patient(actor, booking.who, belongs_to=hold.calendar.member_id)
    return _known_patient(actor, booking.who, lock=True)


def _keep_cap(actor: Actor, hold: Hold, patient: Patient) -> None:
    """At most so many open bookings of one patient by this partner (BOO-8): it counts what the partner knows itself."""
    own = Appointment.objects.filter(practice_id=actor.practice_id, partner_id=actor.identity, patient=patient)
    open_ones = own.filter(starts_at__gt=Now(), cancellation=None).count()
    require(open_ones < hold.type.practice.open_bookings, OpenBookingsFull)


def _said(actor: Actor, partner: Partner, booking: PartnerBooking, patient: Patient) -> Said:
    """Whom the practice writes to: who booked, or the patient at the address given, or at the one of their record."""
    who = booking.who if isinstance(booking.who, Identity) else None
    own = who.email if who else email_of(actor, patient)
    return Said(
        email=booking.booker.email if booking.booker else own,
        language=booking.language,
        remark=booking.remark,
        insurance=booking.insurance,
        first_name=who.first_name if who else "",
        last_name=who.last_name if who else "",
        booker=booking.booker,
        named_patient_id=patient.pk if isinstance(booking.who, Identity) else booking.who,
        partner_writes=partner.confirms == Confirms.PARTNER,
    )
