"""Record information: by whom and when something was made and last changed (AUD-4)."""

from dataclasses import dataclass
from datetime import datetime

from sprechzeit.access.actor import Actor
from sprechzeit.audit.models import Entry
from sprechzeit.practice.queries import people_of, practice_of


@dataclass(frozen=True, slots=True)
class Touch:
    """Who did it, and when on the practice's clock."""

    who: str
    at: datetime


@dataclass(frozen=True, slots=True)
class RecordInformation:
    """What `ui/record_information.html` shows. None: not known, or never changed."""

    created: Touch | None
    changed: Touch | None


def record_information(actor: Actor, history: list[Entry]) -> RecordInformation:
    """From the history of a record, oldest first, as `history_of` or `history_about` give it."""
    zone = practice_of(actor).zone
    if not history:
        return RecordInformation(None, None)
    ends = (history[0], history[-1])
    people = people_of(actor, (one.actor for one in ends))
    first, last = (Touch(people[one.actor], one.at.astimezone(zone)) for one in ends)
    is_known = history[0].operation == "insert"
    is_changed = len(history) > 1 or not is_known
    return RecordInformation(first if is_known else None, last if is_changed else None)
