"""What becomes of telling a partner of an event (OTV-9)."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.utils import timezone

from sprechzeit.access.actor import Actor
from sprechzeit.access.table import Role
from sprechzeit.core.acting import action, require
from sprechzeit.core.errors import NotAllowed, NotFound
from sprechzeit.core.events import publish
from sprechzeit.partners.actions.signing import have_signing_key
from sprechzeit.partners.errors import ToldByLater
from sprechzeit.partners.events import DeliveryWantedAgain
from sprechzeit.partners.models import Delivery, Event, WebhookOff
from sprechzeit.partners.policy import get_delivery, published_signing_keys, visible_deliveries
from sprechzeit.partners.signing import private_key
from sprechzeit.partners.webhooks import body_of, signed_headers, webhook_id
from sprechzeit.practice.models import Partner
from sprechzeit.practice.policy import get_partner, may_change_practice

State, Why = Delivery.State, Delivery.Why


@dataclass(frozen=True, slots=True)
class Letter:
    """A webhook that is to be sent now."""

    url: str
    headers: dict[str, str]
    body: bytes


@action
def begin_delivery(actor: Actor, delivery_id: UUID) -> Letter | None:
    """The webhook that is due, signed for an attempt now; None where nothing is to be sent any more.

    Of an appointment only the latest event is sent: it says all that those before it did, which are in the feed.
    Raises `NotFound`, `NotAllowed`.
    """
    require(actor.role is Role.SYSTEM, NotAllowed)
    delivery = _own(actor, delivery_id)
    if delivery.state != State.WAITING:
        return None
    event = delivery.event
    if _is_told_by_later(event):
        _leave_out(delivery, Why.LATER)
        return None
    if not _has_address(event.partner, event.practice.zone):
        _leave_out(delivery, Why.NO_ADDRESS)
        return None
    body = body_of(event, event.practice.zone)
    headers = signed_headers(webhook_id(event), body, _keys(actor), timezone.now())
    return Letter(event.partner.webhook_url, headers, body)


@action
def mark_delivered(actor: Actor, delivery_id: UUID, status: int) -> None:
    """The partner has it. Raises `NotFound`, `NotAllowed`."""
    require(actor.role is Role.SYSTEM, NotAllowed)
    now = timezone.now()
    _note(_own(actor, delivery_id), state=State.SENT, status=status, error="", last_at=now, next_at=None, sent_at=now)


@action
def mark_attempt(
    actor: Actor, delivery_id: UUID, why: str, *, status: int | None = None, again_in: timedelta | None = None
) -> bool:
    """The partner did not take it. It is tried again in a while; without `again_in` it has failed, which the practice
    sees. Whether it is to be tried again: not where the appointment was changed meanwhile, whose change would have to
    wait for it. Raises `NotFound`, `NotAllowed`.
    """
    require(actor.role is Role.SYSTEM, NotAllowed)
    delivery, now = _own(actor, delivery_id), timezone.now()
    if again_in is not None and delivery.state == State.WAITING and _is_told_by_later(delivery.event):
        _leave_out(delivery, Why.LATER)
        return False
    state = State.WAITING if again_in is not None else State.FAILED
    next_at = now + again_in if again_in is not None else None
    _note(delivery, state=state, status=status, error=why, last_at=now, next_at=next_at)
    return again_in is not None


@action
def switch_off(actor: Actor, delivery_id: UUID, url: str, status: int) -> None:
    """The partner says that its address is gone for good: nothing more is sent there. Raises `NotFound`,
    `NotAllowed`.
    """
    mark_attempt(actor, delivery_id, Why.GONE, status=status)
    delivery = _own(actor, delivery_id)
    WebhookOff.objects.get_or_create(practice_id=actor.practice_id, partner=delivery.event.partner, url=url)


@action
def switch_on(actor: Actor, partner_id: UUID) -> None:
    """Changes are sent to the partner's address again. Raises `NotFound`, `NotAllowed`."""
    partner = get_partner(actor, partner_id)
    require(may_change_practice(actor), NotAllowed)
    WebhookOff.objects.filter(practice_id=actor.practice_id, partner=partner).delete()


@action
def deliver_again(actor: Actor, delivery_id: UUID) -> Delivery:
    """A delivery that failed is tried for another day. Harmless for one that has not failed.

    Raises `NotFound`, and `ToldByLater` where the appointment was changed since.
    """
    delivery = get_delivery(actor, delivery_id)
    require(delivery.state != State.FAILED or not _is_told_by_later(delivery.event), ToldByLater)
    failed = Delivery.objects.filter(practice_id=actor.practice_id, pk=delivery.pk, state=State.FAILED)
    if failed.update(state=State.WAITING, attempts=0, error="", next_at=None):
        publish(DeliveryWantedAgain(actor.practice_id, delivery.event.appointment_id, delivery.pk))
    return delivery


@action
def put_aside(actor: Actor, partner_id: UUID) -> int:
    """Leave at that what a partner did not take: it is not warned of any more. How many they were.

    Raises `NotFound`, `NotAllowed`.
    """
    partner = get_partner(actor, partner_id)
    require(may_change_practice(actor), NotAllowed)
    failed = visible_deliveries(actor).filter(event__partner=partner, state=State.FAILED)
    return failed.update(state=State.LEFT_OUT, error=Why.PUT_ASIDE)


def _keys(actor: Actor) -> list[Ed25519PrivateKey]:
    """All that are good now: a partner that has not heard of the newest yet knows another one."""
    have_signing_key(actor)
    good = published_signing_keys(actor).filter(starts_at__lte=timezone.now())
    return [private_key(one.private_key) for one in good]


def _own(actor: Actor, delivery_id: UUID) -> Delivery:
    """Locked, so that who sends it again, or puts it aside, meanwhile waits."""
    found = Delivery.objects.select_for_update(of=("self",)).filter(practice_id=actor.practice_id, pk=delivery_id)
    delivery = found.select_related("event", "event__partner", "event__practice").first()
    if delivery is None:
        raise NotFound
    return delivery


def _is_told_by_later(event: Event) -> bool:
    later = Event.objects.filter(practice_id=event.practice_id, appointment_id=event.appointment_id)
    return later.filter(number__gt=event.number).exists()


def _has_address(partner: Partner, zone: ZoneInfo) -> bool:
    """As it is now: an administrator may have ended the partner or changed the address since."""
    if not partner.webhook_url or not partner.is_active(timezone.now().astimezone(zone).date()):
        return False
    off = WebhookOff.objects.filter(practice_id=partner.practice_id, partner=partner, url=partner.webhook_url)
    return not off.exists()


def _leave_out(delivery: Delivery, why: str) -> None:
    Delivery.objects.filter(pk=delivery.pk).update(state=State.LEFT_OUT, error=why, next_at=None)


def _note(delivery: Delivery, **facts: object) -> None:
    """What came of an attempt. What has arrived stays so, and what was put aside meanwhile, unless it arrived."""
    if delivery.state == State.WAITING or (facts["state"] == State.SENT != delivery.state):
        Delivery.objects.filter(pk=delivery.pk).update(attempts=delivery.attempts + 1, **facts)
