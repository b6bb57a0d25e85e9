"""Who may see what of the interface for partners."""

from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils import timezone

from sprechzeit.access.actor import Actor, ActorKind
from sprechzeit.core.errors import NotFound
from sprechzeit.partners.models import Delivery, Event, SigningKey
from sprechzeit.practice.policy import managed_partners, may_change_practice, partner_of


def may_make_signing_key(actor: Actor) -> bool:
    """The program itself, at a partner's first call; administrators."""
    return actor.kind is ActorKind.SYSTEM or may_change_practice(actor)


def published_signing_keys(actor: Actor) -> QuerySet[SigningKey]:
    """With what the practice signs now and next, newest first: for partners and everybody who works there.

    Raises nothing for others: they see none.
    """
    keys = SigningKey.objects.filter(practice_id__in=actor.practices)
    if actor.kind not in (ActorKind.PARTNER, ActorKind.SYSTEM, ActorKind.MEMBER):
        return keys.none()
    return keys.filter(Q(ends_at=None) | Q(ends_at__gt=timezone.now())).order_by("-starts_at", "-id")


def signing_key_now(actor: Actor) -> SigningKey | None:
    """With what the practice signs now; None while it has no key."""
    return published_signing_keys(actor).filter(starts_at__lte=timezone.now()).first()


# --- What partners are told (OTV-9) -----------------------------------------------------------------------------------


def visible_events(actor: Actor) -> QuerySet[Event]:
    """A partner sees what became of its own bookings (OTV-8); administrators what every partner is told.

    Raises `NotFound` for a partner that may do nothing.
    """
    events = Event.objects.filter(practice_id__in=actor.practices)
    if actor.kind is ActorKind.PARTNER:
        partner_of(actor)
        return events.filter(partner_id=actor.identity)
    return events.filter(partner__in=managed_partners(actor))


def visible_deliveries(actor: Actor) -> QuerySet[Delivery]:
    """What becomes of telling them: for administrators."""
    deliveries = Delivery.objects.filter(practice_id__in=actor.practices)
    return deliveries.filter(event__partner__in=managed_partners(actor))


def get_delivery(actor: Actor, delivery_id: UUID) -> Delivery:
    """Raises NotFound alike for strangers and for ids that never were (ACC-6)."""
    found = visible_deliveries(actor).filter(pk=delivery_id).select_related("event", "event__partner").first()
    if found is None:
        raise NotFound
    return found
