"""A refusal through the pages: what stays is the count of the attempt (architecture §3, §10)."""

from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from sprechzeit.core.acting import acting
from sprechzeit.core.ids import new_id
from sprechzeit.scheduling.actions.book import manage_token
from sprechzeit.scheduling.actions.hold import hold_token
from sprechzeit.scheduling.models import Occupancy
from tests.support.cast import Cast, at, book, hold
from tests.support.databases import Databases
from tests.support.scene import change
from tests.support.tables import changed, fingerprints

pytestmark = pytest.mark.own_database


@pytest.mark.req("BOO-8", "CAL-8", "BOO-6")
class TestOverHttp:
    """The same through the pages: what stays is the count of the attempt."""

    @pytest.fixture
    def kept(self, own_database: Databases) -> Callable[[Callable[[], Any]], tuple[int, list[str]]]:
        """The status of an answer and the tables that changed meanwhile."""

        def measure(ask: Callable[[], Any]) -> tuple[int, list[str]]:
            before = fingerprints(own_database.url("superuser"), without=())
            status = ask().status_code
            return status, changed(before, fingerprints(own_database.url("superuser"), without=()))

        return measure

    def press(self, cast: Cast, clock: str, kind: str = "talk", **fields: str) -> Any:
        starts = f"{at(clock).astimezone(timezone.get_fixed_timezone(0)):%Y%m%dT%H%MZ}"
        start = f"{starts}~{cast.albers.calendars['jonas'].reference}"
        address = reverse("portal:hold", args=["albers", cast.albers.types[kind].reference])
        return Client().post(address, {"start": start, "key": str(new_id()), **fields})

    def test_a_time_that_was_taken(self, cast: Cast, kept: Any) -> None:
        book(cast.albers, "09:00", who="jonas")
        assert kept(lambda: self.press(cast, "09:00")) == (409, ["core_attempts"])

    def test_a_time_that_is_not_offered(self, cast: Cast, kept: Any) -> None:
        assert kept(lambda: self.press(cast, "04:00")) == (409, ["core_attempts"])

    def test_a_button_that_is_none_of_ours(self, cast: Cast, kept: Any) -> None:
        assert kept(lambda: self.press(cast, "09:00", start="nonsense")) == (404, ["core_attempts"])

    def test_one_attempt_too_many(self, cast: Cast, kept: Any) -> None:
        for _ in range(settings.HOLDS_PER_HOUR_AND_ADDRESS):
            self.press(cast, "04:00")
        status, tables = kept(lambda: self.press(cast, "09:00"))
        assert (status, tables) == (429, ["core_attempts"])
        with acting(cast.albers.system):
            assert not Occupancy.objects.exists()

    def test_details_that_are_wrong_or_too_many(self, cast: Cast, kept: Any) -> None:
        change(cast.albers.system, cast.albers.types["talk"], min_age=50)
        address = reverse("portal:details", args=["albers", hold_token(hold(cast.albers, "10:00", who="jonas").pk)])
        good = {
            "first_name": "Paula", "last_name": "Sommer", "date_of_birth": "24.03.1985",
            "email": "paula@example.org", "mobile": "0171 2345678", "insurance": "statutory", "privacy": "on",
        }  # fmt: skip
        assert kept(lambda: Client().post(address, {})) == (422, [])
        assert kept(lambda: Client().post(address, good)) == (422, ["core_attempts"])

    def test_a_cancellation_that_comes_too_late(self, cast: Cast, kept: Any) -> None:
        token = manage_token(book(cast.albers, "09:00").pk)
        change(cast.albers.system, cast.albers.practice, cancel_hours=24 * 60)
        address = reverse("portal:cancellation", args=[token])
        assert kept(lambda: Client().post(address)) == (422, ["audit_entry"]), (
            "it shows the appointment, which is logged"
        )

    def test_a_cancellation_that_the_role_does_not_allow(self, cast: Cast, kept: Any) -> None:
        book(cast.albers, "10:00", who="jonas")
        lent = book(cast.albers, "09:00", who="miriam")
        client = Client()
        client.force_login(cast.albers.user("jonas"))
        address = reverse("scheduling:cancellation", args=[lent.pk])
        assert kept(lambda: client.post(address)) == (403, [])
