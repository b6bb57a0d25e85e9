"""The one table that states who may do what on which data (ACC-7). Pure: no Django, no models.

Every policy asks it, the settings page shows it, the visibility tests are made from it. Which fields of a row an area
or the secretary sees stands in fields.py.
"""

from enum import IntEnum, StrEnum


class Role(StrEnum):
    """Who somebody is in a practice (ACC-1); the last six are no people of the practice.

    A delegate from outside reaches nothing by their role: what they reach is said by the areas of their access.
    """

    ADMINISTRATOR = "administrator"
    PRACTITIONER = "practitioner"
    SECRETARY = "secretary"
    DELEGATE = "delegate"
    VISITOR = "visitor"
    LINK = "link"
    PARTNER = "partner"
    VIDEO = "video"
    SYSTEM = "system"


class Area(StrEnum):
    """What a delegate's access is for (ACC-20). A delegate of several areas reaches what any of them does."""

    SCHEDULING = "scheduling"
    DOCUMENTATION = "documentation"
    INVOICING = "invoicing"
    REPORTS = "reports"
    FINANCE = "finance"


class Data(StrEnum):
    """What may be seen or changed."""

    PRACTICE = "practice"
    CALENDARS = "calendars"
    ABSENCES = "absences"
    APPOINTMENTS = "appointments"
    MASTER_DATA = "master data"
    MESSAGES = "messages"
    SESSIONS = "sessions"
    NOTES = "notes"
    DOCUMENTS = "documents"
    DIAGNOSES = "diagnoses"
    REPORTS = "reports"
    TEMPLATES = "templates"
    SERVICE_CHAINS = "service chains"
    INVOICES = "invoices"
    PAYMENTS = "payments"
    EXPENSES = "expenses"
    STATISTICS = "statistics"
    LOG = "log"


class Use(StrEnum):
    """Reading or writing."""

    READ = "read"
    WRITE = "write"


class Reach(IntEnum):
    """How far. `BUSY`: times only; `OWN`: what one made or was shared with one, what stands in one's calendar, the
    link's one thing, what a booking system pushed, a partner's own bookings and who said yes to it (OTV-8, PAT-21);
    `GRANTED`: what is visible to the practitioners of a delegate's access, in their calendars.
    """

    NONE = 0
    BUSY = 1
    OWN = 2
    GRANTED = 3
    ALL = 4


Column = Role | Area

_SIGNS = {"-": Reach.NONE, "b": Reach.BUSY, "o": Reach.OWN, "g": Reach.GRANTED, "A": Reach.ALL}
_COLUMNS: tuple[Column, ...] = (
    Role.ADMINISTRATOR, Role.PRACTITIONER, Role.SECRETARY,
    Area.SCHEDULING, Area.DOCUMENTATION, Area.INVOICING, Area.REPORTS, Area.FINANCE,
    Role.VISITOR, Role.LINK, Role.PARTNER, Role.VIDEO, Role.SYSTEM,
)  # fmt: skip

# fmt: off
_ROWS = {
    # Read/write:            admin pract secre  sched docum invoi repor finan  visit link part tokn syst
    Data.PRACTICE:         "A/A A/- A/-  A/- A/- A/- A/- A/-  A/- A/- A/- A/- A/A",
    Data.CALENDARS:        "A/A A/o A/-  g/- g/- -/- -/- -/-  A/- A/- A/- A/- A/A",
    Data.ABSENCES:         "A/A A/o A/A  g/- -/- -/- -/- -/-  -/- -/- b/- -/- A/A",
    Data.APPOINTMENTS:     "A/A o/o A/A  g/g g/- -/- g/- -/-  b/o o/o o/o o/o A/A",
    Data.MASTER_DATA:      "A/A o/o A/A  g/o g/- g/- g/- -/-  -/o -/- o/o -/- A/A",
    Data.MESSAGES:         "A/A o/- A/A  -/- -/- -/- -/- -/-  -/- -/- -/- -/- A/A",
    Data.SESSIONS:         "A/A o/o A/A  -/- g/g g/- g/- -/-  -/- -/- -/- -/- A/A",
    Data.NOTES:            "A/A o/o -/-  -/- g/g -/- g/- -/-  -/- -/- -/- -/- A/A",
    Data.DOCUMENTS:        "A/A o/o -/-  -/- g/g -/- g/- -/-  -/- -/- -/- -/- A/A",
    Data.DIAGNOSES:        "A/A o/o -/-  -/- g/g -/- g/- -/-  -/- -/- -/- -/- A/A",
    Data.REPORTS:          "A/A o/o -/-  -/- -/- -/- g/g -/-  -/- -/- -/- -/- A/A",
    Data.TEMPLATES:        "A/A o/o -/-  -/- g/- -/- g/- -/-  -/- -/- -/- -/- A/A",
    Data.SERVICE_CHAINS:   "A/A o/o A/-  -/- -/- g/- -/- -/-  -/- -/- -/- -/- A/A",
    Data.INVOICES:         "A/A o/o A/A  -/- -/- g/g -/- g/-  -/- -/- -/- -/- A/A",
    Data.PAYMENTS:         "A/A o/o A/A  -/- -/- -/- -/- g/g  -/- -/- -/- -/- A/A",
    Data.EXPENSES:         "A/A o/o A/A  -/- -/- -/- -/- g/g  -/- -/- -/- -/- A/A",
    Data.STATISTICS:       "A/- o/- A/-  -/- -/- -/- -/- g/-  -/- -/- -/- -/- A/-",
    Data.LOG:              "A/- o/- o/-  -/- -/- -/- -/- -/-  -/- -/- -/- -/- A/-",
}
# fmt: on


def _read(row: str) -> dict[Column, tuple[Reach, Reach]]:
    pairs = (cell.split("/") for cell in row.split())
    told = {column: (_SIGNS[read], _SIGNS[write]) for column, (read, write) in zip(_COLUMNS, pairs, strict=True)}
    return told | {Role.DELEGATE: (Reach.NONE, Reach.NONE)}


# data: who → (read, write)
TABLE: dict[Data, dict[Column, tuple[Reach, Reach]]] = {data: _read(row) for data, row in _ROWS.items()}


def reach_of(who: Column, data: Data, use: Use) -> Reach:
    """How far a role, or a delegate's access to an area, reaches into `data`."""
    read, write = TABLE[data][who]
    return read if use is Use.READ else write
