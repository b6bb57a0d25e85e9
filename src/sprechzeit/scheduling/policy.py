"""Who sees and changes what in the appointment book. Decided here and nowhere else."""

from uuid import UUID

from django.db.models import Q, QuerySet

from sprechzeit.access.actor import Actor, ActorKind
from sprechzeit.access.table import Data, Reach, Use
from sprechzeit.core.errors import NotFound
from sprechzeit.scheduling.models import Appointment, AppointmentType, Block, Calendar


def visible_calendars(actor: Actor) -> QuerySet[Calendar]:
    """The columns of the book; a visitor of the booking page sees their names too (BOO-2)."""
    calendars = Calendar.objects.filter(practice_id__in=actor.practices, retired_at=None)
    return calendars if actor.reach(Data.CALENDARS) is Reach.ALL else calendars.none()


def get_calendar(actor: Actor, calendar_id: UUID) -> Calendar:
    """Raises NotFound alike for strangers and for ids that never were (ACC-6)."""
    calendar = visible_calendars(actor).filter(pk=calendar_id).first()
    if calendar is None:
        raise NotFound
    return calendar


def visible_types(actor: Actor) -> QuerySet[AppointmentType]:
    """The appointment types; a visitor sees those that are booked online (CAL-5)."""
    types = AppointmentType.objects.filter(practice_id__in=actor.practices, retired_at=None)
    return types.filter(online=True) if actor.kind is ActorKind.VISITOR else types


def visible_appointments(actor: Actor) -> QuerySet[Appointment]:
    """ACC-1, ACC-11: a practitioner sees what stands in their own calendar and their own patients' appointments.

    A patient's link sees its one appointment. To everybody else taken time is just 'belegt' (CAL-13).
    """
    appointments = Appointment.objects.filter(practice_id__in=actor.practices)
    match actor.reach(Data.APPOINTMENTS), actor.kind:
        case Reach.ALL, _:
            return appointments
        case Reach.OWN, ActorKind.MEMBER:
            return appointments.filter(Q(calendar__member_id=actor.identity) | Q(patient__created_by_id=actor.identity))
        case Reach.OWN, ActorKind.LINK:
            return appointments.filter(link__id=actor.identity)
        case _:
            return appointments.none()


def get_appointment(actor: Actor, appointment_id: UUID) -> Appointment:
    """Raises NotFound alike for strangers and for ids that never were (ACC-6)."""
    appointment = (
        visible_appointments(actor)
        .select_related("patient", "type", "calendar", "room", "cancellation")
        .filter(pk=appointment_id)
        .first()
    )
    if appointment is None:
        raise NotFound
    return appointment


def visible_blocks(actor: Actor) -> QuerySet[Block]:
    """Blocks are seen like the appointments of their calendar: their titles may name a patient."""
    blocks = Block.objects.filter(practice_id__in=actor.practices)
    match actor.reach(Data.APPOINTMENTS), actor.kind:
        case Reach.ALL, _:
            return blocks
        case Reach.OWN, ActorKind.MEMBER:
            return blocks.filter(calendar__member_id=actor.identity)
        case _:
            return blocks.none()


def may_change_calendar(actor: Actor, calendar: Calendar) -> bool:
    """Settings of a calendar: its hours, what is imported into it."""
    reach = actor.reach(Data.CALENDARS, Use.WRITE)
    return reach is Reach.ALL or (reach is Reach.OWN and calendar.member_id == actor.identity)


def may_change_appointment(actor: Actor, appointment: Appointment) -> bool:
    """Cancelling and moving, of what is visible: by whoever writes all, in one's own calendar, or by its link."""
    match actor.reach(Data.APPOINTMENTS, Use.WRITE), actor.kind:
        case Reach.ALL, _:
            return True
        case Reach.OWN, ActorKind.MEMBER:
            return bool(appointment.calendar.member_id == actor.identity)
        case Reach.OWN, ActorKind.LINK:
            return True
        case _:
            return False
