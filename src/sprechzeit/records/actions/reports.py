"""Writing reports: drafts that are kept, filing, corrections (DOC-4).

Whoever writes or files holds the report's row: of two at once the second sees what the first made of it. That what is
filed stays as it is, the database holds by itself (report_guards.sql).
"""

from dataclasses import dataclass
from uuid import UUID

from django.utils import timezone
from django.utils.translation import get_language

from sprechzeit.access.actor import Actor
from sprechzeit.core.acting import action, require
from sprechzeit.core.errors import NotAllowed, NotFound
from sprechzeit.core.ids import new_id
from sprechzeit.records.errors import ReportEmpty, ReportFiled, ReportNotFiled, ReportTooLong, WrittenMeanwhile
from sprechzeit.records.models import FiledReport, Report
from sprechzeit.records.policy import (
    get_report,
    get_reported_patient,
    may_file_report,
    may_write_report,
    report_practitioners,
)
from sprechzeit.records.queries.report_pdf import pdf_of
from sprechzeit.records.report_text import LONGEST_LINE, LONGEST_TITLE, MOST_LETTERS, MOST_LINES, Letter


@dataclass(frozen=True, slots=True)
class Written:
    """What an open page sends. `pad`: the page itself; `revision`: of the draft as it knows it."""

    letter: Letter
    pad: UUID
    revision: int


@action
def begin_report(actor: Actor, patient_id: UUID, practitioner_id: UUID, letter: Letter, report_id: UUID) -> Report:
    """A draft, in the name of a practitioner. Raises `NotFound`, `NotAllowed`, `ReportTooLong`."""
    patient = get_reported_patient(actor, patient_id)
    practitioners = report_practitioners(actor)
    require(practitioners.exists(), NotAllowed)
    require(practitioners.filter(pk=practitioner_id).exists(), NotFound)
    report = Report(id=report_id, practice_id=patient.practice_id, patient=patient, practitioner_id=practitioner_id)
    return _begun(actor, report, letter)


@action
def correct_report(actor: Actor, report_id: UUID) -> Report:
    """A draft that says what a filed report says, names it, and will stand in its place; the one that there is.

    Raises `NotFound`, `NotAllowed`, `ReportNotFiled`.
    """
    former = _held(actor, report_id)
    require(may_write_report(actor, former), NotAllowed)
    require(FiledReport.objects.filter(practice_id=former.practice_id, report=former).exists(), ReportNotFiled)
    begun = Report.objects.filter(practice_id=former.practice_id, corrects=former, filed=None).first()
    if begun is not None:
        return begun
    report = Report(practice_id=former.practice_id, patient=former.patient, corrects=former)
    report.practitioner = former.practitioner
    return _begun(actor, report, Letter.from_json(former.content))


@action
def keep_report(actor: Actor, report_id: UUID, written: Written) -> Report:
    """Keep what was typed of a draft; what is as it was kept already changes nothing.

    Raises `NotFound`, `NotAllowed`, `ReportFiled`, `ReportTooLong`, and `WrittenMeanwhile` where another page kept
    something that this one did not know: nothing is written over.
    """
    report = _draft(actor, report_id)
    _within_limits(written.letter)
    content = written.letter.as_json()
    if report.content == content:
        return report
    require(report.revision == written.revision or report.pad == written.pad, WrittenMeanwhile)
    report.content, report.pad, report.kept_at, report.kept_by = content, written.pad, timezone.now(), actor.name
    report.revision += 1
    report.save(update_fields=["content", "pad", "kept_at", "kept_by", "revision"])
    return report


@action
def file_report(actor: Actor, report_id: UUID, revision: int) -> FiledReport:
    """Make the PDF, once and for good, of the draft that was shown; filed already it is the one that there is.

    Raises `NotFound`, `NotAllowed`, `ReportEmpty`, `ReportUnprintable`, and `WrittenMeanwhile` where somebody kept
    another text since.
    """
    report = _held(actor, report_id)
    require(may_file_report(actor, report), NotAllowed)
    found = FiledReport.objects.filter(practice_id=report.practice_id, report=report).first()
    if found is not None:
        return found
    letter = Letter.from_json(report.content)
    require(bool(letter.title and letter.text), ReportEmpty)
    require(report.revision == revision, WrittenMeanwhile)
    filed = FiledReport(id=report.pk, practice_id=report.practice_id, report=report, filed_by=actor.name)
    filed.filed_at = timezone.now()
    filed.pdf = pdf_of(actor, report, filed.filed_at, is_draft=False)
    filed.save(force_insert=True)
    return filed


@action
def withdraw_report(actor: Actor, report_id: UUID) -> None:
    """Throw a draft away. Raises `NotFound`, `NotAllowed`, `ReportFiled`."""
    _draft(actor, report_id).delete()


def _begun(actor: Actor, report: Report, letter: Letter) -> Report:
    _within_limits(letter)
    report.content, report.language = letter.as_json(), (get_language() or "de")[:2]
    report.pad, report.kept_at, report.begun_by, report.kept_by = new_id(), timezone.now(), actor.name, actor.name
    report.save(force_insert=True)
    return report


def _held(actor: Actor, report_id: UUID) -> Report:
    """A visible report, which the actor holds now, as it is now."""
    found = get_report(actor, report_id)
    rows = Report.objects.select_for_update(of=("self",)).select_related("patient", "practitioner", "corrects__filed")
    report = rows.filter(pk=found.pk).first()
    if report is None:
        raise NotFound
    return report


def _draft(actor: Actor, report_id: UUID) -> Report:
    report = _held(actor, report_id)
    require(may_write_report(actor, report), NotAllowed)
    require(not FiledReport.objects.filter(practice_id=report.practice_id, report=report).exists(), ReportFiled)
    return report


def _within_limits(letter: Letter) -> None:
    require(len(letter.text) <= MOST_LETTERS and len(letter.title) <= LONGEST_TITLE, ReportTooLong)
    lines = letter.recipient
    require(len(lines) <= MOST_LINES and all(len(one) <= LONGEST_LINE for one in lines), ReportTooLong)
