"""A patient's reports: writing, filing, reading them (DOC-4)."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from sprechzeit.core.acting import require
from sprechzeit.core.errors import DomainError, NotAllowed
from sprechzeit.core.ids import parse_id
from sprechzeit.patients.record_page import record_frame
from sprechzeit.practice.forms import once_per_form
from sprechzeit.practice.visitors import ActorRequest, StaffAndDelegates, visitor
from sprechzeit.records.actions.reports import (
    begin_report,
    correct_report,
    file_report,
    keep_report,
    withdraw_report,
)
from sprechzeit.records.errors import (
    ReportEmpty,
    ReportFiled,
    ReportTooLong,
    ReportUnprintable,
    WrittenMeanwhile,
)
from sprechzeit.records.note_page import number_in
from sprechzeit.records.policy import get_report, may_file_report, may_write_report, report_practitioners
from sprechzeit.records.queries.report_pdf import pdf_of
from sprechzeit.records.queries.report_values import values_of
from sprechzeit.records.queries.reports import list_reports, open_report, read_filed, read_patient_for_reports
from sprechzeit.records.report_forms import NewReportForm
from sprechzeit.records.report_page import (
    begun_letter,
    differences,
    draft_of_page,
    report_context,
    rows_of,
    written_from,
)
from sprechzeit.records.report_text import Letter
from sprechzeit.ui.settings import form_key, saved

SEE_OTHER, CONFLICT, UNPROCESSABLE = 303, 409, 422


@require_safe
@visitor(StaffAndDelegates)
def reports(request: ActorRequest, patient_id: str) -> HttpResponse:
    """A patient's reports: drafts first, then what is filed, the newest first."""
    frame = record_frame(request.actor, parse_id(patient_id), "records:reports")
    context = frame | {
        "rows": rows_of(request.actor, list_reports(request.actor, frame["patient"])),
        "may_add": report_practitioners(request.actor).exists(),
    }
    return render(request, "records/reports.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@visitor(StaffAndDelegates)
def new_report(request: ActorRequest, patient_id: str) -> HttpResponse:
    """Choose by which text, in whose name and to whom; the record fills it in."""
    actor = request.actor
    patient = read_patient_for_reports(actor, parse_id(patient_id))
    require(report_practitioners(actor).exists(), NotAllowed)
    sent = request.POST if request.method == "POST" else None
    form = NewReportForm(sent, actor=actor, patient=patient, key=form_key())

    def make(new: UUID) -> None:
        practitioner, known = form.cleaned_data["practitioner"], form.known_recipient
        values = values_of(actor, patient, practitioner, known.greeting if known else "", form.period)
        begin_report(actor, patient.pk, practitioner.pk, begun_letter(form, values), new)

    if request.method == "POST" and form.is_valid():
        return _to(once_per_form(actor, "report", request.POST, make))
    context = {"patient": patient, "form": form}
    return render(request, "records/new_report.html", context, status=UNPROCESSABLE if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@visitor(StaffAndDelegates)
def report(request: ActorRequest, report_id: str) -> HttpResponse:
    """A filed report to be read; a draft to be written on, and on its way to the PDF or to being filed."""
    found = parse_id(report_id)
    if request.method != "POST":
        return _page(request, found)
    written = written_from(request.POST)
    try:
        keep_report(request.actor, found, written)
    except WrittenMeanwhile as error:
        return _meanwhile(request, found, written.letter, error)
    except ReportTooLong as error:
        return _page(request, found, error, written.letter)
    except ReportFiled as error:
        return _page(request, found, error, unkept=written.letter.text)
    if "pdf" in request.POST:
        return _to(found, "report_pdf")
    if "file" in request.POST:
        return _to(found, "report_filing")
    return saved(request, reverse("records:report", args=[found]))


@require_POST
@visitor(StaffAndDelegates)
def report_draft(request: ActorRequest, report_id: str) -> HttpResponse:
    """Keep what is typed, every few seconds by the script; the answer shows it as it will be read."""
    written = written_from(request.POST)
    kept = keep_report(request.actor, parse_id(report_id), written)
    opened = open_report(request.actor, kept.pk)
    context = report_context(request.actor, opened) | {"hidden": draft_of_page(written, kept), "is_answer": True}
    return render(request, "records/report.html#draft", context)


@require_safe
@visitor(StaffAndDelegates)
def report_pdf(request: ActorRequest, report_id: str) -> HttpResponse:
    """The file as it was filed; of a draft what would be filed now, marked as a draft on each page."""
    found = get_report(request.actor, parse_id(report_id))
    if hasattr(found, "filed"):
        filed = read_filed(request.actor, found.pk)
        return _file(filed.pdf, f"{_('Report')} {found.patient.number} {filed.filed_at:%Y-%m-%d}.pdf")
    opened = open_report(request.actor, found.pk)
    try:
        made = pdf_of(request.actor, opened.report, timezone.now(), is_draft=True)
    except ReportUnprintable as error:
        return _page(request, found.pk, error)
    return _file(made, f"{_('Draft')} {found.patient.number}.pdf")


@require_http_methods(["GET", "HEAD", "POST"])
@visitor(StaffAndDelegates)
def report_filing(request: ActorRequest, report_id: str) -> HttpResponse:
    """File a draft. It is asked before, with the letter as it will stay."""
    found = get_report(request.actor, parse_id(report_id))
    require(may_file_report(request.actor, found), NotAllowed)
    url, refusal = reverse("records:report", args=[found.pk]), None
    if request.method == "POST":
        try:
            file_report(request.actor, found.pk, number_in(request.POST, "revision"))
            return saved(request, url, _("The report is filed."))
        except (WrittenMeanwhile, ReportEmpty, ReportUnprintable) as error:
            refusal = error
    elif hasattr(found, "filed"):
        return _to(found.pk)
    context = report_context(request.actor, open_report(request.actor, found.pk))
    context["refusal"] = refusal.message if refusal else ""
    return render(request, "records/report_filing.html", context, status=refusal.status if refusal else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@visitor(StaffAndDelegates)
def report_withdrawal(request: ActorRequest, report_id: str) -> HttpResponse:
    """Throw a draft away, which is asked before."""
    found = get_report(request.actor, parse_id(report_id))
    require(may_write_report(request.actor, found), NotAllowed)
    require(not hasattr(found, "filed"), ReportFiled)
    if request.method != "POST":
        context = report_context(request.actor, open_report(request.actor, found.pk))
        return render(request, "records/report_withdrawal.html", context)
    patient = found.patient_id
    withdraw_report(request.actor, found.pk)
    return saved(request, reverse("records:reports", args=[patient]), _("The draft is gone."))


@require_POST
@visitor(StaffAndDelegates)
def report_correction(request: ActorRequest, report_id: str) -> HttpResponse:
    """A new draft that says the same and will stand in the place of what was filed."""
    return _to(correct_report(request.actor, parse_id(report_id)).pk)


def _page(
    request: ActorRequest, report_id: UUID, error: DomainError | None = None, letter: Letter | None = None,
    unkept: str = "",
) -> HttpResponse:  # fmt: skip
    """The report; with why not where something was refused, and what was typed."""
    context = report_context(request.actor, open_report(request.actor, report_id), letter)
    context |= {"refusal": error.message if error else "", "unkept": unkept}
    return render(request, "records/report.html", context, status=error.status if error else 200)


def _meanwhile(request: ActorRequest, report_id: UUID, letter: Letter, error: DomainError) -> HttpResponse:
    """What somebody else kept beside what was typed. Saved from here it is based on what was read here."""
    opened = open_report(request.actor, report_id)
    labels = (_("Title"), _("Recipient"), _("Text"))
    context: dict[str, Any] = report_context(request.actor, opened, letter)
    context |= {"refusal": error.message, "compared": differences(opened.letter, letter, labels)}
    return render(request, "records/report.html", context, status=CONFLICT)


def _to(report_id: UUID, name: str = "report") -> HttpResponse:
    return HttpResponseRedirect(reverse(f"records:{name}", args=[report_id]), status=SEE_OTHER)


def _file(content: bytes, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
