"""Entries of the appointment book as HTML. In Python, not as templates: a book may show more than a thousand.

The parts are put together as plain strings, each escaped by itself: `format_html` would take four times as long.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from html import escape
from typing import Any, Final, NamedTuple

from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from sprechzeit.ui.icon import icon
from sprechzeit.ui.positions import LANES, UNITS_PER_DAY

KINDS: Final = frozenset({"appointment", "block", "hold", "busy", "external"})
STATES: Final = {
    "arrived": ("check", _("arrived")),
    "completed": ("badge-check", _("completed")),
    "no_show": ("user-x", _("did not come")),
    "cancelled": ("ban", _("cancelled")),
}
MARKS: Final = {
    "untold": ("bell-ring", _("patient not yet told")),
    "overbooked": ("layers", _("overbooked")),
    "video": ("video", _("by video")),
    "phone": ("phone", _("by phone")),
    "home": ("house", _("home visit")),
}
ONE_LINE: Final = 4  # units: up to 20 minutes title and time stand in one line
FLAT: Final = 2  # units: up to 10 minutes the letters are smaller too


_needs_escape = re.compile("[&<>\"']").search


def escaped(text: str) -> str:
    """`html.escape`, which most names and addresses can do without."""
    return escape(text) if _needs_escape(text) else text


class Place(NamedTuple):
    """What a script needs to move an entry: where to send it, and where it stands now.

    `start`: local wall clock `YYYY-MM-DDTHH:MM`; `again`: the second time that the clock shows it.
    """

    url: str
    start: str
    minutes: int
    again: bool = False


class Look(NamedTuple):
    """What entries share that look alike: their classes, and the HTML that follows the name. Drawn once for all."""

    classes: str
    after: str


def look_of(
    *,
    kind: str,
    time: str,
    detail: str,
    top: int,
    length: int,
    lane: int,
    lanes: int,
    colour: int,
    state: str = "",
    marks: Sequence[str] = (),
    aside: bool = False,
    signs: str | None = None,
) -> Look:
    """How an entry looks, whoever it is of. `signs`: of its state and marks, where they are drawn already.

    `top` and `length` in units of five minutes from the first hour shown; `lane` of `lanes` side by side when entries
    overlap; `colour` 1 to 8. `kind` is one of `KINDS`, `state` empty or one of `STATES`, `marks` some of `MARKS`:
    `KeyError`, `ValueError` otherwise. What lies outside the day shown is cut off. `aside`: its type is not what the
    viewer looks for.
    """
    classes = _classes(kind, state, tuple(marks), top, length, lane, lanes, colour, aside)
    if signs is None:
        signs = signs_html(state, marks)
    return Look(classes, f' <span class="when num">{_when(time, detail)}</span>{signs}')


def drawn(look: Look, *, url: str, title: str, given_name: str = "", place: Place | None = None) -> str:
    """One entry of a column; without `url` it cannot be opened, without `place` not be moved.

    `given_name` follows the title where there is room for it.
    """
    tag = "a" if url else "div"
    link = f' href="{escaped(url)}" aria-haspopup="dialog"' if url else ""
    rest = f'<span class="given">, {escaped(given_name)}</span>' if given_name else ""
    return f'<{tag}{link} class="{look.classes}"{_data(place)}><b>{escaped(title)}{rest}</b>{look.after}</{tag}>'


def entry_html(*, url: str, title: str, given_name: str = "", place: Place | None = None, **look: Any) -> SafeString:
    """A single entry: as `drawn`, with what `look_of` takes."""
    return SafeString(drawn(look_of(**look), url=url, title=title, given_name=given_name, place=place))


def _data(place: Place | None) -> str:
    if place is None:
        return ""
    again = " data-fold" if place.again else ""
    return f' data-place="{escaped(place.url)}" data-start="{place.start}" data-minutes="{place.minutes}"{again}'


@lru_cache(maxsize=256)
def _when(time: str, detail: str) -> str:
    return f"{escaped(time)} · {escaped(detail)}" if time and detail else escaped(time or detail)


@lru_cache(maxsize=4096)
def _classes(
    kind: str,
    state: str,
    marks: tuple[str, ...],
    top: int,
    length: int,
    lane: int,
    lanes: int,
    colour: int,
    aside: bool,
) -> str:
    """The same for many entries: of all columns of a page those at the same time."""
    if kind not in KINDS:
        raise ValueError(f"{kind!r} is no kind of entry.")
    begin = min(max(top, 0), UNITS_PER_DAY - 1)
    size = min(max(top + length - begin, 1), UNITS_PER_DAY - begin)
    lanes = min(max(lanes, 1), LANES)
    classes = f"entry {kind} t{begin} d{size} l{min(lane, lanes - 1)} w{lanes}"
    if kind in ("appointment", "hold"):
        classes += f" colour{colour}"
    if size <= ONE_LINE:
        classes += " short"
    if size <= FLAT:
        classes += " flat"
    if state:
        classes += f" {state}"
    if aside:
        classes += " aside"
    for mark in marks:
        classes += f" {mark}"
    return classes


def signs_html(state: str, marks: Sequence[str]) -> str:
    """State and marks as icons, each with its word for who does not see it."""
    shown = [STATES[state]] if state else []
    shown += [MARKS[mark] for mark in marks]
    if not shown:
        return ""
    signs = "".join(
        f'{icon(drawing)}<span class="visually-hidden">, {escaped(str(label))}</span>' for drawing, label in shown
    )
    return f'<span class="state n-{len(shown)}">{signs}</span>'
