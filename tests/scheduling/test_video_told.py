"""Whoever holds appointments by video is told of every change of them (PUSH-5), and of nothing else (PUSH-6)."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from sprechzeit.core.acting import acting
from sprechzeit.scheduling.actions.cancel import cancel_appointment
from sprechzeit.scheduling.actions.departure import let_leave
from sprechzeit.scheduling.actions.move import swap_appointments
from sprechzeit.scheduling.actions.reschedule import NewTime, reschedule_appointment
from sprechzeit.scheduling.actions.settings import change_calendar
from sprechzeit.scheduling.models import Calendar
from tests.scheduling.test_appoint import enter, wish
from tests.scheduling.test_location import link_to, partner_of, relocate, undone
from tests.scheduling.test_move import move
from tests.support.cast import Cast, House, at, book
from tests.support.partner_bookings import book_by
from tests.support.video import ELSEWHERE, Told, known_there, told_of_video, video_on

pytestmark = pytest.mark.req("PUSH-5")


@pytest.fixture
def told(cast: Cast) -> Iterator[Told]:
    with told_of_video() as found:
        yield found


def test_every_change_is_told(cast: Cast, told: Told) -> None:
    house = cast.albers
    video_on(house)
    partner = partner_of(house)
    found = book(house, "08:00")
    steps: list[Callable[[], Any]] = [
        lambda: move(cast, found, "11:00"),
        lambda: undone(cast),
        lambda: move(cast, found, "08:00", minutes=80),
        lambda: move(cast, found, "08:00", who="jonas"),
        lambda: relocate(cast, found, "practice"),
        lambda: undone(cast),
        lambda: relocate(cast, found, "phone"),
        lambda: relocate(cast, found, "video"),
        lambda: run(link_to(found), reschedule_appointment, found.pk, NewTime(None, at("14:00"), None)),
        lambda: run(house.actor("jana"), cancel_appointment, found.pk),
        lambda: undone(cast),
        lambda: run(link_to(found), cancel_appointment, found.pk),
    ]
    assert told.since() == [found.pk]
    for step in steps:
        step()
        assert told.since() == [found.pk]
    staff = enter(cast, wish(cast, "09:00"))
    assert told.since() == [staff.pk]
    undone(cast)
    assert told.since() == [staff.pk]
    theirs = book_by(house, partner, "10:00")
    assert told.since() == [theirs.pk]
    run(partner, reschedule_appointment, theirs.pk, NewTime(None, at("15:00"), None))
    assert told.since() == [theirs.pk]
    run(partner, cancel_appointment, theirs.pk)
    assert told.since() == [theirs.pk]


def run(actor: Any, use_case: Callable[..., Any], *arguments: Any) -> Any:
    with acting(actor):
        return use_case(actor, *arguments)


def test_two_that_change_places_are_told_both(cast: Cast, told: Told) -> None:
    house = cast.albers
    video_on(house)
    one, other = book(house, "08:00"), book(house, "10:00", who="jonas", email="other@example.org")
    told.since()
    run(house.actor("jana"), swap_appointments, one.pk, other.pk)
    assert set(told.since()) == {one.pk, other.pk}
    undone(cast)
    assert set(told.since()) == {one.pk, other.pk}


@pytest.mark.req("PUSH-6")
def test_nothing_is_told_of_what_is_not_by_video(cast: Cast, told: Told) -> None:
    found = book(cast.albers, "08:00")
    move(cast, found, "11:00")
    relocate(cast, found, "phone")
    undone(cast)
    with acting(cast.albers.system):
        cancel_appointment(cast.albers.system, found.pk)
    assert told.since() == []


@pytest.mark.req("PUSH-3", "ACC-12")
def test_a_calendar_of_somebody_else_is_told(cast: Cast, told: Told) -> None:
    """Another reference, another practitioner, one who leaves: what is to come goes to whom it is now."""
    house = cast.albers
    video_on(house, ELSEWHERE)
    known_there(house, "miriam", "miriam-there")
    known_there(house, "jonas", "jonas-there")
    found = book(house, "08:00", who="jonas")
    told.since()
    known_there(house, "jonas", "jonas-again")
    assert told.since() == [found.pk]
    run(house.actor("miriam"), change_calendar, house.calendars["jonas"].pk, {"colour": 3})
    assert told.since() == []
    run(house.actor("miriam"), change_calendar, house.calendars["jonas"].pk, {"member": house.members["miriam"]})
    assert (told.since(), reference(house, "jonas")) == ([found.pk], "miriam-there")


@pytest.mark.req("PUSH-3", "ACC-12")
def test_who_leaves_holds_none_of_them_any_more(cast: Cast, told: Told) -> None:
    house = cast.albers
    video_on(house, ELSEWHERE)
    known_there(house, "miriam", "miriam-there")
    known_there(house, "jonas", "jonas-there")
    found = book(house, "08:00", who="jonas")
    told.since()
    run(house.actor("miriam"), let_leave, house.members["jonas"].pk, house.members["miriam"].pk)
    assert (told.since(), reference(house, "jonas")) == ([found.pk], "miriam-there")


def reference(house: House, who: str) -> str:
    with acting(house.system):
        return Calendar.objects.get(pk=house.calendars[who].pk).video_reference
