"""The time zone that a name in a calendar file means."""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime, tzinfo

from icalendar import Timezone
from icalendar.timezone import TZP

from .problems import Refused

_MANY_A_DAY = re.compile(r"BY(HOUR|MINUTE|SECOND)=[^;]*,")
_MOST_LINES = 2_000  # of one VTIMEZONE; real ones have about a dozen


class Zones:
    """Finds zones by name: known ones (also by their Windows names), then those the file describes itself.

    A known name wins over the file's description, which is often old. The lookup belongs to one file: two files may
    describe different zones under one name.
    """

    def __init__(self, descriptions: Sequence[Sequence[str]]) -> None:
        self._known = TZP()
        self._descriptions = {name: lines for lines in descriptions for name in _names(lines)}
        self._found: dict[str, tzinfo | None] = {}

    def find(self, name: str) -> tzinfo:
        """Raises `Refused` (unknown_zone)."""
        name = name.strip().strip('"')
        if name not in self._found:
            self._found[name] = self._by_name(name) or self._described(name)
        zone = self._found[name]
        if zone is None:
            raise Refused("unknown_zone", zone=name)
        return zone

    def _by_name(self, name: str) -> tzinfo | None:
        for candidate in _candidates(name):
            try:
                zone = self._known.timezone(candidate)
            except (ValueError, OSError):  # a folder of the zone database, a name longer than a path
                continue
            if zone is not None:
                return zone
        return None

    def _described(self, name: str) -> tzinfo | None:
        lines = self._descriptions.get(name)
        if lines is None or len(lines) > _MOST_LINES or not _is_harmless(lines):
            return None
        # Read without its name: the library would keep it for all files of this process.
        nameless = [line for line in lines if not _is_name(line)]
        try:
            description = Timezone.from_ical("\r\n".join(nameless))
            description.add("TZID", "described")
            zone = self._known.create_timezone(description)
            datetime(2024, 7, 1, tzinfo=zone).utcoffset()
        except Exception:  # dateutil raises nearly anything on a broken description
            return None
        return zone


def _candidates(name: str) -> Iterator[str]:
    """The name, and for `/vendor.example/Europe/Berlin` also what stands behind the vendor."""
    parts = name.strip("/").split("/")
    yield "/".join(parts)
    if name.startswith("/"):
        yield from ("/".join(parts[start:]) for start in range(1, len(parts)))


def _is_name(line: str) -> bool:
    return line.partition(":")[0].partition(";")[0].strip().upper() == "TZID"


def _names(lines: Sequence[str]) -> Iterator[str]:
    return (line.partition(":")[2].strip() for line in lines if _is_name(line))


def _is_harmless(lines: Sequence[str]) -> bool:
    """Clocks change by the year. A rule by the second would be run from its start to each time looked up."""
    rules = [line.upper() for line in lines if line.upper().startswith("RRULE")]
    return all("FREQ=YEARLY" in rule and not _MANY_A_DAY.search(rule) for rule in rules)
