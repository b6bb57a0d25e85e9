"""Reports, and what a record gives to their texts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sprechzeit.access.actor import Actor
from sprechzeit.audit.queries import log_list, log_read
from sprechzeit.core.acting import require
from sprechzeit.core.errors import NotFound
from sprechzeit.patients.models import Patient
from sprechzeit.practice.queries import people_of
from sprechzeit.records.models import FiledReport, Report
from sprechzeit.records.policy import get_report, get_reported_patient, visible_reports
from sprechzeit.records.report_text import Letter


@dataclass(frozen=True, slots=True)
class OpenReport:
    """A report, opened. `who`, `at`: who filed it and when, or kept the draft last. `corrected_by`: by which, filed."""

    report: Report
    letter: Letter
    who: str
    at: datetime
    is_filed: bool
    corrected_by: UUID | None = None


def read_patient_for_reports(actor: Actor, patient_id: UUID) -> Patient:
    """The patient about whom a report is written; that is an opening of the record (AUD-2). Raises NotFound."""
    patient = get_reported_patient(actor, patient_id)
    log_read(actor, patient.practice_id, "patients_patient", patient.pk)
    return patient


def list_reports(actor: Actor, patient: Patient) -> list[OpenReport]:
    """A patient's visible reports, the newest first; that they are listed is logged (AUD-2)."""
    rows = visible_reports(actor).filter(patient=patient).select_related("practitioner", "filed")
    rows = rows.defer("filed__sealed_pdf")
    found = _opened(actor, list(rows.order_by("-begun_at", "-pk")))
    log_list(actor, "records_report", f"reports of {patient.pk}", [one.report.pk for one in found])
    return sorted(found, key=lambda one: (not one.is_filed, one.at), reverse=True)


def open_report(actor: Actor, report_id: UUID) -> OpenReport:
    """A report to be read or written on; its opening is logged. Raises NotFound."""
    report = get_report(actor, report_id)
    log_read(actor, report.practice_id, "records_report", report.pk)
    return _opened(actor, [report])[0]


def read_filed(actor: Actor, report_id: UUID) -> FiledReport:
    """A filed report's file; that it is opened is logged. Raises NotFound, for drafts too."""
    report = get_report(actor, report_id)
    require(hasattr(report, "filed"), NotFound)
    log_read(actor, report.practice_id, "records_filedreport", report.pk)
    filed: FiledReport = report.filed
    return filed


def _opened(actor: Actor, reports: Sequence[Report]) -> list[OpenReport]:
    filed = {one.pk: one.filed for one in reports if hasattr(one, "filed")}
    people = people_of(actor, [*(one.filed_by for one in filed.values()), *(one.kept_by for one in reports)])
    after = visible_reports(actor).filter(corrects__in=[one.pk for one in reports], filed__isnull=False)
    corrected = dict(after.order_by("pk").values_list("corrects", "pk"))
    return [
        OpenReport(
            one,
            Letter.from_json(one.content),
            people[filed[one.pk].filed_by if one.pk in filed else one.kept_by],
            filed[one.pk].filed_at if one.pk in filed else one.kept_at,
            one.pk in filed,
            corrected.get(one.pk),
        )
        for one in reports
    ]
