"""An import and a patient who want the same time at the same moment."""

from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from threading import Barrier

import pytest
from django.db import connections

from sprechzeit.core.acting import acting, run_as
from sprechzeit.scheduling.actions.import_calendar import import_calendar
from sprechzeit.scheduling.errors import NotOffered, TimeTaken
from sprechzeit.scheduling.models import Block, Occupancy
from tests.scheduling.ics.writing import calendar
from tests.support.cast import Cast, House, at, hold, monday

ROUNDS = 6


def import_at(house: House, clock: str, barrier: Barrier) -> str:
    data = calendar(f"UID:{clock}\nDTSTART:{at(clock):%Y%m%dT%H%M%S}\nDURATION:PT30M")
    miriam = house.calendars["miriam"].id
    try:
        barrier.wait()
        day = monday()
        done = run_as(house.system, lambda: import_calendar(house.system, miriam, data, first=day, last=day))
        return f"{len(done.made)} made"
    finally:
        connections.close_all()


def hold_at(house: House, clock: str, barrier: Barrier) -> str:
    try:
        barrier.wait()
        hold(house, clock, who="miriam", kind="call")
    except (TimeTaken, NotOffered):
        return "taken"
    else:
        return "held"
    finally:
        connections.close_all()


@pytest.mark.own_database
@pytest.mark.req("CAL-8")
def test_the_import_comes_through_and_no_time_is_taken_twice_unawares(cast: Cast) -> None:
    house = cast.albers
    for round_ in range(ROUNDS):
        clock, barrier = f"{8 + round_ % 4:02}:{round_ // 4 * 30:02}", Barrier(4)
        with ThreadPoolExecutor(4) as threads:
            imports = [threads.submit(import_at, house, clock, barrier) for _ in range(2)]
            bookings = [threads.submit(hold_at, house, clock, barrier) for _ in range(2)]
            assert sorted(one.result() for one in imports) == ["0 made", "1 made"]
            assert [one.result() for one in bookings].count("held") <= 1
    with acting(house.system):
        normal = list(Occupancy.objects.filter(active=True, overbooked=False).order_by("starts_at"))
        assert all(one.ends_at <= after.starts_at for one, after in pairwise(normal))
        assert Block.objects.count() == ROUNDS
