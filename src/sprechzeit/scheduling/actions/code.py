"""A code sent by e-mail before a time is booked: the address is then known to be theirs who books (BOO-4)."""

import hmac
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import F
from django.db.models.functions import Now

from sprechzeit.access.actor import Actor
from sprechzeit.access.table import Data, Reach, Use
from sprechzeit.core.acting import action, require
from sprechzeit.core.crypto import link_token, pseudonym, token_hash
from sprechzeit.core.errors import NotAllowed, NotFound
from sprechzeit.core.events import publish
from sprechzeit.patients.matching import email_key
from sprechzeit.practice.models import Practice
from sprechzeit.scheduling.actions.hold import HOLD_MINUTES, get_hold, hold_anew
from sprechzeit.scheduling.errors import CodeSpent
from sprechzeit.scheduling.events import BookingCodeAsked
from sprechzeit.scheduling.models import AppointmentType, BookingCode, Hold

CODE_MINUTES, TRIES, PROOF_HOURS = 10, 5, 2
LONGEST_HOLD_MINUTES = 2 * HOLD_MINUTES
_DIGITS = 6

_KEEP_LONGER = """
    UPDATE scheduling_occupancy kept
       SET expires_at = greatest(kept.expires_at, least(clock_timestamp() + %(minutes)s * interval '1 minute',
                                                        hold.created_at + %(longest)s * interval '1 minute'))
      FROM scheduling_hold hold
     WHERE hold.practice_id = %(practice)s AND hold.id = %(hold)s AND kept.practice_id = %(practice)s
       AND kept.id = hold.occupancy_id AND kept.active AND kept.kind = 'hold' AND kept.expires_at > clock_timestamp()
"""


@dataclass(frozen=True, slots=True)
class Recipient:
    """Whom a code is sent to, as a visitor typed it."""

    email: str
    language: str = "de"

    @property
    def address(self) -> bytes:
        """The address as it is compared."""
        return pseudonym("booking code", email_key(self.email))


def needs_code(practice: Practice, appointment_type: AppointmentType) -> bool:
    """Whether a code comes before the booking: the practice wants it, or the answer says who is a patient.

    A type for known patients is refused to all others. So that this tells nobody about somebody else, it is said only
    to who has proved an address (BOO-8, decision 8).
    """
    return practice.booking_code_required or appointment_type.patients == AppointmentType.Patients.KNOWN


def digits_of(code_id: UUID) -> str:
    """The six digits, which only the installation can make."""
    number = int.from_bytes(token_hash(link_token("booking code", code_id))[:8])
    return f"{number % 10**_DIGITS:0{_DIGITS}}"


@action
def ask_for_code(actor: Actor, token: str, recipient: Recipient, *, again: bool = False) -> BookingCode:
    """Send a code to the address that a visitor typed, and keep their time long enough to type it.

    One that can still be typed is not sent anew, unless `again`. A hold that expired meanwhile is taken anew. Whether
    the practice knows the address is not asked. Raises `NotFound`, `HoldsFull`, `TimeTaken`, `NotOffered`.
    """
    require(actor.reach(Data.APPOINTMENTS, Use.WRITE) >= Reach.OWN, NotAllowed)
    hold = get_hold(actor, token, lock=True)
    _keep_longer(actor, hold)
    if not again and (waiting := waiting_code(actor, hold, recipient)):
        return waiting
    code = BookingCode.objects.create(
        practice_id=actor.practice_id,
        hold=hold,
        email=recipient.email,
        address=recipient.address,
        language=recipient.language,
    )
    publish(BookingCodeAsked(actor.practice_id, code.id))
    return code


def _keep_longer(actor: Actor, hold: Hold) -> None:
    """Ten minutes from now, but never more than twenty in all."""
    facts: dict[str, Any] = {
        "practice": actor.practice_id, "hold": hold.pk, "minutes": CODE_MINUTES, "longest": LONGEST_HOLD_MINUTES,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_KEEP_LONGER, facts)
        if cursor.rowcount == 0:
            hold_anew(actor, hold)


def waiting_code(actor: Actor, hold: Hold, recipient: Recipient) -> BookingCode | None:
    """The code for this time and address that can still be typed."""
    sent = BookingCode.objects.filter(practice_id=actor.practice_id, hold=hold, address=recipient.address)
    live = sent.filter(tries__lt=TRIES, created_at__gt=Now() - timedelta(minutes=CODE_MINUTES))
    return live.order_by("created_at").last()


@action
def try_code(actor: Actor, code_id: UUID, typed: str) -> bool:
    """Whether these are the digits; each answer costs one of five tries. Raises `CodeSpent` when it is too late.

    Wrong digits raise nothing, so that what was counted stays counted.
    """
    require(actor.reach(Data.APPOINTMENTS, Use.WRITE) >= Reach.OWN, NotAllowed)
    code = BookingCode.objects.filter(practice_id=actor.practice_id, pk=code_id)
    live = code.filter(tries__lt=TRIES, created_at__gt=Now() - timedelta(minutes=CODE_MINUTES))
    require(live.update(tries=F("tries") + 1) == 1, CodeSpent)
    digits = "".join(character for character in typed if character.isdecimal())
    if not hmac.compare_digest(digits.encode(), digits_of(code_id).encode()):
        return False
    code.update(proven_at=Now())
    return True


def is_proven(actor: Actor, code_id: UUID | None, recipient: Recipient) -> bool:
    """Whether the digits of this code were typed, which was sent to this address."""
    if code_id is None:
        return False
    proven = BookingCode.objects.filter(practice_id=actor.practice_id, pk=code_id, address=recipient.address)
    return proven.filter(proven_at__gt=Now() - timedelta(hours=PROOF_HOURS)).exists()


def get_code(actor: Actor, code_id: UUID) -> BookingCode:
    """A code that is to be sent. Raises NotFound; NotAllowed to who sends no messages."""
    require(actor.reach(Data.MESSAGES, Use.WRITE) is Reach.ALL, NotAllowed)
    code = BookingCode.objects.filter(practice_id=actor.practice_id, pk=code_id).first()
    if code is None:
        raise NotFound
    return code
