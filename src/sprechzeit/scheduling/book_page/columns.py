"""A column of the book: its background and its entries, placed in units of five minutes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache
from html import escape
from typing import Any
from uuid import UUID

from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from sprechzeit.scheduling.availability.clock import EPOCH_ORDINAL, day_number
from sprechzeit.scheduling.book_page.address import around_id
from sprechzeit.scheduling.queries.book import Absent, Book, Entry, Ground, Kept
from sprechzeit.ui.appointments import ONE_LINE, Look, Place, drawn, look_of, signs_html
from sprechzeit.ui.icon import icon

UNIT = 5  # minutes
DAY = 1440
FIRST_HOUR, LAST_HOUR = 7, 20

# Kind of entry: where it is opened, where it is moved.
ROUTES = {"appointment": ("appointment", "place"), "block": ("block", "block_place")}
Hours = tuple[int, int]


@dataclass(slots=True)
class Column:
    """A calendar or a room on one day. `key`: what its element is called, unique on the page; `label`: what a screen
    reader calls it; `calendar` and `room`: their ids as text; `hours`: the page's.
    """

    key: str
    day: date
    hours: Hours
    name: str
    label: str
    url: str
    calendar: str = ""
    room: str = ""
    initials: str = ""
    colour: int = 1
    subtitle: str = ""
    is_chosen: bool = False
    is_today: bool = False
    choose_url: str = ""
    day_url: str = ""
    background: str = ""
    entries: str = ""

    @property
    def attributes(self) -> SafeString:
        """Of its element: what it is of, and where it is fetched anew."""
        chosen = (" chosen" if self.is_chosen else "") + (" today" if self.is_today else "")
        return SafeString(
            f'class="column{chosen}" id="column-{self.key}" data-calendar="{self.calendar}" data-room="{self.room}" '
            f'data-day="{self.day.isoformat()}" data-hours="{self.hours[0]}-{self.hours[1]}" '
            f'data-url="{escape(self.url)}" aria-label="{escape(self.label)}"'
        )

    @property
    def avatar(self) -> SafeString:
        """Its initials in its colour."""
        return SafeString(f'<span class="avatar colour{self.colour}" aria-hidden="true">{escape(self.initials)}</span>')


def midnight(day: date) -> int:
    """The local minute with which a day begins."""
    return day_number(day) * DAY


def on_day(entries: Iterable[Entry], day: date) -> list[Entry]:
    """What has a part on that day."""
    begin = midnight(day)
    return [entry for entry in entries if entry.starts < begin + DAY and entry.ends > begin]


def hours_shown(book: Book, least: Hours = (FIRST_HOUR, LAST_HOUR)) -> Hours:
    """The first and last hour of the page: from seven to eight in the evening, more where there is more."""
    first, last = least
    for ground in book.grounds.values():
        if ground.working:
            first, last = min(first, ground.working[0][0] // 60), max(last, -(-ground.working[-1][1] // 60))
    begin, end = midnight(book.days[0]), midnight(book.days[-1]) + DAY
    for entry in book.entries:
        at = entry.starts % DAY
        if at >= first * 60 and at + entry.ends - entry.starts <= last * 60:
            continue
        starts, ends = max(entry.starts, begin), min(entry.ends, end)
        if entry.ends - entry.starts >= 20 * 60 or starts >= ends:
            continue
        if starts // DAY < (ends - 1) // DAY:
            return 0, 24
        first = min(first, starts % DAY // 60)
        last = max(last, ((ends - 1) % DAY) // 60 + 1)
    return first, last


def lanes(entries: Sequence[Entry]) -> list[tuple[int, int]]:
    """For entries sorted by begin: (lane, lanes), so that those that overlap stand side by side."""
    placed: list[tuple[int, int]] = []
    group: list[int] = []  # the lanes of what overlaps, when each lane is free again, and when all of them are
    ends: list[int] = []
    until = 0
    for entry in entries:
        if entry.starts >= until:
            placed += [(lane, len(ends)) for lane in group]
            group, ends = [0], [entry.ends]
        else:
            lane = next((number for number, end in enumerate(ends) if end <= entry.starts), len(ends))
            ends[lane : lane + 1] = [entry.ends]
            group.append(lane)
        until = max(until, entry.ends)
    return placed + [(lane, len(ends)) for lane in group]


@lru_cache(maxsize=DAY)
def clock(minute: int) -> str:
    """'09:30' for a minute of the day."""
    return f"{minute // 60:02}:{minute % 60:02}"


@lru_cache(maxsize=64)
def _iso(day: int) -> str:
    """'2026-11-23' for a day's number."""
    return date.fromordinal(EPOCH_ORDINAL + day).isoformat()


def time_text(entry: Entry, begin: int, *, short: bool = False) -> str:
    """'09:00–09:50' on the day that begins with the local minute `begin`; the begin alone if `short`."""
    if entry.starts <= begin and entry.ends >= begin + DAY:
        return ""
    return clock(entry.starts % DAY) if short else _clocks(entry.starts % DAY, entry.ends % DAY)


@lru_cache(maxsize=4096)
def _clocks(starts: int, ends: int) -> str:
    return f"{clock(starts)}–{clock(ends)}"


