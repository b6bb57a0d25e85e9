"""Founding a practice, its members and rooms."""

import secrets
from uuid import UUID

from django.db.models import Max

from sprechzeit.access.actor import Actor
from sprechzeit.access.table import Data, Reach, Use
from sprechzeit.accounts.models import User
from sprechzeit.core import crypto
from sprechzeit.core.acting import action, require
from sprechzeit.core.errors import NotAllowed
from sprechzeit.core.ids import new_id
from sprechzeit.core.locks import lock
from sprechzeit.practice.models import DataKey, Member, Practice, Room, Space


def _require_settings(actor: Actor) -> None:
    require(actor.reach(Data.PRACTICE, Use.WRITE) is Reach.ALL, NotAllowed)


@action
def found_practice(actor: Actor, name: str, slug: str, **facts: str | int) -> Practice:
    """A new practice with its data key. `actor`: the system, acting in the practice to be (its id is chosen first)."""
    _require_settings(actor)
    practice = Practice.objects.create(id=actor.practice_id, name=name, slug=slug, **facts)
    add_data_key(actor)
    return practice


@action
def add_data_key(actor: Actor) -> DataKey:
    """A fresh key for what the practice seals from now on (PRI-1)."""
    _require_settings(actor)
    key = crypto.DataKey(new_id(), secrets.token_bytes(32))
    return DataKey.objects.create(id=key.id, practice_id=actor.practice_id, wrapped=crypto.wrap(key))


@action
def add_member(actor: Actor, user: User, *, role: str, name: str, initials: str, colour: int = 1) -> Member:
    """Make a user a member, with the practice's next account number."""
    _require_settings(actor)
    lock(f"account-number:{actor.practice_id}")
    highest = Member.objects.filter(practice_id=actor.practice_id).aggregate(highest=Max("account_number"))["highest"]
    return Member.objects.create(
        practice_id=actor.practice_id,
        user=user,
        role=role,
        name=name,
        initials=initials,
        colour=colour,
        account_number=(highest or 100) + 1,
    )


@action
def add_room(actor: Actor, name: str, *, space_id: UUID | None = None, colour: int = 1, position: int = 0) -> Room:
    """A new room: a space of its own, unless it is the same physical room as another practice's."""
    _require_settings(actor)
    if space_id is None:
        space_id = Space.objects.create().id
    return Room.objects.create(
        practice_id=actor.practice_id, space_id=space_id, name=name, colour=colour, position=position
    )
