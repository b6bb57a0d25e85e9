"""The pages of the book: a day by calendar or by room, a week of one calendar."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property
from operator import attrgetter
from typing import Any
from uuid import UUID

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from sprechzeit.access.actor import Actor
from sprechzeit.core.errors import NotFound
from sprechzeit.practice.models import Practice, Room
from sprechzeit.scheduling.availability.spans import Span
from sprechzeit.scheduling.book_page.address import WITHOUT_ROOM, View, Wish
from sprechzeit.scheduling.book_page.columns import (
    FIRST_HOUR,
    LAST_HOUR,
    UNIT,
    Column,
    Drawing,
    Hours,
    absence_text,
    clock,
    hours_shown,
    on_day,
)
from sprechzeit.scheduling.book_page.month import month_of
from sprechzeit.scheduling.models import AppointmentType, Calendar
from sprechzeit.scheduling.queries.book import Book, Entry, Furniture, read_book

WEEKDAYS, WEEK = 5, 7


@dataclass
class BookPage:
    """A page of the book. `hours`: the first and last one shown; `now_unit`: the line of now, if it is on the page."""

    wish: Wish
    count: int
    hours: Hours
    now_unit: int | None
    columns: list[Column] = field(default_factory=list)
    calendars: list[Calendar] = field(default_factory=list)
    chosen: Calendar | None = None
    types: list[AppointmentType] = field(default_factory=list)
    days: list[Any] = field(default_factory=list)

    @property
    def title(self) -> str:
        """'Montag, 23. November 2026', or '23.–27. November 2026'."""
        return _week_title(*self._week, "DATE_FORMAT") if self.wish.is_week else _date(self.wish.day, "WEEKDAY_DATE")

    @property
    def short_title(self) -> str:
        """The same for a phone."""
        if self.wish.is_week:
            return _week_title(*self._week, "SHORT_DAY_MONTH_FORMAT")
        return _date(self.wish.day, "SHORT_WEEKDAY_DAY")

    @property
    def _week(self) -> tuple[date, date]:
        """The first and the last day shown."""
        monday = self.wish.monday
        return monday, self.columns[-1].day if self.columns else monday + timedelta(days=WEEK - 1)

    @property
    def week(self) -> int:
        """The calendar week."""
        return self.wish.day.isocalendar().week

    @property
    def is_today(self) -> bool:
        """Whether today is on the page."""
        return self.wish.day == self.wish.today

    @property
    def hour_marks(self) -> list[tuple[str, str]]:
        """The hours along the axis: where each stands, in units, and what it is called. As text, like all numbers that
        there are many of: a template takes long to write a number.
        """
        return [(str(at), clock(self.hours[0] * 60 + at * UNIT)) for at in range(0, self.rows, 60 // UNIT)]

    @property
    def rows(self) -> int:
        """The height in units."""
        return (self.hours[1] - self.hours[0]) * 60 // UNIT

    @cached_property
    def links(self) -> dict[str, str]:
        """Where the buttons lead."""
        wish = self.wish
        return {
            "today": wish.but(day=wish.today),
            "previous": wish.but(day=wish.day - wish.step),
            "next": wish.but(day=wish.day + wish.step),
            "day": wish.at(View.DAY),
            "rooms": wish.at(View.ROOMS),
            "week": wish.at(View.WEEK),
            "list": wish.at(View.LIST),
            "print": f"{reverse('scheduling:print')}?day={wish.day.isoformat()}",
            "new": reverse("scheduling:new"),
            "new_here": f"{reverse('scheduling:new')}?day={wish.day.isoformat()}"
            + (f"&calendar={wish.calendar_id}" if wish.calendar_id else ""),
            "list_day": wish.but(span=View.DAY),
            "list_week": wish.but(span=View.WEEK),
            "all_calendars": wish.but(calendar_id=None),
        }

    @cached_property
    def month(self) -> dict[str, Any]:
        """The mini month."""
        return month_of(self.wish)

    @cached_property
    def side(self) -> SafeString:
        """The month and the types, which stand on the page twice."""
        return render_to_string("scheduling/book_side.html", {"book": self})

    @cached_property
    def legend(self) -> list[dict[str, Any]]:
        """The types that are offered, each with the address that sets it aside or shows it again."""
        wish = self.wish
        return [
            {"type": one, "url": wish.toggled(one.id), "is_hidden": one.id in wish.hidden}
            for one in self.types
            if one.retired_at is None
        ]

    @cached_property
    def choices(self) -> list[dict[str, Any]]:
        """The calendars to choose from, each with its address."""
        return [
            {"calendar": one, "url": self.wish.but(calendar_id=one.id), "is_chosen": one == self.chosen}
            for one in self.calendars
        ]


def counted(count: int) -> str:
    """'1 Termin', '44 Termine'."""
    return ngettext("%(count)s appointment", "%(count)s appointments", count) % {"count": count}


def day_page(actor: Actor, furniture: Furniture, wish: Wish) -> BookPage:
    """A column for each calendar (CAL-13)."""
    return day_of(actor, read_book(actor, [wish.day], furniture=furniture), wish)


def day_of(actor: Actor, book: Book, wish: Wish, hours: Hours | None = None) -> BookPage:
    """The same of a day that was read; `hours`: those to show unless it needs more."""
    page = page_of(book, wish, hours)
    drawing = Drawing(book, page.hours, hidden=wish.hidden)
    by_calendar = _grouped(book.entries, attrgetter("calendar_id"))
    page.chosen = chosen_calendar(actor, book.calendars, wish)
    for calendar in book.calendars:
        entries = by_calendar.get(str(calendar.id), [])
        column = _calendar_column(book, drawing, calendar, wish.day, entries, wish)
        _add_head(column, book, calendar, entries, wish)
        column.is_chosen = calendar == page.chosen
        page.columns.append(column)
    return page


def rooms_page(actor: Actor, furniture: Furniture, wish: Wish) -> BookPage:
    """A column for each room; what needs none stands in a last one (CAL-13)."""
    book = read_book(actor, [wish.day], furniture=furniture, rooms=True)
    page = page_of(book, wish)
    page.columns = list(_room_columns(book, wish, page.hours))
    wanted = "" if wish.unroomed else str(wish.room_id)
    chosen = next((one for one in page.columns if one.room == wanted), next(iter(page.columns), None))
    if chosen:
        chosen.is_chosen = True
    return page


def week_page(actor: Actor, furniture: Furniture, wish: Wish) -> BookPage:
    """A column for each day of one calendar's week: weekdays, and a weekend on which there is something (CAL-13)."""
    days = [wish.monday + timedelta(days=number) for number in range(WEEK)]
    everything = furniture.calendars_in_use
    chosen = chosen_calendar(actor, everything, wish)
    if chosen is None:
        return page_of(read_book(actor, days, furniture=furniture), wish)
    book = read_book(actor, days, chosen.id, furniture=furniture)
    page = page_of(book, wish)
    page.chosen, page.calendars = chosen, everything
    drawing = Drawing(book, page.hours, hidden=wish.hidden)
    for day in days:
        entries = on_day(book.entries, day)
        ground = book.grounds.get((chosen.id, day))
        if day.weekday() < WEEKDAYS or entries or (ground and ground.working):
            column = _calendar_column(book, drawing, chosen, day, entries, wish)
            _add_head(column, book, chosen, entries, wish)
            page.columns.append(column)
    return page


