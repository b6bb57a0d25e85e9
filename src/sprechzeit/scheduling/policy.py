"""Who sees and changes what in the appointment book. Decided here and nowhere else."""

from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from sprechzeit.access.actor import Actor, ActorKind
from sprechzeit.access.table import Data, Reach, Use
from sprechzeit.core.errors import NotFound
from sprechzeit.patients.policy import seen_by
from sprechzeit.scheduling.models import (
    BOOKED_OUTSIDE,
    Absence,
    Appointment,
    AppointmentType,
    Block,
    Calendar,
    Offering,
    Shift,
)


def visible_calendars(actor: Actor, *, retired: bool = False) -> QuerySet[Calendar]:
    """The columns of the book; a visitor of the booking page sees their names too (BOO-2). A delegate sees those of
    the practitioners of the access, the others are not there for them (ACC-20).

    With `retired` those that offer nothing new as well: they keep their history (CAL-1).
    """
    calendars = Calendar.objects.filter(practice_id__in=actor.practices)
    if not retired:
        calendars = calendars.filter(retired_at=None)
    return calendars if sees_all_calendars(actor) else calendars.filter(member_id__in=whose_calendars(actor))


def sees_all_calendars(actor: Actor) -> bool:
    """Whether the actor sees every column of its practices."""
    return actor.reach(Data.CALENDARS) is Reach.ALL


def whose_calendars(actor: Actor) -> list[UUID]:
    """Whose columns somebody sees who does not see all."""
    return sorted(actor.practitioners(Data.CALENDARS))


def get_calendar(actor: Actor, calendar_id: UUID, *, retired: bool = False) -> Calendar:
    """Raises NotFound alike for strangers and for ids that never were (ACC-6)."""
    calendar = visible_calendars(actor, retired=retired).filter(pk=calendar_id).first()
    if calendar is None:
        raise NotFound
    return calendar


def visible_types(actor: Actor, *, retired: bool = False) -> QuerySet[AppointmentType]:
    """The appointment types; a visitor sees those that are booked online, while the practice has its page open (CAL-5),
    a booking partner those that partners book (BOO-11).

    With `retired` those that are offered no more as well.
    """
    types = AppointmentType.objects.filter(practice_id__in=actor.practices)
    if not retired:
        types = types.filter(retired_at=None)
    match actor.kind:
        case ActorKind.VISITOR:
            return types.filter(online=True, practice__booking_open=True)
        case ActorKind.PARTNER:
            return types.filter(partners=True)
        case _:
            return types


def calendars_at_partners(actor: Actor) -> QuerySet[Calendar]:
    """The columns of which a booking partner is told anything: those that offer a type that partners book (OTV-4)."""
    offered = visible_offerings(actor).filter(practice_id=OuterRef("practice_id"), calendar_id=OuterRef("pk"))
    return visible_calendars(actor).filter(Exists(offered))


def visible_offerings(actor: Actor) -> QuerySet[Offering]:
    """Who offers what, of the types and the columns that the actor sees (CAL-6)."""
    offered = Offering.objects.filter(practice_id__in=actor.practices, calendar__retired_at=None)
    offered = offered.filter(type__in=visible_types(actor))
    return offered if sees_all_calendars(actor) else offered.filter(calendar__in=visible_calendars(actor))


def get_type(actor: Actor, type_id: UUID, *, retired: bool = False) -> AppointmentType:
    """Raises NotFound alike for strangers and for ids that never were (ACC-6)."""
    found = visible_types(actor, retired=retired).filter(pk=type_id).first()
    if found is None:
        raise NotFound
    return found


