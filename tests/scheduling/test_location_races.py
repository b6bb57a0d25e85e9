"""Who books by video while the practice's service becomes another one is not left without a link (PUSH-2, PUSH-10)."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections

from sprechzeit.core.acting import acting, run_as
from sprechzeit.practice.models import VideoService
from sprechzeit.scheduling.actions.appoint import book_appointment
from sprechzeit.scheduling.actions.video import settle_video
from tests.scheduling.test_appoint import wish
from tests.support.cast import Cast
from tests.support.databases import Databases
from tests.support.together import until_somebody_waits
from tests.support.video import ELSEWHERE, known_there, link_of, video_on

pytestmark = [pytest.mark.req("PUSH-2", "PUSH-10"), pytest.mark.own_database]


def test_a_booking_under_way_gets_the_link_of_the_new_service(cast: Cast, own_database: Databases) -> None:
    house = cast.albers
    video_on(house, ELSEWHERE)
    known_there(house, "miriam")
    jana, miriam = house.actor("jana"), house.actor("miriam")

    def held_here() -> None:
        try:
            run_as(miriam, switch)
        finally:
            connections.close_all()

    def switch() -> None:
        VideoService.objects.filter(practice_id=house.practice.pk).update(kind=VideoService.HERE)
        settle_video(miriam)

    with ThreadPoolExecutor(1) as other:
        with acting(jana):
            found = book_appointment(jana, wish(cast, "09:00"))
            switched = other.submit(held_here)
            until_somebody_waits(own_database)
        switched.result(20)
    assert link_of(house, found), "the switch waited for the booking, and saw it"
