"""Who sits at a consultation, and how the two pages find each other through the database (VID-3)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone

from sprechzeit.access.actor import Actor, ActorKind
from sprechzeit.core.acting import action, require
from sprechzeit.core.errors import NotAllowed
from sprechzeit.practice.queries import practice_of
from sprechzeit.scheduling.policy import may_hold
from sprechzeit.video.actions.consultation import lock_consultation
from sprechzeit.video.errors import LinkNotOpen, NobodyWaits, NotAdmitted, SeatLost, TooManySignals
from sprechzeit.video.models import Consultation, Seat, Signal
from sprechzeit.video.models.consultations import GONE_AFTER, LONGEST_SIGNAL, MOST_SIGNALS
from sprechzeit.video.queries.consultation import Meeting, meeting_of
from sprechzeit.video.telling import tell, tell_pages

SEEN_EVERY = timedelta(seconds=10)
KEPT = timedelta(hours=3)


@dataclass(frozen=True, slots=True)
class Sent:
    """A signal as a page sends it: from its seat to the other's. `taken`: up to which number it has taken its own."""

    seat_id: UUID
    to: UUID
    kind: str
    body: str
    taken: int = 0


@dataclass(frozen=True, slots=True)
class Heard:
    """What a page is told: where things stand, and the signals after those that it has."""

    state: dict[str, Any]
    signals: list[Signal]


@action
def take_seat(actor: Actor, video_id: UUID, state: str, seat_id: UUID | None = None) -> Seat:
    """Sit down on the actor's side, or with `seat_id` say what one does there now; who sat there before has to go.

    A patient who was let in goes on talking. Once the link's time is over there are no new seats.

    Raises `NotFound`, `NotAllowed`, `LinkNotOpen`, `SeatLost`.
    """
    meeting, side = _at(actor, video_id)
    consultation = lock_consultation(actor, meeting)
    now = timezone.now()
    require(meeting.is_open(now) or (seat_id is not None and _goes_on(meeting, consultation)), LinkNotOpen)
    if consultation.is_on and state == Seat.State.WAITING:
        state = Seat.State.TALKING
    found = consultation.seats.filter(side=side).first()
    if found is None or seat_id is None:
        consultation.seats.filter(side=side).delete()
        found = Seat.objects.create(
            practice_id=consultation.practice_id,
            consultation=consultation,
            side=side,
            state=state,
            since=now,
            seen_at=now,
        )
    elif found.pk != seat_id:
        raise SeatLost
    elif found.state != state:
        found.state, found.since, found.seen_at = state, now, now
        found.save(update_fields=["state", "since", "seen_at"])
    tell(consultation)
    return found


@action
def leave_seat(actor: Actor, video_id: UUID, seat_id: UUID) -> None:
    """Go; from a seat that is somebody else's by now nobody goes. Raises `NotFound`, `NotAllowed`."""
    meeting, side = _at(actor, video_id)
    consultation = lock_consultation(actor, meeting)
    consultation.seats.filter(side=side, pk=seat_id).delete()
    tell(consultation)


@action
def send_signal(actor: Actor, video_id: UUID, sent: Sent) -> None:
    """Put a signal down for the other page.

    Raises `NotFound`, `NotAllowed`, `LinkNotOpen`, `NotAdmitted`, `SeatLost`, `TooManySignals`.
    """
    meeting, side = _at(actor, video_id)
    consultation = lock_consultation(actor, meeting)
    require(meeting.is_open(timezone.now()) or _goes_on(meeting, consultation), LinkNotOpen)
    require(consultation.is_on, NotAdmitted)
    seats = {one.side: one for one in consultation.seats.all()}
    own = seats.pop(side, None)
    other = next(iter(seats.values()), None)
    if own is None or own.pk != sent.seat_id or other is None or other.pk != sent.to:
        raise SeatLost
    _taken(own, sent.taken)
    _put(other, sent.kind, sent.body, sender=own.pk)
    tell_pages(consultation)


@action
def say_soon(actor: Actor, video_id: UUID) -> None:
    """Tell the waiting patient that it will not be long.

    Raises `NotFound`, `NotAllowed`, `LinkNotOpen`, `NobodyWaits`, `TooManySignals`.
    """
    meeting, _side = _at(actor, video_id)
    require(actor.kind is not ActorKind.LINK, NotAllowed)
    require(meeting.is_open(timezone.now()), LinkNotOpen)
    consultation = lock_consultation(actor, meeting)
    patient = consultation.seats.filter(side=Seat.Side.PATIENT).first()
    if patient is None or not patient.is_here(timezone.now()):
        raise NobodyWaits
    _put(patient, Signal.Kind.SOON, "", sender=None)
    tell_pages(consultation)


