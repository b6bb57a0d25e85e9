"""What a booking partner writes: holds, bookings, moves, cancellations; and the appointments that it made (OTV-6…8)."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpResponse
from ninja import Query, Router, Schema
from pydantic import AwareDatetime, Field

from sprechzeit.access.actor import Actor
from sprechzeit.partners.answering import Key, Problem, answered, read
from sprechzeit.partners.bookings import (
    AppointmentIn,
    AppointmentOut,
    Appointments,
    CancelIn,
    HoldIn,
    HoldOut,
    MoveIn,
    appointment_out,
    hold_out,
)
from sprechzeit.partners.references import Called, id_of, reference_of
from sprechzeit.partners.schemas import Reference, Slot
from sprechzeit.practice.queries import practice_of
from sprechzeit.practice.visitors import ActorRequest
from sprechzeit.scheduling.actions.cancel import cancel_appointment
from sprechzeit.scheduling.actions.hold import get_hold, hold_for_partner, hold_token, release_hold
from sprechzeit.scheduling.actions.partner_book import PartnerBooking, book_for_partner
from sprechzeit.scheduling.actions.partner_book import Slot as Time
from sprechzeit.scheduling.actions.reschedule import NewTime, reschedule_appointment
from sprechzeit.scheduling.availability import Offer
from sprechzeit.scheduling.models import Appointment, AppointmentType
from sprechzeit.scheduling.policy import get_appointment, get_calendar, get_type
from sprechzeit.scheduling.queries.own_bookings import MOST, ends_of, own_appointment, own_appointments

router = Router(tags=["Booking"])

Told = Callable[[Sequence[Offer]], list[dict[str, Any]]]


class TimeGone(Problem):
    """The time is taken or not offered: these are the next ones."""

    next_free: list[Slot] = Field(default_factory=list)


class NotForPatient(Problem):
    """The fields, or the type's rules, that stand against it."""

    reasons: list[str] = Field(default_factory=list, examples=[["too_young"]])


_REFUSED = {404: Problem, 409: TimeGone, 422: NotForPatient, 429: Problem}


def _id(actor: Actor, kind: Called, reference: str) -> UUID:
    return id_of(actor.identity, kind, reference)


def _next_free(actor: Actor, of: Callable[[], tuple[AppointmentType, timedelta | None]]) -> Told:
    """Tells the next free times of a type; looked for when they are needed."""

    def tell(offers: Sequence[Offer]) -> list[dict[str, Any]]:
        zone = practice_of(actor).zone
        return [
            Slot(
                calendar=reference_of(actor.identity, Called.CALENDAR, calendar_id),
                starts_at=begin.astimezone(zone),
                ends_at=end.astimezone(zone),
            ).model_dump(mode="json")
            for calendar_id, begin, end in ends_of(actor, of()[0], offers, of()[1])
        ]

    return tell


# --- Keeping a time -------------------------------------------------------------------------------------------------


@router.post("/holds", response={201: HoldOut, **_REFUSED}, summary="Keep a time for ten minutes")
def hold(request: ActorRequest, key: Key, asked: HoldIn) -> HttpResponse:
    """Nobody else can take it meanwhile; it frees itself. A taken time is answered with the next free ones."""
    actor = request.actor

    def of_type() -> AppointmentType:
        return get_type(actor, _id(actor, Called.TYPE, asked.type))

    def work() -> HoldOut:
        made = hold_for_partner(actor, of_type(), _calendar(actor, asked.calendar), asked.starts_at)
        return hold_out(actor.identity, get_hold(actor, hold_token(made.pk)), practice_of(actor).zone)

    return answered(request, key, 201, work, _next_free(actor, lambda: (of_type(), None)))


@router.delete("/holds/{hold}", response={204: None, 404: Problem}, summary="Release a kept time")
def release(request: ActorRequest, hold: Reference) -> HttpResponse:
    """Harmless for one that is booked, released or over."""
    release_hold(request.actor, _id(request.actor, Called.HOLD, hold))
    return HttpResponse(status=204)


def _calendar(actor: Actor, reference: str | None) -> UUID | None:
    return get_calendar(actor, _id(actor, Called.CALENDAR, reference)).pk if reference else None


# --- Booking --------------------------------------------------------------------------------------------------------


