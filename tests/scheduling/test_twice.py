"""The hour that the clock strikes twice: 2027-10-31, 02:00–03:00 in Berlin. The second one stays the second (CAL-7)."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from sprechzeit.core.acting import acting
from sprechzeit.core.ids import new_id
from sprechzeit.scheduling.models import Appointment, Block
from tests.support.cast import Cast, book

pytestmark = pytest.mark.req("CAL-7", "CAL-9")

LOCAL = "2027-10-31T02:30"
FIRST = datetime(2027, 10, 31, 0, 30, tzinfo=UTC)
SECOND = FIRST + timedelta(hours=1)
ALL_THE_SAME = ",outside_working_time,outside_windows,off_grid"


@pytest.fixture
def client(cast: Cast) -> Client:
    client = Client(headers={"HX-Request": "true", "accept-language": "en"})
    client.force_login(cast.albers.user("jana"))
    return client


def hidden(page: str) -> str:
    """What the form would send as `fold`."""
    _before, found, after = page.partition('name="fold"')
    assert found
    return after.partition('value="')[2].partition('"')[0] if 'value="' in after.partition(">")[0] else ""


@pytest.mark.parametrize(("fold", "instant", "zone"), [({}, FIRST, "CEST"), ({"fold": "1"}, SECOND, "CET")])
class TestANewAppointment:
    def asked(self, cast: Cast) -> dict[str, Any]:
        return {"calendar": str(cast.albers.calendars["miriam"].pk), "start": LOCAL}

    def test_from_the_address_to_the_entry(
        self, cast: Cast, client: Client, fold: dict[str, str], instant: datetime, zone: str
    ) -> None:
        address, asked = reverse("scheduling:new"), self.asked(cast)
        shown = client.get(address, asked | fold)
        page = shown.content.decode()
        assert shown.context["draft"].starts_at == instant
        assert f"02:30 {zone}" in page, "it says which of the two is meant"
        names = {"key": str(new_id()), "is_new": "on", "first_name": "Nele", "last_name": "Neumann", "room": "none"}
        sent = asked | names | {"type": str(cast.albers.types["talk"].pk), "fold": hidden(page)}
        again = client.post(address, sent | {"refresh": "1"})
        assert again.context["draft"].starts_at == instant, "a step of the form keeps it"
        assert client.post(address, sent | {"confirmed": ALL_THE_SAME}).status_code == 200
        with acting(cast.albers.system):
            made = Appointment.objects.get()
        assert (made.starts_at, made.ends_at) == (instant, instant + timedelta(minutes=50))

    def test_a_block(self, cast: Cast, client: Client, fold: dict[str, str], instant: datetime, zone: str) -> None:
        address, asked = reverse("scheduling:new_block"), self.asked(cast)
        page = client.get(address, asked | fold).content.decode()
        sent = asked | {"key": str(new_id()), "fold": hidden(page), "end": "2027-10-31T03:10"}
        assert client.post(address, sent).status_code == 200
        with acting(cast.albers.system):
            made = Block.objects.get()
        assert (made.starts_at, made.ends_at) == (instant, datetime(2027, 10, 31, 2, 10, tzinfo=UTC))

    def test_moving_what_stands_there(
        self, cast: Cast, client: Client, fold: dict[str, str], instant: datetime, zone: str
    ) -> None:
        """Five minutes later is five minutes later, not an hour earlier."""
        found = book(cast.albers, "09:00")
        address = reverse("scheduling:place", args=[found.pk])
        page = client.get(address, {"start": LOCAL} | fold).content.decode()
        sent = {"form": "1", "room": "none", "start": LOCAL, "end": "", "fold": hidden(page)}
        answer = client.post(address, sent | {"confirmed": ALL_THE_SAME})
        assert answer.status_code == 200
        page = client.get(address).content.decode()
        sent |= {"start": "2027-10-31T02:35", "fold": hidden(page), "confirmed": ALL_THE_SAME}
        assert client.post(address, sent).status_code == 200
        with acting(cast.albers.system):
            assert Appointment.objects.get().starts_at == instant + timedelta(minutes=5)


def test_from_the_first_into_the_second(cast: Cast, client: Client) -> None:
    """It begins at the first 02:30, lasts 50 minutes, and ends at the second 02:20: by the clock before it begins."""
    found = book(cast.albers, "09:00")
    address = reverse("scheduling:place", args=[found.pk])
    sent = {"room": "none", "start": LOCAL, "end": "2027-10-31T02:20", "confirmed": ALL_THE_SAME}
    assert client.post(address, sent).status_code == 200
    with acting(cast.albers.system):
        made = Appointment.objects.get()
    assert (made.starts_at, made.ends_at) == (FIRST, FIRST + timedelta(minutes=50))
