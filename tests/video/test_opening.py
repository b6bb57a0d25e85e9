"""When a consultation's link is good, at each edge of the clock (VID-4)."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest
import time_machine
from django.test import Client

from sprechzeit.access.actor import Actor
from sprechzeit.core.acting import acting
from sprechzeit.scheduling.actions.block import remove_block
from sprechzeit.scheduling.actions.cancel import cancel_appointment
from sprechzeit.scheduling.actions.move import move_appointment
from sprechzeit.scheduling.actions.place import Place
from sprechzeit.scheduling.policy import get_appointment
from sprechzeit.video.actions.consultation import admit, end_call
from sprechzeit.video.actions.seats import Sent, leave_seat, listen, send_signal, take_seat
from sprechzeit.video.errors import LinkNotOpen, NotAdmitted
from tests.support.cast import Cast, at
from tests.support.consultations import Held, by_video, came_in, pushed, sits

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


@pytest.mark.parametrize("who_goes", ["patient", "jonas"])
def test_a_call_goes_on_after_that_until_the_first_one_leaves(cast: Cast, who_goes: str) -> None:
    """Both are told beforehand that nobody comes in any more; then they find each other still, and nobody else does."""
    one, jonas = by_video(cast.albers), cast.albers.actor("jonas")
    actors = {"patient": one.patient, "jonas": jonas}
    with time_machine.travel(CLOSES - timedelta(minutes=11), tick=False):
        seats = {name: sits(one, actor) for name, actor in actors.items()}
        with acting(jonas):
            admit(jonas, one.id)
        assert {closes(one, actor, seats[name]) for name, actor in actors.items()} == {""}
    with time_machine.travel(CLOSES - timedelta(minutes=10), tick=False):
        assert {closes(one, actor, seats[name]) for name, actor in actors.items()} == {"10:50"}
    with time_machine.travel(CLOSES + timedelta(minutes=5), tick=False):
        for name, actor in actors.items():
            other = next(seat for key, seat in seats.items() if key != name)
            with acting(actor):
                send_signal(actor, one.id, Sent(seats[name], other, "restart", ""))
                assert take_seat(actor, one.id, "waiting", seats[name]).pk == seats[name], "the network was away"
                with pytest.raises(LinkNotOpen):
                    take_seat(actor, one.id, "waiting")
        assert {closes(one, actor, seats[name]) for name, actor in actors.items()} == {"10:50"}
        goes = actors.pop(who_goes)
        with acting(goes):
            leave_seat(goes, one.id, seats[who_goes])
        ((name, stays),) = actors.items()
        with acting(stays), pytest.raises(LinkNotOpen):
            listen(stays, one.id, seats[name], 0)


def test_its_end_is_told_to_both_and_a_cancelled_one_goes_on_no_more(cast: Cast) -> None:
    jonas = cast.albers.actor("jonas")
    for clock, end, refused in (("09:00", end_call, NotAdmitted), ("14:00", cancel_appointment, LinkNotOpen)):
        one = by_video(cast.albers, clock)
        with time_machine.travel(at(clock), tick=False):
            patient, _his = sits(one, one.patient), sits(one, jonas)
            with acting(jonas):
                admit(jonas, one.id)
        with time_machine.travel(at(clock) + timedelta(minutes=111), tick=False):
            assert closes(one, one.patient, patient)
            with acting(jonas):
                end(jonas, one.id if end is end_call else one.of.pk)
            with acting(one.patient), pytest.raises(refused):
                listen(one.patient, one.id, patient, 0)


def closes(one: Held, actor: Actor, seat: UUID) -> str:
    """What a page is told of the end."""
    with acting(actor):
        return str(listen(actor, one.id, seat, 0).state["closes"])


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
