"""The order that people give to things."""

from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


def placed(things: Sequence[T], one: T, place: int) -> list[T]:
    """`things` with `one` of them at `place`, counted from 0; beyond an end it is put at that end."""
    others = [thing for thing in things if thing != one]
    place = min(max(place, 0), len(others))
    return [*others[:place], one, *others[place:]]