@router.post("/appointments", response={201: AppointmentOut, **_REFUSED}, summary="Book")
def book(request: ActorRequest, key: Key, asked: AppointmentIn) -> HttpResponse:
    """A kept time or a time, for a patient whom you know by reference, or by name, date of birth and contact.

    Whether the practice knew the patient is not said. By whom they are told is: see `confirms`.
    """
    actor = request.actor

    def of_type() -> AppointmentType:
        if asked.hold:
            held: AppointmentType = get_hold(actor, hold_token(_id(actor, Called.HOLD, asked.hold))).type
            return held
        return get_type(actor, _id(actor, Called.TYPE, asked.type or ""))

    def work() -> AppointmentOut:
        made = book_for_partner(actor, _booking(actor, asked, of_type))
        return _out(actor, get_appointment(actor, made.pk))

    return answered(request, key, 201, work, _next_free(actor, lambda: (of_type(), None)))


def _booking(actor: Actor, asked: AppointmentIn, of_type: Callable[[], AppointmentType]) -> PartnerBooking:
    time: UUID | Time
    if asked.hold:
        time = _id(actor, Called.HOLD, asked.hold)
    else:
        assert asked.starts_at  # noqa: S101 – the schema wants it
        time = Time(of_type(), _calendar(actor, asked.calendar), asked.starts_at)
    return PartnerBooking(
        time=time,
        who=asked.identity() or _id(actor, Called.PATIENT, asked.patient or ""),
        remark=asked.remark,
        insurance=asked.insurance.value if asked.insurance else "",
        booker=asked.booker.contact() if asked.booker else None,
        language=asked.language,
    )


def _out(actor: Actor, appointment: Appointment) -> AppointmentOut:
    return appointment_out(actor.identity, appointment, practice_of(actor).zone)


# --- One's own ------------------------------------------------------------------------------------------------------


class AskedAppointments(Schema):
    """Which page."""

    after: Reference | None = Field(default=None, description="`next` of the page before.")
    limit: Annotated[int, Field(ge=1, le=MOST)] = 100
    changed_since: AwareDatetime | None = Field(default=None, description="`as_of` of the last time.")


@router.get("/appointments", response={200: Appointments, 404: Problem}, summary="The appointments that you booked")
def appointments(request: ActorRequest, asked: Query[AskedAppointments]) -> HttpResponse:
    """Cancelled ones too, in the order in which they were booked; of others you learn nothing."""
    actor = request.actor
    after = _id(actor, Called.PAGE, asked.after) if asked.after else None
    page = own_appointments(actor, after, asked.limit, changed_since=asked.changed_since)
    zone = practice_of(actor).zone
    return read(
        Appointments(
            items=[appointment_out(actor.identity, one, zone) for one in page.appointments],
            as_of=page.as_of.astimezone(zone),
            next=reference_of(actor.identity, Called.PAGE, page.after) if page.after else None,
        )
    )


@router.get("/appointments/{appointment}", response={200: AppointmentOut, 404: Problem}, summary="One of them")
def appointment(request: ActorRequest, appointment: Reference) -> HttpResponse:
    """As it is now. One that you did not book is not there."""
    actor = request.actor
    return read(_out(actor, own_appointment(actor, _id(actor, Called.APPOINTMENT, appointment))))


@router.post("/appointments/{appointment}/move", response={200: AppointmentOut, **_REFUSED}, summary="Move")
def move(request: ActorRequest, appointment: Reference, key: Key, asked: MoveIn) -> HttpResponse:
    """To a time that is offered, until the practice's deadline. Refused, it stays where it is."""
    actor = request.actor

    def found() -> Appointment:
        return get_appointment(actor, _id(actor, Called.APPOINTMENT, appointment))

    def work() -> AppointmentOut:
        to = NewTime(_calendar(actor, asked.calendar), asked.starts_at, asked.sequence)
        return _out(actor, get_appointment(actor, reschedule_appointment(actor, found().pk, to).pk))

    def lasts() -> tuple[AppointmentType, timedelta]:
        one = found()
        return one.type, one.ends_at - one.starts_at

    return answered(request, key, 200, work, _next_free(actor, lasts))


@router.post("/appointments/{appointment}/cancel", response={200: AppointmentOut, **_REFUSED}, summary="Cancel")
def cancel(request: ActorRequest, appointment: Reference, key: Key, asked: CancelIn) -> HttpResponse:
    """Until the practice's deadline. Its time is free again. Cancelled before, it stays so."""
    actor = request.actor

    def work() -> AppointmentOut:
        found = get_appointment(actor, _id(actor, Called.APPOINTMENT, appointment))
        cancel_appointment(actor, found.pk, reason=asked.reason)
        return _out(actor, get_appointment(actor, found.pk))

    return answered(request, key, 200, work)
