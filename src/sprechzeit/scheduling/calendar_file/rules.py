"""Repetition rules (RRULE), expanded by dateutil within bounds."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import takewhile
from time import monotonic

from dateutil.rrule import rrulestr
from icalendar.prop import vDDDTypes

from .entries import Limits
from .moments import Moment, in_zone, midnight
from .problems import Refused

_SHAPE = re.compile(r"[A-Z0-9=;,+-]{1,1000}")
_PARTS = frozenset(
    {"FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST", "BYMONTH", "BYWEEKNO", "BYYEARDAY", "BYMONTHDAY", "BYDAY"}
    | {"BYHOUR", "BYMINUTE", "BYSECOND", "BYSETPOS"}
)
_SECONDS_BETWEEN = {"SECONDLY": 1, "MINUTELY": 60, "HOURLY": 3_600, "DAILY": 86_400}
_DAYS = {"DAILY": 1, "WEEKLY": 7, "MONTHLY": 28, "YEARLY": 365}
# The Gregorian calendar repeats, weekdays included, after this many days.
_CYCLE = timedelta(days=146_097)
_CYCLE_YEARS = 400


class Budget:
    """The time that the rules of one file may take together."""

    def __init__(self, seconds: float) -> None:
        self._ends_at = monotonic() + seconds

    def check(self) -> None:
        """Raises `Refused` (took_too_long)."""
        if monotonic() >= self._ends_at:
            raise Refused("took_too_long")


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule as written, split into its parts; readings of the wall clock go in and come out."""

    text: str
    parts: dict[str, str]
    until: datetime | None  # of the wall clock in the series' zone

    def starts(
        self, first: datetime, low: datetime, high: datetime, limits: Limits, budget: Budget
    ) -> Iterator[datetime]:
        """The starts from `low` to `high` of the series that begins with `first`, in order.

        Raises `Refused`: unreadable_recurrence, too_many_occurrences, took_too_long.
        """
        budget.check()
        last = high if self.until is None else min(high, self.until)
        if last < first:
            return
        if self._most_steps(first, last) > limits.steps_per_rule:
            raise Refused("too_many_occurrences")
        # dateutil looks for the next start until the year 9999, many seconds for the 30th of February.
        # So the series is expanded in the last centuries that are like its own.
        shift = (9999 - last.year) // _CYCLE_YEARS * _CYCLE
        for index, start in enumerate(self._expanded(first + shift, last + shift)):
            if start - shift >= low:
                yield start - shift
            if index % 1_000 == 0:
                budget.check()

    def _expanded(self, first: datetime, last: datetime) -> Iterator[datetime]:
        text = ";".join(f"{name}={value}" for name, value in self.parts.items())
        try:
            # Not by UNTIL, which dateutil refuses beside COUNT.
            yield from takewhile(lambda start: start <= last, rrulestr(text, dtstart=first))
        except (ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError) as error:
            raise Refused("unreadable_recurrence", value=self.text) from error

    def _most_steps(self, first: datetime, last: datetime) -> int:
        """How many starts there can be at most; the true number may be far lower."""
        seconds = int((last - first).total_seconds()) + 1
        interval, frequency = int(self.parts.get("INTERVAL", "1")), self.parts["FREQ"]
        if frequency in _DAYS:
            days = 366 if frequency == "YEARLY" else 31 if frequency == "MONTHLY" else _DAYS[frequency]
            periods = seconds // 86_400 // (_DAYS[frequency] * interval) + 2
            steps = periods * (days if self._chooses_days() else 1) * self._choices("BYHOUR", "BYMINUTE", "BYSECOND")
        else:
            finer = {"HOURLY": ("BYMINUTE", "BYSECOND"), "MINUTELY": ("BYSECOND",)}.get(frequency, ())
            steps = (seconds // (_SECONDS_BETWEEN[frequency] * interval) + 1) * self._choices(*finer)
        return min(steps, int(self.parts.get("COUNT", steps)))

    def _chooses_days(self) -> bool:
        return any(name in self.parts for name in ("BYDAY", "BYMONTHDAY", "BYYEARDAY", "BYWEEKNO", "BYMONTH"))

    def _choices(self, *names: str) -> int:
        product = 1
        for name in names:
            product *= len(set(self.parts.get(name, "").split(",")))
        return product


def read_rule(text: str, start: Moment) -> Rule:
    """Reads the value of an RRULE of a series that begins at `start`. Raises `Refused` (unreadable_recurrence)."""
    unreadable = Refused("unreadable_recurrence", value=text)
    written = text.strip().strip(";").upper().replace(" ", "")
    if not _SHAPE.fullmatch(written):
        raise unreadable
    pairs = [tuple(part.split("=", 1)) for part in written.split(";") if part]
    parts = {pair[0]: pair[-1] for pair in pairs}
    if len(parts) != len(pairs) or not _PARTS.issuperset(parts) or any(len(pair) != 2 for pair in pairs):
        raise unreadable
    if parts.get("COUNT", "").startswith("-"):  # some programs write 'endless' so
        del parts["COUNT"]
    try:
        until = _until(parts.pop("UNTIL", ""), start)
        if not all(int(parts.get(name, "1")) >= 1 for name in ("INTERVAL", "COUNT")):
            raise unreadable
    except ValueError as error:
        raise unreadable from error
    if parts.get("FREQ") not in _SECONDS_BETWEEN | _DAYS:
        raise unreadable
    return Rule(text, parts, until)


def _until(value: str, start: Moment) -> datetime | None:
    """UNTIL on the wall clock of the series. A mere day includes that day, as people mean it."""
    if not value:
        return None
    found: object = vDDDTypes.from_ical(value)  # type: ignore[no-untyped-call]
    if isinstance(found, datetime):
        wall = found if found.tzinfo is None else in_zone(found, start.zone)
        # Of whole days, some write the last one's midnight at home, others any second of it in UTC.
        return found.replace(tzinfo=None) if start.whole_day and wall.time() != time.min else wall
    if isinstance(found, date):
        return midnight(found) + timedelta(days=1) - timedelta(seconds=1)
    raise ValueError(value)
