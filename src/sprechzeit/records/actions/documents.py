"""Documents: put into a record, renamed, taken out and put back (DOC-3). Nothing of them is ever deleted here."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.conf import settings

from sprechzeit.access.actor import Actor
from sprechzeit.core.acting import action, require
from sprechzeit.core.errors import NotAllowed, NotFound
from sprechzeit.core.ids import new_id
from sprechzeit.patients.models import Patient
from sprechzeit.records.cleaning import cleaned
from sprechzeit.records.errors import DocumentRemoved, DocumentTooLarge
from sprechzeit.records.files import CONTENT, PREVIEW, new_secret, remove_files, write_file
from sprechzeit.records.models import Document, DocumentRemoval, Session
from sprechzeit.records.naming import title_from
from sprechzeit.records.policy import (
    documented_patients,
    get_document,
    may_add_documents,
    may_change_document,
    visible_sessions,
)

CHANGEABLE = frozenset({"title", "remark", "dated_on", "session_id"})


@dataclass(frozen=True, slots=True)
class Sent:
    """A file as somebody sent it, and what they say of it. `dated_on`: the day that it is of."""

    content: bytes
    title: str
    dated_on: date
    session_id: UUID | None = None
    remark: str = ""


@action
def add_document(actor: Actor, patient_id: UUID, sent: Sent, document_id: UUID | None = None) -> Document:
    """Put a document into a record: made anew from what was sent, sealed, and on the disk before there is a row.

    Raises `NotFound`, `NotAllowed`, `NoRoomForDocument`, and what `cleaning.cleaned` refuses.
    """
    patient = documented_patients(actor).filter(pk=patient_id).first()
    if patient is None:
        raise NotFound
    require(may_add_documents(actor, patient), NotAllowed)
    require(len(sent.content) <= settings.DOCUMENT_BYTES, DocumentTooLarge)
    made = cleaned(sent.content)
    document = Document(
        id=document_id or new_id(),
        practice_id=patient.practice_id,
        patient=patient,
        session=_session_of(actor, patient, sent.session_id),
        dated_on=sent.dated_on,
        media_type=made.media_type,
        size_bytes=len(made.content),
        pages=made.pages,
        preview=bool(made.preview),
        added_by=actor.name,
    )
    secret = new_secret()
    document.title, document.remark, document.secret = title_from(sent.title), sent.remark, secret
    try:
        write_file(document.practice_id, document.pk, CONTENT, secret, made.content)
        if made.preview:
            write_file(document.practice_id, document.pk, PREVIEW, secret, made.preview)
        document.save(force_insert=True)
    except BaseException:
        # A commit that fails later leaves them to the job that removes what nobody names.
        remove_files(document.practice_id, document.pk)
        raise
    return document


@action
def change_document(actor: Actor, document_id: UUID, changes: Mapping[str, Any]) -> Document:
    """Write what was changed of title, remark, day and session, by column; what others changed meanwhile stays.

    Raises `NotFound`, `NotAllowed`, `DocumentRemoved`.
    """
    document = _changeable(actor, document_id)
    require(CHANGEABLE.issuperset(changes), NotAllowed)
    require(not document.is_removed, DocumentRemoved)
    if "session_id" in changes:
        _session_of(actor, document.patient, changes["session_id"])
    for name, value in changes.items():
        setattr(document, name, title_from(value) if name == "title" else value)
    if changes:
        document.save(update_fields=[name.removesuffix("_id") for name in changes])
    return document


@action
def remove_document(actor: Actor, document_id: UUID, reason: str) -> None:
    """Take it out of the record; file and row are kept. What is removed already stays as it was removed.

    Raises `NotFound`, `NotAllowed`.
    """
    document = _changeable(actor, document_id)
    removal = DocumentRemoval(
        id=document.pk, practice_id=document.practice_id, document=document, removed_by=actor.name
    )
    removal.reason = reason
    # Of two at once the second finds that it is done.
    DocumentRemoval.objects.bulk_create([removal], ignore_conflicts=True)


@action
def restore_document(actor: Actor, document_id: UUID) -> None:
    """Put it back into the record; what is in it stays. Raises `NotFound`, `NotAllowed`."""
    document = _changeable(actor, document_id)
    DocumentRemoval.objects.filter(document=document).delete()


def _changeable(actor: Actor, document_id: UUID) -> Document:
    document = get_document(actor, document_id)
    require(may_change_document(actor, document), NotAllowed)
    return document


def _session_of(actor: Actor, patient: Patient, session_id: UUID | None) -> Session | None:
    """A session of the same patient that the actor sees. Raises `NotFound`."""
    if session_id is None:
        return None
    session = visible_sessions(actor).filter(patient=patient, pk=session_id).first()
    if session is None:
        raise NotFound
    return session
