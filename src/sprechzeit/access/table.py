"""The one table that states who may do what on which data (ACC-7). Pure: no Django, no models.

Every policy asks it, the settings page shows it, the visibility tests are made from it.
"""

from enum import IntEnum, StrEnum


class Role(StrEnum):
    """Who somebody is in a practice (ACC-1); the last three are no people of the practice."""

    ADMINISTRATOR = "administrator"
    PRACTITIONER = "practitioner"
    SECRETARY = "secretary"
    VISITOR = "visitor"
    LINK = "link"
    SYSTEM = "system"


class Data(StrEnum):
    """What may be seen or changed."""

    PRACTICE = "practice"
    CALENDARS = "calendars"
    ABSENCES = "absences"
    APPOINTMENTS = "appointments"
    MASTER_DATA = "master data"
    MESSAGES = "messages"
    LOG = "log"


class Use(StrEnum):
    """Reading or writing."""

    READ = "read"
    WRITE = "write"


class Reach(IntEnum):
    """How far. `BUSY`: times only; `OWN`: what one made, what stands in one's calendar, the link's one thing."""

    NONE = 0
    BUSY = 1
    OWN = 2
    ALL = 3


_N, _B, _O, _A = Reach.NONE, Reach.BUSY, Reach.OWN, Reach.ALL

# data: role → (read, write)
TABLE: dict[Data, dict[Role, tuple[Reach, Reach]]] = {
    Data.PRACTICE: {
        Role.ADMINISTRATOR: (_A, _A),
        Role.PRACTITIONER: (_A, _N),
        Role.SECRETARY: (_A, _N),
        Role.VISITOR: (_A, _N),
        Role.LINK: (_A, _N),
        Role.SYSTEM: (_A, _A),
    },
    Data.CALENDARS: {
        Role.ADMINISTRATOR: (_A, _A),
        Role.PRACTITIONER: (_A, _O),
        Role.SECRETARY: (_A, _N),
        Role.VISITOR: (_A, _N),
        Role.LINK: (_A, _N),
        Role.SYSTEM: (_A, _A),
    },
    Data.ABSENCES: {
        Role.ADMINISTRATOR: (_A, _A),
        Role.PRACTITIONER: (_A, _O),
        Role.SECRETARY: (_A, _A),
        Role.VISITOR: (_N, _N),
        Role.LINK: (_N, _N),
        Role.SYSTEM: (_A, _A),
    },
    Data.APPOINTMENTS: {
        Role.ADMINISTRATOR: (_A, _A),
        Role.PRACTITIONER: (_O, _O),
        Role.SECRETARY: (_A, _A),
        Role.VISITOR: (_B, _O),
        Role.LINK: (_O, _O),
        Role.SYSTEM: (_A, _A),
    },
    Data.MASTER_DATA: {
        Role.ADMINISTRATOR: (_A, _A),
        Role.PRACTITIONER: (_O, _O),
        Role.SECRETARY: (_A, _A),
        Role.VISITOR: (_N, _O),
        Role.LINK: (_N, _N),
        Role.SYSTEM: (_A, _A),
    },
    Data.MESSAGES: {
        Role.ADMINISTRATOR: (_A, _A),
        Role.PRACTITIONER: (_O, _N),
        Role.SECRETARY: (_A, _A),
        Role.VISITOR: (_N, _N),
        Role.LINK: (_N, _N),
        Role.SYSTEM: (_A, _A),
    },
    Data.LOG: {
        Role.ADMINISTRATOR: (_A, _N),
        Role.PRACTITIONER: (_O, _N),
        Role.SECRETARY: (_O, _N),
        Role.VISITOR: (_N, _N),
        Role.LINK: (_N, _N),
        Role.SYSTEM: (_A, _N),
    },
}


def reach_of(role: Role, data: Data, use: Use) -> Reach:
    """How far `role` reaches into `data`."""
    read, write = TABLE[data][role]
    return read if use is Use.READ else write
