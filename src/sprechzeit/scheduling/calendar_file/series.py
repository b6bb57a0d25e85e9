"""From the events that share an identifier to the entries within a period."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from .entries import Entry, Limits
from .events import Event
from .moments import Length, Moment, Period, earlier, in_zone, later
from .problems import Problem, Refused
from .rules import Budget, Rule

_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Change:
    """An event that takes the place of one occurrence, or of this and all later ones."""

    original: Moment  # the start which the series gave the occurrence
    event: Event

    def shift(self) -> timedelta:
        """How far later ones move with it, on the wall clock."""
        return self.event.start.like(self.original).wall - self.original.wall


class Series:
    """What one identifier stands for: an entry that happens once, or a series, with its changed occurrences."""

    def __init__(self, events: Sequence[Event]) -> None:
        by_version = sorted(events, key=lambda event: event.version)
        masters = [event for event in by_version if event.replaces is None]
        self.master = masters[-1] if masters else None
        self.older = masters[:-1]
        self.shown = self.master or events[0]
        self.changes = self._changes(by_version)
        lasting = (change for change in self.changes.values() if change.event.and_all_later)
        self.lasting = sorted(lasting, key=lambda change: change.original.instant)

    def _changes(self, by_version: Sequence[Event]) -> dict[datetime, Change]:
        changes = {}
        for event in by_version:
            if event.replaces is not None:
                original = event.replaces.like(self.master.start) if self.master else event.replaces
                changes[original.instant] = Change(original, event)
        return changes

    @property
    def doubts(self) -> list[Problem]:
        """Entries of equal version at other times: not an older state of this one, yet they cannot both be it."""
        return [
            Problem("same_identifier", event.line, event.uid, event.title)
            for event in self.older
            if self.master and self._rivals(event, self.master)
        ]

    @staticmethod
    def _rivals(older: Event, newer: Event) -> bool:
        return older.version[0] == newer.version[0] and not older.same_time_as(newer)

    def entries(self, period: Period, limits: Limits, budget: Budget) -> list[Entry]:
        """All entries that touch the period. Raises `Refused`, see `Rule.starts`."""
        found: list[Entry] = []
        for entry in self._entries(period, limits, budget):
            if period.touches(entry.starts_at, entry.ends_at):
                found.append(entry)
            if len(found) > limits.occurrences_per_entry:
                raise Refused("too_many_occurrences")
        return found

    def _entries(self, period: Period, limits: Limits, budget: Budget) -> Iterator[Entry]:
        if self.master is None:
            for change in self.changes.values():
                yield _entry(change.event, change.original.label, change.event.start, change.event.length)
            return
        run = Run(self.master, self.lasting, period, limits, budget)
        left_out = run.left_out()
        for at, change in self.changes.items():
            if at not in left_out:
                label = _label(self.master, change.original)
                yield _entry(change.event, label, change.event.start, change.event.length)
        for original, length in run.starts():
            instant = original.instant
            if instant not in left_out and instant not in self.changes:
                yield self._occurrence(self.master, original, length)

    def _occurrence(self, master: Event, original: Moment, length: Length | None) -> Entry:
        """An occurrence that was not changed itself, though perhaps by a change of all later ones before it."""
        label, instant = _label(master, original), original.instant
        place = bisect_right(self.lasting, instant, key=lambda each: each.original.instant)
        if not place:
            return _entry(master, label, original, length or master.length)
        change = self.lasting[place - 1]
        return _entry(change.event, label, original.moved(change.shift()), length or change.event.length)


@dataclass(slots=True)
class Run:
    """The starts of one series as its rules and dates give them, around a period."""

    master: Event
    lasting: Sequence[Change]
    period: Period
    limits: Limits
    budget: Budget

    def starts(self) -> Iterator[tuple[Moment, Length | None]]:
        """Each start once, with a length where it has one of its own."""
        low, high = self._bounds()
        days_left_out = {each.wall.date() for each in self.master.no_starts if each.whole_day}
        seen: set[datetime] = set()
        for moment, length in self._candidates(low, high):
            if low <= moment.wall <= high and moment.instant not in seen and moment.wall.date() not in days_left_out:
                seen.add(moment.instant)
                self._check(seen)
                yield moment, length

    def left_out(self) -> set[datetime]:
        """The instants at which the series does not take place."""
        low, high = self._bounds()
        instants = {moment.like(self.master.start).instant for moment in self.master.no_starts}
        for rule in self.master.rules_against:
            instants.update(start.instant for start in self._expand(rule, low, high))
            self._check(instants)
        return instants

    def _check(self, instants: set[datetime]) -> None:
        if len(instants) > self.limits.steps_per_rule:
            raise Refused("too_many_occurrences")

    def _candidates(self, low: datetime, high: datetime) -> Iterator[tuple[Moment, Length | None]]:
        master = self.master
        yield from master.more_starts
        # A series cut off before its first occurrence is one that was deleted from its first occurrence on.
        if not master.rules or any(rule.until is None or rule.until >= master.start.wall for rule in master.rules):
            yield master.start, None
        for rule in master.rules:
            for start in self._expand(rule, low, high):
                yield start, None

    def _expand(self, rule: Rule, low: datetime, high: datetime) -> Iterator[Moment]:
        first = self.master.start
        for wall in rule.starts(first.wall.replace(fold=0), low, high, self.limits, self.budget):
            yield Moment(wall, first.zone, first.whole_day)

    def _bounds(self) -> tuple[datetime, datetime]:
        """Readings of the series' clock between which an occurrence may begin that touches the period."""
        zone = self.master.start.zone
        lengths = [event.length.total for event in (self.master, *(change.event for change in self.lasting))]
        lengths += [length.total for _start, length in self.master.more_starts if length]
        reach = _ONE_DAY + max((abs(change.shift()) for change in self.lasting), default=timedelta(0))
        low, high = in_zone(self.period.starts_at, zone), in_zone(self.period.ends_at, zone)
        return earlier(low, reach + max(lengths)), later(high, reach)


def _label(master: Event, original: Moment) -> str:
    """The part of an entry's name that stays when it is moved, empty for what happens once."""
    once = not master.repeats and original.instant == master.start.instant
    return "" if once else original.label


def _entry(event: Event, recurrence: str, start: Moment, length: Length) -> Entry:
    return Entry(
        uid=event.uid,
        recurrence=recurrence,
        starts_at=start.instant,
        ends_at=length.end(start),
        all_day=start.whole_day,
        title=event.title,
        cancelled=event.cancelled,
        free=event.free,
    )
