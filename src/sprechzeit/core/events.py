"""Events: what happened, told once. What follows stands in `config/subscriptions.py` and nowhere else."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Protocol
from uuid import UUID

import procrastinate

from sprechzeit.core.jobs import defer


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened in a practice. Fields are ids and counts only: they become a job's arguments, as text."""

    practice_id: UUID


class Reaction(Protocol):
    """A job that follows an event."""

    def due(self, arguments: Mapping[str, str], *, after: timedelta = ...) -> procrastinate.jobs.Job: ...


_follows: dict[type[Event], Sequence[Reaction]] = {}


def connect(table: Mapping[type[Event], Sequence[Reaction]]) -> None:
    """Make `table` the one that says what follows which event."""
    _follows.clear()
    _follows.update(table)


def publish(event: Event, *, after: timedelta = timedelta(0)) -> None:
    """Defer the jobs that follow, in the transaction of the change: rolled back with it (NOT-1).

    `after`: how long they wait. A job looks, when it runs, whether what it tells is still so.
    """
    arguments = {name: str(value) for name, value in asdict(event).items()}
    defer(*(reaction.due(arguments, after=after) for reaction in _follows[type(event)]))
