"""Keeping a time for a visitor of the booking page, or for a booking partner (BOO-3, OTV-6)."""

from copy import copy
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from django.conf import settings
from django.db.models import DateTimeField, Func, Q
from django.db.models.functions import Now

from sprechzeit.access.actor import Actor, ActorKind
from sprechzeit.access.table import Data, Reach, Use
from sprechzeit.core.acting import action, require
from sprechzeit.core.crypto import link_token, pseudonym, token_hash
from sprechzeit.core.errors import NotAllowed, NotFound
from sprechzeit.core.ids import new_id
from sprechzeit.core.live import announce
from sprechzeit.core.plans import planned
from sprechzeit.core.rows import Part, add, fetch
from sprechzeit.practice.once import forget_key, once
from sprechzeit.practice.policy import partner_of
from sprechzeit.practice.queries import PracticePart
from sprechzeit.scheduling import availability as engine
from sprechzeit.scheduling.actions.occupy import lock_time
from sprechzeit.scheduling.actions.offer import take_offered
from sprechzeit.scheduling.errors import HoldsFull, PartnerHoldsFull
from sprechzeit.scheduling.models import (
    Appointment,
    AppointmentType,
    Calendar,
    Hold,
    Occupancy,
    Offering,
    OfferingRoom,
)

HOLD_MINUTES = 10

_HOLD, _OCCUPANCY = Part(Hold, "(found.hold)."), Part(Occupancy, "(found.occupancy).")
_TYPE, _CALENDAR = Part(AppointmentType, "(found.type)."), Part(Calendar, "(found.calendar).")
_APPOINTMENT, _PRACTICE = Part(Appointment, "(found.booked)."), PracticePart("(found.practice).", "found.logo_")
_PARTS = (_HOLD, _OCCUPANCY, _TYPE, _PRACTICE, _CALENDAR, _APPOINTMENT)
_HOLD_OF_TOKEN = f"SELECT {', '.join(one.columns for one in _PARTS)} FROM hold_of_token(%s, %s, %s) AS found"  # noqa: S608

_STANDING_TIMES = "SELECT * FROM standing_times(%s, %s, %s, %s)"


class _Standing(NamedTuple):
    """A time that a hold has. `is_mine`: of this page or this secret; `counts`: kept for this address."""

    id: UUID
    calendar_id: UUID
    space_id: UUID | None
    is_mine: bool
    counts: bool


def hold_token(hold_id: UUID) -> str:
    """The secret with which its visitor finds a hold again."""
    return link_token("hold", hold_id)


@action
def hold_time(
    actor: Actor,
    appointment_type: AppointmentType,
    calendar_id: UUID | None,
    starts_at: datetime,
    *,
    address: str,
    form: str,
    former: str = "",
) -> Hold:
    """Keep `starts_at` (aware) for ten minutes, in a calendar or in the first that is free.

    `form`: the key of the page the time was pressed on. Pressed twice it is one hold; another time pressed on the same
    page gives the former one back, and so does a time pressed on another page by who brings the secret of the `former`
    one. `address` may keep only so many at a time (BOO-8). Raises `HoldsFull`, and `TimeTaken` or `NotOffered` with the
    next free times; then the former one stays.
    """
    require(actor.reach(Data.APPOINTMENTS, Use.WRITE) >= Reach.OWN, NotAllowed)
    digest = pseudonym("address", address)
    asked = f"{appointment_type.pk} {calendar_id} {starts_at.isoformat()}"
    key = f"{form} {asked}"
    made: dict[UUID, Hold] = {}

    def make(hold_id: UUID) -> None:
        standing = _standing(actor, form=token_hash(form), token=token_hash(former), address=digest)
        mine = [one for one in standing if one.is_mine]
        if mine:
            _lock_both(actor, mine, appointment_type, calendar_id)
        _give_back(actor, mine)
        require(sum(one.counts for one in standing if not one.is_mine) < settings.HOLDS_AT_A_TIME, HoldsFull)
        made[hold_id] = _hold(actor, hold_id, appointment_type, calendar_id, starts_at, digest, token_hash(form))

    def wish() -> Hold | None:
        hold_id = once(actor, "hold", key, asked, make)
        return made.get(hold_id) or _made_before(actor, hold_id)

    hold = wish()
    if hold is None:
        forget_key(actor, "hold", key)
        hold = wish()
    if hold is None:
        raise NotFound
    return hold


