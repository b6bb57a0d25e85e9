"""The mark 'patient not yet told' on the page of the book (CAL-23)."""

import pytest
from django.test import Client

from sprechzeit.core.acting import acting
from sprechzeit.scheduling.actions.told import mark_untold
from tests.support.cast import Cast, at, book


@pytest.mark.req("CAL-23")
def test_who_knows_of_a_cancellation_that_was_undone_is_marked_as_not_told(cast: Cast) -> None:
    found = book(cast.albers, "09:00")
    client = Client()
    client.force_login(cast.albers.user("jana"))
    address = f"/?day={at('09:00'):%Y-%m-%d}"
    before = client.get(address).content.decode()
    with acting(cast.albers.system):
        mark_untold(cast.albers.system, found.pk)
    after = client.get(address).content.decode()
    assert after.count("untold") == before.count("untold") + 1
