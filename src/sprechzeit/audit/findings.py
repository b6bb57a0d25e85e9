"""What a check of the log can find, named (AUD-3). Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from sprechzeit.audit.models import Head


class Trouble(StrEnum):
    """What is wrong with an entry, or with what proves it."""

    MISSING = "missing"
    CHANGED = "changed"
    VALUES_CHANGED = "values changed"
    VALUES_MISSING = "values missing"
    SEAL_MISSING = "seal missing"
    ADDED = "added"
    BACKDATED = "backdated"
    TAIL_MISSING = "tail missing"
    RECOMPUTED = "recomputed"
    HEAD_FORGED = "head forged"
    COPIES_MISSING = "copies missing"
    TORN = "copy torn"
    UNSEALED = "unsealed"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is wrong. `place`: in the chain, from 1; `entry_id`: None where nothing names it.

    `last`: the entry up to which it may be; the same but for a chain that was computed anew. `where`: a line of a file.
    """

    trouble: Trouble
    place: int
    entry_id: int | None
    last: int | None = None
    where: str = ""


@dataclass(frozen=True, slots=True)
class Proof:
    """What a check found: how many entries are sealed and proved, how many wait, and the first of each trouble.

    The worst is the first of `findings`.
    """

    sealed: int
    waiting: int
    head: Head | None
    findings: Sequence[Finding]

    @property
    def finding(self) -> Finding | None:
        """The worst; None where all is well."""
        return next(iter(self.findings), None)
