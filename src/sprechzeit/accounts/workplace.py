"""Where a user works."""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID


class Workplace(NamedTuple):
    """A practice in which a user works now: as the member that they are there, by an access, or both (ACC-20).

    `wants_factor`: it does not open before they have a second factor. `areas` and `of_members` belong together one by
    one: what the access opens, and of which member.
    """

    practice_id: UUID
    practice_name: str
    member_id: UUID | None
    role: str
    wants_factor: bool
    grant_id: UUID | None = None
    areas: Sequence[str] = ()
    of_members: Sequence[UUID] = ()

    @property
    def is_access(self) -> bool:
        """Whether the user is no member there."""
        return self.member_id is None
