"""Visitors who choose other times at the same moment, where next free times are kept (BOO-3, CAL-8, CAL-11)."""

from collections.abc import Callable

import pytest

from sprechzeit.core.acting import acting
from sprechzeit.scheduling.actions.hold import give_hold_back, hold_time, hold_token
from sprechzeit.scheduling.actions.next_free import settle_next_free
from sprechzeit.scheduling.models import Hold, NextFree, Occupancy
from tests.scheduling.test_occupancy import deadlocks, overlaps
from tests.support.cast import Cast, House, at
from tests.support.databases import Databases
from tests.support.together import together

pytestmark = [pytest.mark.own_database, pytest.mark.req("BOO-3")]

VISITORS, ROUNDS = 6, 8


def changing(house: House, number: int, kind: str, *, anywhere: bool) -> Callable[[], None]:
    """A visitor who keeps choosing another time of the other calendar, on one page."""

    def run() -> None:
        for turn in range(ROUNDS):
            calendar = house.calendars[["miriam", "jonas"][(number + turn) % 2]]
            begin = at(f"{8 + number // 2 + (5 if turn % 4 > 1 else 0):02}:{30 * (number % 2):02}")
            with acting(house.visitor):
                held = hold_time(
                    house.visitor, house.types[kind], None if anywhere and turn % 3 == 2 else calendar.pk, begin,
                    address=f"visitor {number}", form=f"page {number}",
                )  # fmt: skip
            if turn % 4 == 3:
                with acting(house.visitor):
                    give_hold_back(house.visitor, hold_token(held.id))

    return run


@pytest.mark.parametrize("anywhere", [False, True])
def test_visitors_who_change_crosswise_never_wait_in_a_circle(
    cast: Cast, own_database: Databases, anywhere: bool
) -> None:
    """Acting once and not repeated: a deadlock would be an error here, not a delay."""
    house = cast.albers
    with acting(house.system):
        settle_next_free(house.system, many=1)
        assert NextFree.objects.filter(type=house.types["call"]).count() == 2
    visitors = [changing(house, number, "call", anywhere=anywhere) for number in range(VISITORS)]
    assert together(*visitors) == [None] * VISITORS
    assert deadlocks(own_database) == 0
    assert overlaps(own_database) == 0
    with acting(house.system):
        standing = Hold.objects.filter(occupancy__active=True, occupancy__kind=Occupancy.Kind.HOLD)
        assert standing.values("form").distinct().count() == standing.count(), "each page keeps one time at most"
