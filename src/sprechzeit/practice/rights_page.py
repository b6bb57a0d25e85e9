"""The table of who may do what, in words (ACC-7)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from sprechzeit.access.fields import fields_of
from sprechzeit.access.table import Area, Column, Data, Reach, Role, Use, reach_of

PEOPLE: dict[Column, Promise] = {
    Role.ADMINISTRATOR: _("Group administrator"),
    Role.PRACTITIONER: _("Group member"),
    Role.SECRETARY: _("Secretary's office"),
    Role.VISITOR: _("Online booking"),
    Role.LINK: _("Link of a patient"),
    Role.PARTNER: _("Booking partner"),
    Role.VIDEO: _("Token of the video side"),
}
ACCESSES: dict[Column, Promise] = {
    Area.SCHEDULING: _("Scheduling"),
    Area.DOCUMENTATION: _("Documentation"),
    Area.INVOICING: _("Invoicing"),
    Area.REPORTS: _("Reports"),
    Area.FINANCE: _("Finance"),
}
DATA: dict[Data, Promise] = {
    Data.PRACTICE: _("Practice and settings"),
    Data.CALENDARS: _("Calendars and working hours"),
    Data.ABSENCES: _("Absences"),
    Data.APPOINTMENTS: _("Appointments"),
    Data.MASTER_DATA: _("Patients: master data"),
    Data.MESSAGES: _("Messages"),
    Data.SESSIONS: _("Sessions"),
    Data.NOTES: _("Notes"),
    Data.DOCUMENTS: _("Documents"),
    Data.DIAGNOSES: _("Diagnoses"),
    Data.REPORTS: _("Reports"),
    Data.TEMPLATES: _("Templates"),
    Data.SERVICE_CHAINS: _("Service chains"),
    Data.INVOICES: _("Invoices"),
    Data.PAYMENTS: _("Payments"),
    Data.EXPENSES: _("Expenses"),
    Data.STATISTICS: _("Statistics"),
    Data.LOG: _("Log"),
}
HOW_FAR: dict[Reach, Promise] = {
    Reach.BUSY: _("taken times only"),
    Reach.OWN: _("own"),
    Reach.GRANTED: _("granted"),
    Reach.ALL: _("all"),
}


@dataclass(frozen=True, slots=True)
class Cell:
    """What one may see and change of one kind of data. Empty words: nothing. `partly`: only some fields of it."""

    who: Promise
    sees: Promise | str
    changes: Promise | str
    partly: bool


def tables() -> Iterator[dict[str, Any]]:
    """One table for the practice's people and its patients, one for the areas of delegated access."""
    for title, columns in ((_("People and patients"), PEOPLE), (_("Delegated access, by area"), ACCESSES)):
        yield {"title": title, "columns": list(columns.values()), "rows": list(_rows(columns))}


def _rows(columns: dict[Column, Promise]) -> Iterator[tuple[Promise, Sequence[Cell]]]:
    """What anybody of them reaches."""
    for data, name in DATA.items():
        cells = [_cell(who, label, data) for who, label in columns.items()]
        if any(cell.sees or cell.changes for cell in cells):
            yield name, cells


def _cell(who: Column, label: Promise, data: Data) -> Cell:
    sees, changes = (HOW_FAR.get(reach_of(who, data, use), "") for use in Use)
    return Cell(label, sees, changes, partly=any(fields_of(who, data, use) is not None for use in Use))
