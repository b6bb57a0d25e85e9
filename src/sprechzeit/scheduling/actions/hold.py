"""Keeping a time for a visitor of the booking page (BOO-3)."""

from dataclasses import asdict
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection
from django.utils import timezone

from sprechzeit.access.actor import Actor
from sprechzeit.access.table import Data, Reach, Use
from sprechzeit.core.acting import action, require
from sprechzeit.core.crypto import link_token, token_hash
from sprechzeit.core.errors import NotAllowed, NotFound
from sprechzeit.practice.models import Room
from sprechzeit.practice.once import once
from sprechzeit.scheduling import availability as engine
from sprechzeit.scheduling.actions.occupy import Wanted, occupy, release
from sprechzeit.scheduling.errors import NotOffered, TimeTaken
from sprechzeit.scheduling.models import AppointmentType, Hold, Occupancy
from sprechzeit.scheduling.queries.availability import FreeTimes, free_times, next_free

HOLD_MINUTES = 10
HOLDS_AT_A_TIME = 2
NEXT_FREE = 3
_TAKEN = {engine.Reason.CALENDAR_TAKEN, engine.Reason.NO_ROOM_FREE}


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
    holder: str,
    key: str,
) -> Hold:
    """Keep `starts_at` (aware) for ten minutes, in a calendar or in the first that is free.

    `key`: of the form; sent twice it is one hold. `holder` names the visitor's address: of one holder's holds the
    oldest gives way to a third (BOO-8). Raises `TimeTaken` or `NotOffered`, both with the next free times.
    """
    require(actor.reach(Data.APPOINTMENTS, Use.WRITE) >= Reach.OWN, NotAllowed)
    asked = f"{appointment_type.pk} {calendar_id} {starts_at.isoformat()}"

    made: list[Hold] = []

    def make(hold_id: UUID) -> None:
        made.append(_hold(actor, hold_id, appointment_type, calendar_id, starts_at, token_hash(holder)))

    hold_id = once(actor, "hold", key, asked, make)
    hold = made[0] if made else Hold.objects.filter(practice_id=actor.practice_id, pk=hold_id).first()
    if hold is None:
        raise NotFound
    return hold


def _hold(
    actor: Actor,
    hold_id: UUID,
    appointment_type: AppointmentType,
    calendar_id: UUID | None,
    starts_at: datetime,
    holder: bytes,
) -> Hold:
    _make_room_for_another(actor, holder)
    minute = engine.minute_of(starts_at)
    offer = choose(actor, appointment_type, calendar_id, minute)
    rooms = Room.objects.only("space_id")
    room = rooms.get(practice_id=actor.practice_id, pk=offer.room_id) if offer.room_id else None
    expires_at = timezone.now() + timedelta(minutes=HOLD_MINUTES)
    wanted = wanted_for(appointment_type, offer, room, kind=Occupancy.Kind.HOLD, expires_at=expires_at)
    try:
        (occupancy_id,) = occupy(actor, wanted)
    except TimeTaken:
        raise TimeTaken(_next_free(actor, appointment_type, calendar_id, minute)) from None
    return Hold.objects.create(
        id=hold_id,
        practice_id=actor.practice_id,
        occupancy=Occupancy(id=occupancy_id, practice_id=actor.practice_id, **asdict(wanted)),
        calendar_id=offer.calendar_id,
        room=room,
        type=appointment_type,
        starts_at=engine.instant_of(offer.start),
        ends_at=engine.instant_of(offer.start + appointment_type.duration),
        token_hash=token_hash(hold_token(hold_id)),
        holder=holder,
    )


def wanted_for(
    appointment_type: AppointmentType,
    offer: engine.Offer,
    room: Room | None,
    *,
    kind: str,
    expires_at: datetime | None = None,
) -> Wanted:
    """The time that an appointment of this type takes, buffers included."""
    return Wanted(
        calendar_id=offer.calendar_id,
        space_id=room.space_id if room else None,
        starts_at=engine.instant_of(offer.start - appointment_type.buffer_before),
        ends_at=engine.instant_of(offer.start + appointment_type.duration + appointment_type.buffer_after),
        kind=kind,
        expires_at=expires_at,
    )


def choose(actor: Actor, appointment_type: AppointmentType, calendar_id: UUID | None, minute: int) -> engine.Offer:
    """What is offered at this minute, or `TimeTaken` / `NotOffered` with the next free times."""
    free = _free_around(actor, appointment_type, calendar_id, minute)
    if offered := free.at(minute):
        return offered[0]
    reasons = list(free.reasons(minute).values())
    following = _next_free(actor, appointment_type, calendar_id, minute)
    if any(why and set(why) <= _TAKEN for why in reasons):
        raise TimeTaken(following)
    raise NotOffered([str(reason) for why in reasons for reason in why], following)


def _free_around(actor: Actor, appointment_type: AppointmentType, calendar_id: UUID | None, minute: int) -> FreeTimes:
    day = engine.instant_of(minute).date()
    return free_times(actor, appointment_type, day - timedelta(days=1), day + timedelta(days=1), calendar_id)


def _next_free(
    actor: Actor, appointment_type: AppointmentType, calendar_id: UUID | None, minute: int
) -> list[engine.Offer]:
    """The free times nearest after the one that was wanted; if there are none after it, the first there are."""
    today = timezone.now().date()
    wanted_day = max(today, engine.instant_of(minute).date())
    found = next_free(actor, appointment_type, NEXT_FREE + 60, since=wanted_day, calendar_id=calendar_id)
    later = [offer for offer in found if offer.start >= minute]
    return (later or next_free(actor, appointment_type, NEXT_FREE, since=today, calendar_id=calendar_id))[:NEXT_FREE]


def _make_room_for_another(actor: Actor, holder: bytes) -> None:
    """One visitor keeps two times at most: choosing a third gives the oldest back (BOO-8)."""
    holds = Hold.objects.filter(
        practice_id=actor.practice_id, holder=holder, occupancy__active=True, occupancy__kind=Occupancy.Kind.HOLD
    ).order_by("-created_at", "-id")
    if too_many := list(holds.values_list("occupancy_id", flat=True)[HOLDS_AT_A_TIME - 1 :]):
        release(actor, *Occupancy.objects.filter(practice_id=actor.practice_id, pk__in=too_many))


def get_hold(actor: Actor, token: str, *, lock: bool = False) -> Hold:
    """The visitor's own hold; `lock`: and nobody else changes it until the transaction ends. Raises NotFound."""
    held = Hold.objects.select_for_update() if lock else Hold.objects.select_related("occupancy", "type", "calendar")
    try:
        return held.get(practice_id=actor.practice_id, token_hash=token_hash(token))
    except Hold.DoesNotExist:
        raise NotFound from None


@action
def forget_old_holds(actor: Actor) -> int:
    """Delete what visitors began and never finished, after 24 hours (PRI-22); returns how many."""
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH gone AS (DELETE FROM scheduling_hold WHERE practice_id = %s "
            "AND created_at < now() - interval '24 hours' RETURNING occupancy_id) "
            "DELETE FROM scheduling_occupancy WHERE practice_id = %s AND kind = 'hold' "
            "AND id IN (SELECT occupancy_id FROM gone)",
            [actor.practice_id, actor.practice_id],
        )
        return int(cursor.rowcount)
