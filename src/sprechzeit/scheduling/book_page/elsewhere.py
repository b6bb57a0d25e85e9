"""When other practices are busy, beside the book: for the views that have no column for it (COM-3, COM-8)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sprechzeit.access.actor import Actor
from sprechzeit.scheduling.book_page.address import View, Wish
from sprechzeit.scheduling.queries.book import Furniture
from sprechzeit.scheduling.queries.elsewhere import TakenElsewhere, taken_elsewhere

WEEK = timedelta(days=6)


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """What stands above the columns. `url`: where it is fetched anew."""

    taken: Sequence[TakenElsewhere]
    url: str
    is_week: bool


def elsewhere(actor: Actor, furniture: Furniture, wish: Wish) -> Elsewhere:
    """For the days of a page; by room only what has no column there."""
    first, last = (wish.monday, wish.monday + WEEK) if wish.is_week else (wish.day, wish.day)
    found = taken_elsewhere(actor, furniture.practice, furniture.rooms, first, last)
    if wish.view is View.ROOMS:
        found = [one for one in found if one.room is None]
    return Elsewhere(found, wish.elsewhere, wish.is_week)
