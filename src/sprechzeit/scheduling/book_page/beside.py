"""Granted calendars of several practices side by side: one day on one axis, each practice as its own actor (ACC-24)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from functools import cached_property
from typing import Any
from uuid import UUID

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString

from sprechzeit.access.actor import Actor
from sprechzeit.core.acting import run_as
from sprechzeit.core.errors import NotFound
from sprechzeit.practice.named import naming
from sprechzeit.practice.queries import practice_of
from sprechzeit.practice.visitors import Access
from sprechzeit.scheduling.book_page.address import Wish
from sprechzeit.scheduling.book_page.columns import Column, Hours, hours_shown
from sprechzeit.scheduling.book_page.month import month_of
from sprechzeit.scheduling.book_page.pages import BookPage, day_of
from sprechzeit.scheduling.queries.book import Book, read_book

COLOURS = 8


@dataclass
class Part:
    """The columns of one practice. `zone_name`: only where the practices' clocks differ on that day."""

    practice_id: UUID
    name: str
    colour: int
    page: BookPage
    new_url: str
    zone_name: str = ""

    @property
    def columns(self) -> list[Column]:
        """Its calendars."""
        return self.page.columns

    @property
    def is_chosen(self) -> bool:
        """Whether the column that a phone shows is one of them."""
        return any(one.is_chosen for one in self.columns)


@dataclass
class BesidePage:
    """Parts beside one another; what stands around them is `frame`, a page of the book without columns."""

    wish: Wish
    frame: BookPage
    parts: list[Part]

    @property
    def columns(self) -> list[Column]:
        """All of them, practice by practice."""
        return [column for part in self.parts for column in part.columns]

    @property
    def live_url(self) -> str:
        """The stream of all its practices."""
        return live_url(part.practice_id for part in self.parts)

    @property
    def month(self) -> dict[str, Any]:
        """The mini month."""
        return month_of(self.wish)

    @cached_property
    def side(self) -> SafeString:
        """The month, which stands on the page twice."""
        return render_to_string("scheduling/book_side.html", {"book": self, "is_beside": True})


def live_url(practices: Iterable[UUID]) -> str:
    """Where a page of these practices hears what changes."""
    return "/live/?" + "&".join(f"practice={one}" for one in practices)


def beside_page(accesses: Sequence[Access], day: date | None, calendar_id: UUID | None) -> BesidePage:
    """A day of all calendars that these accesses open; today without one. Raises NotFound for an unknown calendar.

    Nothing of two practices is asked in one query: each is read by its own actor, within its own grant.
    """
    today = _today(accesses)
    wish = Wish(day or today, today, calendar_id=calendar_id, route="beside")
    read = [(one, _read(one.actor, wish.day)) for one in accesses]
    books = [(access, book) for access, book in read if book.calendars]
    hours = _hours(book for _, book in books)
    parts = [_part(number, access, book, wish, hours) for number, (access, book) in enumerate(books)]
    if _clocks(books, wish.day) > 1:
        for part, (_access, book) in zip(parts, books, strict=True):
            part.zone_name = book.practice.zone_name
    page = BesidePage(wish, _frame(parts, wish, hours), parts)
    _choose(page, calendar_id)
    return page


def _read(actor: Actor, day: date) -> Book:
    return run_as(actor, lambda: read_book(actor, [day]))


def _today(accesses: Sequence[Access]) -> date:
    """The first practice's."""
    actor = accesses[0].actor if accesses else None
    zone = run_as(actor, lambda: practice_of(actor).zone) if actor else None
    return timezone.now().astimezone(zone).date()


def _hours(books: Iterable[Book]) -> Hours | None:
    """From the earliest to the latest hour of all, so that they stand on one axis."""
    shown = [hours_shown(book) for book in books]
    return (min(first for first, _ in shown), max(last for _, last in shown)) if shown else None


def _part(number: int, access: Access, book: Book, wish: Wish, hours: Hours | None) -> Part:
    practice_id = access.actor.practice_id
    today = timezone.now().astimezone(book.practice.zone).date()
    with naming(practice_id):
        page = day_of(access.actor, book, replace(wish, today=today, calendar_id=None), hours)
        new_url = reverse("scheduling:new")
    for column in page.columns:
        column.choose_url = wish.but(calendar_id=UUID(column.calendar))
        column.label = f"{column.name}, {access.practice_name}"
    return Part(practice_id, access.practice_name, number % COLOURS + 1, page, new_url)


def _clocks(books: Sequence[tuple[Access, Book]], day: date) -> int:
    """How many different clocks the practices go by on that day."""
    noon = datetime.combine(day, time(12))
    return len({noon.replace(tzinfo=book.practice.zone).utcoffset() for _, book in books})


def _frame(parts: Sequence[Part], wish: Wish, hours: Hours | None) -> BookPage:
    """The axis and the title. The line of now has a clock where all practices go by the same."""
    zones = {part.zone_name for part in parts}
    now = parts[0].page.now_unit if len(zones) == 1 else None
    return BookPage(wish=wish, count=sum(part.page.count for part in parts), hours=hours or (7, 20), now_unit=now)


def _choose(page: BesidePage, calendar_id: UUID | None) -> None:
    """The column that a phone shows: the one that was asked for, else the first."""
    for column in page.columns:
        column.is_chosen = False
    wanted = [one for one in page.columns if calendar_id is None or one.calendar == str(calendar_id)]
    if wanted:
        wanted[0].is_chosen = True
    elif page.columns:
        raise NotFound
