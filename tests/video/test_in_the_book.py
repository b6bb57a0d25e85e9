"""A pushed appointment in the practitioner's book: its details, and what staff do with it (VID-2, PUSH-5)."""

import pytest
from django.test import Client

from tests.support.cast import Cast, at
from tests.support.pusher import Pusher
from tests.support.routes import client_of
from tests.support.things import blocks

pytestmark = pytest.mark.req("VID-2")

FRAGMENT = {"HX-Request": "true", "Accept-Language": "en"}


def page(client: Client, address: str) -> str:
    return client.get(address, headers=FRAGMENT).content.decode()


@pytest.fixture
def pusher(cast: Cast) -> Pusher:
    made = Pusher(cast.albers)
    made.book(who="jonas", mobile="+49 171 2345678")
    return made


def test_the_book_shows_it_with_its_mark(cast: Cast, pusher: Pusher) -> None:
    jonas = client_of(cast, "practitioner")
    book = jonas.get("/", {"day": f"{at('09:00'):%Y-%m-%d}"}, headers={"Accept-Language": "en"}).content.decode()
    block = f"/blocks/{pusher.visit().block_id}/"
    assert f'href="{block}"' in book and "Paula Sommer" in book and ", by video" in book
    pusher.book("ref-2", who="jonas", first_name="Anna")
    book = jonas.get("/", {"day": f"{at('09:00'):%Y-%m-%d}"}, headers={"Accept-Language": "en"}).content.decode()
    assert ", overbooked" in book
    details = page(jonas, f"/blocks/{pusher.visit('ref-2').block_id}/")
    assert "Video consultation" in details and "Overlaps another entry" in details


@pytest.mark.req("PUSH-5")
def test_its_details_say_how_to_join_and_that_nothing_is_sent_back(cast: Cast, pusher: Pusher) -> None:
    visit, jonas = pusher.visit(), client_of(cast, "practitioner")
    answered = pusher.change(who="jonas", mobile="+49 171 2345678").json
    details = page(jonas, f"/blocks/{visit.block_id}/")
    assert f"/video/pushed/{visit.block_id}/" in details and "/removal/" in details
    joins = page(jonas, f"/video/pushed/{visit.block_id}/")
    for word in ("paula@example.org", "+49 171 2345678", answered["join_url"], answered["tan"], "Terminportal"):
        assert word in joins
    assert "not sent back" in joins
    # Without a script the same stands on a page of its own.
    assert "<main" in jonas.get(f"/video/pushed/{visit.block_id}/").content.decode()
    told = page(jonas, f"/video/pushed/{visit.block_id}/messages/")
    assert "on its way" in told


@pytest.mark.req("ACC-1", "AUD-2")
def test_a_colleague_sees_nothing_of_who_comes(cast: Cast, pusher: Pusher) -> None:
    pusher.book("ref-2", who="miriam", first_name="Geheim")
    jonas = client_of(cast, "practitioner")
    assert jonas.get(f"/video/pushed/{pusher.visit('ref-2').block_id}/").status_code == 404
    assert "Geheim" not in jonas.get("/", {"day": f"{at('09:00'):%Y-%m-%d}"}).content.decode()
    # A block of the practice's own is none that was pushed.
    own = blocks(cast)["albers jonas"].id
    assert jonas.get(f"/video/pushed/{own}/").status_code == 404
    assert "/video/pushed/" not in page(jonas, f"/blocks/{own}/")


@pytest.mark.req("PUSH-5", "CAL-16")
def test_staff_move_and_remove_it_like_a_block(cast: Cast, pusher: Pusher) -> None:
    visit, jonas = pusher.visit(), client_of(cast, "practitioner")
    day = f"{at('13:00'):%Y-%m-%d}"
    moved = jonas.post(
        f"/blocks/{visit.block_id}/place/",
        {"calendar": str(cast.albers.calendars["jonas"].pk), "start": f"{day}T13:00", "end": f"{day}T13:50"},
    )
    assert moved.status_code in (200, 303), moved.content[:500]
    assert pusher.visit().block.starts_at == at("13:00")
    assert jonas.post(f"/blocks/{visit.block_id}/removal/").status_code in (200, 303)
    assert not pusher.visit().block.occupancy.active
    assert jonas.get(f"/video/pushed/{visit.block_id}/").status_code == 404
