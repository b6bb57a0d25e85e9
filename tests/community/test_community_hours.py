"""How long each practice has a shared room today, on the page and in its drawing (COM-2, COM-3)."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from sprechzeit.community import actions
from sprechzeit.community.drawing import SMALL_LETTERS, wrapped
from sprechzeit.community.page import communities_of
from sprechzeit.core.acting import acting
from sprechzeit.practice.models import Practice, Room
from sprechzeit.scheduling.actions.occupy import Wanted, occupy
from sprechzeit.scheduling.models import Occupancy
from tests.community.test_community_sizes import one_more
from tests.support.cast import BERLIN, Cast, House
from tests.support.communities import share, sharing
from tests.support.routes import client_of

PAGE = "/settings/community/"


def today(hours: float) -> datetime:
    """So many hours after midnight, in Berlin."""
    midnight = timezone.now().astimezone(BERLIN).replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight + timedelta(hours=hours)


def take(house: House, since: float, until: float) -> UUID:
    """The room that it shares, today."""
    with acting(house.system):
        space = Room.objects.get(pk=house.rooms["own"].pk).space_id
        calendar = next(iter(house.calendars.values())).pk
        kind = Occupancy.Kind.APPOINTMENT
        (made,) = occupy(house.system, Wanted(calendar, space, today(since), today(until), kind))
    return made


def lines(house: House, who: str) -> list[str]:
    """Under the shared rooms of the drawing."""
    actor = house.actor(who)
    with acting(actor), translation.override("en"):
        (community,) = communities_of(actor)
        return [line for box in community.drawing.spaces for line in box.lines]


@pytest.mark.req("COM-2", "COM-3")
def test_the_drawing_says_how_long_each_has_the_room_today(cast: Cast) -> None:
    """In hours to a tenth; of what lies over midnight the part of today; and no more than how long."""
    together = sharing(cast)
    assert lines(cast.albers, "miriam") == lines(cast.brandt, "berta") == ["free today"]
    take(cast.albers, 9, 13.5)
    take(cast.brandt, -2, 1)
    take(cast.brandt, 14, 16)
    gone = take(cast.brandt, 18, 19)
    with acting(cast.brandt.system):
        Occupancy.objects.filter(pk=gone).update(active=False)
    assert lines(cast.albers, "jonas") == ["today: You 4.5 hrs", "Praxis Brandt 3 hrs"]
    assert lines(cast.brandt, "berta") == ["today: You 3 hrs", "Praxis Albers 4.5 hrs"]
    page = client_of(cast, "secretary").get(PAGE, headers={"accept-language": "en"}).content.decode()
    assert "Raum 1 → Therapieraum EG (today 4.5 hrs)" in page, "where there is no drawing the list says it"
    assert "Therapieraum EG (today 3 hrs)" in page
    miriam = cast.albers.actor("miriam")
    with acting(miriam):
        actions.unmap_room(miriam, together.id, cast.albers.rooms["own"].pk)
    assert lines(cast.albers, "miriam") == [], "of a room that one does not use nothing is told"
    assert lines(cast.brandt, "berta") == ["today: You 3 hrs"]


@pytest.mark.req("COM-3")
def test_two_practices_of_one_name_are_two(cast: Cast) -> None:
    """Each with its own hours, in the drawing and in the list."""
    together = sharing(cast)
    namesake = one_more(cast, together, "cramer")
    with acting(namesake.system):
        Practice.objects.filter(pk=namesake.practice.pk).update(name=cast.brandt.practice.name)
    share(namesake, "c", "own", together)
    take(cast.brandt, 9, 12)
    take(namesake, 14, 16)
    assert lines(cast.albers, "miriam") == ["today: Praxis Brandt 2 hrs", "Praxis Brandt 3 hrs"]
    miriam = cast.albers.actor("miriam")
    with acting(miriam), translation.override("en"):
        (community,) = communities_of(miriam)
    assert [row.shares for row in community.rows if not row.partner.is_own] == [
        ["Therapieraum EG (today 3 hrs)"], ["Therapieraum EG (today 2 hrs)"],
    ]  # fmt: skip


@pytest.mark.req("COM-2")
def test_the_page_asks_no_more_for_more_communities(cast: Cast) -> None:
    """However many communities, shared rooms and practices."""
    together = sharing(cast)
    miriam = cast.albers.actor("miriam")

    def asked() -> int:
        with acting(miriam), CaptureQueriesContext(connection) as queries:
            assert communities_of(miriam)
        return len(queries)

    before = asked()
    for name in ("Zweites Haus", "Drittes Haus"):
        with acting(miriam):
            community = actions.found_community(miriam, name).pk
            spaces = [actions.add_space(miriam, community, f"Raum {number}").pk for number in range(3)]
            room = cast.albers.rooms["shared"].pk
            if name == "Zweites Haus":
                actions.map_room(miriam, community, room, spaces[0])
    for number in range(3):
        take(cast.albers, 9 + number, 10 + number)
        take(cast.brandt, 12 + number, 13 + number)
    with acting(miriam):
        actions.add_space(miriam, together.id, "Gruppenraum")
    assert asked() == before


def test_as_many_as_fit_stand_in_a_line() -> None:
    assert wrapped([]) == []
    assert wrapped(["today: You 6 hrs", "Brandt 3 hrs", "Okafor 2 hrs"]) == [
        "today: You 6 hrs · Brandt 3 hrs", "Okafor 2 hrs",
    ]  # fmt: skip
    assert wrapped(["x" * 80, "y"]) == ["x" * 80, "y"]
    assert all(len(line) <= SMALL_LETTERS for line in wrapped(["abcdef"] * 9))
