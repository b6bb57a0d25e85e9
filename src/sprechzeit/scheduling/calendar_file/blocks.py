"""From content lines to the blocks of a file: entries and time zones, each with the calendar it stands in."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from icalendar.parser import Contentline

from .lines import Line
from .problems import Problem

# All that is read of an entry. Descriptions, guests, attachments and alarms are not even looked at.
_WANTED = frozenset(
    {"UID", "SUMMARY", "DTSTART", "DTEND", "DURATION", "RRULE", "EXRULE", "RDATE", "EXDATE", "RECURRENCE-ID"}
    | {"SEQUENCE", "STATUS", "TRANSP", "DTSTAMP", "LAST-MODIFIED"}
)
_OTHER_KINDS = frozenset({"VTODO", "VJOURNAL", "VFREEBUSY"})


@dataclass(slots=True)
class Property:
    """A property of an entry: its value as written, its parameters, its line."""

    name: str
    value: str
    parameters: dict[str, str]
    line: int


@dataclass(slots=True)
class CalendarProperties:
    """What a VCALENDAR says of all its entries."""

    method: str = ""
    zone: str = ""
    zone_line: int = 0


@dataclass(slots=True)
class Block:
    """One VEVENT, its properties by name in the order of the file."""

    line: int
    calendar: CalendarProperties
    properties: dict[str, list[Property]] = field(default_factory=dict)
    complete: bool = False

    def first(self, name: str) -> Property | None:
        return next(iter(self.properties.get(name, [])), None)

    def text(self, name: str) -> str:
        found = self.first(name)
        return found.value if found else ""


@dataclass(slots=True)
class Blocks:
    """The parts of a file."""

    events: list[Block] = field(default_factory=list)
    zones: list[list[str]] = field(default_factory=list)  # each VTIMEZONE as its lines
    problems: list[Problem] = field(default_factory=list)
    calendars: list[CalendarProperties] = field(default_factory=list)


def split_blocks(lines: Iterable[Line]) -> Blocks:
    """Never fails: what is broken is left out and named, what follows it is read."""
    return _Splitter().split(lines)


class _Splitter:
    def __init__(self) -> None:
        self.blocks = Blocks()
        self.calendar = CalendarProperties()
        self.event: Block | None = None
        self.zone: list[str] | None = None
        self.inside: list[str] = []  # components within the present entry, or ignored ones
        self.others: Counter[str] = Counter()
        self.other_lines: dict[str, int] = {}
        self.doubts: dict[str, int] = {}

    def split(self, lines: Iterable[Line]) -> Blocks:
        for line in lines:
            name, _separator, value = line.text.partition(":")
            match name.strip().upper():
                case "BEGIN":
                    self._begin(value.strip().upper(), line)
                case "END":
                    self._end(value.strip().upper(), line)
                case _:
                    self._content(line)
        self._report()
        return self.blocks

    def _begin(self, kind: str, line: Line) -> None:
        if kind == "VCALENDAR":
            self._reset()
            self.calendar = CalendarProperties()
            self.blocks.calendars.append(self.calendar)
        elif kind == "VEVENT":
            self._reset()
            self.event = Block(line.number, self.calendar)
            self.blocks.events.append(self.event)
        elif kind == "VTIMEZONE":
            self._reset()
            self.zone = [line.text]
        elif self.zone is not None:
            self.zone.append(line.text)
        else:
            self.inside.append(kind)
            if kind in _OTHER_KINDS and self.event is None:
                self.others[kind] += 1
                self.other_lines.setdefault(kind, line.number)

    def _end(self, kind: str, line: Line) -> None:
        if kind == "VCALENDAR":
            self._reset()
            self.calendar = CalendarProperties()
        elif kind == "VEVENT" and self.event is not None:
            self.event.complete = True
            self._reset()
        elif self.zone is not None:
            self.zone.append(line.text)
            if kind == "VTIMEZONE":
                self.blocks.zones.append(self.zone)
                self._reset()
        elif kind in self.inside:
            del self.inside[self.inside.index(kind) :]

    def _reset(self) -> None:
        self.event, self.zone, self.inside = None, None, []

    def _content(self, line: Line) -> None:
        if self.zone is not None:
            self.zone.append(line.text)
        elif not self.inside:
            if self.event is not None:
                self._event_property(self.event, line)
            else:
                self._calendar_property(line)

    def _event_property(self, event: Block, line: Line) -> None:
        if line.text.partition(":")[0].partition(";")[0].strip().upper() not in _WANTED:
            return
        if line.doubt:
            self.doubts.setdefault(line.doubt, line.number)
        found = read_property(line)
        event.properties.setdefault(found.name, []).append(found)

    def _calendar_property(self, line: Line) -> None:
        name, _separator, value = line.text.partition(":")
        match name.partition(";")[0].strip().upper():
            case "METHOD":
                self.calendar.method = value.strip().upper()
            case "X-WR-TIMEZONE":
                self.calendar.zone, self.calendar.zone_line = value.strip(), line.number

    def _report(self) -> None:
        for code, number in self.doubts.items():
            self.blocks.problems.append(Problem(code, number))
        for kind, count in self.others.items():
            params: dict[str, str | int] = {"kind": kind, "count": count}
            self.blocks.problems.append(Problem("not_an_entry", self.other_lines[kind], params=params))


def read_property(line: Line) -> Property:
    """The parts of a content line."""
    name, _separator, value = line.text.partition(":")
    if ";" not in name and "\\" not in value:  # most lines, and ten times faster
        return Property(name.strip().upper(), value, {}, line.number)
    try:
        name, parameters, value = Contentline(line.text).parts()  # type: ignore[no-untyped-call]
    except ValueError:
        # A parameter out of order must not cost the entry its time: what stands behind the colon is still clear.
        return Property(name.partition(";")[0].strip().upper(), value, {}, line.number)
    texts = {key.upper(): ",".join(each) if isinstance(each, list) else str(each) for key, each in parameters.items()}
    return Property(name.strip().upper(), value, texts, line.number)
