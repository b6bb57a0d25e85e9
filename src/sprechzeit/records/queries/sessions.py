"""Sessions, and what they show of being written about."""

from collections.abc import Collection
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet

from sprechzeit.access.actor import Actor
from sprechzeit.access.table import Data, Reach
from sprechzeit.audit.queries import log_list, log_read
from sprechzeit.core.acting import require
from sprechzeit.core.errors import NotFound
from sprechzeit.patients.models import Patient
from sprechzeit.patients.queries import read_patient
from sprechzeit.records.models import NoteDraft, NoteVersion, Session, Signature
from sprechzeit.records.policy import (
    get_session,
    noted_sessions,
    visible_sessions,
)


def read_patient_for_sessions(actor: Actor, patient_id: UUID) -> Patient:
    """The patient of whom a session is entered; that is an opening of the record (AUD-2).

    Raises NotFound, also for who sees patients and no sessions.
    """
    require(actor.reach(Data.SESSIONS) >= Reach.OWN, NotFound)
    return read_patient(actor, patient_id)


def list_sessions(actor: Actor, patient: Patient) -> list[Session]:
    """A patient's visible sessions, newest first; that they are listed is logged (AUD-2)."""
    rows = visible_sessions(actor).filter(patient=patient).select_related("practitioner", "withdrawal")
    found = list(rows.order_by("-starts_at", "-id"))
    log_list(actor, "records_session", f"sessions of {patient.pk}", [one.pk for one in found])
    return found


def read_session(actor: Actor, session_id: UUID) -> Session:
    """A session to be shown: its opening is logged. Raises NotFound."""
    found = get_session(actor, session_id)
    log_read(actor, found.practice_id, "records_session", found.pk)
    return found


def states_of(actor: Actor, session_ids: Collection[UUID]) -> dict[UUID, str]:
    """How far each note is, of the sessions whose notes the actor reads; of all others nothing (DOC-1).

    'signed', 'draft' for what they typed themselves and did not save, 'written', or 'empty'.
    """

    def has(rows: QuerySet[NoteVersion] | QuerySet[NoteDraft] | QuerySet[Signature]) -> Exists:
        return Exists(rows.filter(practice_id=OuterRef("practice_id"), note_id=OuterRef("pk")))

    rows = noted_sessions(actor).filter(pk__in=session_ids)
    marked = rows.annotate(
        is_signed=has(Signature.objects.all()),
        has_draft=has(NoteDraft.objects.filter(writer=actor.name)),
        is_written=has(NoteVersion.objects.all()),
    )
    return {
        one: "signed" if signed else "draft" if draft else "written" if written else "empty"
        for one, signed, draft, written in marked.values_list("pk", "is_signed", "has_draft", "is_written")
    }
