"""The appointments of a record as its page shows them."""

from collections.abc import Iterable
from typing import Any

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from sprechzeit.access.actor import Actor
from sprechzeit.practice.queries import practice_of
from sprechzeit.scheduling.models import Appointment, Attendance
from sprechzeit.scheduling.new_page import in_the_book

MOST_PAST = 100
STATES = {
    Attendance.State.ARRIVED: ("check", "ok"),
    Attendance.State.COMPLETED: ("badge-check", "ok"),
    Attendance.State.NO_SHOW: ("user-x", "error"),
}


def visit_rows(actor: Actor, visits: Iterable[Appointment]) -> list[dict[str, Any]]:
    """When, what, with whom, what became of it; `book_url`: where it stands in the book."""
    zone = practice_of(actor).zone
    rows = []
    for one in visits:
        starts, ends = one.starts_at.astimezone(zone), one.ends_at.astimezone(zone)
        label, icon, tone = _state(one)
        rows.append(
            {
                "url": reverse("scheduling:appointment", args=[one.pk]),
                "book_url": "" if hasattr(one, "cancellation") else in_the_book(one, zone),
                "when": f"{date_format(starts, 'SHORT_WEEKDAY_DATE_FORMAT')}, {starts:%H:%M}–{ends:%H:%M}",
                "type": one.type.name,
                "colour": one.type.colour,
                "calendar": one.calendar.name,
                "room": one.room.name if one.room else "",
                "state": label,
                "icon": icon,
                "tone": tone,
            }
        )
    return rows


def _state(one: Appointment) -> tuple[str, str, str]:
    if hasattr(one, "cancellation"):
        return _("Cancelled"), "calendar-x", "warn"
    if hasattr(one, "attendance"):
        state = Attendance.State(one.attendance.state)
        return str(state.label), *STATES[state]
    return _("Planned"), "circle-dot", ""
