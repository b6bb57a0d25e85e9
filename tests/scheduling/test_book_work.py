"""What the book's pages make the program do, counted and not timed (W5): statements, and calls for each entry."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from sprechzeit.core.acting import acting
from sprechzeit.core.ids import new_id
from sprechzeit.patients.models import Patient
from sprechzeit.scheduling.models import Appointment, Occupancy
from tests.support.calls import calls_of
from tests.support.cast import Cast, House, at, monday

pytestmark = pytest.mark.req("CAL-7", "CAL-13")

PAGE, WEEK, LIST = "/?day={day}", "/?day={day}&view=week", "/?day={day}&view=list"
COLUMN, ROOMS = "/columns/{miriam}/?day={day}&hours=7-20", "/?day={day}&view=rooms"
# Session, user with where they work, SAVEPOINT, the values it gives back read, set and set again, RELEASE.
AROUND = 7


def fill(house: House, first: int, last: int) -> None:
    """Appointments of five minutes each in Miriam's Monday, in the own room, each of a patient of its own."""
    own = {"practice_id": house.practice.id, "calendar": house.calendars["miriam"]}
    begins = [at("08:00") + timedelta(minutes=5 * number) for number in range(first, last)]
    with acting(house.system):
        for begin in begins:
            spans: dict[str, Any] = {**own, "starts_at": begin, "ends_at": begin + timedelta(minutes=5)}
            taken = Occupancy.objects.create(**spans, kind="appointment", space_id=house.rooms["own"].space_id)
            patient = Patient.objects.create(
                id=new_id(), practice_id=house.practice.id, first_name="Paula", last_name=f"Sommer {begin:%H%M}"
            )
            facts = {"type": house.types["talk"], "room": house.rooms["own"], "patient": patient, "source": "staff"}
            Appointment.objects.create(**spans, **facts, occupancy=taken)


def address(house: House, form: str) -> str:
    return form.format(day=monday(), miriam=house.calendars["miriam"].id)


@pytest.fixture
def jana(cast: Cast) -> Client:
    client = Client()
    client.force_login(cast.albers.user("jana"))
    return client


def get(client: Client, url: str) -> None:
    """As the browser asks for it: a column is fetched by a script."""
    assert client.get(url, headers={"HX-Request": "true"} if "/columns/" in url else {}).status_code == 200


def calls(client: Client, url: str) -> int:
    """How often a function is called while the page is made: the least of three, as what others leave in a process
    (a pool that grows, a collection with its finalizers and callbacks) is now and then counted along."""
    return min(counted(client, url) for _ in range(3))


def counted(client: Client, url: str) -> int:
    get(client, url)
    return calls_of(lambda: get(client, url))


@pytest.mark.parametrize(
    ("form", "most"),
    [
        # What there is, the times taken, the appointments, the background; that they were looked at (AUD-2).
        (COLUMN, 5),
        # Besides: who the viewer is, what waits for them, when those are busy with whom the practice shares rooms.
        (PAGE, 8),
        (WEEK, 8),
        (LIST, 8),
        # And what others take of shared rooms, less what is ours.
        (ROOMS, 10),
    ],
)
def test_statements(cast: Cast, jana: Client, form: str, most: int) -> None:
    fill(cast.albers, 0, 2)
    with CaptureQueriesContext(connection) as asked:
        get(jana, address(cast.albers, form))
    assert len(asked) <= AROUND + most, [one["sql"][:60] for one in asked.captured_queries]


@pytest.mark.parametrize(("form", "most"), [(COLUMN, 45), (PAGE, 45), (WEEK, 45), (LIST, 30)])
def test_calls_for_each_entry(cast: Cast, jana: Client, form: str, most: int) -> None:
    fill(cast.albers, 0, 10)
    few = calls(jana, address(cast.albers, form))
    fill(cast.albers, 10, 40)
    many = calls(jana, address(cast.albers, form))
    assert (many - few) / 30 <= most
