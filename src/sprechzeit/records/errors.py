"""Refusals of the documentation."""

from django.utils.translation import gettext_lazy as _

from sprechzeit.core.errors import DomainError


class NoteSigned(DomainError):
    """The note was signed: what is to be said now is an amendment (DOC-2)."""

    code = "note_signed"
    status = 409
    message = _("This note is signed. What you wrote can be added as an amendment.")


class WrittenMeanwhile(DomainError):
    """Somebody saved another version since this one was begun; nothing is written over (DOC-2)."""

    code = "written_meanwhile"
    status = 409
    message = _("Somebody saved another version meanwhile. Please compare the two.")


class NoteEmpty(DomainError):
    """There is nothing to keep."""

    code = "note_empty"
    message = _("Nothing is written yet.")


class NoteTooLong(DomainError):
    """More than a note holds."""

    code = "note_too_long"
    message = _("This is more than one note holds. Please shorten it.")


class NotSigned(DomainError):
    """Amendments are for signed notes; any other is simply written on."""

    code = "not_signed"
    status = 409
    message = _("This note is not signed yet. Please write in the note itself.")


class NotDocumentable(DomainError):
    """A cancelled appointment did not take place."""

    code = "not_documentable"
    status = 409
    message = _("This appointment was cancelled. A session that took place all the same is entered without it.")
