"""Entering an appointment as the practice does (CAL-7)."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sprechzeit.access.actor import Actor
from sprechzeit.core.acting import action, require
from sprechzeit.core.crypto import token_hash
from sprechzeit.core.errors import NotAllowed
from sprechzeit.core.events import publish
from sprechzeit.patients.actions import NewPatient, add_patient
from sprechzeit.patients.models import Patient
from sprechzeit.patients.policy import get_patient
from sprechzeit.patients.queries import email_of
from sprechzeit.practice.once import once
from sprechzeit.scheduling.actions.book import manage_token
from sprechzeit.scheduling.actions.change import note_change, state_of
from sprechzeit.scheduling.actions.place import Place, Visit, take_place
from sprechzeit.scheduling.actions.plan import within_plan
from sprechzeit.scheduling.actions.video import links_of, tell_video
from sprechzeit.scheduling.events import AppointmentBooked
from sprechzeit.scheduling.models import (
    Appointment,
    AppointmentLink,
    AppointmentType,
    BookChange,
    Source,
    VideoAppointment,
    takes_place,
)
from sprechzeit.scheduling.policy import get_appointment, may_enter
from sprechzeit.scheduling.queries.reaching import way_to


@dataclass(frozen=True, slots=True)
class Wish:
    """What the practice enters. `patient`: the id of a visible one, or a new one. `confirmed`: reasons accepted.

    `key`: of the form; sent twice it is one appointment. `location`: where it takes place; empty for where its type
    does. `tell`: send the patient a confirmation.
    """

    key: str
    type: AppointmentType
    place: Place
    patient: UUID | NewPatient
    remark: str = ""
    location: str = ""
    tell: bool = False
    confirmed: frozenset[str] = frozenset()

    @property
    def takes_place(self) -> str:
        """Where it is to take place."""
        return self.location or takes_place(self.type.location, Source.STAFF, "")

    @property
    def asked(self) -> str:
        """What the key stands for. What was confirmed in between does not make it another wish."""
        room = self.place.room.pk if self.place.room else self.place.any_room
        return " ".join(
            map(str, (self.type.pk, self.place.calendar.pk, self.place.starts_at.isoformat(), room, self.patient))
        )


@action
def book_appointment(actor: Actor, wish: Wish) -> Appointment:
    """Take the time and enter the appointment (CAL-7). The patient agreed on it, so they count as told.

    Raises `NotAllowed`, `NotFound` for a patient who is not visible, `NotOffered` with the reasons that were not
    confirmed, `TimeTaken`, `KeyReused`, `MonthFull`, `RoomClosed`, `VideoNeedsEmail`.
    """
    require(may_enter(actor, wish.place.calendar), NotAllowed)
    return get_appointment(
        actor, once(actor, "appointment", wish.key, wish.asked, lambda made: _enter(actor, made, wish))
    )


def _enter(actor: Actor, appointment_id: UUID, wish: Wish) -> None:
    known = None if isinstance(wish.patient, NewPatient) else get_patient(actor, wish.patient)
    placed = take_place(actor, wish.place, _visit(wish, known), confirmed=wish.confirmed)
    patient = known or _add(actor, wish)
    appointment = Appointment(
        id=appointment_id,
        practice_id=actor.practice_id,
        occupancy_id=placed.occupancy_id,
        calendar=wish.place.calendar,
        room=placed.room,
        type=wish.type,
        patient=patient,
        starts_at=wish.place.starts_at,
        ends_at=wish.place.ends_at,
        source=Source.STAFF,
        told_starts_at=wish.place.starts_at,
        location=wish.takes_place,
        remark=wish.remark,
        email=email_of(actor, patient),
        language=patient.language or "de",
    )
    links = links_of(actor, appointment)
    with within_plan(actor):
        appointment.save(force_insert=True)
    VideoAppointment.objects.bulk_create(links)
    AppointmentLink.objects.create(
        practice_id=actor.practice_id, appointment=appointment, token_hash=token_hash(manage_token(appointment.id))
    )
    note_change(actor, BookChange.Kind.ENTERED, appointment, {}, state_of(appointment))
    tell_video(actor, appointment)
    if wish.tell and way_to(actor, appointment):
        publish(AppointmentBooked(actor.practice_id, appointment.id))


def _add(actor: Actor, wish: Wish) -> Patient:
    assert isinstance(wish.patient, NewPatient)  # noqa: S101 – the other kind is known
    return add_patient(actor, wish.patient, belongs_to=wish.place.calendar.member_id)


def _born_on(wish: Wish, known: Patient | None) -> date | None:
    return known.date_of_birth if known else getattr(wish.patient, "date_of_birth", None)


def _visit(wish: Wish, known: Patient | None) -> Visit:
    """A new visit of this type, by somebody whom the practice knows or not."""
    kind = wish.type
    return Visit(kind, kind.before, kind.after, wish.takes_place, known is not None, _born_on(wish, known))
