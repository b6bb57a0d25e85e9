"""Moving what took place (CAL-7)."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from tests.scheduling.test_attend import attend
from tests.scheduling.test_move import reload
from tests.support.cast import Cast, at, book, monday


@pytest.mark.req("CAL-7")
@pytest.mark.parametrize("state", ["arrived", "completed", "no_show"])
def test_nobody_has_come_to_a_later_day(cast: Cast, state: str) -> None:
    found = book(cast.albers, "09:00")
    address, day = reverse("scheduling:place", args=[found.pk]), monday()
    tomorrow, begin = day + timedelta(days=1), found.starts_at
    with time_machine.travel(at("09:00"), tick=True):
        client = Client()
        client.force_login(cast.albers.user("jana"))
        attend(cast, found, state)
        refused = client.post(address, {"start": f"{tomorrow:%Y-%m-%d}T09:00"}, headers={"HX-Request": "true"})
        assert refused.status_code == 422
        assert reload(cast.albers, found).starts_at == begin
        later = client.post(address, {"start": f"{day:%Y-%m-%d}T10:00"}, headers={"HX-Request": "true"})
        assert later.status_code == 200, "of the same day it may begin later"
        attend(cast, found, "planned")
        moved = client.post(address, {"start": f"{tomorrow:%Y-%m-%d}T09:00"}, headers={"HX-Request": "true"})
        assert moved.status_code == 200
