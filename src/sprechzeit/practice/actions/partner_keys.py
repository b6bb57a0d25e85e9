"""The keys with which a booking partner signs: a further one beside the first, and revoking one at once (OTV-2)."""

from datetime import datetime
from uuid import UUID

from django.utils import timezone

from sprechzeit.access.actor import Actor
from sprechzeit.core.acting import action, require
from sprechzeit.core.constraints import refused_by
from sprechzeit.core.errors import DomainError, NotAllowed
from sprechzeit.core.ids import new_id, new_reference
from sprechzeit.practice.errors import (
    KeyEndsInPast,
    KeyKnown,
    NoPublicKey,
    OtherKindOfKey,
    PrivateKeySent,
    UnsafeKey,
)
from sprechzeit.practice.models import PartnerKey
from sprechzeit.practice.partner_keys import Unusable, Wrong, read_public_key
from sprechzeit.practice.policy import get_partner, get_partner_key, may_change_practice

REFUSALS: dict[Wrong, type[DomainError]] = {
    Wrong.NOTHING: NoPublicKey,
    Wrong.UNREADABLE: NoPublicKey,
    Wrong.PRIVATE: PrivateKeySent,
    Wrong.ALGORITHM: OtherKindOfKey,
    Wrong.POINT: UnsafeKey,
}


@action
def add_key(
    actor: Actor,
    partner_id: UUID,
    sent: bytes,
    *,
    label: str = "",
    ends_at: datetime | None = None,
    key_id: UUID | None = None,
) -> PartnerKey:
    """One more key that is good from now on, beside those that are. `sent`: a file's or a text's bytes, as the partner
    gave it; `ends_at`: from when on it is not good any more.

    Raises `NotFound`, `NotAllowed`, `NoPublicKey`, `PrivateKeySent`, `OtherKindOfKey`, `UnsafeKey`, `KeyKnown`,
    `KeyEndsInPast`.
    """
    found = get_partner(actor, partner_id)
    require(may_change_practice(actor), NotAllowed)
    try:
        public_key = read_public_key(sent)
    except Unusable as unusable:
        raise REFUSALS[unusable.wrong] from None
    require(ends_at is None or ends_at > timezone.now(), KeyEndsInPast)
    with refused_by("partner_key_once", KeyKnown):
        return PartnerKey.objects.create(
            id=key_id or new_id(),
            practice_id=found.practice_id,
            partner=found,
            reference=new_reference(),
            public_key=public_key,
            label=label,
            ends_at=ends_at,
        )


@action
def end_key(actor: Actor, key_id: UUID, ends_at: datetime | None) -> None:
    """From when on a key is not good any more, None for no end: so the older of two goes when the newer is in use.

    Raises `NotFound`, `NotAllowed`, `KeyEndsInPast`.
    """
    found = get_partner_key(actor, key_id)
    require(may_change_practice(actor), NotAllowed)
    require(ends_at is None or ends_at > timezone.now(), KeyEndsInPast)
    PartnerKey.objects.filter(pk=found.pk).update(ends_at=ends_at)


@action
def revoke_key(actor: Actor, key_id: UUID) -> PartnerKey:
    """From the next call on nothing that it signs is accepted. It does not come back.

    Once more it changes nothing. Raises `NotFound`, `NotAllowed`.
    """
    found = get_partner_key(actor, key_id)
    require(may_change_practice(actor), NotAllowed)
    PartnerKey.objects.filter(pk=found.pk, revoked_at=None).update(revoked_at=timezone.now())
    found.refresh_from_db()
    return found
