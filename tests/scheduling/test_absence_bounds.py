"""What no page sends with an absence (CAL-22)."""

import pytest
from django.test import Client
from django.urls import reverse

from sprechzeit.core.acting import acting
from sprechzeit.scheduling.models import Cancellation
from tests.support.cast import Cast, book, monday


@pytest.mark.req("CAL-22")
def test_a_reason_that_no_database_can_hold(cast: Cast) -> None:
    found = book(cast.albers, "09:00")
    client = Client(raise_request_exception=False)
    client.force_login(cast.albers.user("jana"))
    day = f"{monday():%Y-%m-%d}"
    sent = {"calendar": found.calendar_id, "first_day": day, "last_day": day, "listed": found.pk, "all": "1"}
    answer = client.post(reverse("scheduling_hours:new_absence"), sent | {"told": "ill\x00ness"})
    assert answer.status_code == 302
    with acting(cast.albers.system):
        assert Cancellation.objects.get().reason == "illness"
