"""Sessions and what is written about them, and documents. Who treated whom and when stands apart from every word of it
(DOC-1).
"""

from sprechzeit.records.models.documents import Document, DocumentRemoval, MediaType
from sprechzeit.records.models.notes import Amendment, Note, NoteDraft, NoteTemplate, NoteVersion, Signature
from sprechzeit.records.models.reports import FiledReport, Report, ReportTemplate
from sprechzeit.records.models.sessions import LONGEST_MINUTES, MOST_CENTS, Session, SessionWithdrawal

__all__ = [
    "LONGEST_MINUTES",
    "MOST_CENTS",
    "Amendment",
    "Document",
    "DocumentRemoval",
    "FiledReport",
    "MediaType",
    "Note",
    "NoteDraft",
    "NoteTemplate",
    "NoteVersion",
    "Report",
    "ReportTemplate",
    "Session",
    "SessionWithdrawal",
    "Signature",
]
