"""Communities: coming in, sharing rooms, seeing when others are busy, leaving (COM-1…8)."""

from datetime import timedelta

import pytest
from django.db import ProgrammingError, connection, transaction
from django.utils import timezone

from sprechzeit.audit.models import Entry
from sprechzeit.community import actions
from sprechzeit.community.errors import AlreadyInCommunity, CodeUnknown, NotAgreed, RoomShared, SpaceUsed
from sprechzeit.community.models import (
    Community,
    CommunityCode,
    CommunityEvent,
    CommunitySpace,
    Membership,
)
from sprechzeit.community.queries import partners, sharing
from sprechzeit.core.acting import acting
from sprechzeit.core.errors import NotAllowed, NotFound
from sprechzeit.core.rows import fetch
from sprechzeit.practice.models import Room
from sprechzeit.scheduling.errors import TimesCollide, TimeTaken
from sprechzeit.scheduling.models import Occupancy
from tests.scheduling.test_occupancy import take
from tests.support.cast import Cast, House, at
from tests.support.communities import code_of, entered, share, united
from tests.support.communities import sharing as both_share


def seen(house: House) -> list[tuple[str, str, bool]]:
    """What a practice is told of when others are busy: who, when, and whether in a room that it shares."""
    with acting(house.system):
        rows = fetch("SELECT * FROM community_times(%s, %s)", [at("00:00"), at("23:59")])
    return [
        (name, f"{at('00:00') + timedelta(minutes=starts - at('00:00').timestamp() / 60):%H:%M}", space is not None)
        for space, _member, name, starts, _ends in rows
    ]


@pytest.mark.req("COM-1")
def test_nothing_is_shared_before_both_agree(cast: Cast) -> None:
    miriam, berta = cast.albers.actor("miriam"), cast.brandt.actor("berta")
    community = entered(cast)
    with acting(berta):
        assert [(one.name, one.stands) for one in partners(berta)[community]] == [
            ("Praxis Albers", True), ("Praxis Brandt", False),
        ]  # fmt: skip
        for refused in (lambda: actions.add_space(berta, community, "X"),
                        lambda: actions.show_times(berta, community, shown=True)):  # fmt: skip
            with pytest.raises(NotAgreed):
                refused()
        assert CommunitySpace.objects.count() == 0
    with acting(miriam):
        (hers,) = (one for one in partners(miriam)[community] if not one.is_own)
        actions.confirm(miriam, community, hers.id)
        assert not hers.stands
    with acting(cast.brandt.system):
        assert CommunityEvent.objects.filter(kind="confirmed", by_name="Praxis Albers").exists(), "its own log has it"
    with acting(berta):
        with pytest.raises(NotAgreed):
            actions.add_space(berta, community, "X")
        with pytest.raises(NotAllowed):
            actions.rename_community(berta, community, "Ours")
        actions.agree(berta, community)
        actions.add_space(berta, community, "Gruppenraum")


@pytest.mark.req("COM-1")
def test_a_code_is_good_once_and_until_it_is_renewed_or_too_old(cast: Cast) -> None:
    miriam, berta = cast.albers.actor("miriam"), cast.brandt.actor("berta")
    with acting(miriam):
        community = actions.found_community(miriam, "Haus").pk
        former = code_of(cast.albers, community)
        with pytest.raises(AlreadyInCommunity):
            actions.enter_code(miriam, former)
        actions.renew_code(miriam, community)
    code = code_of(cast.albers, community)
    with acting(berta):
        for wrong in (former, "", "K7MQ-4TXR", f"{code}2"):
            with pytest.raises(CodeUnknown):
                actions.enter_code(berta, wrong)
    with acting(cast.albers.system):
        good_until = timezone.now() + timedelta(days=1)
        CommunityCode.objects.update(expires_at=timezone.now())
    with acting(berta), pytest.raises(CodeUnknown):
        actions.enter_code(berta, code)
    with acting(cast.albers.system):
        CommunityCode.objects.update(expires_at=good_until)
    with acting(berta):
        actions.enter_code(berta, f" {code.lower().replace('-', ' ')} ")
        with pytest.raises(CodeUnknown):
            actions.enter_code(berta, code)
    with acting(cast.albers.system):
        assert CommunityCode.objects.get().used_at


