"""From a hold to an appointment (BOO-4…7)."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from sprechzeit.access.actor import Actor
from sprechzeit.access.table import Data, Reach, Use
from sprechzeit.core.acting import action, require
from sprechzeit.core.crypto import link_token, token_hash
from sprechzeit.core.errors import NotAllowed
from sprechzeit.core.events import publish
from sprechzeit.core.ids import new_id
from sprechzeit.core.plans import planned
from sprechzeit.core.rows import add, fetch
from sprechzeit.patients.actions import Identity, find_or_add_patient, recognise_patients
from sprechzeit.patients.models import Patient
from sprechzeit.practice.models import Practice
from sprechzeit.scheduling import availability as engine
from sprechzeit.scheduling.actions.code import Recipient, is_proven, needs_code
from sprechzeit.scheduling.actions.hold import get_hold, take_anew
from sprechzeit.scheduling.actions.occupy import confirm_hold
from sprechzeit.scheduling.actions.plan import within_plan
from sprechzeit.scheduling.actions.video import links_of, tell_video
from sprechzeit.scheduling.errors import CodeMissing, NotForThisPatient, OpenBookingsFull
from sprechzeit.scheduling.events import AppointmentBooked
from sprechzeit.scheduling.models import (
    Appointment,
    AppointmentLink,
    AppointmentType,
    Attendance,
    Booker,
    Hold,
    Occupancy,
    Source,
    takes_place,
)
from sprechzeit.scheduling.queries.availability import asker_of, this_minute
from sprechzeit.scheduling.queries.gathering import rules_of

# An insurance that nobody has: a type for some of them alone is refused to who says none.
UNSAID = "unsaid"

_OPEN_BOOKINGS = """
    SELECT count(*) FROM scheduling_appointment booked
     WHERE booked.practice_id = %s AND booked.patient_id = %s AND booked.starts_at > now() AND booked.source = %s
       AND upper(booked.email) = upper(%s)
       AND NOT EXISTS (SELECT 1 FROM scheduling_cancellation gone
                        WHERE gone.practice_id = booked.practice_id AND gone.appointment_id = booked.id)
"""
_DONE = """
    UPDATE scheduling_hold SET appointment_id = %s, occupancy_id = %s, room_id = %s WHERE practice_id = %s AND id = %s
"""


@dataclass(frozen=True, slots=True)
class Contact:
    """Who books for a child or for somebody else: the one to write to and to call, not the patient (BOO-4)."""

    relation: str
    first_name: str
    last_name: str
    email: str
    mobile: str = ""


@dataclass(frozen=True, slots=True)
class Said:
    """What a booking from outside says that stands on the appointment. `email`: whom the practice writes to; first and
    last name: of the patient as they were typed, empty where they were not.

    `named_patient_id`, `partner_writes`: of a partner's booking, as the model says.
    """

    email: str = ""
    language: str = "de"
    remark: str = ""
    insurance: str = ""
    first_name: str = ""
    last_name: str = ""
    booker: Contact | None = None
    named_patient_id: UUID | None = None
    partner_writes: bool = False


@dataclass(frozen=True, slots=True)
class Details:
    """What a visitor of the booking page gives. `booker`: who books for the patient, if it is not the patient.

    `insurance`: empty if nobody asked. `code_id`: of the code whose digits they typed.
    """

    identity: Identity
    remark: str = ""
    insurance: str = ""
    booker: Contact | None = None
    code_id: UUID | None = None

    @property
    def recipient(self) -> Recipient:
        """Whom the practice writes to."""
        email = self.booker.email if self.booker else self.identity.email
        return Recipient(email, self.identity.language)

    @property
    def said(self) -> Said:
        """What of it stands on the appointment."""
        return Said(
            email=self.recipient.email,
            language=self.identity.language,
            remark=self.remark,
            insurance=self.insurance,
            first_name=self.identity.first_name,
            last_name=self.identity.last_name,
            booker=self.booker,
        )


def manage_token(appointment_id: UUID) -> str:
    """The secret of the link with which a patient sees and cancels an appointment."""
    return link_token("appointment", appointment_id)


@action
def book_held_time(actor: Actor, token: str, details: Details, *, locked: Hold | None = None) -> Appointment:
    """Make the visitor's hold an appointment; done before, answer the same appointment (BOO-7).

    `locked`: the hold of this secret, if the caller has read and locked it in this transaction already.
    A hold that expired meanwhile is taken anew if its time is still free. Raises `NotFound`, `TimeTaken` or
    `NotOffered` with the next free times; and, while the time stays kept, `OpenBookingsFull`, `NotForThisPatient` and
    `CodeMissing`.
    """
    hold = locked or get_hold(actor, token, lock=True)
    if hold.appointment_id:
        return Appointment.objects.get(practice_id=actor.practice_id, pk=hold.appointment_id)
    practice = hold.type.practice
    _admit(actor, practice, hold, details)
    if not confirm_hold(actor, hold.occupancy_id, hold.calendar_id):
        hold = take_anew(actor, hold, kind=Occupancy.Kind.APPOINTMENT)
    patient = find_or_add_patient(actor, details.identity, belongs_to=hold.calendar.member_id)
    _keep_cap(actor, practice, patient, details)
    return enter_booking(actor, hold, patient, details.said)


def _admit(actor: Actor, practice: Practice, hold: Hold, details: Details) -> None:
    """The rules of the type about who comes, judged by the one engine (BOO-11)."""
    proven = is_proven(actor, details.code_id, details.recipient)
    asker = engine.Asker(
        channel=asker_of(actor).channel,
        known=_known(actor, hold, details) if proven else None,
        born_on=details.identity.date_of_birth,
        insurance=details.insurance or UNSAID,
    )
    admit(actor, hold, asker)
    require(proven or not needs_code(practice, hold.type), CodeMissing)


def admit(actor: Actor, hold: Hold, asker: engine.Asker) -> None:
    """Raise `NotForThisPatient` with all that the type's rules have against who asks, judged by the one engine."""
    found = engine.bars(
        rules_of(hold.type), engine.minute_of(hold.starts_at), now=this_minute(), zone=hold.type.practice.zone,
        asker=asker,
    )  # fmt: skip
    # A time that was promised stays so, though the type is closed meanwhile.
    if reasons := [str(reason) for reason in found if reason is not engine.Reason.NOT_BOOKABLE]:
        raise NotForThisPatient(reasons)


