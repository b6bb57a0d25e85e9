"""What is still to be pushed so that the service knows an appointment as it is (PUSH-4, PUSH-5). Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Stands:
    """How an appointment stands: in whose book, who that is to the service, from when, for how long."""

    calendar_id: UUID
    practitioner: str
    starts_at: datetime
    minutes: int


class Sent(Protocol):
    """What a push says of itself: what it is about, and what became of it."""

    @property
    def kind(self) -> str: ...
    @property
    def state(self) -> str: ...
    @property
    def in_doubt(self) -> bool: ...
    @property
    def reference(self) -> str: ...
    @property
    def calendar_id(self) -> UUID: ...
    @property
    def practitioner(self) -> str: ...
    @property
    def starts_at(self) -> datetime: ...
    @property
    def minutes(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Held:
    """An appointment as the service has it. `is_sure`: not so where a change of its time was not taken for good."""

    reference: str
    stands: Stands
    is_sure: bool


@dataclass(frozen=True, slots=True)
class Step:
    """One change to be pushed. `reference`: empty for one that is entered there anew."""

    kind: str
    reference: str
    stands: Stands


def held_after(pushes: Iterable[Sent]) -> Held | None:
    """What the service has of an appointment once all that waits is taken; None: nothing.

    `pushes`: those for this service, in their order. What failed or was left out was not done, unless that is in doubt.
    """
    held: Held | None = None
    for one in pushes:
        if one.state == "left_out" and not one.in_doubt:
            continue
        failed = one.state in ("failed", "left_out")
        stands = _stands(one)
        if not failed:
            held = None if one.kind == "cancel" else Held(one.reference, stands, is_sure=True)
        elif one.kind != "create" or one.in_doubt:
            held = Held(one.reference, stands, is_sure=False)
    return held


def has_failed(pushes: Sequence[Sent], wanted: Stands | None) -> bool:
    """Whether that it stands so was told and not taken for good: it is not told again until somebody says so."""
    told = [one for one in pushes if one.state != "left_out"]
    if not told or told[-1].state != "failed":
        return False
    last = told[-1]
    return wanted == (None if last.kind == "cancel" else _stands(last))


def _stands(push: Sent) -> Stands:
    return Stands(push.calendar_id, push.practitioner, push.starts_at, push.minutes)


def steps_to(wanted: Stands | None, held: Held | None) -> Sequence[Step]:
    """What leads from what the service has to how the appointment stands; None: it is not to be there.

    In another book it is another appointment to the service: cancelled in the one, entered in the other (PUSH-4).
    """
    if held is None:
        return [Step("create", "", wanted)] if wanted else []
    if wanted is not None and held.stands.calendar_id == wanted.calendar_id:
        return [] if held.is_sure and held.stands == wanted else [Step("change", held.reference, wanted)]
    gone = Step("cancel", held.reference, held.stands)
    return [gone, Step("create", "", wanted)] if wanted else [gone]