def visible_appointments(actor: Actor) -> QuerySet[Appointment]:
    """ACC-1, ACC-4, ACC-11: a practitioner sees what stands in their own calendar and the appointments of the patients
    whom they see.

    A delegate sees what stands in the calendars in which they book, or, where they read a record's notes, the
    appointments of its patient (ACC-21, ACC-22). A patient's link sees its one appointment, a booking partner those
    that it made (OTV-8). To everybody else taken time is just 'belegt' (CAL-13).
    """
    appointments = Appointment.objects.filter(practice_id__in=actor.practices)
    if actor.reach(Data.APPOINTMENTS) is Reach.ALL:
        return appointments
    if actor.kind is ActorKind.LINK:
        return appointments.filter(link__id=actor.identity)
    if actor.kind is ActorKind.PARTNER:
        return appointments.filter(partner_id=actor.identity)
    calendars, records = whose_book(actor), actor.practitioners(Data.NOTES)
    seen = Q(calendar__member_id__in=calendars) if calendars else Q()
    if records:
        seen |= seen_by(records, "patient")
    return appointments.filter(seen) if seen else appointments.none()


def whose_book(actor: Actor) -> frozenset[UUID]:
    """In whose calendars somebody enters and changes, who does not in all."""
    return actor.practitioners(Data.APPOINTMENTS, Use.WRITE)


def get_appointment(actor: Actor, appointment_id: UUID) -> Appointment:
    """Raises NotFound alike for strangers and for ids that never were (ACC-6)."""
    appointment = (
        visible_appointments(actor)
        .select_related(
            "patient", "type", "calendar", "room", "occupancy", "cancellation", "attendance", "booker", "partner"
        )
        .filter(pk=appointment_id)
        .first()
    )
    if appointment is None:
        raise NotFound
    return appointment


def visible_blocks(actor: Actor) -> QuerySet[Block]:
    """Blocks are seen like the appointments of their calendar: their titles may name a patient."""
    blocks = Block.objects.filter(practice_id__in=actor.practices)
    if actor.reach(Data.APPOINTMENTS) is Reach.ALL:
        return blocks
    return blocks.filter(calendar__member_id__in=whose_book(actor))


def may_change_book(actor: Actor) -> bool:
    """What belongs to no single calendar: appointment types, who offers them, new calendars and their order."""
    return actor.reach(Data.CALENDARS, Use.WRITE) is Reach.ALL


def may_change_calendar(actor: Actor, calendar: Calendar) -> bool:
    """Settings of a calendar: its hours, what is imported into it."""
    everybodys = actor.reach(Data.CALENDARS, Use.WRITE) is Reach.ALL
    return everybodys or calendar.member_id in actor.practitioners(Data.CALENDARS, Use.WRITE)


def may_enter(actor: Actor, calendar: Calendar) -> bool:
    """Appointments and blocks in a calendar: by whoever writes all, in one's own, or in a granted one (ACC-21)."""
    return actor.reach(Data.APPOINTMENTS, Use.WRITE) is Reach.ALL or calendar.member_id in whose_book(actor)


def enterable_calendars(actor: Actor) -> QuerySet[Calendar]:
    """The columns in which the actor may enter something: `may_enter`, asked of all of them at once."""
    calendars = visible_calendars(actor)
    everybodys = actor.reach(Data.APPOINTMENTS, Use.WRITE) is Reach.ALL
    return calendars if everybodys else calendars.filter(member_id__in=whose_book(actor))


def get_shift(actor: Actor, shift_id: UUID) -> Shift:
    """A shift of a visible calendar. Raises NotFound alike for strangers and for ids that never were (ACC-6)."""
    shift = Shift.objects.filter(pk=shift_id, calendar__in=visible_calendars(actor)).select_related("calendar").first()
    if shift is None:
        raise NotFound
    return shift


def visible_absences(actor: Actor) -> QuerySet[Absence]:
    """When calendars or the whole practice are away, and why: seen by who works there alone (CAL-3), by a delegate of
    the calendars in which they book.
    """
    absences = Absence.objects.filter(practice_id__in=actor.practices)
    if sees_all_absences(actor):
        return absences
    members = actor.practitioners(Data.ABSENCES)
    seen = Q(calendar__member_id__in=members) | Q(calendar=None)
    return absences.filter(seen) if members else absences.none()


