"""What is written about a session."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from sprechzeit.access.actor import Actor
from sprechzeit.audit.queries import log_read
from sprechzeit.core.acting import require
from sprechzeit.core.errors import NotFound
from sprechzeit.practice.queries import people_of
from sprechzeit.records.content import FREE, Content, Field
from sprechzeit.records.models import Amendment, Note, NoteDraft, NoteVersion, Signature
from sprechzeit.records.policy import (
    get_noted_session,
)
from sprechzeit.records.signing import holds

# Somebody who kept nothing for so long is no longer writing; what they typed is still there.
STILL_WRITES = timedelta(minutes=2)


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
