"""What the pages of a report show, and what they send back."""

from collections.abc import Sequence
from typing import Any

from django.http import QueryDict
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import get_language

from sprechzeit.access.actor import Actor
from sprechzeit.core.ids import new_id, parse_id
from sprechzeit.practice.queries import practice_of
from sprechzeit.records.actions.reports import Written
from sprechzeit.records.content import Compared, Content, Field, compare
from sprechzeit.records.models import Report
from sprechzeit.records.note_page import number_in
from sprechzeit.records.policy import may_file_report, may_write_report
from sprechzeit.records.queries.reports import OpenReport
from sprechzeit.records.report_forms import NewReportForm
from sprechzeit.records.report_text import PLACEHOLDERS, Letter, Values, blocks_of, filled, letter_of
from sprechzeit.records.report_words import MEANINGS


def rows_of(actor: Actor, reports: Sequence[OpenReport]) -> list[dict[str, Any]]:
    """A patient's reports as a list."""
    zone = practice_of(actor).zone
    return [
        {
            "url": reverse("records:report", args=[one.report.pk]),
            "pdf_url": reverse("records:report_pdf", args=[one.report.pk]),
            "title": one.letter.title,
            "recipient": one.letter.recipient[0] if one.letter.recipient else "",
            "day": date_format(one.at.astimezone(zone), "SHORT_DATE_FORMAT"),
            "who": one.who,
            "is_filed": one.is_filed,
            "is_corrected": one.corrected_by is not None,
            "is_correction": one.report.corrects_id is not None,
        }
        for one in reports
    ]


def report_context(actor: Actor, opened: OpenReport, letter: Letter | None = None) -> dict[str, Any]:
    """A report to be read, or a draft to be written on; `letter`: as it was typed, where it was not kept."""
    report, shown = opened.report, letter or opened.letter
    return {
        "report": report,
        "patient": report.patient,
        "opened": opened,
        "letter": shown,
        "address": "\n".join(shown.recipient),
        "blocks": blocks_of(shown.text),
        "gaps": shown.gaps,
        "zone": practice_of(actor).zone,
        "practice": practice_of(actor),
        "writes": not opened.is_filed and may_write_report(actor, report),
        "may_file": not opened.is_filed and may_file_report(actor, report),
        "may_correct": opened.is_filed and may_write_report(actor, report),
        "hidden": {"pad": new_id(), "revision": report.revision},
    }


def begun_letter(form: NewReportForm, values: Values) -> Letter:
    """What a new report says before anybody wrote in it."""
    title = form.start_text.name if form.start_text.body else ""
    return letter_of(title, form.address_typed, filled(form.start_text.body, values, gaps()))


def gaps() -> dict[str, str]:
    """What stands for a value that there is not, in the language that is spoken."""
    return {key: str(meaning) for key, meaning in MEANINGS.items()}


def placeholders() -> list[tuple[str, str]]:
    """What can be inserted, in the language that is spoken: as it is written, and what it is."""
    german = (get_language() or "de").startswith("de")
    return [("{" + PLACEHOLDERS[key][german] + "}", str(meaning)) for key, meaning in MEANINGS.items()]


def written_from(sent: QueryDict) -> Written:
    """What a page sent. Raises NotFound for ids that are none."""
    letter = letter_of(*(sent.get(name, "") for name in ("title", "recipient", "text")))
    pad = sent.get("pad", "")
    return Written(letter, parse_id(pad) if pad else new_id(), number_in(sent, "revision"))


def draft_of_page(written: Written, report: Report) -> dict[str, Any]:
    """What the page is to remember after something was kept."""
    return {"pad": written.pad, "revision": report.revision}


def differences(former: Letter, later: Letter, labels: tuple[str, str, str]) -> list[Compared]:
    """What the later one adds to the former and leaves out."""
    return compare(_as_content(former, labels), _as_content(later, labels))


def _as_content(letter: Letter, labels: tuple[str, str, str]) -> Content:
    parts = (letter.title, "\n".join(letter.recipient), letter.text)
    return Content("", tuple(Field(label, part) for label, part in zip(labels, parts, strict=True)))
