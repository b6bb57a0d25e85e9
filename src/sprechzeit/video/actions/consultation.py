"""Holding a consultation: the TAN, letting in, ending (VID-3, VID-4)."""

import hmac
from dataclasses import dataclass
from uuid import UUID

from django.utils import timezone

from sprechzeit.access.actor import Actor, ActorKind
from sprechzeit.core.acting import action, require
from sprechzeit.core.errors import NotAllowed
from sprechzeit.core.live import announce_practice
from sprechzeit.scheduling.policy import may_enter, may_hold
from sprechzeit.scheduling.video_links import TAN_DIGITS, tan_of
from sprechzeit.video.errors import NobodyWaits, NotAdmitted, TanLocked
from sprechzeit.video.models import Consultation, Seat
from sprechzeit.video.models.consultations import MOST_TRIES
from sprechzeit.video.queries.consultation import Meeting, meeting_of, open_meeting
from sprechzeit.video.telling import tell


@dataclass(frozen=True, slots=True)
class Tried:
    """What became of a typed TAN. `is_whole`: it was one; `left`: how many more may be wrong."""

    is_right: bool
    is_whole: bool
    left: int


@action
def try_tan(actor: Actor, typed: str) -> Tried:
    """Whether this is the TAN of the link's consultation; a wrong one counts, the fifth locks it (VID-4).

    What has more or fewer digits is no TAN: it tries nothing and does not count.

    Wrong digits raise nothing, so that what was counted stays counted. Raises `TanLocked`, `LinkNotOpen`, `NotFound`.
    """
    require(actor.kind is ActorKind.LINK, NotAllowed)
    meeting = open_meeting(actor, actor.identity)
    consultation = lock_consultation(actor, meeting)
    require(consultation.locked_at is None, TanLocked)
    digits = "".join(character for character in typed if character.isdecimal())
    before = consultation.wrong_tries
    if len(digits) != TAN_DIGITS:
        return Tried(is_right=False, is_whole=False, left=MOST_TRIES - before)
    is_right = hmac.compare_digest(digits.encode(), tan_of(meeting.id).encode())
    consultation.wrong_tries = 0 if is_right else before + 1
    if consultation.wrong_tries == MOST_TRIES:
        consultation.locked_at = timezone.now()
        announce_practice(actor.practice_id)
    if consultation.wrong_tries != before:
        consultation.save(update_fields=["wrong_tries", "locked_at"])
    return Tried(is_right, is_whole=True, left=MOST_TRIES - consultation.wrong_tries)


@action
def unlock_tan(actor: Actor, video_id: UUID) -> None:
    """The TAN may be typed again: for who enters appointments in the calendar. Raises `NotFound`, `NotAllowed`."""
    meeting = meeting_of(actor, pk=video_id)
    require(may_enter(actor, meeting.calendar), NotAllowed)
    consultation = lock_consultation(actor, meeting)
    if consultation.wrong_tries:
        consultation.wrong_tries, consultation.locked_at = 0, None
        consultation.save(update_fields=["wrong_tries", "locked_at"])
        announce_practice(actor.practice_id)


@action
def admit(actor: Actor, video_id: UUID) -> None:
    """Let the waiting patient in: from now on the two pages may find each other. Done twice it is done once.

    Raises `NotFound`, `NotAllowed`, `LinkNotOpen`, `NobodyWaits`.
    """
    meeting = open_meeting(actor, video_id)
    require(may_hold(actor, meeting.calendar), NotAllowed)
    consultation = lock_consultation(actor, meeting)
    patient = consultation.seats.filter(side=Seat.Side.PATIENT).first()
    now = timezone.now()
    require(patient is not None and patient.is_here(now) and patient.state != Seat.State.TESTING, NobodyWaits)
    if consultation.is_on:
        return
    consultation.admitted_at, consultation.ended_at = now, None
    consultation.save(update_fields=["admitted_at", "ended_at"])
    consultation.seats.filter(side=Seat.Side.PATIENT).update(state=Seat.State.TALKING, since=now)
    tell(consultation)


@action
def end_call(actor: Actor, video_id: UUID) -> None:
    """End the call for both; what told the pages of each other is deleted. Done twice it is done once.

    Raises `NotFound`, `NotAllowed`, `NotAdmitted`.
    """
    meeting = meeting_of(actor, pk=video_id)
    require(may_hold(actor, meeting.calendar), NotAllowed)
    consultation = lock_consultation(actor, meeting)
    require(consultation.admitted_at is not None, NotAdmitted)
    if consultation.ended_at is None:
        consultation.ended_at = timezone.now()
        consultation.save(update_fields=["ended_at"])
    consultation.seats.all().delete()
    tell(consultation)


@action
def lock_consultation(actor: Actor, meeting: Meeting) -> Consultation:
    """Its row, made if it is not there, and nobody else's until the transaction ends: tries are counted, and seats and
    signals given, one after another.
    """
    video = meeting.video
    rows = Consultation.objects.filter(practice_id=video.practice_id, video_id=video.pk).select_for_update()
    found = rows.first()
    if found is None:
        Consultation.objects.bulk_create(
            [Consultation(practice_id=video.practice_id, video_id=video.pk)], ignore_conflicts=True
        )
        found = rows.get()
    return found
