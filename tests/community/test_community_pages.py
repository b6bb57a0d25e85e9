"""The pages of communities, and what the other practice's pages show of it (COM-1…3, COM-6…8)."""

from datetime import timedelta

import pytest
from django.urls import reverse

from sprechzeit.community.policy import own_memberships
from sprechzeit.core.acting import acting
from sprechzeit.practice.models import Room
from tests.support.cast import Cast, book, monday
from tests.support.communities import code_of, entered, sharing
from tests.support.routes import client_of

HOME = "/settings/community/"


@pytest.mark.req("COM-1", "COM-2", "COM-7")
def test_two_practices_come_together_by_their_pages(cast: Cast) -> None:
    """Found, hand on, enter, agree, confirm, assign, and leave again."""
    albers, brandt = client_of(cast, "administrator"), client_of(cast, "stranger")
    assert "K7MQ" not in albers.get(HOME).content.decode()
    assert albers.post(f"{HOME}new/", {"name": ""}).status_code == 422
    assert albers.post(f"{HOME}new/", {"name": "Haus am Lindenplatz"}).status_code == 303
    with acting(cast.albers.system):
        (community,) = (one.community_id for one in own_memberships(cast.albers.system))
    code = code_of(cast.albers, community)
    assert code in albers.get(HOME).content.decode()
    refused = brandt.post(f"{HOME}enter/", {"code": "2222-2222"})
    assert refused.status_code == 422 and "2222-2222" in refused.content.decode()
    assert brandt.post(f"{HOME}enter/", {"code": code.lower()}).status_code == 303
    waiting = brandt.get(HOME).content.decode()
    assert "Praxis Albers" in waiting and f"{HOME}{community}/agreement/" in waiting
    assert f"{HOME}{community}/rooms/" not in waiting
    assert brandt.get(f"{HOME}{community}/rooms/").status_code == 409
    assert brandt.post(f"{HOME}{community}/agreement/").status_code == 303
    page = albers.get(HOME)
    (hers,) = (row.partner.id for row in page.context["communities"][0].rows if not row.partner.is_own)
    assert albers.post(f"{HOME}{community}/members/{hers}/confirmation/").status_code == 303
    rooms = f"{HOME}{community}/rooms/"
    assert albers.post(rooms, {"new_space": "Therapieraum EG"}).status_code == 303
    for client, house in ((albers, cast.albers), (brandt, cast.brandt)):
        chosen = next(value for value, name in list_choices(client.get(rooms)) if name == "Therapieraum EG")
        assert client.post(rooms, {f"room-{house.rooms['own'].pk}": chosen}).status_code == 303
    for client in (albers, brandt):
        shown = client.get(HOME).content.decode()
        assert "Raum 1 → Therapieraum EG" in shown
        assert 'class="tie"' in shown
    for action in ("name", "code", f"members/{hers}/removal"):
        assert brandt.post(f"{HOME}{community}/{action}/", {"name": "X"}).status_code == 403
    for way in ("name", "rooms", "leaving", f"members/{hers}/removal"):
        assert client_of(cast, "secretary").get(f"{HOME}{community}/{way}/").status_code == 403
    assert "Therapieraum EG" in client_of(cast, "secretary").get(HOME).content.decode()
    assert brandt.post(f"{HOME}{community}/times/", {"shown": "yes"}).status_code == 303
    assert albers.post(f"{HOME}{community}/name/", {"name": "Neues Haus"}).status_code == 303
    assert "Neues Haus" in brandt.get(HOME).content.decode()
    assert "Neues Haus" in brandt.get(f"{HOME}{community}/leaving/").content.decode()
    assert brandt.post(f"{HOME}{community}/leaving/").status_code == 303
    assert "Haus" not in brandt.get(HOME).content.decode().split("<main")[1]
    assert brandt.get(f"{HOME}{community}/leaving/").status_code == 404


def list_choices(page: object) -> list[tuple[str, str]]:
    """What may be chosen for a room."""
    form = page.context["form"]  # type: ignore[attr-defined]  # of the test client's answer
    return list(form.room_fields()[0].field.choices)


