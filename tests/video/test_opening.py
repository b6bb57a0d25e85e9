"""When a consultation's link is good, at each edge of the clock (VID-4)."""

from datetime import datetime, timedelta

import pytest
import time_machine
from django.test import Client

from sprechzeit.core.acting import acting
from sprechzeit.scheduling.actions.block import remove_block
from sprechzeit.scheduling.actions.cancel import cancel_appointment
from sprechzeit.scheduling.actions.move import move_appointment
from sprechzeit.scheduling.actions.place import Place
from sprechzeit.scheduling.policy import get_appointment
from sprechzeit.video.actions.seats import take_seat
from sprechzeit.video.errors import LinkNotOpen
from tests.support.cast import Cast, at
from tests.support.consultations import Held, by_video, came_in, pushed

pytestmark = pytest.mark.req("VID-4")
SECOND = timedelta(seconds=1)
# The appointment is from 09:00 to 09:50.
OPENS, CLOSES = at("08:30"), at("10:50")


def page_at(one: Held, moment: datetime, client: Client | None = None) -> tuple[int, str]:
    with time_machine.travel(moment, tick=False):
        answer = (client or Client()).get(one.page)
    return answer.status_code, answer.content.decode()


@pytest.mark.parametrize(
    ("moment", "is_open"),
    [
        (OPENS - timedelta(days=3), False), (OPENS - SECOND, False), (OPENS, True), (at("09:00"), True),
        (at("09:50"), True), (CLOSES, True), (CLOSES + SECOND, False), (CLOSES + timedelta(days=90), False),
    ],
)  # fmt: skip
def test_it_opens_half_an_hour_before_and_closes_an_hour_after(cast: Cast, moment: datetime, is_open: bool) -> None:
    one = by_video(cast.albers)
    status, page = page_at(one, moment)
    assert ('name="tan"' in page) == is_open
    assert status == (410 if moment > CLOSES else 200)
    if moment < OPENS:
        assert "08:30" in page and "09:00–09:50" in page
    with time_machine.travel(moment, tick=False), acting(one.patient):
        if is_open:
            take_seat(one.patient, one.id, "testing")
        else:
            with pytest.raises(LinkNotOpen):
                take_seat(one.patient, one.id, "testing")


def test_who_is_in_is_out_with_the_time(cast: Cast) -> None:
    one = by_video(cast.albers)
    with time_machine.travel(at("09:00")):
        client = came_in(one)
    for moment, status in ((CLOSES, 200), (CLOSES + SECOND, 403)):
        with time_machine.travel(moment, tick=False):
            assert client.post(f"{one.page}seat/", {"state": "waiting"}).status_code == status


def test_a_cancelled_ones_link_is_dead_at_once(cast: Cast) -> None:
    one, jonas = by_video(cast.albers), cast.albers.actor("jonas")
    with time_machine.travel(at("09:00")):
        client = came_in(one)
        with acting(jonas):
            cancel_appointment(jonas, one.of.pk)
        for visitor in (client, Client()):
            answer = visitor.get(one.page)
            assert answer.status_code == 410 and "abgesagt" in answer.content.decode()
        assert client.post(f"{one.page}seat/", {"state": "waiting"}).status_code == 403
        assert Client().post(f"{one.page}tan/", {"tan": one.tan}).status_code == 303
        assert Client().post(f"{one.page}tan/", {"tan": one.tan}).cookies.get("consultation") is None


def test_what_was_pushed_and_is_gone_from_the_book_is_dead_too(cast: Cast) -> None:
    one, jonas = pushed(cast.albers), cast.albers.actor("jonas")
    assert 'name="tan"' in page_at(one, at("16:00"))[1]
    with acting(jonas):
        remove_block(jonas, one.of.pk)
    assert page_at(one, at("16:00"))[0] == 410


def test_a_moved_ones_link_keeps_working_at_the_new_time(cast: Cast) -> None:
    one, jonas = by_video(cast.albers), cast.albers.actor("jonas")
    with acting(jonas):
        found = get_appointment(jonas, one.of.pk)
        place = Place(found.calendar, at("14:00"), at("14:50"), room=found.room)
        move_appointment(jonas, found.pk, place)
    assert page_at(one, at("09:00"))[0] == 200
    assert "13:30" in page_at(one, at("09:00"))[1] and 'name="tan"' not in page_at(one, at("09:00"))[1]
    with time_machine.travel(at("13:30")):
        assert "data-room" in came_in(one).get(one.page).content.decode()


def test_a_link_that_is_none_is_not_found_like_any_other(cast: Cast) -> None:
    one = by_video(cast.albers)
    with time_machine.travel(at("09:00")):
        words = [one.link[:-1], one.link.swapcase(), str(one.id), str(one.of.pk), "ä🌧", "9" * 5000]
        for name in ("", "tan/", "seat/", "signals/", "departure/"):
            ask = Client().get if name == "" else Client().post
            answers = {(a.status_code, a.content) for a in (ask(f"/video/{word}/{name}") for word in words)}
            assert {status for status, _ in answers} == {404}, name
            assert len(answers) == 1
        assert Client().get(f"/video/{one.link}/relays/").status_code == 404
        assert Client().post(f"/video/{one.link}/seat/", {"state": "waiting"}).status_code == 404
