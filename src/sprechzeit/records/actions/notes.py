"""Writing notes: drafts, versions, signing, amendments (DOC-2).

Whoever writes or signs holds the note's row: of two at once the second sees what the first made of it. That a signed
note stays as it is, and that versions follow one another, the database holds by itself (guards.sql).
"""

from dataclasses import dataclass
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from sprechzeit.access.actor import Actor
from sprechzeit.core.acting import action, require
from sprechzeit.core.errors import NotAllowed
from sprechzeit.records.content import MOST_LETTERS, Content
from sprechzeit.records.errors import (
    NoteEmpty,
    NoteSigned,
    NoteTooLong,
    NotSigned,
    SessionWithdrawn,
    WrittenMeanwhile,
)
from sprechzeit.records.models import Amendment, Note, NoteDraft, NoteVersion, Signature
from sprechzeit.records.policy import get_noted_session, may_sign_note, may_write_note
from sprechzeit.records.signing import digest_of


@dataclass(frozen=True, slots=True)
class Typed:
    """What an open page sends. `pad`: the page itself; `draft_id`, `revision`: the draft as it knows it.

    `based_on`: the number of the version that it showed, 0 for none.
    """

    content: Content
    pad: UUID
    based_on: int = 0
    draft_id: UUID | None = None
    revision: int = 0


@action
def keep_draft(actor: Actor, session_id: UUID, typed: Typed) -> NoteDraft | None:
    """Keep what was typed so far. None where it is what the newest version says: then there is nothing to keep.

    Where another page went on with the same draft, this one gets a draft of its own: neither is written over. A signed
    note keeps drafts too: they become amendments. Raises `NotFound`, `NotAllowed`, `NoteTooLong`.
    """
    note = _note_to_write(actor, session_id)
    require(typed.content.length <= MOST_LETTERS, NoteTooLong)
    mine = _own_draft(actor, note, typed.draft_id).first()
    if mine is not None and mine.pad != typed.pad and mine.revision != typed.revision:
        mine = None
    newest = _newest(note)
    if typed.content.is_blank if newest is None else newest.text == typed.content.as_json():
        if mine is not None:
            mine.delete()
        return None
    if mine is None:
        mine = NoteDraft(practice_id=note.practice_id, note=note, writer=actor.name, revision=0)
        mine.based_on = typed.based_on
    mine.pad, mine.kept_at, mine.text = typed.pad, timezone.now(), typed.content.as_json()
    mine.revision += 1
    mine.save()
    return mine


@action
def discard_draft(actor: Actor, session_id: UUID, draft_id: UUID) -> None:
    """Throw one's own draft away; one that is gone stays gone. Raises `NotFound`, `NotAllowed`."""
    note = _note_to_write(actor, session_id)
    _own_draft(actor, note, draft_id).delete()


@action
def write_note(actor: Actor, session_id: UUID, typed: Typed) -> NoteVersion:
    """Save what was typed as the note's next version; what says the same as the newest is that one.

    Raises `NotFound`, `NotAllowed`, `NoteEmpty`, `NoteTooLong`, `NoteSigned`, and `WrittenMeanwhile` where the newest
    version is not the one that the page showed: the draft stays, and the two can be compared.
    """
    note = _note_to_write(actor, session_id)
    require(not typed.content.is_blank, NoteEmpty)
    require(typed.content.length <= MOST_LETTERS, NoteTooLong)
    require(not Signature.objects.filter(note=note).exists(), NoteSigned)
    newest, text = _newest(note), typed.content.as_json()
    if newest is None or newest.text != text:
        number = newest.number if newest else 0
        require(newest is None or typed.based_on == number, WrittenMeanwhile)
        newest = NoteVersion(practice_id=note.practice_id, note=note, number=number + 1, written_by=actor.name)
        newest.text = text
        newest.save()
    _own_draft(actor, note, typed.draft_id).delete()
    # What the same page kept on its way here, as when a field is left by pressing Save.
    NoteDraft.objects.filter(note=note, writer=actor.name, pad=typed.pad).delete()
    return newest


@action
def sign_note(actor: Actor, session_id: UUID, number: int) -> Signature:
    """Sign the version that was shown: text, author, moment and digest are fixed from now on.

    Raises `NotFound`, `NotAllowed`, `NoteEmpty`, `NoteSigned`, and `WrittenMeanwhile` where a newer one was saved.
    """
    note = _note_to_write(actor, session_id)
    require(may_sign_note(actor, note.session), NotAllowed)
    require(not Signature.objects.filter(note=note).exists(), NoteSigned)
    newest = _newest(note)
    if newest is None:
        raise NoteEmpty
    require(newest.number == number, WrittenMeanwhile)
    signature = Signature(
        practice_id=note.practice_id, note=note, version=newest, signed_by=actor.name, signed_at=timezone.now()
    )
    signature.digest = digest_of(signature, newest.text)
    signature.save()
    return signature


@action
def amend_note(actor: Actor, session_id: UUID, text: str, draft_id: UUID | None = None) -> Amendment:
    """Add to a signed note; what says the same as one's own newest is that one: an amendment cannot be taken back.

    `draft_id`: one's own draft that became it.
    Raises `NotFound`, `NotAllowed`, `NotSigned`, `NoteEmpty`, `NoteTooLong`.
    """
    note = _note_to_write(actor, session_id)
    require(bool(text.strip()), NoteEmpty)
    require(len(text) <= MOST_LETTERS, NoteTooLong)
    require(Signature.objects.filter(note=note).exists(), NotSigned)
    amendment = Amendment.objects.filter(note=note).order_by("-written_at", "-id").first()
    if amendment is None or (amendment.written_by, amendment.text) != (actor.name, text):
        amendment = Amendment(practice_id=note.practice_id, note=note, written_by=actor.name)
        amendment.text = text
        amendment.save()
    _own_draft(actor, note, draft_id).delete()
    return amendment


def _note_to_write(actor: Actor, session_id: UUID) -> Note:
    """The session's note, which the actor holds now; it comes into being with the first that is typed."""
    session = get_noted_session(actor, session_id)
    require(not hasattr(session, "withdrawal"), SessionWithdrawn)
    require(may_write_note(actor, session), NotAllowed)
    # Of two who begin it at once both find it; the id is the session's.
    Note.objects.bulk_create(
        [Note(id=session.pk, practice_id=session.practice_id, session=session)], ignore_conflicts=True
    )
    return Note.objects.select_for_update(of=("self",)).select_related("session").get(pk=session.pk)


def _own_draft(actor: Actor, note: Note, draft_id: UUID | None) -> QuerySet[NoteDraft]:
    """That one, if it is the actor's own and of this note."""
    own = NoteDraft.objects.filter(note=note, writer=actor.name)
    return own.filter(pk=draft_id) if draft_id else own.none()


def _newest(note: Note) -> NoteVersion | None:
    return NoteVersion.objects.filter(note=note).order_by("-number").first()
