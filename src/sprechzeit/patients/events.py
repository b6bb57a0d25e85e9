"""What happens to patients' records."""

from dataclasses import dataclass

from sprechzeit.core.events import Event


@dataclass(frozen=True, slots=True)
class PatientsShared(Event):
    """Records were opened to members who may not have seen them before."""
