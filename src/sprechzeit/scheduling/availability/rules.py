"""What an appointment type asks for, who asks, and what may speak against a time."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from .spans import DAY


class Reason(StrEnum):
    """Why a start is not offered. The values are stable; people read their translation."""

    OFF_GRID = "off_grid"
    NOT_OFFERED_HERE = "not_offered_here"
    VIDEO_OFF = "video_off"
    NO_VIDEO_REFERENCE = "no_video_reference"
    NOT_BOOKABLE = "not_bookable"
    ONLY_NEW_PATIENTS = "only_new_patients"
    ONLY_KNOWN_PATIENTS = "only_known_patients"
    TOO_YOUNG = "too_young"
    TOO_OLD = "too_old"
    OTHER_INSURANCE = "other_insurance"
    TOO_SOON = "too_soon"
    TOO_FAR_AHEAD = "too_far_ahead"
    MONTH_FULL = "month_full"
    OUTSIDE_WORKING_TIME = "outside_working_time"
    ABSENT = "absent"
    HOLIDAY = "holiday"
    KEPT_FOR_OTHERS = "kept_for_others"
    OUTSIDE_WINDOWS = "outside_windows"
    CALENDAR_TAKEN = "calendar_taken"
    NO_ROOM_ALLOWED = "no_room_allowed"
    NO_ROOM_FREE = "no_room_free"


class Channel(StrEnum):
    """By which way somebody books."""

    STAFF = "staff"
    ONLINE = "online"
    PARTNERS = "partners"


class Patients(StrEnum):
    """For whom a type is."""

    ALL = "all"
    NEW = "new"
    KNOWN = "known"


@dataclass(frozen=True, slots=True)
class Rules:
    """What an appointment type asks for, with what the offering changes (CAL-5, CAL-6).

    Lengths in minutes but for days; ages in completed years on the day of the appointment, both included. `channels`:
    who may book it; nobody, when it is retired. `by_video`: booked by which of them it takes place by video.
    `insurances`: whose patients may have it; None for everybody's. Raises ValueError for a length or grid outside a
    day, and for anything negative.
    """

    duration: int
    buffer_before: int = 0
    buffer_after: int = 0
    grid: int = 15
    notice: int = 0
    horizon_days: int = 90
    needs_room: bool = False
    channels: frozenset[Channel] = frozenset(Channel)
    by_video: frozenset[Channel] = frozenset()
    patients: Patients = Patients.ALL
    min_age: int | None = None
    max_age: int | None = None
    only_in_windows: bool = False
    insurances: frozenset[str] | None = None

    def __post_init__(self) -> None:
        if not (1 <= self.duration <= DAY and 1 <= self.grid <= DAY):
            raise ValueError("duration and grid lie between one minute and one day")
        if min(self.buffer_before, self.buffer_after, self.notice, self.horizon_days) < 0:
            raise ValueError("buffers, notice and horizon are not negative")


@dataclass(frozen=True, slots=True)
class Asker:
    """Who books, and what is known of the patient; None: not known. Staff are not bound by notice, horizon and grid."""

    channel: Channel = Channel.ONLINE
    known: bool | None = None
    born_on: date | None = None
    insurance: str | None = None

    def grid(self, rules: Rules) -> int:
        """On which minutes of the day the starts must lie."""
        return 1 if self.channel is Channel.STAFF else rules.grid


ANYBODY = Asker()


def birthday(born_on: date, years: int) -> date:
    """The day on which somebody has lived so many years. Born on 29 February, that is 1 March in a common year."""
    year = min(born_on.year + years, date.max.year)
    try:
        return born_on.replace(year=year)
    except ValueError:
        return date(year, 3, 1)
