"""Who sees and changes what in the appointment book. Decided here and nowhere else."""

from uuid import UUID

from django.db.models import Q, QuerySet

from sprechzeit.access.actor import Actor, ActorKind
from sprechzeit.access.table import Data, Reach, Use
from sprechzeit.core.errors import NotFound
from sprechzeit.patients.policy import seen_by
from sprechzeit.scheduling.models import Absence, Appointment, AppointmentType, Block, Calendar, Offering, Shift, Source


def visible_calendars(actor: Actor, *, retired: bool = False) -> QuerySet[Calendar]:
    """The columns of the book; a visitor of the booking page sees their names too (BOO-2).

    With `retired` those that offer nothing new as well: they keep their history (CAL-1).
    """
    calendars = Calendar.objects.filter(practice_id__in=actor.practices)
    if not retired:
        calendars = calendars.filter(retired_at=None)
    return calendars if sees_calendars(actor) else calendars.none()


def sees_calendars(actor: Actor) -> bool:
    """Whether the actor sees the columns of its practices at all: all of them, or none."""
    return actor.reach(Data.CALENDARS) is Reach.ALL


def get_calendar(actor: Actor, calendar_id: UUID, *, retired: bool = False) -> Calendar:
    """Raises NotFound alike for strangers and for ids that never were (ACC-6)."""
    calendar = visible_calendars(actor, retired=retired).filter(pk=calendar_id).first()
    if calendar is None:
        raise NotFound
    return calendar


def visible_types(actor: Actor, *, retired: bool = False) -> QuerySet[AppointmentType]:
    """The appointment types; a visitor sees those that are booked online, while the practice has its page open (CAL-5).

    With `retired` those that are offered no more as well.
    """
    types = AppointmentType.objects.filter(practice_id__in=actor.practices)
    if not retired:
        types = types.filter(retired_at=None)
    return types.filter(online=True, practice__booking_open=True) if actor.kind is ActorKind.VISITOR else types


def visible_offerings(actor: Actor) -> QuerySet[Offering]:
    """Who offers what, of the types and the columns that the actor sees (CAL-6)."""
    offered = Offering.objects.filter(practice_id__in=actor.practices, calendar__retired_at=None)
    offered = offered.filter(type__in=visible_types(actor))
    return offered if sees_calendars(actor) else offered.none()


def get_type(actor: Actor, type_id: UUID, *, retired: bool = False) -> AppointmentType:
    """Raises NotFound alike for strangers and for ids that never were (ACC-6)."""
    found = visible_types(actor, retired=retired).filter(pk=type_id).first()
    if found is None:
        raise NotFound
    return found


def visible_appointments(actor: Actor) -> QuerySet[Appointment]:
    """ACC-1, ACC-4, ACC-11: a practitioner sees what stands in their own calendar and the appointments of the patients
    whom they see.

    A patient's link sees its one appointment. To everybody else taken time is just 'belegt' (CAL-13).
    """
    appointments = Appointment.objects.filter(practice_id__in=actor.practices)
    match actor.reach(Data.APPOINTMENTS), actor.kind:
        case Reach.ALL, _:
            return appointments
        case Reach.OWN, ActorKind.MEMBER:
            return appointments.filter(Q(calendar__member_id=actor.identity) | seen_by([actor.identity], "patient"))
        case Reach.OWN, ActorKind.LINK:
            return appointments.filter(link__id=actor.identity)
        case _:
            return appointments.none()


