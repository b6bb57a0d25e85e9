"""Founding a practice, its data and its rooms."""

import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils import timezone

from sprechzeit.access.actor import Actor
from sprechzeit.core import crypto
from sprechzeit.core.acting import action, require
from sprechzeit.core.constraints import refused_by
from sprechzeit.core.errors import NotAllowed
from sprechzeit.core.events import publish
from sprechzeit.core.ids import new_id
from sprechzeit.core.locks import lock
from sprechzeit.core.order import placed
from sprechzeit.practice.errors import NameTaken, RoomsFull
from sprechzeit.practice.events import PracticeChanged
from sprechzeit.practice.logo import drawn_anew
from sprechzeit.practice.models import DataKey, Logo, Practice, Room, Space
from sprechzeit.practice.models.facts import LOGO_HEIGHT, LOGO_WIDTH
from sprechzeit.practice.policy import get_room, may_change_practice, plan_of, visible_rooms


def _require_settings(actor: Actor) -> None:
    require(may_change_practice(actor), NotAllowed)


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
def change_practice(actor: Actor, changes: Mapping[str, Any]) -> None:
    """Write the facts that were changed, as the model names them; the others stay as they are now (CAL-3)."""
    _require_settings(actor)
    if changes:
        Practice.objects.filter(pk=actor.practice_id).update(**changes)
        publish(PracticeChanged(actor.practice_id))


@dataclass(frozen=True, slots=True)
class BookingPage:
    """What was changed of the booking page: facts as the model names them, and perhaps a file with another logo."""

    changes: Mapping[str, Any]
    logo: bytes | None = None
    without_logo: bool = False


@action
def change_booking_page(actor: Actor, page: BookingPage) -> None:
    """Write what was changed of the booking page; a logo is drawn anew. Raises `NotAnImage`, `ImageTooLarge`."""
    _require_settings(actor)
    if page.logo is not None:
        drawn = drawn_anew(page.logo, LOGO_WIDTH, LOGO_HEIGHT)
        facts = {"image": drawn.image, "digest": drawn.digest, "width": drawn.width, "height": drawn.height}
        Logo.objects.update_or_create(practice_id=actor.practice_id, defaults=facts)
    elif page.without_logo:
        Logo.objects.filter(practice_id=actor.practice_id).delete()
    change_practice(actor, page.changes)


@contextmanager
def _within_rooms(actor: Actor) -> Iterator[None]:
    """The database counts the rooms of the plan (PLAN-4), however many are added at once."""
    try:
        with refused_by("rooms_of_plan", RoomsFull):
            yield
    except RoomsFull:
        raise RoomsFull(plan_of(actor.practice_id)) from None


@action
def add_room(
    actor: Actor,
    name: str,
    *,
    space_id: UUID | None = None,
    colour: int = 1,
    position: int | None = None,
    room_id: UUID | None = None,
) -> Room:
    """A new room: a space of its own, unless it is the same physical room as another practice's.

    Without a `position` it comes last. Raises `NameTaken`, `RoomsFull`.
    """
    _require_settings(actor)
    if space_id is None:
        space_id = Space.objects.create().id
    if position is None:
        position = visible_rooms(actor).count()
    with refused_by("room_name_once", NameTaken), _within_rooms(actor):
        return Room.objects.create(
            id=room_id or new_id(),
            practice_id=actor.practice_id,
            space_id=space_id,
            name=name,
            colour=colour,
            position=position,
        )


@action
def change_room(actor: Actor, room_id: UUID, changes: Mapping[str, Any]) -> None:
    """Write what was changed of a room, as the model names it. Raises `NameTaken`."""
    room = get_room(actor, room_id)
    _require_settings(actor)
    if changes:
        with refused_by("room_name_once", NameTaken):
            Room.objects.filter(pk=room.pk).update(**changes)
        publish(PracticeChanged(actor.practice_id))


@action
def retire_room(actor: Actor, room_id: UUID) -> None:
    """Nothing new takes place in it; what was booked stays (CAL-1)."""
    room = get_room(actor, room_id)
    _require_settings(actor)
    Room.objects.filter(pk=room.pk, retired_at=None).update(retired_at=timezone.now())
    publish(PracticeChanged(actor.practice_id))


@action
def bring_back_room(actor: Actor, room_id: UUID) -> None:
    """A retired room is used again. Raises `RoomsFull`."""
    room = get_room(actor, room_id)
    _require_settings(actor)
    with _within_rooms(actor):
        Room.objects.filter(pk=room.pk).update(retired_at=None)
    publish(PracticeChanged(actor.practice_id))


@action
def place_room(actor: Actor, room_id: UUID, place: int) -> None:
    """Put a room at this place among those in use, counted from 0."""
    room = get_room(actor, room_id)
    _require_settings(actor)
    lock(f"order-of-rooms:{actor.practice_id}")
    rooms = list(visible_rooms(actor).filter(retired_at=None).order_by("position", "name"))
    for position, one in enumerate(placed(rooms, room, place)):
        if one.position != position:
            Room.objects.filter(pk=one.pk).update(position=position)
    publish(PracticeChanged(actor.practice_id))
