"""The work list of one's own calendars, and how much of each kind it says there is (BOO-12)."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from sprechzeit.core.acting import acting
from sprechzeit.patients.models import ContactProposal
from sprechzeit.scheduling.models import Appointment
from sprechzeit.scheduling.queries import new_bookings
from sprechzeit.scheduling.queries.new_bookings import work_list
from tests.scheduling.test_new_bookings import known
from tests.support.cast import Cast, House, book

pytestmark = pytest.mark.req("BOO-12")

ADDRESS = reverse("scheduling_bookings:bookings")


def client(house: House, name: str) -> Client:
    found = Client(headers={"accept-language": "en"})
    found.force_login(house.user(name))
    return found


def chips(html: str) -> dict[str, str]:
    """What each chip says, with its count."""
    return dict(re.findall(r'<a class="chip"[^>]*>([^<]+?) <span class="num">([^<]+)</span>', html))


def test_who_has_a_calendar_may_look_at_their_own_bookings_alone(cast: Cast) -> None:
    book(cast.albers, "09:00", who="miriam", first_name="Mia", last_name="Mein", email="mia@example.org")
    book(cast.albers, "10:00", who="jonas", first_name="Jo", last_name="Sein", email="jo@example.org")
    miriam = client(cast.albers, "miriam")
    html = miriam.get(ADDRESS).content.decode()
    assert "Mein, Mia" in html and "Sein, Jo" in html and "My calendars" in html
    (address,) = re.findall(r'href="([^"]+mine=1)"[^>]*>My calendars', html)
    mine = miriam.get(address.replace("&amp;", "&")).content.decode()
    assert "Mein, Mia" in mine and "Sein, Jo" not in mine
    assert chips(mine)["All"] == "1"
    assert re.search(r'data-url="[^"]*mine=1"', mine), "what is fetched anew by itself is the same list"


def test_what_is_ticked_off_there_leads_back_there_and_concerns_no_others(cast: Cast) -> None:
    book(cast.albers, "09:00", who="miriam", first_name="Mia", email="mia@example.org")
    other = book(cast.albers, "10:00", who="jonas", first_name="Jo", email="jo@example.org")
    miriam = client(cast.albers, "miriam")
    form = miriam.get(f"{ADDRESS}?mine=1").content.decode().split("Mark all")[0]
    fields = {
        "booking": re.findall(r'name="booking" value="([^"]+)"', form),
        **dict(re.findall(r'name="(show|mine)" value="([^"]+)"', form)),
    }
    answer = miriam.post(reverse("scheduling_bookings:seen"), fields)
    assert answer.status_code == 303 and "mine=1" in answer["Location"]
    with acting(cast.albers.system):
        assert [one.pk for one in Appointment.objects.filter(seen_at=None)] == [other.pk]
    seen = miriam.get(f"{ADDRESS}?show=seen&mine=1").content.decode()
    assert "Sommer, Mia" in seen


def test_a_contact_change_is_of_who_has_the_patient(cast: Cast) -> None:
    for who, name, clock in (("miriam", "Mia", "09:00"), ("jonas", "Jo", "10:00")):
        book(cast.albers, clock, who=who, first_name=name, email=f"{name}@example.org")
    with acting(cast.albers.system):
        for one in Appointment.objects.select_related("patient"):
            ContactProposal.objects.create(
                practice_id=cast.albers.practice.pk, patient=one.patient, kind="email", value="x@example.org",
                key="x@example.org",
            )  # fmt: skip
    miriam = cast.albers.actor("miriam")
    with acting(miriam):
        assert len(work_list(miriam).proposed) == 2
        (own,) = work_list(miriam, mine=True).proposed
        assert own.proposal.patient.first_name == "Mia"


def test_without_a_calendar_or_without_others_there_is_nothing_to_choose(cast: Cast) -> None:
    """Jana has none; Jonas sees his own alone."""
    book(cast.albers, "09:00", who="jonas")
    for name in ("jana", "jonas"):
        html = client(cast.albers, name).get(f"{ADDRESS}?mine=1").content.decode()
        assert "My calendars" not in html and "Sommer, Paula" in html


def test_a_kind_of_which_not_all_are_listed_says_that_there_may_be_more(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    book(cast.albers, "09:00")
    book(cast.albers, "10:00", first_name="Lars", email="lars@example.org")
    jana = client(cast.albers, "jana")
    assert chips(jana.get(ADDRESS).content.decode())["New patients"] == "2"
    monkeypatch.setattr(new_bookings, "SHOWN", 1)
    html = jana.get(ADDRESS).content.decode()
    assert chips(html)["All"] == "2" and chips(html)["New patients"] == "1+"
    assert re.search(r'New patients <span class="badge num">1\+</span>', html)


@pytest.mark.req("PAT-14")
def test_of_too_many_likely_records_the_latest_are_compared(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not those that the database happens to hand over first."""
    monkeypatch.setattr(new_bookings, "LOOKED_THROUGH", 2)
    known(cast.albers, "Paulah")
    known(cast.albers, "Paulae")
    book(cast.albers, "09:00")
    jana = cast.albers.actor("jana")
    with acting(jana):
        assert [one.other.first_name for one in work_list(jana).alike] == ["Paulae"]