def _known(actor: Actor, hold: Hold, details: Details) -> bool | None:
    """Whether the practice knows the patient. Asked only for who has proved an address (decision 8).

    A record that a booking made counts when the practice has met the patient: else a booking with one's own address
    would tell whether there was a record before.
    """
    if hold.type.patients == AppointmentType.Patients.ALL:
        return None
    return knows(actor, recognise_patients(actor, details.identity, email=details.recipient.email))


def knows(actor: Actor, records: Collection[Patient]) -> bool:
    """Whether the practice knows whose records these are: it made one of them itself, or has met the patient."""
    took_place = Q(starts_at__lte=timezone.now(), cancellation=None) & ~Q(attendance__state=Attendance.State.NO_SHOW)
    met = Appointment.objects.filter(practice_id=actor.practice_id, patient__in=[one.pk for one in records])
    met = met.filter(Q(source=Source.STAFF) | took_place)
    return any(not one.made_online for one in records) or met.exists()


def _keep_cap(actor: Actor, practice: Practice, patient: Patient, details: Details) -> None:
    """At most so many open online bookings of one patient (BOO-8).

    Those made from this address, and refused only to who has proved it: others must not learn how many there are.
    """
    asked = [practice.pk, patient.pk, Source.ONLINE, details.recipient.email]
    ((open_bookings,),) = fetch(*planned(_OPEN_BOOKINGS, asked))
    if open_bookings >= practice.open_bookings:
        require(is_proven(actor, details.code_id, details.recipient), CodeMissing)
        raise OpenBookingsFull


@action
def enter_booking(actor: Actor, hold: Hold, patient: Patient, said: Said) -> Appointment:
    """The appointment of a hold whose time is taken for it. Raises `MonthFull`, `RoomClosed`, `NotAllowed`,
    `VideoNeedsEmail`.
    """
    require(actor.reach(Data.APPOINTMENTS, Use.WRITE) >= Reach.OWN, NotAllowed)
    source = Source.PARTNER if hold.partner_id else Source.ONLINE
    appointment = Appointment(
        id=new_id(),
        practice_id=actor.practice_id,
        occupancy_id=hold.occupancy_id,
        calendar_id=hold.calendar_id,
        room_id=hold.room_id,
        type_id=hold.type_id,
        patient=patient,
        starts_at=hold.starts_at,
        ends_at=hold.ends_at,
        source=source,
        partner_id=hold.partner_id,
        partner_writes=said.partner_writes,
        named_patient_id=said.named_patient_id,
        told_starts_at=hold.starts_at,
        location=takes_place(hold.type.location, source, hold.type.practice.online_location),
        remark=said.remark,
        insurance=said.insurance,
        email=said.email,
        language=said.language,
        typed_first_name=" ".join(said.first_name.split()),
        typed_last_name=" ".join(said.last_name.split()),
    )
    link = AppointmentLink(
        practice_id=actor.practice_id, appointment=appointment, token_hash=token_hash(manage_token(appointment.id))
    )
    booker = [_booker(appointment, said.booker)] if said.booker else []
    done = [appointment.id, hold.occupancy_id, hold.room_id, actor.practice_id, hold.id]
    with within_plan(actor):
        add(appointment, link, *booker, *links_of(actor, appointment), also=(_DONE, done))
    tell_video(actor, appointment)
    publish(AppointmentBooked(actor.practice_id, appointment.id))
    return appointment


def _booker(appointment: Appointment, contact: Contact) -> Booker:
    return Booker(
        id=appointment.id,
        practice_id=appointment.practice_id,
        appointment=appointment,
        relation=contact.relation,
        first_name=" ".join(contact.first_name.split()),
        last_name=" ".join(contact.last_name.split()),
        mobile=contact.mobile.strip(),
    )
