"""A report as a PDF: the practice's letter, ready to be printed or sent."""

from datetime import datetime
from pathlib import Path
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import override

from sprechzeit.access.actor import Actor
from sprechzeit.core.typesetting import NotTypeset, typeset
from sprechzeit.practice.models import Practice
from sprechzeit.practice.queries import logo_of, practice_of
from sprechzeit.records.errors import ReportUnprintable
from sprechzeit.records.models import Report
from sprechzeit.records.report_text import Letter, as_data, blocks_of

TEMPLATE = Path(__file__).parent.parent / "report.typ"
LOGO_CENTIMETRES, LOGO_WIDEST = 1.1, 7.0


def pdf_of(actor: Actor, report: Report, at: datetime, *, is_draft: bool) -> bytes:
    """The PDF as of a moment; a draft says on each page that it is one. Raises `ReportUnprintable`."""
    with override(report.language):
        facts = _facts(actor, report, at, is_draft=is_draft)
    try:
        return typeset(TEMPLATE, facts, at)
    except NotTypeset as error:
        if not error.letters:
            raise ReportUnprintable from None
        said = _("The sign “%(sign)s” cannot be printed. Please write it another way; what you wrote is kept.")
        raise ReportUnprintable(said % {"sign": error.letters}) from None


def _facts(actor: Actor, report: Report, at: datetime, *, is_draft: bool) -> dict[str, Any]:
    letter, practice = Letter.from_json(report.content), practice_of(actor)
    day = date_format(at.astimezone(practice.zone), "SHORT_DATE_FORMAT")
    place = f"{practice.postcode} {practice.town}".strip()
    # Without a title a draft can be looked at all the same; a PDF has one.
    title = letter.title or str(_("Report"))
    return _logo(actor, practice) | {
        "language": report.language,
        "title": title,
        "author": report.practitioner.name,
        "practice": [practice.name, practice.street, place, practice.phone, practice.email],
        "sender": " · ".join(one for one in (practice.name, practice.street, place) if one),
        "recipient": letter.recipient,
        "facts": [[_("Date"), day], *_about(report)],
        "header": f"{title} · {day}",
        "footer": f"{practice.name} · {title}",
        "page": _("Page"),
        "draft": _("DRAFT") if is_draft else "",
        "corrects": _corrects(report, practice),
        "blocks": as_data(blocks_of(letter.text)),
    }


def _about(report: Report) -> list[list[str]]:
    """Whom it is about, as who receives it files it."""
    patient = report.patient
    born = f", * {date_format(patient.date_of_birth, 'SHORT_DATE_FORMAT')}" if patient.date_of_birth else ""
    return [[str(_("Patient")), f"{patient.first_name} {patient.last_name}{born}"]]


def _corrects(report: Report, practice: Practice) -> str:
    if report.corrects is None:
        return ""
    day = date_format(report.corrects.filed.filed_at.astimezone(practice.zone), "SHORT_DATE_FORMAT")
    title = Letter.from_json(report.corrects.content).title
    return str(_("Corrects “%(title)s” of %(day)s.") % {"title": title, "day": day})


def _logo(actor: Actor, practice: Practice) -> dict[str, Any]:
    logo = getattr(practice, "logo", None)
    if logo is None:
        return {"logo": [], "logo_height": 0}
    height = min(LOGO_CENTIMETRES, LOGO_WIDEST * logo.height / logo.width)
    return {"logo": list(logo_of(actor, logo.digest)), "logo_height": height}
