"""What happens to a practice."""

from dataclasses import dataclass
from uuid import UUID

from sprechzeit.core.events import Event


@dataclass(frozen=True, slots=True)
class PracticeChanged(Event):
    """The practice's data or one of its rooms is not as it was."""


@dataclass(frozen=True, slots=True)
class MemberInvited(Event):
    """Somebody is asked by mail to come into the practice; told once for each sending."""

    invitation_id: UUID
