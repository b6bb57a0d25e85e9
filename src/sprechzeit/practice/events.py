"""What happens to a practice."""

from dataclasses import dataclass

from sprechzeit.core.events import Event


@dataclass(frozen=True, slots=True)
class PracticeChanged(Event):
    """The practice's data or one of its rooms is not as it was."""
