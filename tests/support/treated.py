"""A patient of Jonas' who was treated, and what is written about it."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone

from sprechzeit.core.acting import acting
from sprechzeit.core.ids import new_id
from sprechzeit.patients.actions import NewPatient, add_patient
from sprechzeit.records.actions.notes import Typed, write_note
from sprechzeit.records.actions.sessions import document_appointment, enter_session
from sprechzeit.records.content import Content, Field
from sprechzeit.records.models import NoteVersion, Session
from sprechzeit.scheduling.models import Appointment
from tests.support.cast import House, book, monday

MARKER = "Flugangst seit dem Absturz"


def treated(house: House, who: str = "jonas", *, days_ago: int = 1, last_name: str = "Sommer") -> Session:
    """A session of a new patient of somebody's, without an appointment."""
    with acting(house.system):
        patient = add_patient(house.system, NewPatient("Paula", last_name), belongs_to=house.members[who].pk)
    return session_of(house, patient.pk, who, days_ago=days_ago)


def session_of(house: House, patient_id: UUID, who: str = "jonas", *, days_ago: int = 1) -> Session:
    """A session of a patient."""
    with acting(house.actor(who)):
        then = timezone.now().replace(second=0, microsecond=0) - timedelta(days=days_ago)
        member = house.members[who].pk
        return enter_session(house.actor(who), patient_id, member, then, duration_minutes=50, kind="Einzeltherapie")


def over(house: House, who: str = "jonas", **person: Any) -> Appointment:
    """An appointment that took place yesterday; booked in a week in which nothing else stands."""
    made = book(house, "15:00", who=who, day=monday(3), **person)
    back = timezone.now().replace(second=0, microsecond=0) - timedelta(days=1)
    with acting(house.system):
        Appointment.objects.filter(pk=made.pk).update(starts_at=back, ends_at=back + timedelta(minutes=50))
    return made


def documented(house: House, who: str = "jonas") -> Session:
    """The session of one."""
    made = over(house, who)
    with acting(house.actor(who)):
        return document_appointment(house.actor(who), made.pk)


def text(*words: str, template: str = "free") -> Content:
    """A note of one field, or of several."""
    return Content(
        template, tuple(Field(f"Feld {number}" if number else "Notiz", one) for number, one in enumerate(words))
    )


def typed(*words: str, based_on: int = 0, **more: Any) -> Typed:
    """As an open page sends it."""
    return Typed(text(*words), pad=more.pop("pad", None) or new_id(), based_on=based_on, **more)


def written(house: House, session: Session, *words: str, who: str = "jonas", based_on: int = 0) -> NoteVersion:
    """Saved by somebody."""
    with acting(house.actor(who)):
        return write_note(house.actor(who), session.pk, typed(*words or (MARKER,), based_on=based_on))
