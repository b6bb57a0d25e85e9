"""The appointments of a day or a week as a list, and the day on paper (CAL-20)."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sprechzeit.access.actor import Actor
from sprechzeit.core.errors import NotFound
from sprechzeit.practice.models import Practice
from sprechzeit.scheduling.book_page.address import Wish, around_id
from sprechzeit.scheduling.book_page.columns import midnight, on_day, time_text
from sprechzeit.scheduling.book_page.pages import WEEK, BookPage, page_of
from sprechzeit.scheduling.models import Calendar
from sprechzeit.scheduling.queries.book import Book, Entry, read_book, read_calendars
from sprechzeit.ui.appointments import MARKS, STATES
from sprechzeit.ui.icon import icon


@dataclass(frozen=True, slots=True)
class Row:
    """An entry in words."""

    time: str
    name: str
    url: str
    type_name: str
    colour: int
    calendar_name: str
    room_name: str
    state: str
    signs: list[tuple[Any, Any]]
    is_cancelled: bool
    reason: str
    remark: str
    kind: str


@dataclass(frozen=True, slots=True)
class Day:
    """A day's rows, of one calendar where it is printed."""

    day: date
    rows: list[Row]
    count: int
    calendar: Calendar | None = None
    note: str = ""


def list_page(actor: Actor, practice: Practice, wish: Wish) -> BookPage:
    """The appointments of a day or a week, cancelled ones too (CAL-13)."""
    days = [wish.monday + timedelta(days=number) for number in range(WEEK)] if wish.is_week else [wish.day]
    book = read_book(actor, days, wish.calendar_id, practice=practice, cancelled=True)
    page = page_of(book, wish)
    page.calendars = read_calendars(actor)
    if wish.calendar_id:
        page.chosen = next((one for one in book.calendars if one.id == wish.calendar_id), None)
        if page.chosen is None:
            raise NotFound
    hidden = {str(one) for one in wish.hidden}
    appointments = [one for one in book.entries if one.kind == "appointment" and one.type_id not in hidden]
    words = _Words(book)
    for day in days:
        rows = [words.row(entry, day) for entry in on_day(appointments, day)]
        if rows or not wish.is_week:
            page.days.append(Day(day, rows, sum(not row.is_cancelled for row in rows)))
    return page


def print_page(actor: Actor, practice: Practice, day: date, calendar_id: UUID | None) -> list[Day]:
    """One day of each calendar that has something on it, or of one. Raises NotFound for one that is not there."""
    book = read_book(actor, [day], calendar_id, practice=practice)
    if calendar_id and not book.calendars:
        raise NotFound
    words = _Words(book)
    found = []
    for calendar in book.calendars:
        rows = [words.row(entry, day) for entry in book.entries if entry.calendar_id == str(calendar.id)]
        if rows or calendar_id:
            count = sum(row.kind == "appointment" for row in rows)
            found.append(Day(day, rows, count, calendar, book.holidays.get(day, "")))
    return found


class _Words:
    """Says an entry in words."""

    def __init__(self, book: Book) -> None:
        self._types = {str(one.id): one for one in book.types.values()}
        self._rooms = {str(room.id): room.name for room in book.rooms}
        self._calendars = {str(calendar.id): calendar.name for calendar in book.calendars}

    def row(self, entry: Entry, day: date) -> Row:
        kind = self._types.get(entry.type_id) if entry.type_id else None
        signs = [MARKS[mark] for mark in entry.marks]
        return Row(
            time=time_text(entry, midnight(day)),
            name=f"{entry.title}, {entry.given_name}" if entry.given_name else entry.title,
            url=entry.id.join(around_id("appointment")) if entry.id and entry.kind == "appointment" else "",
            type_name=kind.name if kind else "",
            colour=kind.colour if kind else 0,
            calendar_name=self._calendars.get(entry.calendar_id, ""),
            room_name=self._rooms.get(entry.room_id, "") if entry.room_id else "",
            state=entry.state,
            signs=[(icon(name), label) for name, label in ([STATES[entry.state]] if entry.state else []) + signs],
            is_cancelled=entry.state == "cancelled",
            reason=entry.reason,
            remark=entry.remark,
            kind=entry.kind,
        )