def _made_before(actor: Actor, hold_id: UUID) -> Hold | None:
    """The hold, unless it was given back or expired: pressing its time again then is a new wish."""
    now = Func(function="clock_timestamp", output_field=DateTimeField())
    stands = Q(occupancy__active=True) & (Q(occupancy__expires_at=None) | Q(occupancy__expires_at__gt=now))
    made = Hold.objects.select_related("occupancy").filter(practice_id=actor.practice_id, pk=hold_id)
    return made.filter(Q(appointment_id__isnull=False) | stands).first()


def _hold(
    actor: Actor,
    hold_id: UUID,
    appointment_type: AppointmentType,
    calendar_id: UUID | None,
    starts_at: datetime,
    address: bytes,
    form: bytes,
) -> Hold:
    taken = take_offered(
        actor,
        appointment_type,
        calendar_id,
        engine.minute_of(starts_at),
        kind=Occupancy.Kind.HOLD,
        keeps_minutes=HOLD_MINUTES,
    )
    hold = Hold(
        id=hold_id,
        practice_id=actor.practice_id,
        partner_id=actor.id if actor.kind is ActorKind.PARTNER else None,
        occupancy_id=taken.occupancy_id,
        calendar_id=taken.offer.calendar_id,
        room_id=taken.offer.room_id,
        type=appointment_type,
        starts_at=engine.instant_of(taken.offer.start),
        ends_at=engine.instant_of(taken.offer.start + taken.minutes),
        token_hash=token_hash(hold_token(hold_id)),
        form=form,
        address=address,
    )
    add(hold)
    return hold


def _standing(
    actor: Actor, *, token: bytes, form: bytes | None = None, address: bytes | None = None
) -> list[_Standing]:
    """The times that the holds of this page, of this secret and from this address have.

    Presses from one address wait here for one another (standing_times.sql): before calendars and spaces are locked.
    """
    return [_Standing(*row) for row in fetch(*planned(_STANDING_TIMES, [actor.practice_id, token, form, address]))]


def _lock_both(
    actor: Actor, former: list[_Standing], appointment_type: AppointmentType, calendar_id: UUID | None
) -> None:
    """Lock what is given back together with what may be taken instead, at once: two visitors who change crosswise
    would mark each other's kept next free times (CAL-11) and wait in a circle.
    """
    offered = Offering.objects.filter(practice_id=actor.practice_id, type=appointment_type)
    if calendar_id:
        offered = offered.filter(calendar_id=calendar_id)
    calendars = offered.values_list("calendar_id", flat=True)
    rooms = OfferingRoom.objects.filter(practice_id=actor.practice_id, offering__in=offered)
    spaces = rooms.values_list("room__space_id", flat=True) if appointment_type.needs_room else []
    lock_time(
        {*calendars, *(one.calendar_id for one in former)},
        {*spaces, *(one.space_id for one in former if one.space_id)},
    )


def _give_back(actor: Actor, former: list[_Standing]) -> None:
    """Free what the visitor held; one that was confirmed meanwhile stays."""
    for one in former:
        live = Occupancy.objects.filter(practice_id=actor.practice_id, pk=one.id, kind=Occupancy.Kind.HOLD)
        if live.update(active=False):
            announce(actor.practice_id, one.calendar_id)


@action
def give_hold_back(actor: Actor, token: str) -> None:
    """The visitor wants another time. Harmless for a hold that is booked or gone."""
    former = _standing(actor, token=token_hash(token))
    lock_time([one.calendar_id for one in former], [one.space_id for one in former if one.space_id])
    _give_back(actor, former)


@action
def release_hold(actor: Actor, hold_id: UUID) -> None:
    """A partner wants a time that it kept no longer. Harmless for one that is booked or over. Raises NotFound."""
    get_hold(actor, hold_token(hold_id))
    give_hold_back(actor, hold_token(hold_id))


