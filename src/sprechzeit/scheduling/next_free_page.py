"""Who can see a patient next: for each calendar the next free time of a type (CAL-11)."""

from collections.abc import Sequence
from typing import Any

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.http import urlencode

from sprechzeit.access.actor import Actor
from sprechzeit.practice.queries import practice_of
from sprechzeit.scheduling import availability as engine
from sprechzeit.scheduling.forms.local_time import clock_of, on_the_wire
from sprechzeit.scheduling.models import AppointmentType
from sprechzeit.scheduling.policy import enterable_calendars, visible_calendars, visible_types
from sprechzeit.scheduling.queries.next_free import next_free_of_all

MOST = 50


def next_free_context(actor: Actor, chosen: AppointmentType | None) -> dict[str, Any]:
    """The types to choose from, and of the chosen one, or the first, whose calendar has a time when, soonest first."""
    types = list(visible_types(actor).order_by("position", "name"))
    chosen = chosen or next(iter(types), None)
    return {
        "types": types,
        "chosen": chosen,
        "rows": _rows(actor, chosen, next_free_of_all(actor, chosen, MOST)) if chosen else [],
    }


def _rows(actor: Actor, chosen: AppointmentType, offers: Sequence[engine.Offer]) -> list[dict[str, Any]]:
    zone = practice_of(actor).zone
    calendars = visible_calendars(actor).in_bulk([offer.calendar_id for offer in offers])
    enterable = set(enterable_calendars(actor).values_list("pk", flat=True))
    rows = []
    for offer in offers:
        calendar, starts = calendars.get(offer.calendar_id), engine.instant_of(offer.start).astimezone(zone)
        if calendar is None:
            continue
        said: dict[str, Any] = {
            "calendar": offer.calendar_id,
            "type": chosen.pk,
            "room": offer.room_id,
            "start": on_the_wire(starts, zone),
        }
        said |= {"fold": "1"} if starts.fold else {}
        query = urlencode({name: value for name, value in said.items() if value})
        rows.append({
            "calendar": calendar,
            "day": date_format(starts, "WEEKDAY_DAY_FORMAT"),
            "clock": clock_of(starts, zone),
            "book_url": f"{reverse('scheduling:book')}?{urlencode({'day': f'{starts:%Y-%m-%d}'})}",
            "new_url": f"{reverse('scheduling:new')}?{query}" if calendar.pk in enterable else "",
        })  # fmt: skip
    return rows
