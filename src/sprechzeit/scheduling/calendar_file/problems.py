"""What can be wrong with an entry of a calendar file, and how the practice is told."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final


def _(message: str) -> str:
    """Marks a message for the catalogues; Django's own marker would need its settings."""
    return message


MESSAGES: Final[Mapping[str, str]] = {
    # the whole file
    "too_large": _("The file is larger than %(megabytes)s MB."),
    "not_a_calendar": _("This is not a calendar file. Export the calendar as iCalendar (.ics) and try again."),
    "no_entries": _("The file holds no entries."),
    "too_many_entries": _("In this period the file holds more than %(limit)s entries. Choose a shorter period."),
    "not_an_entry": _("Things that are not calendar entries were left out: %(count)s (%(kind)s)."),
    "unreadable_characters": _("Some characters cannot be read and were left out."),
    "old_encoding": _("The file does not use UTF-8. Please check the umlauts in the titles."),
    "unknown_calendar_zone": _("The calendar's time zone “%(zone)s” is unknown. The practice's is used instead."),
    # one entry
    "incomplete": _("The entry breaks off: its end is missing in the file."),
    "no_start": _("The entry has no start."),
    "unreadable_time": _("The time “%(value)s” cannot be read."),
    "unknown_zone": _("The time zone “%(zone)s” is unknown, so the entry's time is uncertain."),
    "end_before_start": _("The entry ends before it starts."),
    "zero_length": _("The entry has a start but no length."),
    "unreadable_recurrence": _("The repetition “%(value)s” cannot be understood."),
    "too_many_occurrences": _("The entry repeats too often."),
    "took_too_long": _("The file is too complex: there was no time left for this repeating entry."),
    "same_identifier": _("Another entry in the file carries the same identifier. Only the newest was taken."),
}
"""The message for every code, in English, to be translated where it is shown."""

STILL_TAKEN: Final = frozenset({"unreadable_characters", "old_encoding", "unknown_calendar_zone"})


@dataclass(frozen=True, slots=True)
class Problem:
    """Something in the file that was not taken, or was taken with a doubt (`taken`).

    `line` counts from one, as an editor does; it is None where the whole file is meant.
    """

    code: str
    line: int | None = None
    uid: str = ""
    title: str = ""
    params: Mapping[str, str | int] = field(default_factory=dict)

    @property
    def message(self) -> str:
        """English msgid; fill it with `params` after translating."""
        return MESSAGES[self.code]

    @property
    def taken(self) -> bool:
        return self.code in STILL_TAKEN


class Refused(Exception):
    """Raised while one entry is read: it cannot be taken, for the reason named by `code`."""

    def __init__(self, code: str, *, line: int | None = None, **params: str | int) -> None:
        super().__init__(code)
        self.code = code
        self.line = line
        self.params = {name: shorten(value) if isinstance(value, str) else value for name, value in params.items()}


def shorten(text: str, length: int = 80) -> str:
    """A value of the file, short enough to be shown in a message."""
    return text if len(text) <= length else text[: length - 1] + "…"
