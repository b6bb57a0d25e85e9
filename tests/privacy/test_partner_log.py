"""What a booking partner did, was told and was refused; and that it is its own service user (AUD-4, PAT-22, OTV-3)."""

from html import unescape

import pytest
from django.test import Client
from django.urls import reverse

from sprechzeit.access.actor import Actor
from sprechzeit.access.table import Data, Reach, Use
from sprechzeit.accounts.models import User
from sprechzeit.audit.policy import visible_entries
from sprechzeit.core.acting import acting
from sprechzeit.core.errors import NotAllowed, NotFound
from sprechzeit.core.limits import Limit
from sprechzeit.patients.actions import find_or_add_patient
from sprechzeit.patients.queries import information_on, match_patient, patients_for_list
from sprechzeit.practice.actions.partners import change_partner, open_consents
from sprechzeit.practice.models import Partner
from sprechzeit.practice.partner_page import CALLS
from sprechzeit.practice.policy import managed_partners, visible_partners
from sprechzeit.privacy.partner_log import handed_days, troubles_of
from sprechzeit.records.policy import visible_documents, visible_sessions
from tests.support.cast import PASSWORD, Cast, House, book, identity
from tests.support.partners import registered, say
from tests.support.routes import client_of


def english(cast: Cast, person: str = "administrator") -> Client:
    client = client_of(cast, person)
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


def page_of(cast: Cast, asks: Actor, **query: str) -> str:
    answer = english(cast).get(reverse("privacy:partner_log", args=[asks.identity]), query)
    assert answer.status_code == 200
    return unescape(answer.content.decode())


def say_yes(house: House, asks: Actor, clock: str, last_name: str) -> None:
    say(house, book(house, clock, who="jonas", last_name=last_name).patient, asks, "yes")


@pytest.mark.req("PAT-22", "AUD-4", "OTV-5")
def test_whom_it_was_told_of_is_counted_by_day_and_found_in_the_log(cast: Cast) -> None:
    """Days and numbers; the names stand behind the link, which administrators may read."""
    house, asks, other = cast.albers, registered(cast.albers), registered(cast.albers, "Anderes")
    for clock, name in (("09:00", "Adler"), ("10:00", "Berg")):
        say_yes(house, asks, clock, name)
    with acting(asks):
        for _twice in range(2):
            assert len(patients_for_list(asks).patients) == 2
        assert match_patient(asks, identity(last_name="Adler")) is not None
    miriam = house.actor("miriam")
    with acting(miriam):
        found, others = Partner.objects.get(pk=asks.identity), Partner.objects.get(pk=other.identity)
        (day,), nothing = handed_days(miriam, found), handed_days(miriam, others)
    assert (day.patients, day.times, nothing) == (2, 5, [])
    assert day.url.replace("%3A", ":") in page_of(cast, asks).replace("%3A", ":")
    page = unescape(english(cast).get(day.url).content.decode())
    assert page.count("handed out to a partner") == 5
    assert (page.count("Adler"), page.count("Berg")) == (3, 2)
    assert "It was told of no patient." in page_of(cast, other)
    jonas = house.actor("jonas")
    with acting(jonas), pytest.raises(NotAllowed):
        handed_days(jonas, found)
    with acting(jonas), pytest.raises(NotAllowed):
        troubles_of(jonas, found)


@pytest.mark.req("AUD-4", "OTV-3", "ACC-7")
def test_a_partner_is_a_service_user_that_cannot_sign_in_and_has_no_rights_of_its_own(cast: Cast) -> None:
    house = cast.albers
    before = User.objects.count()
    asks = registered(house)
    with acting(house.system):
        change_partner(house.system, asks.identity, {"email": "it@portal.example"})
    assert User.objects.count() == before, "there is nobody who could sign in"
    answer = Client().post("/accounts/login/", {"login": "it@portal.example", "password": PASSWORD})
    assert (answer.status_code, "_auth_user_id" in answer.client.session) == (200, False)
    reached = {data for data in Data if asks.reach(data) > Reach.BUSY or asks.reach(data, Use.WRITE) > Reach.NONE}
    assert reached == {Data.PRACTICE, Data.CALENDARS, Data.APPOINTMENTS, Data.MASTER_DATA}
    assert asks.reach(Data.APPOINTMENTS, Use.WRITE) is asks.reach(Data.MASTER_DATA, Use.WRITE) is Reach.OWN
    assert {asks.reach(one, Use.WRITE) for one in (Data.PRACTICE, Data.CALENDARS)} == {Reach.NONE}
    book(house, "09:00", who="jonas")
    with acting(asks):
        for rows in (visible_partners, managed_partners, visible_sessions, visible_documents, visible_entries):
            assert not rows(asks).exists()
        with pytest.raises(NotFound):
            change_partner(asks, asks.identity, {"reads": ["patients"]})
        with pytest.raises(NotFound):
            open_consents(asks, asks.identity)


@pytest.mark.req("AUD-4", "PAT-22")
def test_record_information_names_the_partner(cast: Cast) -> None:
    house, asks = cast.albers, registered(cast.albers)
    with acting(asks):
        patient = find_or_add_patient(asks, identity(last_name="Neu"), belongs_to=None)
    miriam = house.actor("miriam")
    with acting(miriam):
        made = information_on(miriam, patient).created
    assert made is not None
    assert made.who in ("TerminFinder (booking partner)", "TerminFinder (OTV-Partner)")
    record = unescape(english(cast).get(reverse("record_log", args=[patient.pk])).content.decode())
    assert "Created by TerminFinder (booking partner)" in record
    page = page_of(cast, asks)
    assert ("Patient record: entered" in page, "Neu" in page) == (True, True)


@pytest.mark.req("OTV-10")
def test_calls_of_the_last_day_are_counted(cast: Cast) -> None:
    asks = registered(cast.albers)
    assert "It has not done anything yet" in page_of(cast, asks)
    limit = Limit(CALLS, 10, 60)
    for _call in range(3):
        limit.attempt(str(asks.identity))
    page = page_of(cast, asks)
    assert ("Last call on" in page, page.count('<dd class="num">3</dd>')) == (True, 2)


def test_a_place_that_is_none_is_not_found(cast: Cast) -> None:
    asks = registered(cast.albers)
    address = reverse("privacy:partner_log", args=[asks.identity])
    assert english(cast).get(address, {"before": "x"}).status_code == 404
