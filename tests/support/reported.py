"""Reports of a patient: a draft, and one that was filed."""

from typing import Any
from uuid import UUID

from django.utils import timezone

from sprechzeit.core.acting import acting
from sprechzeit.core.ids import new_id
from sprechzeit.records.actions.reports import Written, begin_report, file_report
from sprechzeit.records.models import FiledReport, Report
from sprechzeit.records.report_text import letter_of
from tests.support.cast import House


def letter(
    text: str = "Es geht voran.", title: str = "Verlaufsbericht", recipient: str = "Musterkasse\n50667 Köln"
) -> Any:
    """A letter as it was typed."""
    return letter_of(title, recipient, text)


def drafted(house: House, patient_id: UUID, who: str = "jonas", **words: str) -> Report:
    """A draft in somebody's name, begun by them."""
    with acting(house.actor(who)):
        return begin_report(house.actor(who), patient_id, house.members[who].pk, letter(**words), new_id())


def filed(house: House, patient_id: UUID, who: str = "jonas", **words: str) -> Report:
    """The same, filed."""
    report = drafted(house, patient_id, who, **words)
    with acting(house.actor(who)):
        file_report(house.actor(who), report.pk, report.revision)
    return report


def filed_as(house: House, report: Report, pdf: bytes) -> None:
    """Filed with a file that no printer made."""
    made = FiledReport(id=report.pk, practice_id=report.practice_id, report=report, filed_by=house.system.name)
    made.filed_at, made.pdf = timezone.now(), pdf
    made.save(force_insert=True)


def written(report: Report, text: str, **more: Any) -> Written:
    """What a page sends that knows the draft as it is."""
    return Written(letter(text), more.pop("pad", None) or new_id(), more.pop("revision", report.revision))
