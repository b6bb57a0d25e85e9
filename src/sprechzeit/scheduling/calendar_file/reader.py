"""Reads a whole calendar file."""

from collections.abc import Iterable
from datetime import UTC, date, timedelta
from zoneinfo import ZoneInfo

from .blocks import Block, Blocks, CalendarProperties, split_blocks
from .entries import CalendarFile, Entry, Limits
from .events import Event, Places, read_event, title_of, uid_of
from .lines import content_lines
from .moments import Period, in_utc, midnight
from .problems import Problem, Refused
from .rules import Budget
from .series import Series
from .zones import Zones


def read_calendar(
    data: bytes, *, zone: ZoneInfo, first: date, last: date, limits: Limits | None = None
) -> CalendarFile:
    """Read the entries of an `.ics` file that touch the days `first` to `last` (both included) in `zone`.

    Never raises for what the file holds: whatever cannot be taken becomes a problem, and the rest is read.
    Times without a zone and whole days are those of `zone`, the practice's.
    """
    limits = limits or Limits()
    if len(data) > limits.file_bytes:
        return CalendarFile(problems=[Problem("too_large", params={"megabytes": limits.file_bytes // 1024**2})])
    blocks = split_blocks(content_lines(data))
    if not (blocks.calendars or blocks.events):
        return CalendarFile(problems=[Problem("not_a_calendar")])
    if not blocks.events:
        return CalendarFile(problems=[*blocks.problems, Problem("no_entries")])
    period = Period(in_utc(midnight(first), zone), in_utc(midnight(last + timedelta(days=1)), zone))
    return _Reading(blocks, zone, period, limits).result()


class _Reading:
    def __init__(self, blocks: Blocks, zone: ZoneInfo, period: Period, limits: Limits) -> None:
        self.blocks = blocks
        self.zone = zone
        self.period = period
        self.limits = limits
        self.budget = Budget(limits.seconds)
        self.zones = Zones(blocks.zones)
        self.places: dict[int, Places] = {}
        self.problems = list(blocks.problems)

    def result(self) -> CalendarFile:
        entries: list[Entry] = []
        for series in self._series():
            self.problems += series.doubts
            entries += self._entries(series)
            if len(entries) > self.limits.occurrences_per_file:
                # Half a calendar would be worse than none: nobody could tell which half.
                params = {"limit": self.limits.occurrences_per_file}
                return CalendarFile(problems=[Problem("too_many_entries", params=params)])
        entries.sort(key=lambda entry: (entry.starts_at, entry.ends_at, entry.uid, entry.recurrence))
        return CalendarFile(entries, sorted(self.problems, key=lambda problem: problem.line or 0))

    def _series(self) -> Iterable[Series]:
        by_uid: dict[str, list[Event]] = {}
        for block in self.blocks.events:
            event = self._event(block)
            if event:
                by_uid.setdefault(event.uid, []).append(event)
        for events in by_uid.values():
            try:
                yield Series(events)
            except Refused as refused:
                self._report(refused, events[0].line, events[0].uid, events[0].title)

    def _event(self, block: Block) -> Event | None:
        try:
            return read_event(block, self._places(block.calendar), self.period)
        except Refused as refused:
            self._report(refused, block.line, uid_of(block), title_of(block))
            return None

    def _entries(self, series: Series) -> list[Entry]:
        try:
            return series.entries(self.period, self.limits, self.budget)
        except Refused as refused:
            self._report(refused, series.shown.line, series.shown.uid, series.shown.title)
            return []

    def _report(self, refused: Refused, line: int, uid: str, title: str) -> None:
        self.problems.append(Problem(refused.code, refused.line or line, uid, title, refused.params))

    def _places(self, calendar: CalendarProperties) -> Places:
        if id(calendar) not in self.places:
            self.places[id(calendar)] = self._find_places(calendar)
        return self.places[id(calendar)]

    def _find_places(self, calendar: CalendarProperties) -> Places:
        """X-WR-TIMEZONE, which many programs write, is the zone that times in UTC and without a zone are meant in."""
        if not calendar.zone:
            return Places(self.zones, self.zone, floating=self.zone, universal=UTC)
        try:
            named = self.zones.find(calendar.zone)
        except Refused as refused:
            self.problems.append(Problem("unknown_calendar_zone", calendar.zone_line, params=refused.params))
            return Places(self.zones, self.zone, floating=self.zone, universal=UTC)
        return Places(self.zones, self.zone, floating=named, universal=named)