class Drawing:
    """Draws the entries of one page."""

    def __init__(self, book: Book, hours: Hours, *, hidden: frozenset[UUID], rooms: bool = False) -> None:
        self._book, self._rooms, self._hidden = book, rooms, {str(one) for one in hidden}
        self.hours = hours
        self.first, self.last = hours[0] * 60, hours[1] * 60
        self._types: dict[str | None, tuple[str, int]] = {
            str(one.id): (one.name, one.colour) for one in book.types.values()
        }
        self._initials = {str(one.id): one.initials for one in book.calendars} if rooms else {}
        self._urls = {kind: [around_id(name) for name in names] for kind, names in ROUTES.items()}
        self._looks: dict[tuple[Any, ...], tuple[Look, str]] = {}
        self._signs = cache(signs_html)

    def entries(self, entries: Sequence[Entry], day: date) -> SafeString:
        """Entries of one column, in the order of their begin."""
        begin = midnight(day)
        placed = zip(entries, lanes(entries), strict=True)
        return SafeString("".join([self._entry(entry, begin, lane) for entry, lane in placed]))

    def _entry(self, entry: Entry, begin: int, lane: tuple[int, int]) -> str:
        """Who it is of, in the look that it shares with all of this page that are alike at the same time."""
        key = (
            begin, lane, entry.starts, entry.ends, entry.kind, entry.type_id, entry.state, entry.marks,
            entry.calendar_id if self._rooms else None,
        )  # fmt: skip
        look, start = self._looks.get(key) or self._looks.setdefault(key, self._look(entry, begin, lane))
        url, place = "", None
        if entry.id:
            opened, moved = self._urls[entry.kind]
            url = entry.id.join(opened)
            if entry.movable:
                place = Place(entry.id.join(moved), start, entry.minutes, entry.again)
        return drawn(look, url=url, title=entry.title, given_name=entry.given_name, place=place)

    def _look(self, entry: Entry, begin: int, lane: tuple[int, int]) -> tuple[Look, str]:
        """How it looks, and when it begins as a script sends it."""
        top, end = max(entry.starts - begin, 0), min(entry.ends - begin, DAY)
        top_unit = (max(top, self.first) - self.first) // UNIT
        length = max(1, -(-(min(end, self.last) - self.first) // UNIT) - top_unit)
        name, colour = self._types.get(entry.type_id, ("", 1))
        if self._rooms and entry.kind == "appointment":
            name = f"{self._initials.get(entry.calendar_id, '')} · {name}"
        look = look_of(
            kind=entry.kind,
            time=time_text(entry, begin, short=length <= ONE_LINE),
            detail="" if length <= ONE_LINE and not self._rooms else name,
            top=top_unit,
            length=length,
            lane=lane[0],
            lanes=lane[1],
            colour=colour,
            state=entry.state,
            marks=entry.marks,
            aside=entry.type_id in self._hidden,
            signs=self._signs(entry.state, entry.marks),
        )
        return look, f"{_iso(entry.starts // DAY)}T{clock(entry.starts % DAY)}"

    def background(self, ground: Ground, day: date) -> SafeString:
        """Working time, absences and kept times of a calendar on one day."""
        holiday = self._book.holidays.get(day)
        if holiday:
            return SafeString(
                f'<div class="holiday {self._place(self.first, self.last)}">{icon("party-popper")}'
                f"<b>{escape(holiday)}</b><span>{escape(_('Public holiday · practice closed'))}</span></div>"
            )
        return SafeString(
            "".join(
                [
                    *(self._off(ground)),
                    *(self._kept(one) for one in ground.kept),
                    *(self._absence(one, day) for one in ground.absent),
                ]
            )
        )

    def room_background(self, working: Iterable[tuple[int, int]]) -> SafeString:
        """Behind a room: the hours in which nobody works."""
        return SafeString("".join(self._off(Ground(working=sorted(working)))))

    def _place(self, starts: int, ends: int) -> str:
        """Classes for minutes of the day."""
        starts, ends = max(starts, self.first), min(ends, self.last)
        return f"t{(starts - self.first) // UNIT} d{max(1, -(-(ends - starts) // UNIT))}"

    def _off(self, ground: Ground) -> Iterable[str]:
        at = self.first
        for starts, ends in [*ground.working, (self.last, self.last)]:
            if min(starts, self.last) > at:
                yield f'<div class="off {self._place(at, starts)}"></div>'
            at = max(at, ends)

    def _kept(self, kept: Kept) -> str:
        known = [str(one) for one in kept.type_ids]
        types = [self._types[one] for one in known if one in self._types]
        names = ", ".join(name for name, _ in types)
        colour = types[0][1] if types else 1
        text = escape(_("Only %(types)s") % {"types": names})
        return f'<div class="window colour{colour} {self._place(kept.starts, kept.ends)}"><b>{text}</b></div>'

    def _absence(self, absent: Absent, day: date) -> str:
        text = absence_text(absent, day)
        return f'<div class="absence {self._place(absent.starts, absent.ends)}"><b>{escape(text)}</b></div>'


def absence_text(absent: Absent, day: date) -> str:
    """'Urlaub bis 27.11.', 'Fortbildung 12:00–16:00', 'Urlaub'."""
    reason = absent.reason or _("Absent")
    if absent.last_day > day:
        return _("%(reason)s until %(day)s") % {
            "reason": reason,
            "day": date_format(absent.last_day, "SHORT_DAY_FORMAT"),
        }
    if absent.all_day:
        return reason
    return f"{reason} {clock(absent.starts)}–{clock(absent.ends)}"