def get_appointment(actor: Actor, appointment_id: UUID) -> Appointment:
    """Raises NotFound alike for strangers and for ids that never were (ACC-6)."""
    appointment = (
        visible_appointments(actor)
        .select_related("patient", "type", "calendar", "room", "occupancy", "cancellation", "attendance", "booker")
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


def may_change_book(actor: Actor) -> bool:
    """What belongs to no single calendar: appointment types, who offers them, new calendars and their order."""
    return actor.reach(Data.CALENDARS, Use.WRITE) is Reach.ALL


def may_change_calendar(actor: Actor, calendar: Calendar) -> bool:
    """Settings of a calendar: its hours, what is imported into it."""
    reach = actor.reach(Data.CALENDARS, Use.WRITE)
    return reach is Reach.ALL or (reach is Reach.OWN and calendar.member_id == actor.identity)


def may_enter(actor: Actor, calendar: Calendar) -> bool:
    """Appointments and blocks in a calendar: by whoever writes all, or in one's own."""
    reach = actor.reach(Data.APPOINTMENTS, Use.WRITE)
    own = actor.kind is ActorKind.MEMBER and calendar.member_id == actor.identity
    return reach is Reach.ALL or (reach is Reach.OWN and own)


def enterable_calendars(actor: Actor) -> QuerySet[Calendar]:
    """The columns in which the actor may enter something: `may_enter`, asked of all of them at once."""
    calendars = visible_calendars(actor)
    match actor.reach(Data.APPOINTMENTS, Use.WRITE), actor.kind:
        case Reach.ALL, _:
            return calendars
        case Reach.OWN, ActorKind.MEMBER:
            return calendars.filter(member_id=actor.identity)
        case _:
            return calendars.none()


def get_shift(actor: Actor, shift_id: UUID) -> Shift:
    """A shift of a visible calendar. Raises NotFound alike for strangers and for ids that never were (ACC-6)."""
    shift = Shift.objects.filter(pk=shift_id, calendar__in=visible_calendars(actor)).select_related("calendar").first()
    if shift is None:
        raise NotFound
    return shift


def visible_absences(actor: Actor) -> QuerySet[Absence]:
    """When calendars or the whole practice are away, and why: seen by who works there alone (CAL-3)."""
    absences = Absence.objects.filter(practice_id__in=actor.practices)
    return absences if sees_absences(actor) else absences.none()


def sees_absences(actor: Actor) -> bool:
    """Whether the actor sees the absences of its practices at all: all of them, or none."""
    return actor.reach(Data.ABSENCES) is Reach.ALL


def get_absence(actor: Actor, absence_id: UUID) -> Absence:
    """Raises NotFound alike for strangers and for ids that never were (ACC-6)."""
    absence = visible_absences(actor).select_related("calendar").filter(pk=absence_id).first()
    if absence is None:
        raise NotFound
    return absence


def may_enter_absence(actor: Actor, calendar: Calendar | None) -> bool:
    """Absences of a calendar: by whoever enters all, or of one's own; of the whole practice by the former alone."""
    reach = actor.reach(Data.ABSENCES, Use.WRITE)
    own = calendar is not None and calendar.member_id is not None and calendar.member_id == actor.id
    return reach is Reach.ALL or (reach is Reach.OWN and own)


def may_change_appointment(actor: Actor, appointment: Appointment) -> bool:
    """Cancelling and moving, of what is visible: by who may enter in its calendar, or by its link."""
    if actor.kind is ActorKind.LINK:
        return actor.reach(Data.APPOINTMENTS, Use.WRITE) is not Reach.NONE
    return may_enter(actor, appointment.calendar)


def get_block(actor: Actor, block_id: UUID) -> Block:
    """An entry that still takes time. Raises NotFound alike for strangers and for ids that never were (ACC-6)."""
    blocks = visible_blocks(actor).select_related("calendar", "occupancy")
    block = blocks.filter(pk=block_id, occupancy__active=True).first()
    if block is None:
        raise NotFound
    return block


def visible_new_bookings(actor: Actor) -> QuerySet[Appointment]:
    """What patients booked themselves, for who enters appointments in that calendar (BOO-12)."""
    booked = visible_appointments(actor).filter(source=Source.ONLINE, cancellation=None)
    match actor.reach(Data.APPOINTMENTS, Use.WRITE), actor.kind:
        case Reach.ALL, _:
            return booked
        case Reach.OWN, ActorKind.MEMBER:
            return booked.filter(calendar__member_id=actor.identity)
        case _:
            return booked.none()
