"""The appointments of a day or a week as a list, and the day on paper (CAL-20)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from sprechzeit.access.actor import Actor
from sprechzeit.core.errors import NotFound
from sprechzeit.scheduling.book_page.address import Wish, around_id
from sprechzeit.scheduling.book_page.columns import midnight, on_day, time_text
from sprechzeit.scheduling.book_page.pages import WEEK, BookPage, page_of
from sprechzeit.scheduling.models import Calendar
from sprechzeit.scheduling.queries.book import Book, Entry, Furniture, read_book
from sprechzeit.ui.appointments import MARKS, STATES, escaped
from sprechzeit.ui.icon import icon


@dataclass(frozen=True, slots=True)
class Row:
    """An entry in words, as it is printed."""

    time: str
    name: str
    type_name: str
    room_name: str
    remark: str
    kind: str
    source: str


@dataclass(frozen=True, slots=True)
class Day:
    """A day's rows: drawn, or in words and of one calendar where it is printed."""

    day: date
    rows: list[Row] | SafeString
    count: int
    calendar: Calendar | None = None
    note: str = ""


def list_page(actor: Actor, furniture: Furniture, wish: Wish) -> BookPage:
    """The appointments of a day or a week, cancelled ones too (CAL-13)."""
    days = [wish.monday + timedelta(days=number) for number in range(WEEK)] if wish.is_week else [wish.day]
    book = read_book(actor, days, wish.calendar_id, furniture=furniture, cancelled=True, view="list")
    page = page_of(book, wish)
    page.calendars = furniture.calendars_in_use
    if wish.calendar_id:
        page.chosen = next((one for one in book.calendars if one.id == wish.calendar_id), None)
        if page.chosen is None:
            raise NotFound
    hidden = {str(one) for one in wish.hidden}
    appointments = [one for one in book.entries if one.kind == "appointment" and one.type_id not in hidden]
    drawing = _Drawing(book)
    for day in days:
        shown = on_day(appointments, day)
        if shown or not wish.is_week:
            page.days.append(Day(day, drawing.rows(shown, day), sum(one.state != "cancelled" for one in shown)))
    return page


def print_page(actor: Actor, furniture: Furniture, day: date, calendar_id: UUID | None) -> list[Day]:
    """One day of each calendar that has something on it, or of one. Raises NotFound for one that is not there."""
    book = read_book(actor, [day], calendar_id, furniture=furniture, view="print")
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
    """What an entry's ids are called."""

    def __init__(self, book: Book) -> None:
        self.types: dict[str | None, str] = {str(one.id): one.name for one in book.types.values()}
        self.rooms: dict[str | None, str] = {str(room.id): room.name for room in book.rooms}

    def row(self, entry: Entry, day: date) -> Row:
        return Row(
            time=time_text(entry, midnight(day)),
            name=_name(entry),
            type_name=self.types.get(entry.type_id, ""),
            room_name=self.rooms.get(entry.room_id, ""),
            remark=entry.remark,
            kind=entry.kind,
            source=entry.source,
        )


def _name(entry: Entry) -> str:
    return f"{entry.title}, {entry.given_name}" if entry.given_name else entry.title


# As it stands in `book_list.html`, where a template would take thirty times as long: there may be a thousand rows.
_ROW = """
              <tr{cancelled}>
                <td class="num when">{time}</td>
                <th scope="row"><a href="{url}">{name}</a></th>
                {type}
                {calendar}
                {room}
                {state}
              </tr>
            """


class _Drawing:
    """The rows of the list as HTML. A cell that says the same in many rows is made once."""

    def __init__(self, book: Book) -> None:
        words = _Words(book)
        label = f' data-label="{_("Appointment type")}"'
        self._types: dict[str | None, str] = {
            str(one.id): f'<td{label}><span class="tag colour{one.colour}">{escaped(one.name)}</span></td>'
            for one in book.types.values()
        }
        self._no_type = f'<td{label}><span class="tag colour0"></span></td>'
        self._calendars = {str(one.id): _cell(_("Calendar"), one.name) for one in book.calendars}
        self._rooms = {key: _cell(_("Room"), name) for key, name in words.rooms.items()}
        self._states: dict[tuple[Any, ...], str] = {}
        self._url = around_id("appointment")

    def rows(self, entries: Iterable[Entry], day: date) -> SafeString:
        """What stands between the table's head and its end."""
        begin = midnight(day)
        return SafeString("".join([self._row(entry, begin) for entry in entries]))

    def _row(self, entry: Entry, begin: int) -> str:
        cancelled = entry.state == "cancelled"
        time, name = time_text(entry, begin), escaped(_name(entry))
        return _ROW.format(
            cancelled=' class="cancelled"' if cancelled else "",
            time=f"<s>{time}</s>" if cancelled else time,
            url=(entry.id or "").join(self._url),
            name=f"<s>{name}</s>" if cancelled else name,
            type=self._types.get(entry.type_id, self._no_type),
            calendar=self._calendars[entry.calendar_id],
            room=self._rooms.get(entry.room_id, "<td><span></span></td>"),
            state=self._state(entry.state, entry.marks, entry.reason, entry.source),
        )

    def _state(self, *how: Any) -> str:
        return self._states.get(how) or self._states.setdefault(how, _state(*how))


def _cell(label: str, text: str) -> str:
    return f'<td data-label="{label}"><span>{escaped(text)}</span></td>'


def _state(state: str, marks: Sequence[str], reason: str, source: str) -> str:
    """State and marks, each with its icon and word, which partner booked it, and why it was cancelled."""
    signs: list[tuple[str, str | Promise]] = [STATES[state]] if state else []
    signs += [MARKS[mark] for mark in marks]
    signs += [("inbox", source)] if source else []
    shown = "".join(f'<span class="sign">{icon(drawing)}{escaped(str(label))}</span>' for drawing, label in signs)
    why = f'<span class="muted">{escaped(reason)}</span>' if reason else ""
    return (
        f'<td data-label="{_("State")}"><span class="signs">{shown}{why}</span></td>' if shown or why else "<td></td>"
    )
