"""Entering sessions and moving their facts (DOC-1)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sprechzeit.access.actor import Actor
from sprechzeit.core.acting import action, require
from sprechzeit.core.errors import NotAllowed, NotFound
from sprechzeit.core.ids import new_id
from sprechzeit.core.locks import lock
from sprechzeit.patients.policy import get_patient
from sprechzeit.records.errors import NotDocumentable, SessionSigned, SessionWithdrawn
from sprechzeit.records.models import Session, SessionWithdrawal, Signature
from sprechzeit.records.policy import (
    fields_changed,
    get_session,
    may_withdraw_session,
    practitioner_of,
    session_practitioners,
    visible_sessions,
)
from sprechzeit.scheduling.errors import NotYet
from sprechzeit.scheduling.policy import get_appointment
from sprechzeit.scheduling.queries.appointment import is_later_day


@action
def document_appointment(actor: Actor, appointment_id: UUID) -> Session:
    """The session of an appointment: the one it has, or a new one with its time and type.

    Raises `NotFound`, `NotAllowed`, `NotYet` before its day, `NotDocumentable` for one that was cancelled.
    """
    appointment = get_appointment(actor, appointment_id)
    practitioner = practitioner_of(actor, appointment)
    if practitioner is None or not session_practitioners(actor).filter(pk=practitioner).exists():
        raise NotAllowed
    lock(f"session:{appointment.pk}")
    found = Session.objects.filter(practice_id=appointment.practice_id, appointment=appointment).first()
    if found is not None:
        # It stays with who treated, also where the appointment has moved to somebody else's calendar since.
        require(visible_sessions(actor).filter(pk=found.pk).exists(), NotAllowed)
        return found
    require(not hasattr(appointment, "cancellation"), NotDocumentable)
    require(not is_later_day(actor, appointment.starts_at), NotYet)
    length = appointment.ends_at - appointment.starts_at
    return Session.objects.create(
        practice_id=appointment.practice_id,
        patient_id=appointment.patient_id,
        practitioner_id=practitioner,
        appointment=appointment,
        starts_at=appointment.starts_at,
        duration_minutes=int(length.total_seconds()) // 60,
        kind=appointment.type.name,
    )


@action
def enter_session(
    actor: Actor,
    patient_id: UUID,
    practitioner_id: UUID,
    starts_at: datetime,
    *,
    duration_minutes: int,
    kind: str = "",
    price_cents: int | None = None,
    session_id: UUID | None = None,
) -> Session:
    """A session that no appointment was made for. Raises `NotFound`, `NotAllowed`, `NotYet`."""
    patient = get_patient(actor, patient_id)
    practitioners = session_practitioners(actor)
    require(practitioners.exists(), NotAllowed)
    require(practitioners.filter(pk=practitioner_id).exists(), NotFound)
    require(not is_later_day(actor, starts_at), NotYet)
    return Session.objects.create(
        id=session_id or new_id(),
        practice_id=patient.practice_id,
        patient=patient,
        practitioner_id=practitioner_id,
        starts_at=starts_at,
        duration_minutes=duration_minutes,
        kind=kind,
        price_cents=price_cents,
    )


@action
def change_session(actor: Actor, session_id: UUID, changes: Mapping[str, Any]) -> Session:
    """Write the facts that were changed, by column; what others changed meanwhile stays.

    Raises `NotFound`, `NotYet`, `SessionWithdrawn`, and `NotAllowed` where one of them is not the actor's to change.
    """
    session = get_session(actor, session_id)
    require(not hasattr(session, "withdrawal"), SessionWithdrawn)
    allowed = fields_changed(actor, session)
    # Who may set the date alone moves the session to another day at the same hour.
    columns = allowed - {"date"} | ({"starts_at"} if "date" in allowed else set())
    require(columns.issuperset(changes), NotAllowed)
    require("starts_at" not in changes or not is_later_day(actor, changes["starts_at"]), NotYet)
    for name, value in changes.items():
        setattr(session, name, value)
    if changes:
        session.save(update_fields=list(changes))
    return session


@action
def withdraw_session(actor: Actor, session_id: UUID) -> Session:
    """Say that a session was entered by mistake. It stays readable with what was written; its appointment is free for
    another one. Twice is once. Raises `NotFound`, `NotAllowed`, `SessionSigned`.
    """
    session = _session_to_withdraw(actor, session_id)
    if SessionWithdrawal.objects.filter(practice_id=session.practice_id, session=session).exists():
        return session
    signed = Signature.objects.filter(practice_id=session.practice_id, note_id=session.pk)
    require(not signed.exists(), SessionSigned)
    SessionWithdrawal.objects.create(
        practice_id=session.practice_id,
        session=session,
        appointment_id=session.appointment_id,
        withdrawn_by=actor.name,
    )
    session.appointment = None
    session.save(update_fields=["appointment"])
    return session


@action
def bring_back_session(actor: Actor, session_id: UUID) -> Session:
    """It was no mistake. It is of its appointment again, unless that has another session by now.

    Raises `NotFound`, `NotAllowed`.
    """
    session = _session_to_withdraw(actor, session_id)
    withdrawal = SessionWithdrawal.objects.filter(practice_id=session.practice_id, session=session).first()
    if withdrawal is None:
        return session
    appointment_id = withdrawal.appointment_id
    withdrawal.delete()
    if appointment_id:
        lock(f"session:{appointment_id}")
        others = Session.objects.filter(practice_id=session.practice_id, appointment_id=appointment_id)
        if not others.exists():
            session.appointment_id = appointment_id
            session.save(update_fields=["appointment"])
    return session


def _session_to_withdraw(actor: Actor, session_id: UUID) -> Session:
    """The session, which the actor holds now."""
    session = get_session(actor, session_id)
    require(may_withdraw_session(actor, session), NotAllowed)
    return Session.objects.select_for_update().get(pk=session.pk)
