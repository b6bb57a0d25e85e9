"""What stands in a room that becomes a shared one, and the shared rooms themselves (COM-2, COM-5)."""

from datetime import timedelta

import pytest
from django.db import ProgrammingError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from sprechzeit.community import actions
from sprechzeit.community.models import CommunityEvent
from sprechzeit.core.acting import acting
from sprechzeit.core.errors import NotFound
from sprechzeit.core.ids import new_id
from sprechzeit.core.rows import fetch
from sprechzeit.practice.models import Room, Space
from sprechzeit.scheduling.actions.block import add_block, move_block
from sprechzeit.scheduling.actions.place import Place
from sprechzeit.scheduling.models import Block
from tests.support.cast import BERLIN, Cast, House
from tests.support.communities import share, sharing, united
from tests.support.routes import client_of
from tests.support.scene import change


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


def told(house: House) -> list[tuple[str, str, str]]:
    """The last thing that the practice's own log tells of a community: what, by which practice, about what."""
    with acting(house.system):
        return list(CommunityEvent.objects.order_by("-at").values_list("kind", "by_name", "concerns")[:1])


@pytest.mark.req("COM-2")
def test_a_shared_room_gets_another_name_for_all(cast: Cast) -> None:
    """By any practice in the community, as any may add one; what is assigned stays, and both logs tell of it."""
    together = sharing(cast)
    albers, brandt = client_of(cast, "administrator"), client_of(cast, "stranger")
    address = f"/settings/community/{together.id}/rooms/{together.space}/name/"
    assert "Therapieraum EG" in brandt.get(address).content.decode()
    assert brandt.post(address, {"name": " Praxisraum "}).status_code == 303
    assert brandt.post(address, {"name": "Praxisraum"}).status_code == 303, "once more is nothing"
    assert "Raum 1 → Praxisraum" in albers.get("/settings/community/").content.decode()
    for house in (cast.albers, cast.brandt):
        assert told(house) == [("space_named", "Praxis Brandt", "Therapieraum EG → Praxisraum")]
    miriam = cast.albers.actor("miriam")
    with acting(miriam):
        actions.add_space(miriam, together.id, "Gruppenraum")
    taken = brandt.post(address, {"name": "Gruppenraum"})
    assert taken.status_code == 422 and "Gruppenraum" in taken.content.decode()
    assert client_of(cast, "secretary").post(address, {"name": "X"}).status_code == 403


@pytest.mark.req("COM-2")
def test_a_shared_room_goes_when_nobody_uses_it_any_more(cast: Cast) -> None:
    """Until then it is refused with the names of those who do; both logs tell of it."""
    together = sharing(cast)
    albers, brandt = client_of(cast, "administrator"), client_of(cast, "stranger")
    rooms = f"/settings/community/{together.id}/rooms/"
    address = f"{rooms}{together.space}/removal/"
    assert "Praxis Albers, Praxis Brandt" in brandt.get(rooms).content.decode()
    miriam, berta = cast.albers.actor("miriam"), cast.brandt.actor("berta")
    for house, actor, left in (
        (cast.albers, miriam, "Praxis Albers, Praxis Brandt"),
        (cast.brandt, berta, "Praxis Brandt"),
    ):
        refused = albers.post(address)
        assert refused.status_code == 409 and f"{left}." in refused.content.decode()
        assert "<button" not in refused.content.decode().split("card-foot")[1].split("</form>")[0]
        with acting(actor):
            actions.unmap_room(actor, together.id, house.rooms["own"].pk)
    assert albers.get(address).status_code == 200
    assert albers.post(address).status_code == 303
    for house in (cast.albers, cast.brandt):
        assert told(house) == [("space_gone", "Praxis Albers", "Therapieraum EG")]
    assert brandt.get(address).status_code == brandt.post(address).status_code == 404
    with acting(berta), pytest.raises(NotFound):
        actions.map_room(berta, together.id, cast.brandt.rooms["own"].pk, together.space)
    with acting(miriam):
        actions.add_space(miriam, together.id, "Therapieraum EG")


@pytest.mark.req("COM-2")
def test_a_room_that_is_retired_can_be_taken_out(cast: Cast) -> None:
    """Else nobody could ever delete the shared room."""
    together = sharing(cast)
    change(cast.albers.system, cast.albers.rooms["own"], retired_at=timezone.now())
    albers = client_of(cast, "administrator")
    rooms = f"/settings/community/{together.id}/rooms/"
    assert albers.post(rooms, {f"room-{cast.albers.rooms['own'].pk}": ""}).status_code == 303
    assert f"room-{cast.albers.rooms['own'].pk}" not in albers.get(rooms).content.decode()


@pytest.mark.req("COM-2", "COM-6")
def test_the_database_lets_nobody_delete_or_replace_a_shared_room(cast: Cast) -> None:
    together = sharing(cast)
    with acting(cast.brandt.system):
        for forbidden in ("DELETE FROM community_communityspace", "UPDATE community_communityspace SET space_id = id"):
            with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
                connection.cursor().execute(forbidden)
        (used,) = fetch("SELECT remove_community_space(%s, %s)", [cast.brandt.practice.pk, together.space])
        assert used == (["Praxis Albers", "Praxis Brandt"],)
        with pytest.raises(ProgrammingError, match="not acting"), transaction.atomic():
            fetch("SELECT remove_community_space(%s, %s)", [cast.albers.practice.pk, together.space])
        actions.leave_community(cast.brandt.system, together.id)
        assert fetch("SELECT remove_community_space(%s, %s)", [cast.brandt.practice.pk, together.space]) == [(None,)]
