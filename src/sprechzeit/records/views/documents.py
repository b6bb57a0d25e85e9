"""Documents of a record: the list with its form, one of them, its file (DOC-3)."""

import hashlib
from typing import Any
from uuid import UUID

from csp.constants import SELF
from django.conf import settings
from django.core.files.uploadedfile import InMemoryUploadedFile
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from sprechzeit.core.acting import require
from sprechzeit.core.errors import DomainError, NotAllowed, NotFound
from sprechzeit.core.ids import parse_id
from sprechzeit.core.requests import takes_file
from sprechzeit.patients.models import Patient
from sprechzeit.patients.record_page import record_frame
from sprechzeit.practice.once import once
from sprechzeit.practice.queries import practice_of
from sprechzeit.practice.visitors import ActorRequest, StaffAndDelegates, visitor
from sprechzeit.records.actions.documents import add_document, change_document, remove_document, restore_document
from sprechzeit.records.document_forms import DocumentForm, NewDocumentsForm, RemovalForm
from sprechzeit.records.document_page import rows_of
from sprechzeit.records.errors import NoRoomForDocument
from sprechzeit.records.models import Document
from sprechzeit.records.policy import get_document, may_add_documents, may_change_document
from sprechzeit.records.queries import list_documents, open_file, open_preview, read_document
from sprechzeit.ui.settings import form_key, saved

UNPROCESSABLE = 422
# The form itself says how many are taken; what is far more is not read.
MOST_PARTS = 100
# Opened by itself, nothing in it runs, loads or leads anywhere.
SANDBOX = "default-src 'none'; frame-ancestors 'self'; sandbox"


@takes_file(settings.DOCUMENT_BYTES, most_files=MOST_PARTS)
@require_http_methods(["GET", "HEAD", "POST"])
@visitor(StaffAndDelegates)
def documents(request: ActorRequest, patient_id: str) -> HttpResponse:
    """A record's documents; and, sent with files, more of them. Of several each is taken or refused by itself."""
    frame = record_frame(request.actor, parse_id(patient_id), "records:documents")
    patient, may_add = frame["patient"], may_add_documents(request.actor, frame["patient"])
    if request.method != "POST":
        form = NewDocumentsForm(actor=request.actor, patient=patient, key=form_key())
        return _list(request, frame, form if may_add else None)
    require(may_add, NotAllowed)
    form = NewDocumentsForm(request.POST, request.FILES, actor=request.actor, patient=patient, key=form_key())
    refused, status = _add(request, patient, form) if form.is_valid() else ([], UNPROCESSABLE)
    if form.is_valid() and not refused:
        count = len(form.cleaned_data["file"])
        said = ngettext("%(count)s document was added.", "%(count)s documents were added.", count)
        return saved(request, reverse("records:documents", args=[patient.pk]), said % {"count": count})
    if refused:
        # What was taken is in the list; a page cannot give the other files back.
        data = request.POST.copy()
        data["key"] = form_key()
        form = NewDocumentsForm(data, request.FILES, actor=request.actor, patient=patient, key="")
    return _list(request, frame, form, refused=refused, status=status)


def _add(request: ActorRequest, patient: Patient, form: NewDocumentsForm) -> tuple[list[tuple[str, str]], int]:
    """Add each; the names of those that were refused, each with why, and the answer's status."""
    refused, status = [], UNPROCESSABLE
    for number, file in enumerate(form.cleaned_data["file"], 1):
        try:
            _add_one(request, patient, form, file, number)
        except (NotFound, NotAllowed):
            raise
        except DomainError as error:
            refused.append((str(file.name), str(error)))
            status = error.status if isinstance(error, NoRoomForDocument) else status
    return refused, status


def _add_one(
    request: ActorRequest, patient: Patient, form: NewDocumentsForm, file: InMemoryUploadedFile, number: int
) -> None:
    """The same file in the same form, however often it is sent, is one document."""
    sent = form.sent(file, number)
    key = f"{form.cleaned_data['key']}:{hashlib.sha256(sent.content).hexdigest()}:{file.size}"

    def make(document_id: UUID) -> None:
        add_document(request.actor, patient.pk, sent, document_id)

    once(request.actor, "document", key, f"{patient.pk} {form.asked}", make)