def sees_all_absences(actor: Actor) -> bool:
    """Whether the actor sees every absence of its practices."""
    return actor.reach(Data.ABSENCES) is Reach.ALL


def sees_absence(actor: Actor, calendar: Calendar) -> bool:
    """Whether the actor sees when a calendar is away."""
    return sees_all_absences(actor) or calendar.member_id in actor.practitioners(Data.ABSENCES)


def get_absence(actor: Actor, absence_id: UUID) -> Absence:
    """Raises NotFound alike for strangers and for ids that never were (ACC-6)."""
    absence = visible_absences(actor).select_related("calendar").filter(pk=absence_id).first()
    if absence is None:
        raise NotFound
    return absence


def may_enter_absence(actor: Actor, calendar: Calendar | None) -> bool:
    """Absences of a calendar: by whoever enters all, or of one's own; of the whole practice by the former alone."""
    if actor.reach(Data.ABSENCES, Use.WRITE) is Reach.ALL:
        return True
    return calendar is not None and calendar.member_id in actor.practitioners(Data.ABSENCES, Use.WRITE)


def may_change_appointment(actor: Actor, appointment: Appointment) -> bool:
    """Cancelling and moving, of what is visible: by who may enter in its calendar, by its link, by the partner."""
    if actor.kind in (ActorKind.LINK, ActorKind.PARTNER):
        return actor.reach(Data.APPOINTMENTS, Use.WRITE) is not Reach.NONE
    return may_enter(actor, appointment.calendar)


def may_see_joining(actor: Actor, appointment: Appointment) -> bool:
    """Link and TAN, with which one joins as the patient does: members who see it, delegates of who may change it."""
    return actor.kind is ActorKind.MEMBER or may_change_appointment(actor, appointment)


def may_hold(actor: Actor, calendar: Calendar) -> bool:
    """Letting the patient in, talking, ending: the practitioner in whose calendar it stands, and who sees all that is
    written about patients. A secretary sees that there is one, and does not take part; no access opens it (VID-3).
    """
    member = actor.by_role()
    if member.kind is not ActorKind.MEMBER:
        return False
    if member.reach(Data.NOTES, Use.WRITE) is Reach.ALL:
        return True
    members = member.practitioners(Data.NOTES, Use.WRITE)
    return (calendar.member_id or member.id) in members


def may_see_history(actor: Actor, appointment: Appointment) -> bool:
    """Who did what with an appointment: who reads the log of what they see. No access opens it (AUD-4)."""
    if actor.reach(Data.LOG) < Reach.OWN:
        return False
    return not actor.granted or visible_appointments(actor.by_role()).filter(pk=appointment.pk).exists()


def may_document(actor: Actor, appointment: Appointment) -> bool:
    """Whether its session and what is written about it would be the actor's: who writes everybody's notes, or those of
    whose calendar it stands in (DOC-1).
    """
    if actor.reach(Data.NOTES, Use.WRITE) is Reach.ALL:
        return True
    treats = appointment.calendar.member_id
    members = actor.practitioners(Data.NOTES, Use.WRITE)
    return treats in members if treats else actor.kind is ActorKind.MEMBER and actor.id in members


def get_block(actor: Actor, block_id: UUID) -> Block:
    """An entry that still takes time. Raises NotFound alike for strangers and for ids that never were (ACC-6)."""
    blocks = visible_blocks(actor).select_related("calendar", "occupancy")
    block = blocks.filter(pk=block_id, occupancy__active=True).first()
    if block is None:
        raise NotFound
    return block


def visible_new_bookings(actor: Actor) -> QuerySet[Appointment]:
    """What patients booked themselves, or partners for them, for who enters appointments in that calendar by their
    role (BOO-12): whether a record is new, or like another one, is told to no delegate.
    """
    member = actor.by_role()
    booked = visible_appointments(member).filter(source__in=BOOKED_OUTSIDE, cancellation=None)
    if member.reach(Data.APPOINTMENTS, Use.WRITE) is Reach.ALL:
        return booked
    return booked.filter(calendar__member_id__in=whose_book(member))
