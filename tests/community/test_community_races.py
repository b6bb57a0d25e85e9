"""Two practices and one room at the same moment (COM-2, COM-4, CAL-8)."""

from collections.abc import Callable

import pytest

from sprechzeit.community import actions
from sprechzeit.core.acting import acting, run_as
from sprechzeit.core.ids import new_id
from sprechzeit.practice.models import Room
from sprechzeit.scheduling.actions.hold import hold_time
from sprechzeit.scheduling.actions.settings import OfferingChange, change_type
from sprechzeit.scheduling.errors import NotOffered, TimesCollide, TimeTaken
from sprechzeit.scheduling.models import Hold, Occupancy
from tests.scheduling.test_occupancy import deadlocks, overlaps
from tests.support.cast import Cast, House, at
from tests.support.communities import share, sharing, united
from tests.support.databases import Databases
from tests.support.together import together

pytestmark = [pytest.mark.own_database, pytest.mark.req("COM-4", "CAL-8")]

CLIENTS = 25


def only_own_room(house: House) -> None:
    """'talk' takes place in the room that is shared, at any ten minutes."""
    with acting(house.system):
        room = Room.objects.get(pk=house.rooms["own"].pk)
        rooms = [OfferingChange(one.pk, None, {"rooms": [room]}) for one in house.calendars.values()]
        change_type(house.system, house.types["talk"].pk, {"grid": 10}, rooms)
        house.types["talk"].refresh_from_db()


def booking(house: House, who: str, clock: str) -> Callable[[], Hold]:
    """A visitor of the booking page."""
    return lambda: run_as(
        house.visitor,
        lambda: hold_time(
            house.visitor, house.types["talk"], house.calendars[who].pk, at(clock), address=str(new_id()),
            form=str(new_id()),
        ),
    )  # fmt: skip


def test_of_fifty_who_want_one_room_one_gets_it(cast: Cast, own_database: Databases) -> None:
    """Brandt's begins when Albers' patient has gone, within the buffer after: ten minutes in which both overlap."""
    sharing(cast)
    for house in (cast.albers, cast.brandt):
        only_own_room(house)
    clients = [booking(cast.albers, ("miriam", "jonas")[one % 2], "09:00") for one in range(CLIENTS)]
    clients += [booking(cast.brandt, "berta", "09:50") for _ in range(CLIENTS)]
    found = together(*clients)
    won = [one for one in found if isinstance(one, Hold)]
    assert len(won) == 1, found
    assert all(isinstance(one, Hold | TimeTaken | NotOffered) for one in found), found
    assert deadlocks(own_database) == overlaps(own_database) == 0


@pytest.mark.req("COM-2")
def test_a_room_is_assigned_while_the_other_practice_books(cast: Cast, own_database: Databases) -> None:
    """Whoever is first: both never stand."""
    at_both = united(cast)
    share(cast.albers, "miriam", "own", at_both)
    for house in (cast.albers, cast.brandt):
        only_own_room(house)
    booking(cast.brandt, "berta", "09:00")()

    def assign() -> None:
        berta = cast.brandt.actor("berta")
        run_as(berta, lambda: actions.map_room(berta, at_both.id, cast.brandt.rooms["own"].pk, at_both.space))

    assigned, *booked = together(assign, *(booking(cast.albers, "miriam", clock) for clock in ("09:00", "09:30")))
    won = [one for one in booked if isinstance(one, Hold)]
    if assigned is None:
        assert not won, booked
    else:
        assert isinstance(assigned, TimesCollide)
        assert len(won) == 1
    assert deadlocks(own_database) == overlaps(own_database) == 0
    with acting(cast.brandt.system):
        room = Room.objects.get(pk=cast.brandt.rooms["own"].pk)
        assert Occupancy.objects.get().space_id == room.space_id
