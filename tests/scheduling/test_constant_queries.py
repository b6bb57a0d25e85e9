"""What is asked of the database does not grow with what is shown (CAL-7)."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from sprechzeit.core.acting import acting
from sprechzeit.core.versions import Memory
from sprechzeit.patients.actions import NewPatient, add_patient, share_patients
from sprechzeit.patients.models import Patient
from sprechzeit.scheduling.actions.settings import add_type, offer_type
from sprechzeit.scheduling.queries import gathering
from tests.support.cast import Cast, House


def statements(client: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as asked:
        assert client.get(address).status_code == 200
    return len(asked)


def enter_zander(house: House, number: int) -> Patient:
    return add_patient(house.system, NewPatient(f"Z{number}", "Zander", email="z@example.org"), belongs_to=None)


@pytest.mark.req("CAL-7", "CAL-13")
def test_patients_that_are_found_and_types_to_choose(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gathering, "_memory", Memory(0))  # what is remembered would be left out now and then
    house, client = cast.albers, Client()
    client.force_login(house.user("jana"))
    new = "/appointments/new/"
    addresses = ("/search/?q=zander", f"{new}patients/?q=zander", "/patients/?q=zander", new)
    with acting(house.system):
        enter_zander(house, 0)
    few = [statements(client, one) for one in addresses]
    with acting(house.system):
        for number in range(1, 7):
            enter_zander(house, number)
            one = add_type(house.system, f"Art {number}", duration=20)
            offer_type(house.system, one, house.calendars["miriam"])
    assert [statements(client, one) for one in addresses] == few


@pytest.mark.req("CAL-7", "ACC-21")
def test_which_fields_of_the_hits_are_seen_is_asked_once(cast: Cast) -> None:
    """Of records that were shared with the one who asks."""
    house, client, jana = cast.albers, Client(), cast.albers.actor("jana")
    client.force_login(house.user("jonas"))

    def share(numbers: range) -> None:
        with acting(jana):
            share_patients(jana, [enter_zander(house, number).pk for number in numbers], None)

    share(range(1))
    few = statements(client, "/search/?q=zander")
    share(range(1, 7))
    assert statements(client, "/search/?q=zander") == few
    numbers = [one["number"] for one in client.get("/search/?q=zander").context["found"]["hits"]]
    assert len(numbers) == 7 and all(numbers)
