"""Reads of sessions, notes and documents, one file for each question."""

from sprechzeit.records.queries.documents import (
    File,
    check_files,
    known_documents,
    list_documents,
    open_file,
    open_preview,
    read_document,
)
from sprechzeit.records.queries.notes import (
    STILL_WRITES,
    OpenNote,
    Signed,
    Writer,
    Written,
    is_signed,
    newest_number,
    open_note,
    other_writers,
    read_versions,
)
from sprechzeit.records.queries.sessions import list_sessions, read_patient_for_sessions, read_session, states_of
from sprechzeit.records.queries.templates import Shape, shapes, templates_in_order

__all__ = [
    "STILL_WRITES",
    "File",
    "OpenNote",
    "Shape",
    "Signed",
    "Writer",
    "Written",
    "check_files",
    "is_signed",
    "known_documents",
    "list_documents",
    "list_sessions",
    "newest_number",
    "open_file",
    "open_note",
    "open_preview",
    "other_writers",
    "read_document",
    "read_patient_for_sessions",
    "read_session",
    "read_versions",
    "shapes",
    "states_of",
    "templates_in_order",
]
