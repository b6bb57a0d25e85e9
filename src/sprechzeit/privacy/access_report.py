"""A patient's access report: who saw or changed what of their record, to be handed out (AUD-5, GDPR article 15)."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import typst
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from sprechzeit.patients.models import Patient
from sprechzeit.practice.models import Practice
from sprechzeit.privacy.words import Line

TEMPLATE = Path(__file__).parent / "access_report.typ"


def access_report(practice: Practice, patient: Patient, lines: Sequence[Line], *, is_cut: bool = False) -> bytes:
    """The report as PDF/A. Texts go to the template as data: nothing typed anywhere is taken for markup.

    `is_cut`: there are older entries than `lines`; the report says so.
    """
    zone = practice.zone
    facts = _facts(practice, patient, lines, zone)
    if is_cut:
        facts["intro"] += " " + _("There are more: the %(count)s newest are listed.") % {"count": len(lines)}
    made: Any = typst.compile(
        TEMPLATE.read_bytes(),
        ignore_system_fonts=True,
        sys_inputs={"facts": json.dumps(facts)},
        pdf_standards=["a-3b"],
        timestamp=timezone.now().replace(microsecond=0),
    )
    return bytes(made)


def _facts(practice: Practice, patient: Patient, lines: Sequence[Line], zone: ZoneInfo) -> dict[str, Any]:
    now = timezone.now().astimezone(zone)
    born = patient.date_of_birth
    return {
        "language": (get_language() or "de")[:2],
        "practice": [practice.name, practice.street, f"{practice.postcode} {practice.town}".strip(), practice.phone],
        "title": _("Access report"),
        "patient": patient.full_name,
        "born": _("born %(day)s") % {"day": date_format(born, "SHORT_DATE_FORMAT")} if born else "",
        "number": _("Patient number %(number)s") % {"number": patient.number},
        "intro": _(
            "Who saw or changed what of this patient's record, newest first. "
            "The practice's log is written by the database itself and sealed against later changes."
        ),
        "made": _("As of %(moment)s") % {"moment": date_format(now, "SHORT_DATETIME_FORMAT")},
        "none": _("Nothing is in the log."),
        "head": [_("When"), _("Who"), _("What")],
        "rows": [
            [
                date_format(one.at, "SHORT_DATETIME_FORMAT"),
                one.who,
                one.what,
                [text for text in (one.about, *one.details) if text],
            ]
            for one in lines
        ],
    }
