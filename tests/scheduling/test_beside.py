"""Granted calendars of several practices side by side in one book, each strictly within its grant (ACC-24)."""

import re

import pytest
from django.test import Client

from sprechzeit.access.table import Area
from sprechzeit.accounts.models import User
from sprechzeit.accounts.sessions import CHOSEN
from sprechzeit.audit.models import Entry
from sprechzeit.core.acting import acting
from sprechzeit.core.ids import new_id
from sprechzeit.practice.actions import add_member
from sprechzeit.practice.actions.grants import revoke_access
from sprechzeit.practice.models import AccessGrant, Practice
from sprechzeit.scheduling.models import Appointment, Attendance
from tests.support.cast import Cast, House, at, book, monday
from tests.support.delegates import accept, give, kern, terms

pytestmark = pytest.mark.req("ACC-24")
PAGE = f"/beside/?day={monday()}"


def open_to(house: House, user: User, name: str, area: Area = Area.SCHEDULING) -> AccessGrant:
    """An access of somebody from outside to one person's calendar."""
    access = give(house, terms(house, name, areas=[area]), email=user.email)
    accept(house, access, user)
    return access


def signed_in_as(user: User) -> Client:
    """A browser of theirs."""
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def user(cast: Cast) -> User:
    return kern()


@pytest.fixture
def accesses(cast: Cast, user: User) -> dict[str, AccessGrant]:
    """To Jonas' calendar in the one practice, to Berta's in the other."""
    return {"albers": open_to(cast.albers, user, "jonas"), "brandt": open_to(cast.brandt, user, "berta")}


@pytest.fixture
def client(accesses: dict[str, AccessGrant], user: User) -> Client:
    return signed_in_as(user)


def named(house: House, path: str) -> str:
    """The page at `path` in this practice."""
    return f"/practices/{house.practice.id}{path}"


def columns(page: str) -> list[str]:
    """The columns of a page, by their calendars, in their order."""
    return re.findall(r'class="column[^"]*" id="column-([0-9a-f-]+)"', page)


def test_granted_calendars_of_both_stand_on_one_page_and_no_other(cast: Cast, client: Client) -> None:
    book(cast.albers, "09:00", who="jonas", last_name="Sonne")
    book(cast.albers, "10:00", who="miriam", last_name="Mond")
    book(cast.brandt, "11:00", last_name="Stern")
    answer = client.get(PAGE)
    page = answer.content.decode()
    assert set(columns(page)) == {str(cast.albers.calendars["jonas"].id), str(cast.brandt.calendars["berta"].id)}
    assert "Sonne" in page and "Stern" in page and "Mond" not in page and "Miriam Albers" not in page
    for house, name in ((cast.albers, "Praxis Albers"), (cast.brandt, "Praxis Brandt")):
        assert f"<h2>{name}</h2>" in page
        assert f'href="{named(house, f"/appointments/new/?day={monday()}")}"' in page
    live = f"/live/?practice={cast.albers.practice.id}&amp;practice={cast.brandt.practice.id}"
    assert f'data-live="{live}"' in page
    assert answer["Cache-Control"] == "no-store"


def test_each_entry_and_column_is_at_an_address_of_its_own_practice(cast: Cast, client: Client) -> None:
    mine, theirs = book(cast.albers, "09:00", who="jonas"), book(cast.brandt, "11:00")
    page = client.get(PAGE).content.decode()
    for house, found in ((cast.albers, mine), (cast.brandt, theirs)):
        assert f'href="{named(house, f"/appointments/{found.id}/")}"' in page
        assert f'data-place="{named(house, f"/appointments/{found.id}/place/")}"' in page
        assert f'data-url="{named(house, f"/columns/{found.calendar_id}/?day={monday()}")}' in page
        fragment = client.get(named(house, f"/columns/{found.calendar_id}/?day={monday()}")).content.decode()
        assert f"/appointments/{found.id}/" in fragment
    assert 'href="/appointments/' not in page


def test_no_fragment_of_one_is_had_in_the_name_of_the_other(cast: Cast, client: Client) -> None:
    found = book(cast.brandt, "11:00")
    unknown = client.get(named(cast.albers, f"/columns/{new_id()}/"))
    for path in (f"/columns/{found.calendar_id}/", f"/appointments/{found.id}/", f"/columns/{new_id()}/"):
        refused = client.get(named(cast.albers, path))
        assert (refused.status_code, refused.content) == (404, unknown.content)
    # Nor one of the same practice that is not granted.
    assert client.get(named(cast.albers, f"/columns/{cast.albers.calendars['miriam'].id}/")).status_code == 404
    with acting(cast.brandt.system):
        stranger = Practice.objects.get(pk=cast.brandt.practice.id)
    only = signed_in_as(cast.albers.user("jonas"))
    assert only.get(f"/practices/{stranger.id}/").content == unknown.content


@pytest.mark.req("ACC-23")
def test_what_is_written_and_looked_at_stands_in_the_log_of_its_practice_alone(
    cast: Cast, client: Client, accesses: dict[str, AccessGrant]
) -> None:
    mine, theirs = book(cast.albers, "09:00", who="jonas"), book(cast.brandt, "11:00")
    assert client.get(PAGE).status_code == 200
    start, end = f"{monday()}T14:00", f"{monday()}T14:50"
    moved = client.post(named(cast.brandt, f"/appointments/{theirs.id}/place/"), {
        "start": start, "end": end, "calendar": str(theirs.calendar_id),
    })  # fmt: skip
    assert (moved.status_code, moved["Location"]) == (303, named(cast.brandt, f"/?day={monday()}"))
    remark = client.post(named(cast.albers, f"/appointments/{mine.id}/remark/"), {"remark": "nüchtern"})
    assert remark.status_code == 303
    for house, key, changed in ((cast.albers, "albers", mine), (cast.brandt, "brandt", theirs)):
        with acting(house.system):
            entries = list(Entry.objects.filter(actor=f"delegate:{accesses[key].pk}"))
            assert {one.practice_id for one in entries} == {house.practice.id}
            assert {one.row_id for one in entries if one.operation == "update"} >= {changed.id}
            assert any(one.operation == "list" and one.table_name == "scheduling_appointment" for one in entries)
            assert (
                not Entry.objects.filter(actor__startswith="delegate:").exclude(pk__in=[e.pk for e in entries]).exists()
            )
    with acting(cast.brandt.system):
        assert Appointment.objects.get(pk=theirs.id).starts_at == at("14:00")