@action
def listen(actor: Actor, video_id: UUID, seat_id: UUID, taken: int, after: int = 0) -> Heard:
    """What is new for a page, which is there: its stream asks again and again.

    `taken`: the number of the last signal that the page says it has; these are forgotten. `after`: the last that its
    stream has sent, which may not have arrived: a stream that nobody reads any more takes nothing from the next one.
    Raises `NotAdmitted` after the end, `SeatLost` where it was opened elsewhere, `NotFound`, `NotAllowed`,
    `LinkNotOpen`.
    """
    meeting, side = _at(actor, video_id)
    consultation = lock_consultation(actor, meeting)
    seats = {one.side: one for one in consultation.seats.all()}
    own = seats.pop(side, None)
    now = timezone.now()
    require(own is not None or consultation.ended_at is None, NotAdmitted)
    require(meeting.is_open(now) or _goes_on(meeting, consultation), LinkNotOpen)
    if own is None or own.pk != seat_id:
        raise SeatLost
    if now - own.seen_at > SEEN_EVERY:
        was_away = not own.is_here(now)
        Seat.objects.filter(pk=own.pk).update(seen_at=now)
        if was_away:
            tell(consultation)
    _taken(own, taken)
    return Heard(
        _state(consultation, next(iter(seats.values()), None), now) | {"closes": _closes(actor, meeting, now)},
        list(own.signals.filter(number__gt=after).order_by("number")),
    )


@action
def step_away(actor: Actor, video_id: UUID, seat_id: UUID) -> None:
    """The page's stream was closed: the seat is kept for it, but nobody is there. Raises `NotFound`, `NotAllowed`."""
    meeting, side = _at(actor, video_id)
    consultation = lock_consultation(actor, meeting)
    long_ago = timezone.now() - 2 * GONE_AFTER
    if consultation.seats.filter(side=side, pk=seat_id).update(seen_at=long_ago):
        tell(consultation)


@action
def forget_old_seats(actor: Actor) -> None:
    """Delete seats where nobody was for hours, with their signals."""
    old = timezone.now() - KEPT
    Seat.objects.filter(practice_id__in=actor.practices, seen_at__lt=old).delete()


def _at(actor: Actor, video_id: UUID) -> tuple[Meeting, str]:
    """The consultation, be its link good or not, and the actor's side of it."""
    meeting = meeting_of(actor, pk=video_id)
    if actor.kind is ActorKind.LINK:
        return meeting, Seat.Side.PATIENT
    require(may_hold(actor, meeting.calendar), NotAllowed)
    return meeting, Seat.Side.PRACTITIONER


def _goes_on(meeting: Meeting, consultation: Consultation) -> bool:
    """Whether a call goes on though its link's time is over: nobody is cut off in the middle of a sentence. It is over
    with the first who goes (VID-4).
    """
    return consultation.is_on and not meeting.is_cancelled and consultation.seats.count() == len(Seat.Side)


def _closes(actor: Actor, meeting: Meeting, now: datetime) -> str:
    """From when on nobody can come in any more, by the practice's clock, once that is near; empty before."""
    opening = meeting.opening
    return f"{opening.closes_at.astimezone(practice_of(actor).zone):%H:%M}" if opening.is_closing(now) else ""


def _put(seat: Seat, kind: str, body: str, *, sender: UUID | None) -> None:
    """Number a signal and put it down. Raises `TooManySignals`."""
    require(seat.numbered - seat.taken < MOST_SIGNALS and len(body) <= LONGEST_SIGNAL, TooManySignals)
    seat.numbered += 1
    seat.save(update_fields=["numbered"])
    Signal.objects.create(
        practice_id=seat.practice_id, seat=seat, number=seat.numbered, sender=sender, kind=kind, body=body
    )


def _taken(seat: Seat, number: int) -> None:
    """Forget what a page has taken."""
    if seat.taken < number <= seat.numbered:
        seat.taken = number
        seat.save(update_fields=["taken"])
        seat.signals.filter(number__lte=number).delete()


def _state(consultation: Consultation, other: Seat | None, now: datetime) -> dict[str, Any]:
    """Where things stand, for a page."""
    return {
        "on": consultation.is_on,
        "other": str(other.pk) if other else "",
        "otherState": other.state if other else "",
        "otherIsHere": bool(other and other.is_here(now)),
    }
