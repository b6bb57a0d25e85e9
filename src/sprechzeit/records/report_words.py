"""The words of placeholders: what each is called, and what a template gives for somebody who does not exist."""

from collections.abc import Mapping
from datetime import date

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from sprechzeit.records.report_text import Table, Values

# What each placeholder is; also what stands in a report where the record does not say it.
MEANINGS: Mapping[str, Promise] = {
    "greeting": gettext_lazy("Salutation of the letter"),
    "today": gettext_lazy("Today's date"),
    "salutation": gettext_lazy("Salutation"),
    "title": gettext_lazy("Title"),
    "first_name": gettext_lazy("First name"),
    "last_name": gettext_lazy("Last name"),
    "name": gettext_lazy("Name"),
    "date_of_birth": gettext_lazy("Date of birth"),
    "age": gettext_lazy("Age"),
    "address": gettext_lazy("Address"),
    "number": gettext_lazy("Patient number"),
    "insurance": gettext_lazy("Insurance"),
    "insurance_number": gettext_lazy("Insurance number"),
    "guardian": gettext_lazy("Guardian"),
    "practitioner": gettext_lazy("Who treated"),
    "practice": gettext_lazy("Name of the practice"),
    "practice_address": gettext_lazy("Address of the practice"),
    "practice_phone": gettext_lazy("Phone of the practice"),
    "sessions_count": gettext_lazy("Number of sessions"),
    "sessions_first": gettext_lazy("First session"),
    "sessions_last": gettext_lazy("Last session"),
    "sessions": gettext_lazy("Table of sessions"),
}


def sample_values() -> Values:
    """Somebody who does not exist, for who writes a template."""
    days = [date(2026, 3, day) for day in (2, 9, 16)]
    return {
        "greeting": _("Dear Ms %(name)s") % {"name": "Musterfrau"},
        "today": day_of(date(2026, 3, 20)),
        "salutation": _("Ms"),
        "title": "Dr.",
        "first_name": "Erika",
        "last_name": "Musterfrau",
        "name": "Dr. Erika Musterfrau",
        "date_of_birth": day_of(date(1984, 8, 12)),
        "age": ngettext("%(count)s year", "%(count)s years", 41) % {"count": 41},
        "address": "Heidestraße 17, 51147 Köln",
        "number": "1042",
        "insurance": "Musterkasse",
        "insurance_number": "A123456789",
        "guardian": "Max Musterfrau",
        "practitioner": "Dr. Anna Beispiel",
        "practice": _("Example practice"),
        "practice_address": "Lindenweg 3, 50667 Köln",
        "practice_phone": "0221 5550100",
    } | table_of([(day_of(day), _("Individual therapy"), length_of(50)) for day in days])


def table_of(rows: list[tuple[str, str, str]]) -> dict[str, str | Table]:
    """What the sessions' placeholders say, of day, kind and length in order of time."""
    return {
        "sessions_count": str(len(rows)),
        "sessions_first": rows[0][0] if rows else "",
        "sessions_last": rows[-1][0] if rows else "",
        "sessions": Table((_("Date"), _("Kind of treatment"), _("Length")), rows),
    }


def length_of(minutes: int) -> str:
    """'50 min'."""
    return ngettext("%(count)s min", "%(count)s min", minutes) % {"count": minutes}


def day_of(day: date) -> str:
    """As days are written."""
    return str(date_format(day, "SHORT_DATE_FORMAT"))
