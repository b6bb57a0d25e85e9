"""What a calendar file is read into."""

from dataclasses import dataclass, field
from datetime import datetime

from .problems import Problem


@dataclass(frozen=True, slots=True)
class Entry:
    """One stretch of time in the other program's calendar.

    `uid` and `recurrence` together name it and stay the same from export to export. `recurrence` is empty for an
    entry that happens once, else the start which the series gave this occurrence before anybody moved it, in UTC
    (`20260105T080000Z`), or its day (`20260105`) where the series is of whole days.
    """

    uid: str
    recurrence: str
    starts_at: datetime  # aware, UTC
    ends_at: datetime  # aware, UTC, later than starts_at
    all_day: bool
    title: str
    cancelled: bool  # the other program keeps it, but it does not take place
    free: bool  # marked as not taking time (TRANSP:TRANSPARENT)

    @property
    def takes_time(self) -> bool:
        return not (self.cancelled or self.free)


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one file may cost. Beyond, an entry becomes a problem instead of a program that does not answer."""

    file_bytes: int = 32 * 1024 * 1024
    occurrences_per_entry: int = 5_000
    occurrences_per_file: int = 50_000
    steps_per_rule: int = 250_000
    seconds: float = 60.0


@dataclass(frozen=True, slots=True)
class CalendarFile:
    """Entries in order of their start, problems in the order of the file's lines."""

    entries: list[Entry] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
