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


class SessionWithdrawn(DomainError):
    """The session was entered by mistake: nothing is written about it any more."""

    code = "session_withdrawn"
    status = 409
    message = _("This session was entered by mistake and counts no more. It can be brought back.")


class SessionSigned(DomainError):
    """What was signed about a session stands, and so does the session."""

    code = "session_signed"
    status = 409
    message = _("The note of this session is signed. Please say in an amendment what was entered by mistake.")


class NotDocumentable(DomainError):
    """A cancelled appointment did not take place."""

    code = "not_documentable"
    status = 409
    message = _("This appointment was cancelled. A session that took place all the same is entered without it.")


class DocumentEmpty(DomainError):
    """There is nothing in the file."""

    code = "document_empty"
    message = _("This file is empty. Please choose another one.")


class DocumentTooLarge(DomainError):
    """More bytes than a document may have."""

    code = "document_too_large"
    message = _("This file is too large. Please save it with a lower resolution, or in several parts.")


class DocumentTooManyPages(DomainError):
    """More pages than a document may have."""

    code = "document_too_many_pages"
    message = _("This file has more than 500 pages. Please save it in several parts.")


class DocumentTooManyPixels(DomainError):
    """A picture that would take all memory when it is opened."""

    code = "document_too_many_pixels"
    message = _("This picture has more than 80 million pixels. Please save it with a lower resolution.")


class DocumentKindUnknown(DomainError):
    """None of the kinds of files that are kept. What counts is what stands in the file, not its name."""

    code = "document_kind_unknown"
    message = _(
        "This is no PDF and no picture that can be kept (JPEG, PNG, WebP, TIFF). Please save or print it as a PDF."
    )


class PictureFormatUnknown(DomainError):
    """A picture of a phone in a format that few programs read (HEIC)."""

    code = "picture_format_unknown"
    message = _(
        "Pictures in the format HEIC cannot be kept. Please send it as JPEG; on an iPhone: Settings, Camera, Formats, "
        "Most Compatible."
    )


class DocumentEncrypted(DomainError):
    """A PDF that opens with a password only."""

    code = "document_encrypted"
    message = _("This PDF is protected by a password. Please open it, save it without the password, and add that file.")


class DocumentBroken(DomainError):
    """Its kind is known, and it cannot be read."""

    code = "document_broken"
    message = _("This file is damaged and cannot be read. Please open it with your program and save it anew.")


class DocumentUnreadable(DomainError):
    """Reading it took more time or memory than it may."""

    code = "document_unreadable"
    message = _("This file could not be read within the time and memory for it. Please print it as a PDF and add that.")


class NoRoomForDocument(DomainError):
    """The folder of the documents cannot be written: the disk is full, or is not there."""

    code = "no_room_for_document"
    status = 503
    message = _("The server has no room for this file; it was not added. Please tell whoever runs Sprechzeit for you.")


class DocumentFileMissing(DomainError):
    """The row is there and its file is not, or does not open."""

    code = "document_file_missing"
    status = 503
    message = _(
        "The file of this document is not in its place. Please tell whoever runs Sprechzeit for you: a backup has it."
    )


class DocumentRemoved(DomainError):
    """It was removed from the record: to open or change it, it is put back first."""

    code = "document_removed"
    status = 409
    message = _("This document was removed from the record. Put it back to open or change it.")


class ReportFiled(DomainError):
    """What is filed stays; what is to be said otherwise is a new report that names it (DOC-4)."""

    code = "report_filed"
    status = 409
    message = _("This report is filed and stays as it is. What is to be said otherwise is a correction.")


class ReportNotFiled(DomainError):
    """Corrections are of filed reports; any other is simply written on."""

    code = "report_not_filed"
    status = 409
    message = _("This report is not filed yet. Please write in the report itself.")


class ReportEmpty(DomainError):
    """A letter without a title or without a text."""

    code = "report_empty"
    message = _("A report needs a title and a text.")


class ReportTooLong(DomainError):
    """More than a report holds."""

    code = "report_too_long"
    message = _("This is more than one report holds. Please shorten it.")


class ReportUnprintable(DomainError):
    """The PDF could not be made: letters that no font has, or more than can be set in time. Nothing is lost."""

    code = "report_unprintable"
    message = _("The PDF could not be made. What you wrote is kept.")


class UnknownPlaceholder(DomainError):
    """A template names something that no record has."""

    code = "unknown_placeholder"
    message = _("There is no such placeholder.")