def _list(
    request: ActorRequest,
    frame: dict[str, Any],
    form: NewDocumentsForm | None,
    *,
    refused: list[tuple[str, str]] | None = None,
    status: int = 200,
) -> HttpResponse:
    rows = rows_of(request.actor, list_documents(request.actor, frame["patient"]))
    context = frame | {
        "form": form,
        "refused": refused or [],
        "rows": [one for one in rows if not one["removed"]],
        "removed_rows": [one for one in rows if one["removed"]],
        "zone": practice_of(request.actor).zone,
        "most_bytes": settings.DOCUMENT_BYTES,
    }
    return render(request, "records/documents.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@visitor(StaffAndDelegates)
def document(request: ActorRequest, document_id: str) -> HttpResponse:
    """One document: what it is called, of which day and session it is; who may changes that."""
    found = read_document(request.actor, parse_id(document_id))
    may_change = may_change_document(request.actor, found)
    require(may_change or request.method != "POST", NotAllowed)
    sent = request.POST if request.method == "POST" else None
    form = DocumentForm(sent, actor=request.actor, document=found, may_change=may_change and not found.is_removed)
    if request.method == "POST" and form.is_valid():
        change_document(request.actor, found.pk, form.columns())
        return saved(request, reverse("records:documents", args=[found.patient_id]))
    response = _page(request, found, "records/document.html", form, may_change=may_change)
    response._csp_update = {"frame-src": [SELF]}  # type: ignore[attr-defined]  # django-csp reads it
    return response


def _page(
    request: ActorRequest, found: Document, template: str, form: DocumentForm | RemovalForm, *, may_change: bool
) -> HttpResponse:
    frame = record_frame(request.actor, found.patient_id, "records:documents")
    (row,) = rows_of(request.actor, [found])
    context = frame | {"form": form, "document": row, "may_change": may_change, "zone": practice_of(request.actor).zone}
    return render(request, template, context, status=UNPROCESSABLE if form.errors else 200)


@require_safe
@visitor(StaffAndDelegates)
def file(request: ActorRequest, document_id: str) -> HttpResponse:
    """The file, to be kept by the browser; with `show`, for its viewer, which a page of ours may frame."""
    is_shown = "show" in request.GET
    opened = open_file(request.actor, parse_id(document_id))
    response = HttpResponse(opened.content, content_type=opened.media_type)
    response["Content-Disposition"] = str(content_disposition_header(not is_shown, opened.name))
    if is_shown:
        response["X-Frame-Options"] = "SAMEORIGIN"
    return _shut(response)


@require_safe
@visitor(StaffAndDelegates)
def preview(request: ActorRequest, document_id: str) -> HttpResponse:
    """A small picture of a picture, drawn by ourselves."""
    return _shut(HttpResponse(open_preview(request.actor, parse_id(document_id)), content_type="image/webp"))


def _shut(response: HttpResponse) -> HttpResponse:
    response["Content-Security-Policy"] = SANDBOX
    response["X-Content-Type-Options"] = "nosniff"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@visitor(StaffAndDelegates)
def removal(request: ActorRequest, document_id: str) -> HttpResponse:
    """Take a document out of the record, or put it back. It is asked before."""
    find = get_document if request.method == "POST" else read_document
    found = find(request.actor, parse_id(document_id))
    require(may_change_document(request.actor, found), NotAllowed)
    back = reverse("records:documents", args=[found.patient_id])
    if request.method == "POST" and "restore" in request.POST:
        restore_document(request.actor, found.pk)
        return saved(request, back, _("The document is in the record again."))
    form = RemovalForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        remove_document(request.actor, found.pk, form.cleaned_data["reason"])
        return saved(request, back, _("The document was removed. It is kept, and can be put back."))
    return _page(request, found, "records/document_removal.html", form, may_change=True)
