"""Who acts. Every action and query takes one first (architecture §3)."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from uuid import UUID

from sprechzeit.access.fields import fields_of
from sprechzeit.access.table import Area, Column, Data, Reach, Role, Use, reach_of

Granted = tuple[tuple[Area, frozenset[UUID]], ...]


class ActorKind(StrEnum):
    """What kind of somebody acts."""

    MEMBER = "member"
    DELEGATE = "delegate"
    VISITOR = "visitor"
    LINK = "link"
    PARTNER = "partner"
    VIDEO = "video"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Actor:
    """A member, a delegate, a visitor of the booking page, a patient's link, a booking partner, a booking system
    that pushes to the video side, or the system, in its practices.

    `id`: the member's, the link's, the partner's, the token's, or of a delegate from outside their access's; None for
    visitors and the system.
    `granted`: what the person's access opens, each area with the members whose data it opens (ACC-20). A member of the
    practice has it beside their role; a delegate from outside has nothing else, and acts in one practice at a time.
    """

    kind: ActorKind
    practices: tuple[UUID, ...]
    role: Role
    id: UUID | None = None
    granted: Granted = ()

    @property
    def name(self) -> str:
        """How the log names the actor."""
        return f"{self.kind}:{self.id}" if self.id else str(self.kind)

    @property
    def why(self) -> str:
        """Why the actor may read, for the log: its role, or the areas of its access; or both (AUD-2)."""
        role = [] if self.role is Role.DELEGATE else [str(self.role)]
        return ", ".join(role + [str(area) for area, _ in self.granted])

    @property
    def identity(self) -> UUID:
        """The id of an actor that has one: a member, a link, a partner, or a token."""
        if self.id is None:
            raise ValueError(f"a {self.kind} has no id")
        return self.id

    @property
    def practice_id(self) -> UUID:
        """The one practice of an actor that acts in one."""
        (only,) = self.practices
        return only

    def reach(self, data: Data, use: Use = Use.READ) -> Reach:
        """How far the actor reaches, by the one table (ACC-7): by its role or by an area, whichever is further."""
        columns: list[Column] = [self.role, *(area for area, _ in self.granted)]
        return max(reach_of(one, data, use) for one in columns)

    def practitioners(self, data: Data, use: Use = Use.READ, *, whole: bool = False) -> frozenset[UUID]:
        """The members whose data the actor reaches, where it does not reach everybody's: a practitioner themselves,
        and those of its access in the areas that the table opens for these data.

        `whole`: only those of whose data it sees, or changes, every field (ACC-21, ACC-22).
        """
        own = [self.identity] if self.kind is ActorKind.MEMBER and reach_of(self.role, data, use) >= Reach.OWN else []
        granted = (
            members
            for area, members in self.granted
            if reach_of(area, data, use) is Reach.GRANTED and not (whole and fields_of(area, data, use) is not None)
        )
        return frozenset(own).union(*granted)

    def by_role(self) -> "Actor":
        """The same without what an access opens."""
        return replace(self, granted=())

    def alike(self) -> tuple["Actor", Mapping[UUID, UUID]]:
        """An actor who stands for all that reach as this one does, and whose ids its ids stand for.

        What is made for the one is made for all of them but for the ids.
        """
        members = sorted({one for _, of in self.granted for one in of})
        ids = [self.id or UUID(int=0), *self.practices, *members]
        stands = {UUID(int=number): one for number, one in enumerate(ids)}
        called = {one: number for number, one in stands.items()}
        granted = tuple((area, frozenset(called[one] for one in of)) for area, of in self.granted)
        practices = tuple(UUID(int=number) for number, _ in enumerate(self.practices, 1))
        return replace(self, practices=practices, id=self.id and UUID(int=0), granted=granted), stands


def system(practice_id: UUID) -> Actor:
    """The program itself, in one practice: jobs."""
    return Actor(ActorKind.SYSTEM, (practice_id,), Role.SYSTEM)


def visitor(practice_id: UUID) -> Actor:
    """A visitor of a practice's booking page."""
    return Actor(ActorKind.VISITOR, (practice_id,), Role.VISITOR)


def partner(practice_id: UUID, partner_id: UUID) -> Actor:
    """A booking partner of a practice (OTV-3)."""
    return Actor(ActorKind.PARTNER, (practice_id,), Role.PARTNER, partner_id)


def video_token(practice_id: UUID, token_id: UUID) -> Actor:
    """A booking system that pushes appointments to a practice's video side (PUSH-1)."""
    return Actor(ActorKind.VIDEO, (practice_id,), Role.VIDEO, token_id)


def nobody() -> Actor:
    """Somebody of whom nothing is known yet: acts in no practice."""
    return Actor(ActorKind.VISITOR, (), Role.VISITOR)
