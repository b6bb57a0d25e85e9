"""What happens to patients' records."""

from dataclasses import dataclass
from uuid import UUID

from sprechzeit.core.events import Event


@dataclass(frozen=True, slots=True)
class PatientsShared(Event):
    """Records were opened to members who may not have seen them before."""


@dataclass(frozen=True, slots=True)
class ImportMapped(Event):
    """It was said what the columns of a file of patients hold: its lines are read now (PAT-5)."""

    import_id: UUID


@dataclass(frozen=True, slots=True)
class ImportStarted(Event):
    """The lines of a file of patients are to be entered."""

    import_id: UUID


@dataclass(frozen=True, slots=True)
class ImportTakenBack(Event):
    """What was entered from a file is to be taken back."""

    import_id: UUID