def test_nothing_is_moved_from_one_practice_to_the_other(cast: Cast, client: Client) -> None:
    found = book(cast.brandt, "11:00")
    start, end = f"{monday()}T14:00", f"{monday()}T14:50"
    fields = {"start": start, "end": end, "calendar": str(cast.albers.calendars["jonas"].id)}
    assert client.post(named(cast.brandt, f"/appointments/{found.id}/place/"), fields).status_code == 422
    assert client.post(named(cast.albers, f"/appointments/{found.id}/place/"), fields).status_code == 404
    with acting(cast.brandt.system):
        unmoved = Appointment.objects.get(pk=found.id)
        assert (unmoved.calendar_id, unmoved.starts_at) == (found.calendar_id, at("11:00"))
        assert Attendance.objects.count() == 0


def test_a_revoked_access_is_gone_with_its_columns_and_the_others_stay(
    cast: Cast, client: Client, accesses: dict[str, AccessGrant]
) -> None:
    berta = cast.brandt.actor("berta")
    calendar = cast.brandt.calendars["berta"].id
    assert client.get(named(cast.brandt, f"/columns/{calendar}/")).status_code == 200
    with acting(berta):
        revoke_access(berta, accesses["brandt"].pk)
    page = client.get(PAGE).content.decode()
    assert columns(page) == [str(cast.albers.calendars["jonas"].id)]
    assert "Praxis Brandt" not in page
    for path in ("/", f"/columns/{calendar}/", "/appointments/new/"):
        assert client.get(named(cast.brandt, path)).status_code == 404
    assert client.post(named(cast.brandt, "/blocks/new/"), {}).status_code == 404


@pytest.mark.req("ACC-10")
def test_memberships_stand_side_by_side_with_nothing(cast: Cast, user: User) -> None:
    """Who is a member of both chooses one; an access to one more shows that one alone."""
    for house in (cast.albers, cast.brandt):
        with acting(house.system):
            add_member(house.system, user, role="secretary", name="Kern", initials="K")
    client = signed_in_as(user)
    assert client.get(PAGE).status_code == 404
    assert "/beside/" not in client.get("/").content.decode()
    jonas = cast.albers.user("jonas")
    open_to(cast.brandt, jonas, "berta")
    page = signed_in_as(jonas).get(PAGE).content.decode()
    assert columns(page) == [str(cast.brandt.calendars["berta"].id)]
    assert str(cast.albers.calendars["jonas"].id) not in page


def test_who_has_no_access_finds_no_such_page(cast: Cast) -> None:
    assert signed_in_as(cast.albers.user("jana")).get(PAGE).status_code == 404
    assert Client().get(PAGE).status_code == 302


def test_the_switcher_leads_there_and_the_chosen_practice_stays(cast: Cast, client: Client) -> None:
    client.post("/practices/", {"practice": str(cast.brandt.practice.id)})
    assert 'href="/beside/"' in client.get("/").content.decode()
    assert 'href="/beside/"' in client.get("/practices/").content.decode()
    client.get(PAGE)
    client.get(named(cast.albers, "/"))
    assert client.session[CHOSEN] == str(cast.brandt.practice.id)


def test_a_phone_shows_the_chosen_column_and_an_unknown_one_is_not_found(cast: Cast, client: Client) -> None:
    berta = cast.brandt.calendars["berta"].id
    page = client.get(f"{PAGE}&calendar={berta}").content.decode()
    assert re.findall(r'class="column chosen" id="column-([0-9a-f-]+)"', page) == [str(berta)]
    assert f'href="/beside/?day={monday()}&amp;calendar={berta}" aria-current' in page
    for wrong in (cast.albers.calendars["miriam"].id, new_id(), "x"):
        assert client.get(f"{PAGE}&calendar={wrong}").status_code == 404
    assert client.get("/beside/?day=yesterday").status_code == 404


def test_clocks_that_differ_are_named(cast: Cast, client: Client) -> None:
    assert "Local time" not in client.get(PAGE, headers={"Accept-Language": "en"}).content.decode()
    with acting(cast.brandt.system):
        Practice.objects.filter(pk=cast.brandt.practice.id).update(zone_name="Europe/Lisbon")
    found = book(cast.brandt, "11:00")
    page = client.get(PAGE, headers={"Accept-Language": "en"}).content.decode()
    assert "Local time: Europe/Berlin" in page and "Local time: Europe/Lisbon" in page
    # Eleven in Berlin is ten in Lisbon: three hours below seven.
    entry = re.search(rf'<a href="[^"]*/appointments/{found.id}/"[^>]*class="([^"]*)"', page)
    assert entry and " t36 " in entry[1]
    assert "data-clock" not in page


def test_an_access_without_calendars_adds_nothing(cast: Cast, user: User) -> None:
    open_to(cast.albers, user, "jonas")
    open_to(cast.brandt, user, "berta", Area.INVOICING)
    page = signed_in_as(user).get(PAGE).content.decode()
    assert columns(page) == [str(cast.albers.calendars["jonas"].id)]
