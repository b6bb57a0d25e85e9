"""A call repeated with its key changes nothing and is answered the same (BOO-7)."""

import hashlib
from collections.abc import Callable
from uuid import UUID

import pytest

from sprechzeit.core.acting import acting, run_as
from sprechzeit.core.crypto import pseudonym
from sprechzeit.core.errors import DomainError
from sprechzeit.practice.models import IdempotencyKey, Room
from sprechzeit.practice.once import KeyReused, once
from tests.support.cast import Cast, House
from tests.support.together import together

pytestmark = pytest.mark.req("BOO-7")


def room_maker(house: House) -> Callable[[UUID], None]:
    """Makes a room with the id it is given: twice would be two rooms."""

    def make(room_id: UUID) -> None:
        Room.objects.create(
            id=room_id, practice=house.practice, space_id=house.rooms["own"].space_id, name=f"Raum {room_id}"
        )

    return make


def call(house: House, key: str = "key", asked: str = "a room", scope: str = "test") -> UUID:
    with acting(house.system):
        return once(house.system, scope, key, asked, room_maker(house))


def rooms(house: House) -> int:
    with acting(house.system):
        return Room.objects.count() - len(house.rooms)


def test_twice_is_once_and_answered_the_same(cast: Cast) -> None:
    assert call(cast.albers) == call(cast.albers)
    assert rooms(cast.albers) == 1


def test_other_contents_under_the_same_key_are_refused(cast: Cast) -> None:
    call(cast.albers)
    with pytest.raises(KeyReused):
        call(cast.albers, asked="another room")
    assert rooms(cast.albers) == 1


def test_another_key_scope_or_practice_is_another_call(cast: Cast) -> None:
    made = {call(cast.albers), call(cast.albers, key="other"), call(cast.albers, scope="other"), call(cast.brandt)}
    assert len(made) == 4


@pytest.mark.req("PRI-1")
def test_what_was_asked_cannot_be_guessed_from_what_is_kept(cast: Cast) -> None:
    """A name and a time have few values: their plain digest could be tried."""
    call(cast.albers, asked="Sommer, Paula")
    with acting(cast.albers.system):
        kept = bytes(IdempotencyKey.objects.get(scope="test").asked)
    assert kept == pseudonym("idempotency", "Sommer, Paula")
    assert kept != hashlib.sha256(b"Sommer, Paula").digest()


def test_a_refusal_keeps_nothing_so_that_the_key_may_be_tried_again(cast: Cast) -> None:
    def refuse(_room_id: UUID) -> None:
        raise DomainError

    actor = cast.albers.system
    with acting(actor):
        with pytest.raises(DomainError):
            once(actor, "test", "key", "a room", refuse)
        assert not IdempotencyKey.objects.exists()
    call(cast.albers)
    assert rooms(cast.albers) == 1


def test_the_key_itself_is_not_kept(cast: Cast) -> None:
    call(cast.albers, key="a-secret-of-the-form")
    with acting(cast.albers.system):
        row = IdempotencyKey.objects.get()
    assert (len(bytes(row.key)), len(bytes(row.asked))) == (32, 32)
    assert b"secret" not in bytes(row.key)


@pytest.mark.own_database
def test_eight_at_once_make_one(cast: Cast) -> None:
    """The others wait for the first and are answered what it made."""
    actor = cast.albers.system
    results = together(*[lambda: run_as(actor, lambda: once(actor, "t", "k", "a", room_maker(cast.albers)))] * 8)
    assert [one for one in results if isinstance(one, Exception)] == []
    assert len(set(map(str, results))) == 1
    assert rooms(cast.albers) == 1


@pytest.mark.own_database
def test_when_the_first_fails_the_next_makes_it(cast: Cast) -> None:
    actor, began = cast.albers.system, []

    def fail_first(room_id: UUID) -> None:
        began.append(room_id)
        if len(began) == 1:
            raise DomainError
        room_maker(cast.albers)(room_id)

    results = together(*[lambda: run_as(actor, lambda: once(actor, "t", "k", "a", fail_first))] * 4)
    assert sum(isinstance(one, DomainError) for one in results) == 1
    assert len({one for one in results if isinstance(one, UUID)}) == 1
    assert rooms(cast.albers) == 1
