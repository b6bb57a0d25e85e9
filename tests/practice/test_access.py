"""Delegated access (ACC-20 … ACC-22): who may give it, what it opens, and that it ends at once."""

import pytest
from django.urls import reverse

from tests.support.cast import Cast, book
from tests.support.delegates import outside


@pytest.mark.req("ACC-20", "ACC-10")
def test_somebody_from_outside_accepts_and_works_in_the_granted_calendar(cast: Cast) -> None:
    client = outside(cast)
    day = book(cast.albers, "09:00", who="jonas", last_name="Jonaspatient").starts_at.date()
    book(cast.albers, "09:00", who="miriam", last_name="Miriampatient")
    page = client.get(reverse("scheduling:book"), {"day": f"{day:%Y-%m-%d}"}).content.decode()
    assert "Jonaspatient" in page
    assert "Miriampatient" not in page
    assert "Miriam Albers" not in page
    assert "Sekretariat Kern" in page
    assert client.get(reverse("practice:facts")).status_code == 403
    assert client.get(reverse("own_access")).status_code == 200
