"""What stands in a room that becomes a shared one, and the shared rooms themselves (COM-2, COM-5)."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from sprechzeit.community import actions
from sprechzeit.core.acting import acting
from sprechzeit.core.ids import new_id
from sprechzeit.practice.models import Room, Space
from sprechzeit.scheduling.actions.block import add_block, move_block
from sprechzeit.scheduling.actions.place import Place
from sprechzeit.scheduling.models import Block
from tests.support.cast import BERLIN, Cast, House
from tests.support.communities import share, sharing, united
from tests.support.routes import client_of


def blocked(house: House, who: str, title: str) -> Block:
    """Half an hour of the last week in the own room."""
    noon = (timezone.now() - timedelta(days=7)).astimezone(BERLIN).replace(hour=12, minute=0, second=0, microsecond=0)
    with acting(house.system):
        room = Room.objects.get(pk=house.rooms["own"].pk)
        place = Place(house.calendars[who], noon, noon + timedelta(minutes=30), room=room)
        return add_block(house.system, place, title, key=str(new_id()))


@pytest.mark.req("COM-2", "CAL-13")
def test_what_is_over_keeps_its_room(cast: Cast) -> None:
    """Both had it at the same time, before it was one room: in each one's book it still stands in the own one."""
    together = united(cast)
    past = blocked(cast.albers, "jonas", "Supervision")
    theirs = blocked(cast.brandt, "berta", "Putzen")
    for house, who in ((cast.albers, "miriam"), (cast.brandt, "berta")):
        share(house, who, "own", together)
    day = past.starts_at.astimezone(BERLIN).date().isoformat()
    for person, block, house in (("administrator", past, cast.albers), ("stranger", theirs, cast.brandt)):
        client, room = client_of(cast, person), house.rooms["own"].pk
        details = client.get(reverse("scheduling:block", args=[block.pk])).content.decode()
        assert "Raum 1" in details
        assert "Raum 1 · " in client.get(reverse("scheduling:book"), {"day": day}).content.decode()
        place = client.get(reverse("scheduling:block_place", args=[block.pk])).context["form"]
        assert place.initial["room"] == str(room)
    with acting(cast.albers.system):
        assert Space.objects.filter(pk=past.occupancy.space_id).exists(), "so that a backup has it"


@pytest.mark.req("COM-2")
def test_what_is_over_keeps_its_room_when_it_is_shared_no_more(cast: Cast) -> None:
    """However often it was; what was in the shared room goes along."""
    together = united(cast)
    former = blocked(cast.albers, "miriam", "Vorher")
    share(cast.albers, "miriam", "own", together)
    between = blocked(cast.albers, "jonas", "Dazwischen")
    miriam = cast.albers.actor("miriam")
    with acting(miriam):
        actions.unmap_room(miriam, together.id, cast.albers.rooms["own"].pk)
    share(cast.albers, "miriam", "own", together)
    with acting(miriam):
        room = Room.objects.get(pk=cast.albers.rooms["own"].pk)
        spaces = [Block.objects.get(pk=one.pk).occupancy.space_id for one in (former, between)]
        assert all(map(room.is_in, spaces)) and room.space_id not in spaces
        later = Place(cast.albers.calendars["miriam"], former.starts_at + timedelta(hours=1),
                      former.ends_at + timedelta(hours=1), room=room)  # fmt: skip
        assert room.is_in(move_block(miriam, former.pk, later).occupancy.space_id)