@pytest.mark.req("COM-3", "COM-4", "COM-5")
def test_a_shared_room_is_taken_for_both_and_others_are_not(cast: Cast) -> None:
    both_share(cast)
    take_in(cast.albers, "09:00")
    with pytest.raises(TimeTaken):
        take_in(cast.brandt, "09:30")
    take(cast.brandt, "09:30")
    assert seen(cast.brandt) == [("Praxis Albers", "09:00", True)]
    assert seen(cast.albers) == []


def take_in(house: House, clock: str, **more: object) -> None:
    """In the room that it calls 'own', wherever that is now."""
    with acting(house.system):
        house.rooms["own"] = Room.objects.get(pk=house.rooms["own"].pk)
    take(house, clock, room="own", **more)


@pytest.mark.req("COM-2")
def test_a_room_whose_times_collide_is_refused_with_the_times(cast: Cast) -> None:
    together = united(cast)
    share(cast.albers, "miriam", "own", together)
    take_in(cast.albers, "09:00")
    take_in(cast.brandt, "09:30")
    with pytest.raises(TimesCollide) as refused:
        share(cast.brandt, "berta", "own", together)
    (words,) = refused.value.times
    assert "09:00–10:00" in words and words.endswith("Praxis Albers")
    with acting(cast.brandt.system):
        assert Room.objects.get(pk=cast.brandt.rooms["own"].pk).space_id == cast.brandt.rooms["own"].space_id
        Occupancy.objects.update(active=False)
    take_in(cast.brandt, "10:00")
    share(cast.brandt, "berta", "own", together)
    assert seen(cast.albers) == [("Praxis Brandt", "10:00", True)]
    with pytest.raises(TimeTaken):
        take_in(cast.albers, "10:30")


@pytest.mark.req("COM-2")
def test_a_room_is_one_shared_room_and_a_shared_room_one_of_a_practice(cast: Cast) -> None:
    together = both_share(cast)
    miriam = cast.albers.actor("miriam")
    with acting(miriam):
        other = actions.add_space(miriam, together.id, "Gruppenraum").pk
        with pytest.raises(RoomShared):
            actions.map_room(miriam, together.id, cast.albers.rooms["own"].pk, other)
        with pytest.raises(SpaceUsed):
            actions.map_room(miriam, together.id, cast.albers.rooms["shared"].pk, together.space)
        with pytest.raises(NotFound):
            actions.map_room(miriam, together.id, cast.brandt.rooms["own"].pk, other)
        with pytest.raises(NotFound):
            actions.map_room(miriam, together.id, cast.albers.rooms["shared"].pk, together.id)


@pytest.mark.req("COM-4")
def test_expired_holds_of_the_other_practice_stand_in_nobodys_way(cast: Cast) -> None:
    together = united(cast)
    share(cast.albers, "miriam", "own", together)
    take_in(cast.albers, "09:00")
    with acting(cast.albers.system):
        Occupancy.objects.update(kind="hold", expires_at=timezone.now() - timedelta(minutes=1))
    take_in(cast.brandt, "09:30")
    share(cast.brandt, "berta", "own", together)
    assert seen(cast.brandt) == []
    take_in(cast.brandt, "11:00")
    with acting(cast.albers.system):
        assert not Occupancy.objects.get().active


@pytest.mark.req("COM-7")
@pytest.mark.parametrize("how", ["leaves", "removed"])
def test_who_has_left_sees_nothing_and_keeps_what_was_booked(cast: Cast, how: str) -> None:
    together = both_share(cast)
    take_in(cast.albers, "09:00")
    take_in(cast.brandt, "11:00")
    miriam, berta = cast.albers.actor("miriam"), cast.brandt.actor("berta")
    if how == "leaves":
        with acting(berta):
            actions.leave_community(berta, together.id)
    else:
        with acting(miriam):
            actions.remove_member(miriam, together.id, together.hers)
    assert seen(cast.albers) == seen(cast.brandt) == []
    with acting(berta):
        assert not partners(berta) and not sharing(berta)
        assert Community.objects.count() == CommunitySpace.objects.count() == 0
        room = Room.objects.get(pk=cast.brandt.rooms["own"].pk)
        assert Occupancy.objects.get(active=True).space_id == room.space_id
    take_in(cast.brandt, "09:00")
    take_in(cast.albers, "11:00")
    for house, kind, by in (
        (cast.albers, "left" if how == "leaves" else "removed", berta if how == "leaves" else miriam),
        (cast.brandt, "left" if how == "leaves" else "removed", berta if how == "leaves" else miriam),
    ):
        with acting(house.system):
            (entry,) = Entry.objects.filter(
                table_name="community_communityevent", value__new__kind=kind
            ).select_related("value")
            is_theirs = (house is cast.brandt) == (by is berta)
            assert entry.actor == (by.name if is_theirs else "system")


