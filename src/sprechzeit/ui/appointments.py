"""Entries of the appointment book as HTML. In Python, not as templates: a book may show more than a thousand."""

from typing import Final

from django.utils.html import format_html
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
ONE_LINE: Final = 4  # units: up to 20 minutes title and time stand in one line
FLAT: Final = 2  # units: up to 10 minutes the letters are smaller too


def entry_html(
    *,
    url: str,
    kind: str,
    title: str,
    time: str,
    detail: str,
    top: int,
    length: int,
    lane: int,
    lanes: int,
    colour: int,
    state: str = "",
) -> SafeString:
    """One entry of a column; without `url` it cannot be opened.

    `top` and `length` in units of five minutes from the first hour shown; `lane` of `lanes` side by side when entries
    overlap; `colour` 1 to 8. `kind` is one of `KINDS`, `state` empty or one of `STATES`: `KeyError`, `ValueError`
    otherwise. What lies outside the day shown is cut off.
    """
    if kind not in KINDS:
        raise ValueError(f"{kind!r} is no kind of entry.")
    opening = format_html('a href="{}" aria-haspopup="dialog"', url) if url else "div"
    return format_html(
        '<{} class="{}"><b>{}</b> <span class="when num">{}{}{}</span>{}</{}>',
        opening,
        _classes(kind, state, top, length, lane, lanes, colour),
        title,
        time,
        " · " if time and detail else "",
        detail,
        _state(state),
        "a" if url else "div",
    )


def _classes(kind: str, state: str, top: int, length: int, lane: int, lanes: int, colour: int) -> str:
    begin = min(max(top, 0), UNITS_PER_DAY - 1)
    size = min(max(top + length - begin, 1), UNITS_PER_DAY - begin)
    lanes = min(max(lanes, 1), LANES)
    classes = ["entry", kind, f"t{begin}", f"d{size}", f"l{min(lane, lanes - 1)}", f"w{lanes}"]
    if kind in ("appointment", "hold"):
        classes.append(f"colour{colour}")
    if size <= ONE_LINE:
        classes.append("short")
    if size <= FLAT:
        classes.append("flat")
    return " ".join([*classes, state] if state else classes)


def _state(state: str) -> SafeString:
    if not state:
        return SafeString("")
    drawing, label = STATES[state]
    return format_html(
        '<span class="state">{}<span class="visually-hidden">, {}</span></span>',
        icon(drawing),
        label,
    )