def calendar_column(
    actor: Actor, furniture: Furniture, calendar_id: UUID, wish: Wish, hours: Hours | None
) -> tuple[BookPage, Column]:
    """One column anew, without its head, for a page that shows `hours` unless it needs more of them now (CAL-14).

    Raises NotFound for a calendar that is not there.
    """
    book = read_book(actor, [wish.day], calendar_id, furniture=furniture, heads=False)
    page = page_of(book, wish, hours)
    drawing = Drawing(book, page.hours, hidden=wish.hidden)
    for calendar in book.calendars:
        return page, _calendar_column(book, drawing, calendar, wish.day, book.entries, wish)
    raise NotFound


def room_column(
    actor: Actor, furniture: Furniture, room_id: UUID | None, wish: Wish, hours: Hours | None
) -> tuple[BookPage, Column]:
    """One room's column anew; of what needs no room for None. Raises NotFound for a room that is not there."""
    book = read_book(actor, [wish.day], furniture=furniture, rooms=True)
    page = page_of(book, wish, hours)
    for column in _room_columns(book, wish, page.hours, always=True):
        if column.room == str(room_id or ""):
            return page, column
    raise NotFound


def page_of(book: Book, wish: Wish, hours: Hours | None = None) -> BookPage:
    """The page without its columns."""
    least = (min(FIRST_HOUR, hours[0]), max(LAST_HOUR, hours[1])) if hours else (FIRST_HOUR, LAST_HOUR)
    shown = hours_shown(book, least)
    return BookPage(
        wish=wish,
        count=_count(book.entries),
        hours=shown,
        now_unit=_now_unit(book.practice, book.days, shown),
        calendars=[one for one in book.calendars if one.retired_at is None],
        types=list(book.types.values()),
    )


