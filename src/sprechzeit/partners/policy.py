"""Who may see what of the interface for partners."""

from django.db.models import Q, QuerySet
from django.utils import timezone

from sprechzeit.access.actor import Actor, ActorKind
from sprechzeit.partners.models import SigningKey
from sprechzeit.practice.policy import may_change_practice


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
