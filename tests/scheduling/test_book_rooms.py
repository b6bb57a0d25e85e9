"""The day by room, one room at a time on a phone (CAL-13)."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from sprechzeit.core.acting import acting
from sprechzeit.core.ids import new_id
from sprechzeit.scheduling.actions.block import add_block
from sprechzeit.scheduling.actions.place import Place
from tests.support.cast import Cast, House, at, book, monday

pytestmark = pytest.mark.req("CAL-13")


def page(house: House, query: str = "") -> str:
    """The day by room, of next Monday, as Jana sees it."""
    client = Client(headers={"accept-language": "en"})
    client.force_login(house.user("jana"))
    answer = client.get(f"{reverse('scheduling:book')}?day={monday():%Y-%m-%d}{query}")
    assert answer.status_code == 200
    return answer.content.decode()


def chosen(html: str) -> tuple[list[str], list[str]]:
    """The chips that are chosen, and the columns that a phone shows."""
    chips = html.split('<nav class="chips"')[1].split("</nav>")[0]
    names = re.findall(r'aria-current="true">.*?<span>([^<]+)</span></a>', chips)
    shown = re.findall(r'<section class="column chosen[^>]*aria-label="([^"]+)"', html)
    return names, shown


def test_from_the_calendars_one_reaches_the_rooms_and_comes_back(cast: Cast) -> None:
    """The switch that stands in the toolbar of a wide window stands beside the chips on a phone."""
    for query, there in (("", "view=rooms"), ("&view=rooms", "")):
        switch = page(cast.albers, query).split('<div class="choose-column">')[1].split("</nav>")[0]
        addresses = re.findall(r'href="([^"]+)"', switch)
        assert len(addresses) == 2 and switch.count('aria-current="true"') == 1
        assert any(there in one and ("view" in one) == bool(there) for one in addresses)


def test_it_begins_with_the_first_room_though_something_stands_in_none(cast: Cast) -> None:
    book(cast.albers, "09:00", kind="call")
    assert chosen(page(cast.albers, "&view=rooms")) == (["Raum 1"], ["Raum 1"])


def test_each_room_is_chosen_by_its_chip_and_so_is_what_has_none(cast: Cast) -> None:
    book(cast.albers, "09:00", kind="call")
    shared = cast.albers.rooms["shared"]
    assert chosen(page(cast.albers, f"&view=rooms&room={shared.pk}")) == (["Raum 2"], ["Raum 2"])
    html = page(cast.albers, f"&view=rooms&room={shared.pk}")
    (address,) = re.findall(r'href="[^"]*\?([^"]*room=none)"', html)
    assert chosen(page(cast.albers, "&view=rooms&room=none")) == (["Without room"], ["Without room"])
    assert f"room={shared.pk}" not in address
    assert "room=none" not in page(cast.albers, "&view=rooms&room=none").split('class="segments"')[1].split("</nav>")[0]


def test_where_nothing_is_without_a_room_its_address_shows_the_first_room(cast: Cast) -> None:
    """Stepping from day to day keeps what was chosen; a day may have nothing of it."""
    assert chosen(page(cast.albers, "&view=rooms&room=none")) == (["Raum 1"], ["Raum 1"])


@pytest.mark.req("CAL-13", "CAL-8", "COM-3")
def test_a_block_that_takes_a_room_stands_in_its_column(cast: Cast) -> None:
    """Else the room would look free; one that takes none stands in the calendars' columns alone."""
    house = cast.albers
    with acting(house.system):
        for clock, room, title in (("09:00", house.rooms["own"], "Supervision"), ("11:00", None, "Mittag")):
            place = Place(house.calendars["miriam"], at(clock), at(clock) + timedelta(hours=1), room=room)
            add_block(house.system, place, title, key=str(new_id()))
    html = page(house, "&view=rooms")
    columns = re.findall(r'<section class="column.*?</section>', html, re.DOTALL)
    assert ["Supervision" in one for one in columns] == [True, False]
    assert "Mittag" not in html
