"""Reading sessions and notes. Opening either is logged in the transaction that reads it (AUD-2)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from sprechzeit.access.actor import Actor
from sprechzeit.access.table import Data, Reach
from sprechzeit.audit.queries import log_list, log_read
from sprechzeit.core.acting import require
from sprechzeit.core.errors import NotFound
from sprechzeit.patients.models import Patient
from sprechzeit.patients.queries import read_patient
from sprechzeit.practice.queries import people_of
from sprechzeit.records.content import FREE, SOAP, Content, Field
from sprechzeit.records.models import Amendment, Note, NoteDraft, NoteTemplate, NoteVersion, Session, Signature
from sprechzeit.records.policy import (
    get_noted_session,
    get_session,
    noted_sessions,
    visible_sessions,
    visible_templates,
)
from sprechzeit.records.signing import holds

# Somebody who kept nothing for so long is no longer writing; what they typed is still there.
STILL_WRITES = timedelta(minutes=2)


def read_patient_for_sessions(actor: Actor, patient_id: UUID) -> Patient:
    """The patient of whom a session is entered; that is an opening of the record (AUD-2).

    Raises NotFound, also for who sees patients and no sessions.
    """
    require(actor.reach(Data.SESSIONS) >= Reach.OWN, NotFound)
    return read_patient(actor, patient_id)


def list_sessions(actor: Actor, patient: Patient) -> list[Session]:
    """A patient's visible sessions, newest first; that they are listed is logged (AUD-2)."""
    rows = visible_sessions(actor).filter(patient=patient).select_related("practitioner").order_by("-starts_at", "-id")
    found = list(rows)
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


# --- A note ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Written:
    """A version or an amendment, opened. `who`: how people call its author."""

    number: int
    content: Content
    who: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Signed:
    """Who signed which version and when. `holds`: whether text, author and moment are what was signed."""

    who: str
    at: datetime
    number: int
    digest: str
    holds: bool


@dataclass(frozen=True, slots=True)
class OpenNote:
    """A note as it is shown. `draft`: what the reader typed last and did not save; `count`: of versions."""

    newest: Written | None
    count: int
    draft: NoteDraft | None
    signed: Signed | None
    amendments: Sequence[Written]


def open_note(actor: Actor, session_id: UUID) -> OpenNote:
    """A session's note to be read; its opening is logged. Raises NotFound, also for who may see the session alone."""
    session = get_noted_session(actor, session_id)
    if not Note.objects.filter(pk=session.pk).exists():
        return OpenNote(None, 0, None, None, ())
    log_read(actor, session.practice_id, "records_note", session.pk)
    newest = NoteVersion.objects.filter(note_id=session.pk).order_by("-number").first()
    signature = Signature.objects.filter(note_id=session.pk).select_related("version").first()
    amendments = list(Amendment.objects.filter(note_id=session.pk).order_by("written_at", "id"))
    drafts = NoteDraft.objects.filter(note_id=session.pk, writer=actor.name)
    names = [one.written_by for one in (newest, *amendments) if one] + ([signature.signed_by] if signature else [])
    people = people_of(actor, names)
    return OpenNote(
        _written(newest, people) if newest else None,
        newest.number if newest else 0,
        drafts.order_by("-kept_at").first(),
        _signed(signature, people) if signature else None,
        [
            Written(number, Content(FREE, (Field("", one.text),)), people[one.written_by], one.written_at)
            for number, one in enumerate(amendments, 1)
        ],
    )


def _written(version: NoteVersion, people: dict[str, str]) -> Written:
    return Written(version.number, Content.from_json(version.text), people[version.written_by], version.written_at)


def _signed(signature: Signature, people: dict[str, str]) -> Signed:
    return Signed(
        people[signature.signed_by],
        signature.signed_at,
        signature.version.number,
        bytes(signature.digest).hex(),
        holds(signature, signature.version.text),
    )


def read_versions(actor: Actor, session_id: UUID) -> list[Written]:
    """Everything that the note ever said, newest first; that it is opened is logged. Raises NotFound."""
    session = get_noted_session(actor, session_id)
    found = list(NoteVersion.objects.filter(note_id=session.pk).order_by("-number"))
    require(bool(found), NotFound)
    log_read(actor, session.practice_id, "records_note", session.pk)
    people = people_of(actor, (one.written_by for one in found))
    return [_written(one, people) for one in found]


def newest_number(actor: Actor, session_id: UUID) -> int:
    """Which version is the newest; 0 for none. Raises NotFound."""
    session = get_noted_session(actor, session_id)
    numbers = NoteVersion.objects.filter(note_id=session.pk).order_by("-number").values_list("number", flat=True)
    return numbers.first() or 0


def is_signed(actor: Actor, session_id: UUID) -> bool:
    """Whether a session's note is signed. Raises NotFound."""
    return Signature.objects.filter(note_id=get_noted_session(actor, session_id).pk).exists()


@dataclass(frozen=True, slots=True)
class Writer:
    """Somebody else who has typed something that is not saved. `writes`: now; else they left it."""

    who: str
    since: datetime
    writes: bool


def other_writers(actor: Actor, session_id: UUID, pad: UUID | None) -> list[Writer]:
    """Who else writes this note, and since when: other people, and the reader's own other windows. Raises NotFound."""
    session = get_noted_session(actor, session_id)
    now = timezone.now()
    found = []
    drafts = NoteDraft.objects.filter(note_id=session.pk).order_by("begun_at")
    if pad:
        drafts = drafts.exclude(pad=pad)
    people = people_of(actor, (one.writer for one in drafts))
    for one in drafts:
        own, writes = one.writer == actor.name, now - one.kept_at < STILL_WRITES
        if not own or writes:
            found.append(Writer(_("You, in another window") if own else people[one.writer], one.begun_at, writes))
    return found


# --- Templates ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Shape:
    """A template to choose: its key, its name, and the fields."""

    key: str
    name: str
    fields: Sequence[str]


def shapes(actor: Actor) -> list[Shape]:
    """Free text, SOAP, and the practice's own templates that are in use, by name."""
    own = visible_templates(actor).filter(retired_at=None).order_by("name")
    return [
        Shape(FREE, _("Free text"), [_("Documentation")]),
        Shape(SOAP, "SOAP", [_("Subjective"), _("Objective"), _("Assessment"), _("Plan of treatment")]),
        *(Shape(str(one.pk), one.name, one.fields) for one in own),
    ]


def templates_in_order(actor: Actor) -> QuerySet[NoteTemplate]:
    """All that the actor sees, retired ones too."""
    return visible_templates(actor).select_related("created_by").order_by("name")
