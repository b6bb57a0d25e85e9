"""From the book's facts to its pages: positions in units of five minutes, entries as HTML, addresses."""

from sprechzeit.scheduling.book_page.address import View, Wish
from sprechzeit.scheduling.book_page.lists import list_page, print_page
from sprechzeit.scheduling.book_page.pages import (
    BookPage,
    calendar_column,
    day_page,
    room_column,
    rooms_page,
    week_page,
)

__all__ = [
    "BookPage",
    "View",
    "Wish",
    "calendar_column",
    "day_page",
    "list_page",
    "print_page",
    "room_column",
    "rooms_page",
    "week_page",
]
