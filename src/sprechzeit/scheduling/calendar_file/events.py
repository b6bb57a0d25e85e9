"""From the block of an entry to its values: when, how long, how often."""

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, tzinfo

from icalendar.prop import vDDDTypes, vDuration

from .blocks import Block, Property
from .moments import Length, Moment, Period, midnight
from .problems import Refused
from .rules import Rule, read_rule
from .zones import Zones

_LONGEST_UID = 200
_LONGEST_TITLE = 500
_SUMS = ("SUMMARY", "DTSTART", "DTEND", "DURATION", "RRULE")


@dataclass(slots=True)
class Event:
    """A VEVENT: an entry, a series, or (with `replaces`) the changed occurrence of a series."""

    line: int
    uid: str
    title: str
    version: tuple[int, str, int]  # the greater, the newer
    start: Moment
    length: Length
    cancelled: bool
    free: bool
    replaces: Moment | None = None
    and_all_later: bool = False
    rules: list[Rule] = field(default_factory=list)
    rules_against: list[Rule] = field(default_factory=list)
    more_starts: list[tuple[Moment, Length | None]] = field(default_factory=list)
    no_starts: list[Moment] = field(default_factory=list)

    @property
    def repeats(self) -> bool:
        return bool(self.rules or self.more_starts)

    def same_time_as(self, other: "Event") -> bool:
        return (self.start, self.length, self.rules) == (other.start, other.length, other.rules)


@dataclass(frozen=True, slots=True)
class Places:
    """The zones of one calendar of the file: `floating` for times without a zone, `universal` for those in UTC."""

    zones: Zones
    practice: tzinfo
    floating: tzinfo
    universal: tzinfo = UTC


def title_of(block: Block) -> str:
    return " ".join(block.text("SUMMARY").split())[:_LONGEST_TITLE]


def uid_of(block: Block) -> str:
    """The entry's identifier; one made from what it says where it has none, or a monstrous one."""
    uid = block.text("UID").strip()
    if uid and len(uid) <= _LONGEST_UID:
        return uid
    says = uid or "\n".join(block.text(name) for name in _SUMS)
    return hashlib.sha256(says.encode()).hexdigest()


def read_event(block: Block, places: Places, period: Period) -> Event | None:
    """None for an entry that is wrong but, happening once, lies outside the period. Raises `Refused`."""
    if not block.complete:
        raise Refused("incomplete")
    starts = block.first("DTSTART")
    if starts is None or not starts.value.strip():
        raise Refused("no_start")
    start = _moment(starts, starts.value, places)
    once = not any(name in block.properties for name in ("RRULE", "RDATE", "RECURRENCE-ID"))
    try:
        start, length = _span(block, start, places)
    except Refused:
        if once and not period.contains(start.instant):
            return None
        raise
    event = _event(block, start, length)
    replaced = block.first("RECURRENCE-ID")
    if replaced is not None:
        event.replaces = _moment(replaced, replaced.value, places)
        event.and_all_later = replaced.parameters.get("RANGE", "").upper() == "THISANDFUTURE"
    else:
        _read_repetition(event, block, places)
    return event


def _event(block: Block, start: Moment, length: Length) -> Event:
    sequence = block.text("SEQUENCE").strip()
    stamp = block.text("LAST-MODIFIED") or block.text("DTSTAMP")
    return Event(
        line=block.line,
        uid=uid_of(block),
        title=title_of(block),
        version=(int(sequence) if sequence.isdecimal() and len(sequence) < 10 else 0, stamp.strip(), block.line),
        start=start,
        length=length,
        cancelled=block.calendar.method == "CANCEL" or block.text("STATUS").strip().upper() == "CANCELLED",
        free=block.text("TRANSP").strip().upper() == "TRANSPARENT",
    )


def _read_repetition(event: Event, block: Block, places: Places) -> None:
    def of(name: str) -> list[Property]:
        return [each for each in block.properties.get(name, []) if each.value.strip()]

    event.rules = [read_rule(each.value, event.start) for each in of("RRULE")]
    event.rules_against = [read_rule(each.value, event.start) for each in of("EXRULE")]
    event.more_starts = [_more(each, value, event.start, places) for each in of("RDATE") for value in _values(each)]
    event.no_starts = [_moment(each, value, places) for each in of("EXDATE") for value in _values(each)]


def _values(found: Property) -> list[str]:
    return [value for value in found.value.split(",") if value.strip()]


def _more(found: Property, value: str, start: Moment, places: Places) -> tuple[Moment, Length | None]:
    """An RDATE: a start, or a period with its own length."""
    begins, _slash, ends = value.partition("/")
    moment = _moment(found, begins, places).like(start)
    if not ends:
        return moment, None
    if ends.strip()[:1] in "P+-":
        return moment, _duration(ends, found.line)
    return moment, Length(0, _moment(found, ends, places).instant - moment.instant)


def _span(block: Block, start: Moment, places: Places) -> tuple[Moment, Length]:
    """Start and length (RFC 5545, 3.6.1). Raises `Refused`: end_before_start, zero_length, unreadable_time."""
    ends, duration = block.first("DTEND"), block.first("DURATION")
    if ends is not None and ends.value.strip():
        end = _moment(ends, ends.value, places)
        if start.whole_day and end.whole_day:
            # Not allowed, but common: the last day instead of the day after it, for a single day.
            length = Length((end.wall.date() - start.wall.date()).days or 1)
        else:
            start = Moment(start.wall, start.zone)
            length = Length(0, end.instant - start.instant)
    elif duration is not None and duration.value.strip():
        length = _duration(duration.value, duration.line)
        if not length.is_whole_days:
            start = Moment(start.wall, start.zone)
    else:
        length = Length(1 if start.whole_day else 0)
    if length.total < timedelta(0):
        raise Refused("end_before_start")
    if not length.total:
        raise Refused("zero_length")
    return start, length


def _duration(value: str, line: int) -> Length:
    try:
        found: object = vDuration.from_ical(value.strip())  # type: ignore[no-untyped-call]
    except (ValueError, OverflowError) as error:
        raise Refused("unreadable_time", line=line, value=value) from error
    if not isinstance(found, timedelta):
        raise Refused("unreadable_time", line=line, value=value)
    return Length(found.days, found - timedelta(days=found.days))


def _moment(found: Property, value: str, places: Places) -> Moment:
    """Raises `Refused`: unreadable_time, unknown_zone."""
    try:
        read: object = vDDDTypes.from_ical(value.strip().upper())  # type: ignore[no-untyped-call]
    except (ValueError, OverflowError) as error:
        raise Refused("unreadable_time", line=found.line, value=value) from error
    if isinstance(read, datetime):
        if read.tzinfo is not None:
            return _universal(read, places)
        name = found.parameters.get("TZID", "")
        return Moment(read, places.zones.find(name) if name else places.floating)
    if isinstance(read, date):
        return Moment(midnight(read), places.practice, whole_day=True)
    raise Refused("unreadable_time", line=found.line, value=value)


def _universal(read: datetime, places: Places) -> Moment:
    """A time in UTC, on the clock of the zone that the calendar says it is meant for."""
    if places.universal is UTC:
        return Moment(read.replace(tzinfo=None), UTC)
    try:
        return Moment(read.astimezone(places.universal).replace(tzinfo=None), places.universal)
    except OverflowError as error:
        raise Refused("unreadable_time", value=read.isoformat()) from error
