"""What the dialog of a new appointment offers: types, rooms, the next free times, patients."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection
from django.utils import timezone

from sprechzeit.access.actor import Actor
from sprechzeit.practice.models import Room
from sprechzeit.practice.policy import visible_rooms
from sprechzeit.scheduling import availability as engine
from sprechzeit.scheduling.models import Appointment, AppointmentType, Calendar, Offering, OfferingRoom
from sprechzeit.scheduling.policy import enterable_calendars, visible_appointments, visible_types
from sprechzeit.scheduling.queries.availability import next_free, this_minute

OWN_TIMES, OTHER_TIMES = 3, 2


@dataclass(frozen=True, slots=True)
class RoomChoice:
    """A room, and whether it is free then; `allowed`: by the type's offering in the calendar, in its order."""

    room: Room
    is_free: bool
    allowed: bool


def duration_in(actor: Actor, appointment_type: AppointmentType, calendar_id: UUID) -> int:
    """How long the type lasts in this calendar, in minutes (CAL-6)."""
    own = Offering.objects.filter(practice_id=actor.practice_id, type=appointment_type, calendar_id=calendar_id)
    return own.values_list("duration", flat=True).first() or appointment_type.duration


def durations_in(actor: Actor, calendar: Calendar) -> dict[UUID, int]:
    """Of the types that have their own length in this calendar, by their ids: how long, in minutes (CAL-6)."""
    own = Offering.objects.filter(practice_id=actor.practice_id, calendar=calendar, duration__isnull=False)
    return {type_id: minutes for type_id, minutes in own.values_list("type_id", "duration") if minutes}


def types_in(actor: Actor, calendar: Calendar | None) -> list[AppointmentType]:
    """The types that the calendar offers, in the order of the practice; all of them where it offers none."""
    types = visible_types(actor).order_by("position", "name")
    offered = list(types.filter(offerings__calendar=calendar)) if calendar else []
    return offered or list(types)


def rooms_then(
    actor: Actor, calendar: Calendar, appointment_type: AppointmentType, since: datetime, until: datetime
) -> list[RoomChoice]:
    """The practice's rooms at this time, the allowed ones first, best first."""
    allowed = OfferingRoom.objects.filter(
        practice_id=actor.practice_id, offering__type=appointment_type, offering__calendar=calendar
    ).order_by("position")
    order = {room_id: place for place, room_id in enumerate(allowed.values_list("room_id", flat=True))}
    rooms = list(visible_rooms(actor).filter(retired_at=None).order_by("position", "name"))
    rooms.sort(key=lambda room: order.get(room.pk, len(order)))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT space_id FROM taken_in_spaces(%s::uuid[], %s, %s)",
            [[room.space_id for room in rooms], since, until],
        )
        taken = {space_id for (space_id,) in cursor.fetchall()}
    return [RoomChoice(room, room.space_id not in taken, room.pk in order) for room in rooms]


def next_times(
    actor: Actor, appointment_type: AppointmentType, calendar: Calendar, since: datetime
) -> list[tuple[engine.Offer, Calendar]]:
    """The next free times of this calendar from `since` on, and the first of others in which the actor may enter."""
    minute = max(engine.minute_of(since), this_minute())
    own = next_free(actor, appointment_type, OWN_TIMES, since=minute, calendar_id=calendar.pk)
    calendars = {one.pk: one for one in enterable_calendars(actor)}
    others = [
        offer
        for offer in next_free(actor, appointment_type, 4 * OTHER_TIMES, since=minute)
        if offer.calendar_id != calendar.pk and offer.calendar_id in calendars
    ]
    calendars[calendar.pk] = calendar
    found = sorted([*own, *others[:OTHER_TIMES]], key=lambda offer: offer.start)
    return [(offer, calendars[offer.calendar_id]) for offer in found]


def visits_of(
    actor: Actor, patient_ids: Iterable[UUID]
) -> dict[UUID, tuple[Appointment | None, Sequence[Appointment]]]:
    """Of each patient the last appointment and the next ones, as far as the actor sees them."""
    ids = list(patient_ids)
    now = timezone.now()
    seen = visible_appointments(actor).filter(patient_id__in=ids, cancellation=None).select_related("type", "calendar")
    latest = seen.filter(starts_at__lt=now).order_by("patient_id", "-starts_at").distinct("patient_id")
    last = {one.patient_id: one for one in latest}
    coming: dict[UUID, list[Appointment]] = {}
    for one in seen.filter(starts_at__gte=now).order_by("starts_at"):
        coming.setdefault(one.patient_id, []).append(one)
    return {one: (last.get(one), coming.get(one, [])) for one in ids}