@pytest.mark.req("COM-1")
def test_the_longest_member_follows_the_founder_and_the_last_one_ends_it(cast: Cast) -> None:
    together = both_share(cast)
    miriam, berta = cast.albers.actor("miriam"), cast.brandt.actor("berta")
    with acting(miriam):
        actions.renew_code(miriam, together.id)
        former = code_of(cast.albers, together.id)
        actions.leave_community(miriam, together.id)
        with pytest.raises(CodeUnknown):
            actions.enter_code(miriam, former)
    with acting(berta):
        (only,) = partners(berta)[together.id]
        assert only.is_founder
        actions.renew_code(berta, together.id)
    with acting(miriam):
        actions.enter_code(miriam, code_of(cast.brandt, together.id))
        actions.agree(miriam, together.id)
    with acting(berta):
        actions.leave_community(berta, together.id)
    with acting(miriam):
        assert partners(miriam) == {}, "who waits for a community that has ended waits no more"


@pytest.mark.req("COM-8")
def test_busy_times_are_shown_to_who_shows_theirs(cast: Cast) -> None:
    together = united(cast)
    miriam, berta = cast.albers.actor("miriam"), cast.brandt.actor("berta")
    take(cast.albers, "09:00")
    take(cast.albers, "09:30", who="jonas")
    with acting(berta):
        actions.show_times(berta, together.id, shown=True)
    assert seen(cast.brandt) == seen(cast.albers) == []
    with acting(miriam):
        actions.show_times(miriam, together.id, shown=True)
    assert seen(cast.brandt) == [("Praxis Albers", "09:00", False)], "one time, however many calendars"
    with acting(berta):
        actions.show_times(berta, together.id, shown=False)
    assert seen(cast.brandt) == []


@pytest.mark.req("COM-6", "ACC-10")
def test_a_member_reads_and_writes_nothing_of_the_others_tables(cast: Cast) -> None:
    together = both_share(cast)
    take_in(cast.albers, "09:00")
    with acting(cast.brandt.system):
        for model in (Membership, CommunityEvent, CommunityCode, Occupancy, Room):
            assert {one.practice_id for one in model.objects.all()} <= {cast.brandt.practice.id}
        assert Occupancy.objects.update(active=False) == 0
        for forbidden in (
            "UPDATE community_membership SET confirmed_at = now()",
            "UPDATE community_membership SET left_at = NULL",
            "UPDATE community_community SET founder_id = founder_id",
            "INSERT INTO community_communityevent SELECT * FROM community_communityevent",
            "DELETE FROM community_membership",
        ):
            with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
                connection.cursor().execute(forbidden)
        for call in ("confirm_membership", "end_membership"):
            with pytest.raises(ProgrammingError, match="not acting"), transaction.atomic():
                fetch(f"SELECT {call}(%s, %s)", [cast.albers.practice.id, together.hers])
        (albers,) = (one.id for one in partners(cast.brandt.actor("berta"))[together.id] if not one.is_own)
        assert fetch("SELECT end_membership(%s, %s)", [cast.brandt.practice.id, albers]) == [(None,)]
        with pytest.raises(NotAllowed):
            actions.remove_member(cast.brandt.actor("berta"), together.id, albers)


@pytest.mark.req("COM-2", "COM-5")
def test_a_room_that_is_shared_no_more_takes_its_times_back(cast: Cast) -> None:
    """And two rooms change places in one go."""
    together = both_share(cast)
    take_in(cast.albers, "09:00")
    miriam, rooms = cast.albers.actor("miriam"), cast.albers.rooms
    with acting(miriam):
        other = actions.add_space(miriam, together.id, "Gruppenraum").pk
        actions.assign_rooms(miriam, together.id, {rooms["own"].pk: other, rooms["shared"].pk: together.space})
    assert seen(cast.brandt) == []
    take_in(cast.brandt, "09:00")
    with acting(miriam):
        actions.unmap_room(miriam, together.id, rooms["own"].pk)
        room = Room.objects.get(pk=rooms["own"].pk)
        assert Occupancy.objects.get().space_id == room.space_id
        assert not CommunitySpace.objects.filter(space_id=room.space_id).exists()
    with pytest.raises(TimeTaken):
        take_in(cast.albers, "09:30", who="jonas")
