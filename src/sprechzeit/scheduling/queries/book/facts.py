"""What the book knows, as far as the viewer may see it.

All times are *local minutes*: counted like UTC minutes since 1970-01-01, but along the practice's wall clock
(`availability/clock.py`), so that a day is always 1440 of them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple
from uuid import UUID

from sprechzeit.practice.models import Practice, Room
from sprechzeit.scheduling.models import AppointmentType, Calendar

Span = tuple[int, int]


class Entry(NamedTuple):
    """Something that takes time, or a cancelled appointment.

    `kind`: appointment, block, hold or busy. `minutes`: how long it truly lasts, which differs from `ends - starts` on
    a day the clock changes; `again`: it begins in an hour that the clock strikes for the second time. `marks`: untold,
    overbooked, video, phone, home. `source`: the booking partner that it came by. Without `id` it is nothing that the
    viewer can open. Ids as text: there may be more than a thousand entries, and it is made and compared faster than
    UUIDs are.
    """

    kind: str
    calendar_id: str
    room_id: str | None
    starts: int
    ends: int
    minutes: int
    again: bool
    title: str
    given_name: str = ""
    type_id: str | None = None
    state: str = ""
    marks: tuple[str, ...] = ()
    id: str | None = None
    movable: bool = False
    reason: str = ""
    remark: str = ""
    source: str = ""


class Absent(NamedTuple):
    """An absence on one day: from `starts` to `ends` (minutes of the day), all in all until `last_day`."""

    starts: int
    ends: int
    all_day: bool
    last_day: date
    reason: str


class Kept(NamedTuple):
    """Time kept for some appointment types, in minutes of the day."""

    starts: int
    ends: int
    type_ids: tuple[UUID, ...]


@dataclass(slots=True)
class Ground:
    """What lies behind the entries of a calendar on one day. `working` in minutes of the day."""

    working: list[Span] = field(default_factory=list)
    absent: list[Absent] = field(default_factory=list)
    kept: list[Kept] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Furniture:
    """The practice, its calendars, types and rooms in their order, as far as the viewer sees them; retired ones too."""

    practice: Practice
    calendars: Sequence[Calendar]
    types: Sequence[AppointmentType]
    rooms: Sequence[Room]

    @property
    def calendars_in_use(self) -> list[Calendar]:
        """Those to choose from."""
        return [one for one in self.calendars if one.retired_at is None]


@dataclass(frozen=True, slots=True)
class Book:
    """Some days of some calendars. `grounds` by calendar and day; `elsewhere`: when others take a room of ours,
    and which practice it is where a community lets that be known.
    """

    practice: Practice
    days: Sequence[date]
    calendars: Sequence[Calendar]
    rooms: Sequence[Room]
    types: Mapping[UUID, AppointmentType]
    entries: Sequence[Entry]
    grounds: Mapping[tuple[UUID, date], Ground]
    holidays: Mapping[date, str]
    elsewhere: Mapping[UUID, Sequence[tuple[Span, str]]]
