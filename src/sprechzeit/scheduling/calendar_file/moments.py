"""Points of time as a calendar writes them: a wall clock's reading and the zone the clock hangs in."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from .problems import Refused

_FIRST = datetime.combine(date.min, time.min)
_LAST = datetime.combine(date.max, time.min)


@dataclass(frozen=True, slots=True)
class Moment:
    """A reading of the wall clock (naive) in a zone; for a whole day, its midnight."""

    wall: datetime
    zone: tzinfo
    whole_day: bool = False

    @property
    def instant(self) -> datetime:
        """Aware, UTC. A reading that the clock skips means the offset before the gap (RFC 5545, 3.3.5)."""
        return in_utc(self.wall, self.zone)

    @property
    def label(self) -> str:
        """The moment in basic form: its day, or its second in UTC."""
        if self.whole_day:
            return self.wall.date().isoformat().replace("-", "")
        return self.instant.replace(tzinfo=None).isoformat(timespec="seconds").replace("-", "").replace(":", "") + "Z"

    def moved(self, by: timedelta) -> "Moment":
        """The moment whose wall clock reads `by` more."""
        try:
            return Moment(self.wall + by, self.zone, self.whole_day)
        except OverflowError as error:
            raise Refused("unreadable_time", value=f"{self.wall:%Y} + {by.days}") from error

    def like(self, model: "Moment") -> "Moment":
        """The same moment in the terms of a series that starts at `model`.

        Programs mix the two: a series with times names an exception by its day alone, or the other way round.
        """
        if model.whole_day:
            return self if self.whole_day else Moment(midnight(self.wall.date()), model.zone, whole_day=True)
        if self.whole_day:
            return Moment(datetime.combine(self.wall.date(), model.wall.time()), model.zone)
        return Moment(in_zone(self.instant, model.zone), model.zone)


@dataclass(frozen=True, slots=True)
class Length:
    """How long something takes: days on the calendar, then exact time (RFC 5545, 3.3.6 and 3.8.5.3)."""

    days: int
    exact: timedelta = timedelta(0)

    @property
    def is_whole_days(self) -> bool:
        return not self.exact

    @property
    def total(self) -> timedelta:
        return timedelta(days=self.days) + self.exact

    def end(self, start: Moment) -> datetime:
        """Aware, UTC."""
        try:
            return start.moved(timedelta(days=self.days)).instant + self.exact
        except OverflowError as error:
            raise Refused("unreadable_time", value=str(self.total)) from error


@dataclass(frozen=True, slots=True)
class Period:
    """The period that is asked for, as instants."""

    starts_at: datetime
    ends_at: datetime

    def touches(self, starts_at: datetime, ends_at: datetime) -> bool:
        return starts_at < self.ends_at and ends_at > self.starts_at

    def contains(self, instant: datetime) -> bool:
        return self.starts_at <= instant < self.ends_at


def midnight(day: date) -> datetime:
    return datetime.combine(day, time.min)


def in_utc(wall: datetime, zone: tzinfo) -> datetime:
    try:
        return wall.replace(tzinfo=zone).astimezone(UTC)
    except (OverflowError, ValueError) as error:
        raise Refused("unreadable_time", value=wall.isoformat()) from error


def in_zone(instant: datetime, zone: tzinfo) -> datetime:
    """What a clock in `zone` reads at an instant."""
    try:
        return instant.astimezone(zone).replace(tzinfo=None)
    except (OverflowError, ValueError) as error:
        raise Refused("unreadable_time", value=instant.isoformat()) from error


def earlier(wall: datetime, by: timedelta) -> datetime:
    """`wall` less `by`, not below the first year there is."""
    return wall - by if by < wall - _FIRST else _FIRST


def later(wall: datetime, by: timedelta) -> datetime:
    return wall + by if by < _LAST - wall else _LAST
