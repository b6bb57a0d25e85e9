"""Moments that no page says, sent to the work list (BOO-12)."""

import pytest
from django.test import Client
from django.urls import reverse

from tests.support.cast import Cast


@pytest.mark.req("BOO-12")
@pytest.mark.parametrize(
    ("moment", "status"),
    [
        ("2026-01-01T00:00:00+23:59", 303),  # a zone further away than the database knows
        ("0001-01-01T00:00:00+14:00", 404),
        ("9999-12-31T23:59:59-14:00", 404),
        ("2026-01-01T00:00:00", 404),
        ("yesterday", 404),
    ],
)
def test_undoing_what_was_seen_at_a_moment_that_never_was(cast: Cast, moment: str, status: int) -> None:
    client = Client(raise_request_exception=False)
    client.force_login(cast.albers.user("jana"))
    assert client.post(reverse("scheduling_bookings:unseen"), {"at": moment}).status_code == status
    assert client.get(reverse("scheduling_bookings:bookings"), {"seen": moment}).status_code == 200