def _grouped(entries: Iterable[Entry], key: Callable[[Entry], str | None]) -> dict[str | None, list[Entry]]:
    groups: dict[str | None, list[Entry]] = {}
    for entry in entries:
        groups.setdefault(key(entry), []).append(entry)
    return groups


def _count(entries: Iterable[Entry]) -> int:
    return sum(entry.kind == "appointment" and entry.state != "cancelled" for entry in entries)


def chosen_calendar(actor: Actor, calendars: Iterable[Calendar], wish: Wish) -> Calendar | None:
    """The one that was asked for, else the viewer's own, else the first. Raises NotFound for one that is not there."""
    offered = list(calendars)
    if wish.calendar_id:
        for one in offered:
            if one.id == wish.calendar_id:
                return one
        raise NotFound
    own = [one for one in offered if one.member_id == actor.id]
    return next(iter(own or offered), None)


def _calendar_column(
    book: Book, drawing: Drawing, calendar: Calendar, day: date, entries: Sequence[Entry], wish: Wish
) -> Column:
    is_week = wish.view is View.WEEK
    return Column(
        key=f"{calendar.id}-{day.isoformat()}" if is_week else str(calendar.id),
        day=day,
        hours=drawing.hours,
        name=date_format(day, "D")[:2] if is_week else calendar.name,
        label=_date(day, "WEEKDAY_DAY") if is_week else calendar.name,
        url=wish.column("column", calendar.id, day, drawing.hours),
        calendar=str(calendar.id),
        is_today=day == wish.today,
        background=drawing.background(book.grounds[calendar.id, day], day),
        entries=drawing.entries(entries, day),
    )


def _add_head(column: Column, book: Book, calendar: Calendar, entries: list[Entry], wish: Wish) -> None:
    """What stands above a calendar's column."""
    day = column.day
    column.initials, column.colour = calendar.initials, calendar.colour
    column.choose_url = wish.but(calendar_id=calendar.id)
    if wish.view is View.WEEK:
        column.subtitle = _week_subtitle(book, calendar, day, entries, wish)
        column.day_url = wish.but(day=day, view=View.DAY)
    else:
        column.subtitle = _marked(calendar, _subtitle(book, calendar, day, entries))


def _marked(thing: Room | Calendar, text: str) -> str:
    """What is retired stands in the book for what it still has, and says so (CAL-1)."""
    return f"{_('Retired')} · {text}" if thing.retired_at else text


