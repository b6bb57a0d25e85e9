"""The facts of the appointment book (CAL-13): some days of some calendars, in a constant number of statements."""

from sprechzeit.scheduling.queries.book.facts import Absent, Book, Entry, Furniture, Ground, Kept
from sprechzeit.scheduling.queries.book.read import read_book, read_furniture

__all__ = ["Absent", "Book", "Entry", "Furniture", "Ground", "Kept", "read_book", "read_furniture"]
