"""Documents of a record (DOC-3)."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sprechzeit.access.actor import Actor, ActorKind
from sprechzeit.audit.queries import SAME_LIST, log_list, log_read
from sprechzeit.core.acting import require
from sprechzeit.core.crypto import Unreadable
from sprechzeit.core.errors import NotAllowed, NotFound
from sprechzeit.patients.models import Patient
from sprechzeit.practice.sealed import open_all
from sprechzeit.records.errors import DocumentFileMissing, DocumentRemoved
from sprechzeit.records.files import CONTENT, PREVIEW, read_file
from sprechzeit.records.models import Document
from sprechzeit.records.naming import file_name
from sprechzeit.records.policy import get_document, visible_documents


def list_documents(actor: Actor, patient: Patient) -> Sequence[Document]:
    """A record's documents, newest first, removed ones at the end; that they are listed is logged (AUD-2)."""
    rows = visible_documents(actor).filter(patient=patient).select_related("removal", "session")
    found = sorted(rows.order_by("-dated_on", "-added_at", "-id"), key=lambda one: one.is_removed)
    open_all(found, "title", "remark")
    open_all([one.removal for one in found if one.is_removed], "reason")
    log_list(actor, "records_document", f"documents of {patient.pk}", [one.pk for one in found])
    return found


def read_document(actor: Actor, document_id: UUID) -> Document:
    """What a document is called and says about itself; its opening is logged. Raises NotFound."""
    found = get_document(actor, document_id)
    log_read(actor, found.practice_id, "records_document", found.pk)
    open_all([found], "title", "remark")
    return found


@dataclass(frozen=True, slots=True)
class File:
    """A document's file, opened."""

    name: str
    media_type: str
    content: bytes


def open_file(actor: Actor, document_id: UUID) -> File:
    """The file itself, in the clear; its opening is logged before it leaves (AUD-2).

    Raises NotFound, `DocumentRemoved`, `DocumentFileMissing`.
    """
    found = get_document(actor, document_id)
    require(not found.is_removed, DocumentRemoved)
    log_read(actor, found.practice_id, "records_document", found.pk)
    content = read_file(found.practice_id, found.pk, CONTENT, found.secret)
    return File(file_name(found.title, found.media_type), found.media_type, content)


def open_preview(actor: Actor, document_id: UUID) -> bytes:
    """The small picture of a document, WebP. A list shows many: who looks again soon is not logged again.

    Raises NotFound also where there is none, `DocumentFileMissing`.
    """
    found = get_document(actor, document_id)
    require(found.preview and not found.is_removed, NotFound)
    log_read(actor, found.practice_id, "records_document", found.pk, again_after=SAME_LIST)
    return read_file(found.practice_id, found.pk, PREVIEW, found.secret)


def check_files(actor: Actor) -> tuple[int, list[UUID]]:
    """How many documents the practice has, and those of which a file is missing or does not open."""
    require(actor.kind is ActorKind.SYSTEM, NotAllowed)
    count, wrong = 0, []
    for document in visible_documents(actor).order_by("id").iterator():
        count += 1
        try:
            for part in (CONTENT, PREVIEW) if document.preview else (CONTENT,):
                read_file(document.practice_id, document.pk, part, document.secret)
        except (DocumentFileMissing, Unreadable):
            wrong.append(document.pk)
    return count, wrong


def known_documents(actor: Actor) -> set[UUID]:
    """The ids of all documents of the practice: for the program itself, that files of no document may go."""
    require(actor.kind is ActorKind.SYSTEM, NotAllowed)
    return set(visible_documents(actor).values_list("pk", flat=True))
