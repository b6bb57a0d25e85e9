"""What the booking page asks on every step: plain SQL, once made, since a booking is a few of these and little else."""

from collections.abc import Sequence

from sprechzeit.access.actor import Actor
from sprechzeit.core.errors import NotFound
from sprechzeit.core.rows import Part, fetch, seen
from sprechzeit.practice.queries import PracticePart
from sprechzeit.scheduling.models import AppointmentType, Calendar
from sprechzeit.scheduling.policy import visible_calendars, visible_types

_TYPE, _CALENDAR = Part(AppointmentType, "one."), Part(Calendar, "one.")
_PRACTICE = PracticePart()


def type_by_reference(actor: Actor, reference: str) -> AppointmentType:
    """The type of a public reference, with its practice. Raises NotFound."""
    types, parameters = seen(visible_types, actor)
    rows = fetch(
        f"SELECT {_TYPE.columns}, {_PRACTICE.columns} FROM {types} one "  # noqa: S608 – made of policy and models
        f"JOIN ({PracticePart.TABLES}) ON practice.id = one.practice_id WHERE one.reference = %s",
        [*parameters, reference],
    )
    if not rows:
        raise NotFound
    values = iter(rows[0])
    found = _TYPE.take(values)
    found.practice = _PRACTICE.take(values)
    return found


def calendar_by_reference(actor: Actor, reference: str) -> Calendar:
    """The calendar of a public reference. Raises NotFound."""
    calendars, parameters = seen(visible_calendars, actor)
    rows = fetch(f"SELECT {_CALENDAR.columns} FROM {calendars} one WHERE reference = %s", [*parameters, reference])  # noqa: S608
    if not rows:
        raise NotFound
    return _CALENDAR.take(iter(rows[0]))


def calendars_offering(actor: Actor, appointment_type: AppointmentType) -> Sequence[Calendar]:
    """The calendars that offer a type, in the order of the book, each with its `own_duration` if it has one (CAL-6)."""
    calendars, parameters = seen(visible_calendars, actor)
    rows = fetch(
        f"SELECT {_CALENDAR.columns}, offering.duration FROM {calendars} one "  # noqa: S608 – made of policy and models
        "JOIN scheduling_offering offering ON offering.practice_id = one.practice_id AND offering.calendar_id = one.id "
        "WHERE offering.practice_id = %s AND offering.type_id = %s ORDER BY one.position, one.name",
        [*parameters, appointment_type.practice_id, appointment_type.pk],
    )
    found = []
    for row in rows:
        values = iter(row)
        calendar = _CALENDAR.take(values)
        calendar.own_duration = next(values)  # type: ignore[attr-defined]  # as an annotation would stand on it
        found.append(calendar)
    return found
