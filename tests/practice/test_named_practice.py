"""A practice named in the address, for one request: among those in which somebody may act, and nothing else changes."""

from uuid import UUID

import pytest
from django.test import Client
from django.urls import get_script_prefix

from sprechzeit.access.actor import Actor, ActorKind
from sprechzeit.access.table import Role
from sprechzeit.accounts.sessions import CHOSEN
from sprechzeit.audit.models import Entry
from sprechzeit.core.acting import acting
from sprechzeit.core.ids import new_id
from sprechzeit.practice.actions import add_member
from sprechzeit.practice.models import Member
from sprechzeit.scheduling.models import Attendance, Block
from tests.support.cast import Cast, House, at, book, monday
from tests.support.routes import signed_in

pytestmark = pytest.mark.req("ACC-10", "ACC-24")


@pytest.fixture
def both(cast: Cast) -> Client:
    """Miriam Albers works as a secretary in Brandt's practice too; she has chosen her own."""
    with acting(cast.brandt.system):
        user = cast.albers.user("miriam")
        cast.brandt.members["miriam"] = add_member(
            cast.brandt.system, user, role=Role.SECRETARY, name="Miriam Albers", initials="MA"
        )
    client = Client()
    client.force_login(user)
    client.post("/practices/", {"practice": str(cast.albers.practice.id)})
    return client


def named(house: House, path: str) -> str:
    """The page at `path` in this practice."""
    return f"/practices/{house.practice.id}{path}"


def test_a_page_is_of_the_practice_that_its_address_names(cast: Cast, both: Client) -> None:
    here, there = both.get("/").content.decode(), both.get(named(cast.brandt, "/")).content.decode()
    assert "Jonas Petersen" in here and "Berta Brandt" not in here
    assert "Berta Brandt" in there and "Jonas Petersen" not in there


def test_the_session_keeps_the_practice_that_was_chosen(cast: Cast, both: Client) -> None:
    both.get(named(cast.brandt, "/"))
    assert both.session[CHOSEN] == str(cast.albers.practice.id)
    assert "Jonas Petersen" in both.get("/").content.decode()
    assert get_script_prefix() == "/"


@pytest.mark.req("ACC-10")
def test_a_practice_that_is_joined_elsewhere_moves_no_page_that_is_open_here(cast: Cast) -> None:
    """Whoever signs in works in one practice, also while it is the only one they have."""
    client, user = signed_in(cast, "secretary"), cast.albers.user("jana")
    with acting(cast.brandt.system):
        add_member(cast.brandt.system, user, role=Role.ADMINISTRATOR, name="Jana", initials="JA")
    assert client.session[CHOSEN] == str(cast.albers.practice.id)
    assert "Jonas Petersen" in client.get("/").content.decode()


@pytest.mark.req("ACC-10")
def test_who_has_chosen_none_of_several_practices_is_asked(cast: Cast) -> None:
    with acting(cast.brandt.system):
        add_member(cast.brandt.system, cast.albers.user("jana"), role=Role.SECRETARY, name="Jana", initials="JA")
    client = Client()
    client.force_login(cast.albers.user("jana"))
    assert client.get("/").headers["Location"].startswith("/practices/")


def test_every_address_of_the_page_carries_the_practice_on(cast: Cast, both: Client) -> None:
    book(cast.brandt, "09:00")
    page = both.get(named(cast.brandt, f"/?day={monday()}")).content.decode()
    calendar = cast.brandt.calendars["berta"].id
    assert f'data-url="{named(cast.brandt, f"/columns/{calendar}/")}' in page
    assert f'data-new-url="{named(cast.brandt, "/appointments/new/")}"' in page
    assert f'data-live="/live/?practice={cast.brandt.practice.id}"' in page
    assert 'href="/appointments/' not in page and 'data-place="/appointments/' not in page
    # The other one's addresses, made by the same process, name none.
    other = both.get(f"/?day={monday()}").content.decode()
    assert "/practices/" not in other.replace('action="/practices/"', "") and 'data-live="/live/"' in other


@pytest.mark.parametrize("whose", ["nobody's", "another's"])
def test_a_practice_in_which_one_may_not_act_is_not_there(cast: Cast, whose: str) -> None:
    client = Client()
    client.force_login(cast.albers.user("jonas"))
    practice = new_id() if whose == "nobody's" else cast.brandt.practice.id
    refused, unknown = client.get(f"/practices/{practice}/"), client.get("/appointments/unknown/")
    assert refused.status_code == unknown.status_code == 404
    assert refused.content == unknown.content


