"""Keys of the practice, and nonces of partners (OTV-2)."""

import base64
from datetime import timedelta
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import connection
from django.utils import timezone

from sprechzeit.access.actor import Actor, ActorKind
from sprechzeit.core.acting import action, require
from sprechzeit.core.crypto import token_hash
from sprechzeit.core.errors import NotAllowed
from sprechzeit.core.ids import new_id, new_reference
from sprechzeit.core.locks import lock
from sprechzeit.partners.errors import NonceReused
from sprechzeit.partners.models import Nonce, SigningKey
from sprechzeit.partners.policy import may_make_signing_key, published_signing_keys, signing_key_now

KEPT_MINUTES = 15
"""How long a nonce is kept: a signature is good five minutes before and after its time, so ten at most."""
OVERLAP = timedelta(days=7)
"""How long partners know the practice's next key before it signs, and the last one after it did."""

_NOTE = (
    "INSERT INTO partners_nonce (id, practice_id, key_id, digest) VALUES (%s, %s, %s, %s) "
    "ON CONFLICT (practice_id, key_id, digest) DO NOTHING"
)


@action
def use_nonce(actor: Actor, key_id: UUID, nonce: str) -> None:
    """Note that a nonce was used with a key of the partner. Raises `NonceReused` the second time, `NotAllowed`."""
    require(actor.kind is ActorKind.PARTNER, NotAllowed)
    with connection.cursor() as cursor:
        cursor.execute(_NOTE, [new_id(), actor.practice_id, key_id, token_hash(nonce)])
        require(cursor.rowcount == 1, NonceReused)


@action
def forget_nonces(actor: Actor) -> int:
    """Delete those whose signatures are too old by now; returns how many. Raises `NotAllowed`."""
    require(actor.kind is ActorKind.SYSTEM, NotAllowed)
    old = timezone.now() - timedelta(minutes=KEPT_MINUTES)
    return Nonce.objects.filter(practice_id=actor.practice_id, used_at__lt=old).delete()[0]


@action
def have_signing_key(actor: Actor) -> SigningKey:
    """The key that signs now: there already, or made. Raises `NotAllowed`."""
    require(may_make_signing_key(actor), NotAllowed)
    lock(f"signing-key:{actor.practice_id}")
    return signing_key_now(actor) or _make(actor)


@action
def roll_signing_key(actor: Actor) -> SigningKey:
    """The next key: partners are told of it now, it signs after `OVERLAP`; the others end as long after that.

    The first one of all signs at once. One that waits to sign already is given back as it is. Raises `NotAllowed`.
    """
    is_first = signing_key_now(actor) is None
    now = have_signing_key(actor)
    if is_first:
        return now
    waiting = published_signing_keys(actor).filter(starts_at__gt=timezone.now()).first()
    if waiting is not None:
        return waiting
    SigningKey.objects.filter(practice_id=actor.practice_id, ends_at=None).update(ends_at=timezone.now() + 2 * OVERLAP)
    return _make(actor, after=OVERLAP)


def _make(actor: Actor, after: timedelta = timedelta(0)) -> SigningKey:
    key = Ed25519PrivateKey.generate()
    return SigningKey.objects.create(
        practice_id=actor.practice_id,
        reference=new_reference(),
        public_key=base64.b64encode(key.public_key().public_bytes_raw()).decode(),
        private_key=base64.b64encode(key.private_bytes_raw()).decode(),
        starts_at=timezone.now() + after,
    )
