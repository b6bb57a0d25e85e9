"""What the booking page asks on every step: plain SQL, once made, since a booking is a few of these and little else."""

from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

from sprechzeit.access.actor import Actor
from sprechzeit.core.errors import NotFound
from sprechzeit.core.plans import planned
from sprechzeit.core.rows import Part, fetch, seen
from sprechzeit.practice.queries import PracticePart
from sprechzeit.scheduling.models import AppointmentType, Calendar
from sprechzeit.scheduling.policy import visible_calendars, visible_types

_TYPE, _CALENDAR = Part(AppointmentType, "one."), Part(Calendar, "one.")
_PRACTICE = PracticePart()


def type_by_reference(actor: Actor, reference: str) -> AppointmentType:
    """The type of a public reference, with its practice. Raises NotFound."""
    found, _ = _type(actor, reference, "", [])
    return found


def type_and_calendar(actor: Actor, reference: str, calendar_reference: str) -> tuple[AppointmentType, UUID]:
    """The type of a public reference, with its practice, and the id of a calendar's. Raises NotFound."""
    calendars, parameters = seen(visible_calendars, actor)
    join = f"JOIN {calendars} calendar ON calendar.reference = %s"
    found, values = _type(actor, reference, join, [*parameters, calendar_reference], "calendar.id")
    return found, next(values)


def _type(
    actor: Actor, reference: str, join: str, joined: Sequence[Any], *more: str
) -> tuple[AppointmentType, Iterator[Any]]:
    """With what else is asked for in the same statement."""
    types, parameters = seen(visible_types, actor)
    columns = ", ".join((_TYPE.columns, _PRACTICE.columns, *more))
    statement = (
        f"SELECT {columns} FROM {types} one JOIN ({PracticePart.TABLES}) ON practice.id = one.practice_id {join} "  # noqa: S608
        "WHERE one.reference = %s"
    )
    rows = fetch(*planned(statement, [*parameters, *joined, reference]))
    if not rows:
        raise NotFound
    values = iter(rows[0])
    found = _TYPE.take(values)
    found.practice = _PRACTICE.take(values)
    return found, values


def calendars_offering(actor: Actor, appointment_type: AppointmentType) -> Sequence[Calendar]:
    """The calendars that offer a type, in the order of the book, each with its `own_duration` if it has one (CAL-6)."""
    calendars, parameters = seen(visible_calendars, actor)
    statement = (
        f"SELECT {_CALENDAR.columns}, offering.duration FROM {calendars} one "  # noqa: S608 – made of policy and models
        "JOIN scheduling_offering offering ON offering.practice_id = one.practice_id AND offering.calendar_id = one.id "
        "WHERE offering.practice_id = %s AND offering.type_id = %s ORDER BY one.position, one.name"
    )
    rows = fetch(*planned(statement, [*parameters, appointment_type.practice_id, appointment_type.pk]))
    found = []
    for row in rows:
        values = iter(row)
        calendar = _CALENDAR.take(values)
        calendar.own_duration = next(values)  # type: ignore[attr-defined]  # as an annotation would stand on it
        found.append(calendar)
    return found