@pytest.mark.req("COM-1")
def test_a_practice_that_entered_may_be_declined(cast: Cast) -> None:
    community = entered(cast)
    albers, brandt = client_of(cast, "administrator"), client_of(cast, "stranger")
    (hers,) = (row.partner.id for row in albers.get(HOME).context["communities"][0].rows if not row.partner.is_own)
    address = f"{HOME}{community}/members/{hers}/removal/"
    assert "Praxis Brandt" in albers.get(address).content.decode()
    assert albers.post(address).status_code == 303
    assert brandt.get(HOME).context["communities"] == []
    assert albers.post(address).status_code == 404


@pytest.mark.req("COM-3", "COM-6", "CAL-8")
def test_the_others_pages_say_when_and_which_practice_and_nothing_else(cast: Cast) -> None:
    """Every page of Brandt's that knows times, over a day on which Albers has an appointment in the shared room."""
    sharing(cast)
    theirs = book(cast.albers, "09:00", who="miriam", first_name="Xaveria", last_name="Zirbelnuss")
    with acting(cast.brandt.system):
        room = Room.objects.get(pk=cast.brandt.rooms["own"].pk)
    brandt, day = client_of(cast, "stranger"), monday().isoformat()
    pages = {
        view: brandt.get(f"/?day={day}&view={view}").content.decode() for view in ("", "rooms", "week", "list")
    } | {
        "list of a week": brandt.get(f"/?day={day}&view=list&span=week").content.decode(),
        "column": brandt.get(reverse("scheduling:room_column", args=[room.pk]), {"day": day}).content.decode(),
        "beside": brandt.get(f"/elsewhere/?day={day}").content.decode(),
        "print": brandt.get(f"/print/?day={day}").content.decode(),
    }
    for name, page in pages.items():
        assert "Praxis Albers" in page, name
        assert "Raum belegt" in page or "Room taken" in page, name
        assert "09:00–10:00" in page, name
    taken = {
        "type": str(cast.brandt.types["talk"].pk), "calendar": str(cast.brandt.calendars["berta"].pk), "day": day,
        "time": "09:10",
    }  # fmt: skip
    pages["explain"] = brandt.get("/explain/", taken).content.decode()
    pages["community"] = brandt.get(HOME).content.decode()
    for name, page in pages.items():
        for secret in ("Zirbelnuss", "Xaveria", "Miriam", str(theirs.pk), str(theirs.occupancy_id),
                       str(cast.albers.practice.pk), str(cast.albers.calendars["miriam"].pk)):  # fmt: skip
            assert secret not in page, (name, secret)
    for address in (f"/appointments/{theirs.pk}/", f"/columns/{cast.albers.calendars['miriam'].pk}/"):
        assert brandt.get(address).status_code == 404
    quiet = (monday() + timedelta(days=1)).isoformat()
    assert "Praxis Albers" not in brandt.get(f"/?day={quiet}").content.decode()


@pytest.mark.req("COM-7")
@pytest.mark.parametrize("who", ["founder", "other"])
def test_whoever_leaves_neither_page_tells_of_the_other_any_more(cast: Cast, who: str) -> None:
    """At once, in every view; what both booked stands where it stood, in the room of each."""
    together = sharing(cast)
    book(cast.albers, "09:00", who="miriam", last_name="Zirbelnuss")
    book(cast.brandt, "11:00", last_name="Feigenblatt")
    albers, brandt = client_of(cast, "administrator"), client_of(cast, "stranger")
    leaving = albers if who == "founder" else brandt
    assert leaving.post(f"{HOME}{together.id}/leaving/").status_code == 303
    day = monday().isoformat()
    for client, own, other in ((albers, "Zirbelnuss", "Praxis Brandt"), (brandt, "Feigenblatt", "Praxis Albers")):
        for view in ("", "rooms", "list"):
            page = client.get(f"/?day={day}&view={view}", headers={"accept-language": "en"}).content.decode()
            assert own in page and other not in page and "Room taken" not in page, (view, own)
        assert "Raum 1" in client.get(f"/?day={day}&view=list").content.decode()