def get_hold(actor: Actor, token: str, *, lock: bool = False) -> Hold:
    """The visitor's own hold, with its time, type, practice, calendar, and what came of it.

    `lock`: and nobody else changes it until the transaction ends; what is read then is as it stands since. Raises
    NotFound, for a partner of what it did not keep itself.
    """
    rows = fetch(*planned(_HOLD_OF_TOKEN, [actor.practice_id, token_hash(token), lock]))
    if not rows:
        raise NotFound
    values = iter(rows[0])
    hold = _HOLD.take(values)
    hold.occupancy, hold.type, hold.type.practice = _OCCUPANCY.take(values), _TYPE.take(values), _PRACTICE.take(values)
    hold.calendar = _CALENDAR.take(values)
    hold.appointment = _APPOINTMENT.take_any(values)
    require(hold.partner_id == (actor.id if actor.kind is ActorKind.PARTNER else None), NotFound)
    return hold


@action
def hold_for_partner(
    actor: Actor, appointment_type: AppointmentType, calendar_id: UUID | None, starts_at: datetime
) -> Hold:
    """Keep `starts_at` (aware) for ten minutes for a partner, in a calendar or in the first that is free (OTV-6).

    Each call is another hold: that it is made once is its caller's word (`partners/answers.py`). Raises `NotFound` for
    a partner that may do nothing, `PartnerHoldsFull`, and `TimeTaken` or `NotOffered` with the next free times.
    """
    partner = partner_of(actor)
    require(partner is not None, NotAllowed)
    digest = _of_partner(actor)
    standing = _standing(actor, token=b"", address=digest)
    require(sum(one.counts for one in standing) < settings.PARTNER_HOLDS_AT_A_TIME, PartnerHoldsFull)
    unused = Hold.objects.filter(practice_id=actor.practice_id, address=digest, appointment=None)
    require(
        unused.filter(created_at__gt=Now() - timedelta(hours=1)).count() < settings.PARTNER_UNUSED_HOLDS,
        PartnerHoldsFull,
    )
    return _keep(actor, appointment_type, calendar_id, starts_at)


@action
def hold_to_book(
    actor: Actor, appointment_type: AppointmentType, calendar_id: UUID | None, starts_at: datetime
) -> Hold:
    """The same for what is booked at once, in the same transaction: no limit of kept times stands in its way."""
    require(partner_of(actor) is not None, NotAllowed)
    hold = _keep(actor, appointment_type, calendar_id, starts_at)
    return get_hold(actor, hold_token(hold.pk), lock=True)


def _keep(actor: Actor, appointment_type: AppointmentType, calendar_id: UUID | None, starts_at: datetime) -> Hold:
    hold_id = new_id()
    # Of no page: no other hold is given back for it.
    form = token_hash(f"partner {hold_id}")
    return _hold(actor, hold_id, appointment_type, calendar_id, starts_at, _of_partner(actor), form)


def _of_partner(actor: Actor) -> bytes:
    """What stands for the address of all that a partner keeps."""
    return pseudonym("address", f"partner {actor.identity}")


@action
def hold_anew(actor: Actor, hold: Hold) -> None:
    """Keep an expired hold's time for ten minutes more, as if it were pressed again: it counts as one more at a time.

    Raises `HoldsFull`, and `TimeTaken` or `NotOffered` with the next free times.
    """
    address = bytes(hold.address)
    standing = _standing(actor, token=bytes(hold.token_hash), address=address)
    require(sum(one.counts for one in standing) < settings.HOLDS_AT_A_TIME, HoldsFull)
    anew = take_anew(actor, hold, kind=Occupancy.Kind.HOLD, keeps_minutes=HOLD_MINUTES)
    anew.save(update_fields=["occupancy", "room"])


@action
def take_anew(actor: Actor, hold: Hold, *, kind: str, keeps_minutes: int | None = None) -> Hold:
    """Take an expired hold's time again, perhaps in another room. The caller saves `occupancy` and `room` of what is
    answered; `hold` stays as it was, as it does when the caller refuses afterwards.

    Raises `TimeTaken` or `NotOffered` with the next free times.
    """
    minute = engine.minute_of(hold.starts_at)
    taken = take_offered(actor, hold.type, hold.calendar_id, minute, kind=kind, keeps_minutes=keeps_minutes)
    anew = copy(hold)
    anew.occupancy_id, anew.room_id = taken.occupancy_id, taken.offer.room_id
    return anew