def _subtitle(book: Book, calendar: Calendar, day: date, entries: list[Entry]) -> str:
    """'Raum 1 · 08:00–18:00', or why there is no time."""
    ground = book.grounds[calendar.id, day]
    if day in book.holidays:
        return book.holidays[day]
    for absent in ground.absent:
        if absent.all_day:
            return absence_text(absent, absent.last_day)
    rooms = {entry.room_id for entry in entries if entry.room_id}
    names = [room.name for room in book.rooms if str(room.id) in rooms] if len(rooms) == 1 else []
    if ground.working:
        names.append(f"{clock(ground.working[0][0])}–{clock(ground.working[-1][1])}")
    return " · ".join(names) or _("No working hours")


def _week_subtitle(book: Book, calendar: Calendar, day: date, entries: list[Entry], wish: Wish) -> str:
    if day in book.holidays:
        return _("Public holiday")
    ground = book.grounds[calendar.id, day]
    count = _count(entries)
    if count == 0 and not ground.working:
        return _("No working hours")
    return f"{_('Today')} · {counted(count)}" if day == wish.today else counted(count)


def _room_columns(book: Book, wish: Wish, hours: Hours, *, always: bool = False) -> Iterable[Column]:
    drawing = Drawing(book, hours, hidden=wish.hidden, rooms=True)
    working = [span for ground in book.grounds.values() for span in ground.working]
    background = drawing.room_background(working)
    day = wish.day
    by_room = _grouped(book.entries, attrgetter("room_id"))
    for room in book.rooms:
        entries = by_room.get(str(room.id), [])
        taken = [_elsewhere(str(room.id), *one) for one in book.elsewhere.get(room.id, ())]
        both = sorted([*entries, *taken], key=lambda entry: (entry.starts, entry.ends))
        yield Column(
            key=f"room-{room.id}", day=day, hours=hours, name=room.name, label=room.name,
            url=wish.column("room_column", room.id, day, hours),
            room=str(room.id), colour=room.colour, subtitle=_marked(room, counted(_count(entries))),
            is_today=day == wish.today, choose_url=wish.but(room_id=room.id, unroomed=False),
            background=background, entries=drawing.entries(both, day),
        )  # fmt: skip
    without = [entry for entry in by_room.get(None, ()) if entry.kind in ("appointment", "hold")]
    if without or always:
        yield Column(
            key=f"room-{WITHOUT_ROOM}", day=day, hours=hours, name=_("Without room"), label=_("Without room"), colour=0,
            url=wish.column("room_column", WITHOUT_ROOM, day, hours), subtitle=counted(_count(without)),
            is_today=day == wish.today, choose_url=wish.but(room_id=None, unroomed=True),
            background=background, entries=drawing.entries(without, day),
        )  # fmt: skip


def _elsewhere(room_id: str, span: Span, practice_name: str) -> Entry:
    """What another practice takes of a shared room: a time and its name, no more (COM-3)."""
    starts, ends = span
    title = " · ".join(filter(None, (_("Room taken"), practice_name)))
    return Entry("busy", "", room_id, starts, ends, ends - starts, again=False, title=title)


def _now_unit(practice: Practice, days: Iterable[date], hours: Hours) -> int | None:
    now = timezone.now().astimezone(practice.zone)
    if now.date() not in days or not hours[0] <= now.hour < hours[1]:
        return None
    return ((now.hour - hours[0]) * 60 + now.minute) // UNIT


def _date(day: date | datetime, name: str) -> str:
    return date_format(day, f"{name}_FORMAT")


def _week_title(first: date, last: date, last_format: str) -> str:
    """'23.–29. November 2026'; over the end of a month '30. November – 6. Dezember 2026'."""
    if first.month == last.month:
        return f"{_date(first, 'DAY_OF_MONTH')}–{date_format(last, last_format)}"
    first_format = "MONTH_DAY_FORMAT" if last_format == "DATE_FORMAT" else last_format
    return f"{date_format(first, first_format)} – {date_format(last, last_format)}"
