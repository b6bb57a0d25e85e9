"""Who acts. Every action and query takes one first (architecture §3)."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from sprechzeit.access.table import Data, Reach, Role, Use, reach_of


class ActorKind(StrEnum):
    """What kind of somebody acts."""

    MEMBER = "member"
    VISITOR = "visitor"
    LINK = "link"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Actor:
    """A member, a visitor of the booking page, a patient's link or the system, in the practices it acts in.

    `id`: the member's, or the link's; None for visitors and the system.
    """

    kind: ActorKind
    practices: tuple[UUID, ...]
    role: Role
    id: UUID | None = None

    @property
    def name(self) -> str:
        """How the log names the actor."""
        return f"{self.kind}:{self.id}" if self.id else str(self.kind)

    @property
    def why(self) -> str:
        """Why the actor may read, for the log: its role (AUD-2)."""
        return str(self.role)

    @property
    def identity(self) -> UUID:
        """The id of an actor that has one: a member, or a link."""
        if self.id is None:
            raise ValueError(f"a {self.kind} has no id")
        return self.id

    @property
    def practice_id(self) -> UUID:
        """The one practice of an actor that acts in one."""
        (only,) = self.practices
        return only

    def reach(self, data: Data, use: Use = Use.READ) -> Reach:
        """How far the actor reaches, by the one table (ACC-7)."""
        return reach_of(self.role, data, use)


def system(practice_id: UUID) -> Actor:
    """The program itself, in one practice: jobs."""
    return Actor(ActorKind.SYSTEM, (practice_id,), Role.SYSTEM)


def visitor(practice_id: UUID) -> Actor:
    """A visitor of a practice's booking page."""
    return Actor(ActorKind.VISITOR, (practice_id,), Role.VISITOR)


def nobody() -> Actor:
    """Somebody of whom nothing is known yet: acts in no practice."""
    return Actor(ActorKind.VISITOR, (), Role.VISITOR)
