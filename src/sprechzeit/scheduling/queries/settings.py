"""What the settings of the appointment book show."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, QuerySet
from django.utils import timezone

from sprechzeit.access.actor import Actor
from sprechzeit.practice.models import Room
from sprechzeit.practice.policy import visible_rooms
from sprechzeit.scheduling.models import Appointment, AppointmentType, Calendar, Offering, OfferingRoom
from sprechzeit.scheduling.policy import visible_appointments, visible_calendars, visible_types


@dataclass(frozen=True, slots=True)
class Offered:
    """How a calendar offers a type: its own `duration` in minutes or None, `rooms` in order of preference."""

    duration: int | None
    rooms: tuple[UUID, ...] = ()


def types_in_order(actor: Actor, *, retired: bool = False) -> QuerySet[AppointmentType]:
    """The appointment types in their order."""
    return visible_types(actor, retired=retired).order_by("position", "name")


def calendars_per_type(actor: Actor) -> Mapping[UUID, int]:
    """How many calendars in use offer each type that any offers."""
    offerings = Offering.objects.filter(calendar__in=visible_calendars(actor))
    return dict(offerings.values_list("type_id").annotate(Count("calendar_id")))


def calendars_in_order(actor: Actor, *, retired: bool = False) -> QuerySet[Calendar]:
    """The calendars in the order of the book."""
    return visible_calendars(actor, retired=retired).select_related("member").order_by("position", "name")


def rooms_in_use(actor: Actor) -> list[Room]:
    """The rooms in which something new may take place, in their order."""
    return list(visible_rooms(actor).filter(retired_at=None).order_by("position", "name"))


def offerings_of(actor: Actor, appointment_type: AppointmentType) -> Mapping[UUID, Offered]:
    """Which calendars offer a type, and how (CAL-6)."""
    offerings = Offering.objects.filter(type=appointment_type, calendar__in=visible_calendars(actor, retired=True))
    rooms: dict[UUID, list[UUID]] = {}
    allowed = OfferingRoom.objects.filter(offering__in=offerings).order_by("position", "room__position", "room__name")
    for offering_id, room_id in allowed.values_list("offering_id", "room_id"):
        rooms.setdefault(offering_id, []).append(room_id)
    return {one.calendar_id: Offered(one.duration, tuple(rooms.get(one.pk, ()))) for one in offerings}


def offered_nowhere_else(actor: Actor, room: Room) -> list[Offering]:
    """What is offered in this room and in no other one in use: it would be offered no more without it."""
    in_use = {one.pk for one in rooms_in_use(actor)}
    offerings = Offering.objects.filter(
        type__in=visible_types(actor), type__needs_room=True, calendar__in=visible_calendars(actor), rooms__room=room
    )
    named = offerings.select_related("type", "calendar").prefetch_related("rooms")
    alone = [one for one in named if not {allowed.room_id for allowed in one.rooms.all()} & (in_use - {room.pk})]
    return sorted(alone, key=lambda one: (one.type.position, one.type.name, one.calendar.position))


def appointments_to_come(
    actor: Actor,
    *,
    calendar: Calendar | None = None,
    room: Room | None = None,
    appointment_type: AppointmentType | None = None,
) -> QuerySet[Appointment]:
    """What is still to take place in a calendar, in a room or of a type, of what the viewer sees."""
    coming = visible_appointments(actor).filter(ends_at__gt=timezone.now(), cancellation=None)
    if calendar is not None:
        coming = coming.filter(calendar=calendar)
    if room is not None:
        coming = coming.filter(room=room)
    if appointment_type is not None:
        coming = coming.filter(type=appointment_type)
    return coming.order_by("starts_at")
