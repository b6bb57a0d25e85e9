"""Which page of the book is wanted, and the addresses of the others."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.urls import get_script_prefix, reverse

from sprechzeit.core.errors import NotFound

WITHOUT_ROOM = "none"


class View(StrEnum):
    """A way to look at the book."""

    DAY = "day"
    ROOMS = "rooms"
    WEEK = "week"
    LIST = "list"


def day_said(text: str) -> date | None:
    """The day that an address names, if it names one. Raises NotFound for what is no day of our times."""
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise NotFound from None
    if not 1990 <= day.year <= 2200:
        raise NotFound
    return day


@dataclass(frozen=True, slots=True)
class Wish:
    """What the page's address asks for. `hidden`: the types that the viewer does not look for now.

    `calendar_id`: of the week, or the one column that a phone shows, as `room_id` by room; `unroomed`: that of what
    needs no room. `span`: the list's, a day or a week. `route`: the page's own.
    """

    day: date
    today: date
    view: View = View.DAY
    calendar_id: UUID | None = None
    room_id: UUID | None = None
    unroomed: bool = False
    span: View = View.DAY
    hidden: frozenset[UUID] = frozenset()
    route: str = "book"

    @property
    def url(self) -> str:
        """The page's own address, without what it would show anyway."""
        return _with_query(
            _path(self.route),
            day="" if self.day == self.today else self.day.isoformat(),
            view="" if self.view is View.DAY else self.view.value,
            calendar=self.calendar_id or "",
            room=WITHOUT_ROOM if self.unroomed else self.room_id or "",
            span="" if self.span is View.DAY else self.span.value,
            hide=self._hidden,
        )

    def but(self, **changed: Any) -> str:
        """The address of the page that differs in what is named."""
        return replace(self, **changed).url

    def at(self, view: View) -> str:
        """The same day, seen in another way; a column that was chosen is that of this way only."""
        keeps_calendar = view is not View.ROOMS
        return self.but(
            view=view,
            calendar_id=self.calendar_id if keeps_calendar else None,
            room_id=None,
            unroomed=False,
            span=View.WEEK if view is View.LIST and self.view is View.WEEK else View.DAY,
        )

    def toggled(self, type_id: UUID) -> str:
        """The same page with a type hidden, or shown again."""
        return self.but(hidden=self.hidden ^ {type_id})

    @property
    def monday(self) -> date:
        """The first day of the week."""
        return self.day - timedelta(days=self.day.weekday())

    @property
    def is_week(self) -> bool:
        """Whether the page is of a whole week."""
        return self.view is View.WEEK or (self.view is View.LIST and self.span is View.WEEK)

    @property
    def step(self) -> timedelta:
        """How far back and forth lead."""
        return timedelta(days=7 if self.is_week else 1)

    def column(self, name: str, key: object, day: date, hours: tuple[int, int]) -> str:
        """Where a column is fetched anew, for a page that shows `hours`."""
        first, last = hours
        return _with_query(
            str(key).join(around_id(name)),
            day=day.isoformat(),
            hours=f"{first}-{last}",
            hide=self._hidden,
            week="1" if self.view is View.WEEK else "",
        )

    @property
    def elsewhere(self) -> str:
        """Where the times of other practices are fetched anew."""
        return _with_query(
            _path("elsewhere"),
            day=self.day.isoformat(),
            view="" if self.view is View.DAY else self.view.value,
            span="" if self.span is View.DAY else self.span.value,
        )

    @property
    def _hidden(self) -> str:
        return ",".join(sorted(map(str, self.hidden)))


def _path(name: str) -> str:
    return _path_below(get_script_prefix(), name)


@lru_cache(maxsize=1024)
def _path_below(_prefix: str, name: str) -> str:
    """Reversed once for each practice that an address names (`practice/named.py`)."""
    return reverse(f"scheduling:{name}")


def around_id(name: str) -> tuple[str, str]:
    """What stands before and after the id in a route's addresses: reversing each of them would take too long."""
    return _around_id_below(get_script_prefix(), name)


@lru_cache(maxsize=1024)
def _around_id_below(_prefix: str, name: str) -> tuple[str, str]:
    nil = str(UUID(int=0))
    before, _id, after = reverse(f"scheduling:{name}", args=[nil]).partition(nil)
    return before, after


def _with_query(path: str, **parameters: object) -> str:
    """Days, ids, words of our own: nothing that would have to be quoted, which took most of an address's time."""
    query = "&".join([f"{name}={value}" for name, value in parameters.items() if value])
    return f"{path}?{query}" if query else path
