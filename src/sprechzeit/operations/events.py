"""What happens with backups."""

from dataclasses import dataclass
from uuid import UUID

from sprechzeit.core.events import Event


@dataclass(frozen=True, slots=True)
class BackupAsked(Event):
    """A member wants a backup of all that they can see."""

    backup_id: UUID
