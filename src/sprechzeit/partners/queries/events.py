"""What partners are told, and what became of it (OTV-9)."""

from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet

from sprechzeit.access.actor import Actor
from sprechzeit.partners.models import Delivery, Event, WebhookOff
from sprechzeit.partners.policy import visible_deliveries, visible_events
from sprechzeit.practice.models import Partner
from sprechzeit.practice.policy import managed_partners


def events_after(actor: Actor, number: int, limit: int) -> list[Event]:
    """A partner's events from the one after `number`, in their order, at most so many.

    None is missed: who sees an event sees all before it (events.sql). Raises `NotFound`.
    """
    found = visible_events(actor).filter(number__gt=number).select_related("practice")
    return list(found.order_by("number")[:limit])


def deliveries_of(actor: Actor, partner_id: UUID) -> QuerySet[Delivery]:
    """What was sent to a partner, or is to be, the latest first; `is_last`: nothing was noted of it since."""
    later = Event.objects.filter(
        practice_id=OuterRef("practice_id"),
        appointment_id=OuterRef("event__appointment_id"),
        number__gt=OuterRef("event__number"),
    )
    found = visible_deliveries(actor).filter(event__partner_id=partner_id)
    found = found.select_related("event", "event__type", "event__calendar").annotate(is_last=~Exists(later))
    return found.order_by("-event__number")


def failed_deliveries(actor: Actor) -> QuerySet[Delivery]:
    """Those that were given up, of partners that have not ended."""
    return visible_deliveries(actor).filter(state=Delivery.State.FAILED, event__partner__ended_at=None).only("pk")


def partners_in_trouble(actor: Actor) -> dict[UUID, int]:
    """How many deliveries each partner did not take for good; who took all is not there."""
    partners = failed_deliveries(actor).values_list("event__partner_id", flat=True)
    counts: dict[UUID, int] = {}
    for one in partners:
        counts[one] = counts.get(one, 0) + 1
    return counts


def webhook_off(actor: Actor, partner: Partner) -> WebhookOff | None:
    """Since when the partner's address is gone, as it said itself; None while changes are sent there."""
    off = WebhookOff.objects.filter(practice_id__in=actor.practices, partner__in=managed_partners(actor))
    return off.filter(partner=partner, url=partner.webhook_url).first()