def test_a_thing_of_one_practice_is_not_found_in_the_other(cast: Cast, both: Client) -> None:
    own, theirs = cast.albers.calendars["jonas"].id, cast.brandt.calendars["berta"].id
    assert both.get(named(cast.albers, f"/columns/{own}/")).status_code == 200
    assert both.get(named(cast.albers, f"/columns/{theirs}/")).status_code == 404
    assert both.get(named(cast.brandt, f"/columns/{theirs}/")).status_code == 200
    assert both.get(named(cast.brandt, f"/columns/{own}/")).status_code == 404
    found = book(cast.brandt, "09:00")
    assert both.get(f"/appointments/{found.id}/").status_code == 404
    assert both.get(named(cast.brandt, f"/appointments/{found.id}/")).status_code == 200


def test_a_write_lands_in_the_practice_that_its_address_names(cast: Cast, both: Client) -> None:
    found = book(cast.brandt, "09:00")
    answer = both.post(named(cast.brandt, f"/appointments/{found.id}/remark/"), {"remark": "bringt den Befund"})
    assert (answer.status_code, answer["Location"]) == (303, named(cast.brandt, f"/?day={monday()}"))
    start, end = f"{monday()}T11:00", f"{monday()}T12:00"
    fields = {"title": "Fortbildung", "start": start, "end": end, "key": "a form of its own: 20 signs", "room": ""}
    for house, other in ((cast.brandt, "jonas"), (cast.albers, "berta")):
        stranger = (cast.albers if house is cast.brandt else cast.brandt).calendars[other].id
        assert both.post(named(house, "/blocks/new/"), fields | {"calendar": str(stranger)}).status_code == 422
    own = cast.brandt.calendars["berta"].id
    assert both.post(named(cast.brandt, "/blocks/new/"), fields | {"calendar": str(own)}).status_code == 303
    assert written(cast.brandt) == {"scheduling_appointment", "scheduling_block"}
    assert written(cast.albers) == set()
    with acting(cast.brandt.system):
        block = Block.objects.get()
        assert (block.practice_id, block.starts_at) == (cast.brandt.practice.id, at("11:00"))
        assert Attendance.objects.count() == 0


def written(house: House) -> set[str]:
    """What the log of a practice says that Miriam changed there."""
    with acting(house.system):
        member = Member.objects.get(practice_id=house.practice.id, user__email="miriam@albers.example.org")
        entries = Entry.objects.filter(
            actor=f"member:{member.pk}", operation__in=("INSERT", "UPDATE", "insert", "update")
        )
        return {one.table_name for one in entries} & {"scheduling_appointment", "scheduling_block"}


def test_what_belongs_to_no_practice_is_at_its_own_address(cast: Cast, both: Client) -> None:
    for method in (both.get, both.post):
        answer = method(named(cast.brandt, "/practices/"))
        assert (answer.status_code, answer["Location"]) == (307, "/practices/")
    assert both.get(named(cast.brandt, "/accounts/login/?next=/")).headers["Location"] == "/accounts/login/?next=/"
    assert both.get(named(cast.brandt, "/book/albers/")).status_code == 307
    assert both.get(named(cast.brandt, "//example.org/")).status_code == 404


def test_who_is_not_signed_in_comes_back_to_the_named_practice(cast: Cast) -> None:
    answer = Client().get(named(cast.brandt, "/print/?day=2030-01-07"))
    assert answer.status_code == 302
    assert answer["Location"].endswith(f"?next=/practices/{cast.brandt.practice.id}/print/%3Fday%3D2030-01-07")


def test_the_token_of_a_form_is_asked_for_as_everywhere(cast: Cast, both: Client) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = both.cookies
    found = book(cast.brandt, "09:00")
    assert strict.post(named(cast.brandt, f"/appointments/{found.id}/remark/"), {"remark": "x"}).status_code == 403


def test_each_practice_has_an_actor_of_its_own(cast: Cast, both: Client) -> None:
    found = both.get(named(cast.brandt, "/")).wsgi_request
    member = cast.brandt.members["miriam"]
    expected = Actor(ActorKind.MEMBER, (cast.brandt.practice.id,), Role.SECRETARY, UUID(str(member.pk)))
    assert found.actor == expected  # type: ignore[attr-defined]  # the visitors' own
