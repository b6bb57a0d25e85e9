"""Booking systems at the same time as themselves, as others and as staff: each change once, in one order (VID-1)."""

from functools import partial
from typing import Any

import pytest

from sprechzeit.core.acting import acting, run_as
from sprechzeit.scheduling.actions.block import move_block
from sprechzeit.scheduling.actions.place import Place
from sprechzeit.scheduling.errors import ChangedMeanwhile, NotOffered
from sprechzeit.scheduling.models import Block, Occupancy
from sprechzeit.video.models import Visit
from sprechzeit.video.queries.visits import practitioners
from tests.scheduling.test_occupancy import deadlocks
from tests.support.cast import Cast, at
from tests.support.databases import Databases
from tests.support.pusher import Answer, Pusher
from tests.support.together import together

pytestmark = [pytest.mark.own_database, pytest.mark.req("VID-1")]

AT_ONCE = 12
KEY = "k" * 20


def answers(results: list[Any]) -> list[Answer]:
    """What came back; nothing was raised."""
    assert [one for one in results if not isinstance(one, Answer)] == []
    return results


def standing(cast: Cast) -> tuple[int, int]:
    """How many appointments, and how many times that are taken."""
    with acting(cast.albers.system):
        return Visit.objects.count(), Occupancy.objects.filter(active=True).count()


def test_the_same_call_many_times_at_once_is_one_appointment_and_one_answer(
    cast: Cast, own_database: Databases
) -> None:
    pusher = Pusher(cast.albers)
    found = answers(together(*[partial(pusher.book, key=KEY)] * AT_ONCE))
    assert {one.status for one in found} == {201}
    assert len({one.body for one in found}) == 1
    assert standing(cast) == (1, 1)


def test_one_reference_by_many_keys_at_once_is_one_appointment(cast: Cast, own_database: Databases) -> None:
    pusher = Pusher(cast.albers)
    found = answers(together(*[pusher.book] * AT_ONCE))
    assert sorted(one.status for one in found) == [201] + [409] * (AT_ONCE - 1)
    assert {one.code for one in found if one.status == 409} == {"reference_taken"}
    assert standing(cast) == (1, 1)


@pytest.mark.req("PUSH-10")
def test_many_at_the_same_time_are_all_taken_and_all_but_one_are_marked(cast: Cast, own_database: Databases) -> None:
    pusher = Pusher(cast.albers)
    found = answers(together(*[partial(pusher.book, f"ref-{number}") for number in range(AT_ONCE)]))
    assert {one.status for one in found} == {201}
    assert sorted(one.json["overlaps"] for one in found) == [False] + [True] * (AT_ONCE - 1)
    assert standing(cast) == (AT_ONCE, AT_ONCE)


@pytest.mark.req("VID-4")
def test_changed_there_and_here_and_cancelled_at_once_it_ends_cancelled(cast: Cast, own_database: Databases) -> None:
    pusher, miriam = Pusher(cast.albers), cast.albers.actor("miriam")
    with acting(pusher.actor):
        columns = [one.calendar for one in practitioners(pusher.actor)]
    for number in range(4):
        reference = f"ref-{number}"
        pusher.book(reference)
        block = pusher.visit(reference).block_id

        def by_staff(clock: str, block: Any = block, number: int = number) -> str:
            place = Place(columns[number % 2], at(clock), at(clock.replace(":00", ":50")))
            try:
                run_as(miriam, lambda: move_block(miriam, block, place, confirmed=("calendar_taken",)))
            except (ChangedMeanwhile, NotOffered) as refused:
                return refused.code
            except Exception as gone:
                return type(gone).__name__
            return "moved"

        found = together(
            partial(pusher.change, reference, "10:00"),
            partial(by_staff, "13:00"),
            partial(pusher.change, reference, "11:00", who="jonas"),
            partial(pusher.cancel, reference),
            partial(by_staff, "14:00"),
        )
        statuses = [one.status for one in found if isinstance(one, Answer)]
        assert set(statuses) <= {200, 409, 503} and len(statuses) == 3, found
        last = pusher.cancel(reference)
        assert last.status == 200
        visit = pusher.visit(reference)
        assert visit.cancelled_at is not None and not visit.block.occupancy.active
    assert standing(cast)[1] == 0, "each time that was taken is free again"
    with acting(cast.albers.system):
        assert Block.objects.count() == 4
    assert deadlocks(own_database) == 0
