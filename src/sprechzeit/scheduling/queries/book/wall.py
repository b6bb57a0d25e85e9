"""From the database's instants to minutes along the practice's wall clock."""

from collections.abc import Iterable, Iterator
from zoneinfo import ZoneInfo

from sprechzeit.scheduling.availability.clock import stretches_over
from sprechzeit.scheduling.availability.spans import Minute, Span

# UTC minutes in SQL; the braces are for the alias of the table, with its dot. Not `extract`: it reckons in numerics,
# which takes longer than to find the rows.
BEGIN = "floor(date_part('epoch', {}starts_at) / 60)::int"
END = "floor(date_part('epoch', {}ends_at) / 60)::int"


class Wall:
    """The practice's wall clock over a period of UTC minutes."""

    def __init__(self, zone: ZoneInfo, period: Span) -> None:
        self._stretches = stretches_over(zone, period)

    def local(self, minute: Minute) -> Minute:
        """The local minute that the clock shows at a UTC minute."""
        for _, stop, offset in self._stretches:
            if minute < stop:
                return minute + offset
        raise ValueError("a clock has no end")

    def times(self, starts: Minute, ends: Minute) -> tuple[Minute, Minute, int, bool]:
        """Where a span of UTC minutes begins and ends on the wall, its true length, and whether it begins `again`."""
        before = self._stretches[0].offset
        for start, stop, offset in self._stretches:
            if starts < stop:
                begin = starts + offset
                end = ends + offset if ends < stop else self.local(ends)
                return begin, max(end, begin + 1), ends - starts, starts - start < before - offset
            before = offset
        raise ValueError("a clock has no end")

    def spans(self, spans: Iterable[Span]) -> Iterator[Span]:
        """The same spans in local minutes."""
        for begin, end in spans:
            yield self.local(begin), self.local(end - 1) + 1
