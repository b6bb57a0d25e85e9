"""Replacing a practice's data key: a new one, everything sealed anew in batches, the old ones retired (PRI-1).

Each step is a transaction of its own. Interrupted, the next run goes on where this one ended; people write meanwhile.
"""

from uuid import UUID

from django.utils import timezone

from sprechzeit.access.actor import Actor
from sprechzeit.core import crypto
from sprechzeit.core.acting import action, require
from sprechzeit.core.errors import NotAllowed
from sprechzeit.core.locks import lock
from sprechzeit.practice.actions.facts import add_data_key
from sprechzeit.practice.models import DataKey
from sprechzeit.practice.models.base import key_lock
from sprechzeit.practice.policy import may_replace_keys
from sprechzeit.practice.sealed import Batch, Column, is_sealed_otherwise, seal_anew


@action
def begin_rotation(actor: Actor) -> UUID:
    """The key that everything is to be sealed with: a new one, or that of a run that was interrupted."""
    require(may_replace_keys(actor), NotAllowed)
    lock(f"rotation:{actor.practice_id}")
    keys = list(DataKey.objects.filter(practice_id=actor.practice_id, retired_at=None).order_by("id"))
    newest: DataKey = keys[-1] if len(keys) > 1 else add_data_key(actor)
    return newest.pk


@action
def rotate_batch(actor: Actor, column: Column, key_id: UUID, after: UUID) -> Batch:
    """Seal the next values of a column anew. The log has each with digests, and no value."""
    require(may_replace_keys(actor), NotAllowed)
    keys = {one.pk: bytes(one.wrapped) for one in DataKey.objects.filter(practice_id=actor.practice_id)}
    return seal_anew(actor.practice_id, column, crypto.unwrap(key_id, keys[key_id]), keys, after)


@action
def retire_keys(actor: Actor, key_id: UUID) -> bool:
    """Retire all keys but this one, unless something is still sealed with another: then it is False.

    Whoever seals something holds the same lock until it is committed: nothing comes after the look.
    """
    require(may_replace_keys(actor), NotAllowed)
    lock(key_lock(actor.practice_id))
    if is_sealed_otherwise(actor.practice_id, key_id):
        return False
    others = DataKey.objects.filter(practice_id=actor.practice_id, retired_at=None).exclude(pk=key_id)
    others.update(retired_at=timezone.now())
    return True
