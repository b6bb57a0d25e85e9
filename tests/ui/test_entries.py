"""Entries of the appointment book as HTML."""

import re
from typing import Any

import pytest

from sprechzeit.ui.appointments import KINDS, MARKS, STATES, Place, entry_html

ENTRY: dict[str, Any] = {
    "url": "/a/1/",
    "kind": "appointment",
    "title": "Brandt, Jens",
    "time": "11:00–11:50",
    "detail": "Einzeltherapie",
    "top": 48,
    "length": 10,
    "lane": 0,
    "lanes": 1,
    "colour": 3,
}


def classes(**changed: Any) -> set[str]:
    """The classes of an entry that differs from `ENTRY` in what is named."""
    found = re.search(r'class="([^"]+)"', entry_html(**ENTRY | changed))
    assert found
    return set(found[1].split())


def test_an_entry_says_who_when_and_what() -> None:
    html = entry_html(**ENTRY)
    assert html.startswith('<a href="/a/1/"')
    assert re.sub(r"<[^>]+>", "", html) == "Brandt, Jens 11:00–11:50 · Einzeltherapie"
    assert {"t48", "d10", "l0", "w1", "colour3"} <= classes()


def test_what_people_typed_is_escaped() -> None:
    html = entry_html(
        **ENTRY
        | {"title": "<script>x</script>", "given_name": "<script>y", "detail": '"><i>', "url": '/a/"onclick="x'}
        | {"place": Place('/b/"onclick="x', "2026-11-23T11:00", 50)}
    )
    assert "<script" not in html
    assert '"><i>' not in html
    assert '"onclick' not in html


def test_a_busy_block_is_no_link_and_has_no_colour() -> None:
    html = entry_html(**ENTRY | {"kind": "busy", "url": "", "title": "Belegt", "detail": "", "time": ""})
    assert html.startswith("<div ")
    assert "href" not in html
    assert not any(name.startswith("colour") for name in classes(kind="busy"))


@pytest.mark.parametrize(
    ("top", "length", "expected"),
    [
        (-3, 6, {"t0", "d3"}),
        (280, 20, {"t280", "d8"}),
        (-10, 400, {"t0", "d288"}),
        (300, 5, {"t287", "d1"}),
        (5, 0, {"t5", "d1"}),
    ],
)
def test_what_lies_outside_the_day_is_cut_off(top: int, length: int, expected: set[str]) -> None:
    assert expected <= classes(top=top, length=length)


@pytest.mark.parametrize(
    ("lane", "lanes", "expected"), [(1, 3, {"l1", "w3"}), (30, 31, {"l11", "w12"}), (2, 1, {"l0"})]
)
def test_lanes_stay_within_the_stylesheet(lane: int, lanes: int, expected: set[str]) -> None:
    assert expected <= classes(lane=lane, lanes=lanes)


@pytest.mark.parametrize("state", sorted(STATES))
def test_a_state_is_an_icon_and_a_word(state: str) -> None:
    html = entry_html(**ENTRY | {"state": state})
    assert "<svg" in html
    assert 'class="visually-hidden"' in html
    assert state in classes(state=state)


@pytest.mark.parametrize("mark", sorted(MARKS))
def test_a_mark_is_an_icon_and_a_word(mark: str) -> None:
    html = entry_html(**ENTRY | {"marks": [mark], "state": "arrived"})
    assert html.count("<svg") == 2
    assert html.count('class="visually-hidden"') == 2
    assert mark in classes(marks=[mark])


def test_the_given_name_can_be_left_out_where_there_is_no_room() -> None:
    html = entry_html(**ENTRY | {"title": "Brandt", "given_name": "Jens"})
    assert '<b>Brandt<span class="given">, Jens</span></b>' in html


@pytest.mark.req("CAL-13")
def test_only_what_may_be_moved_says_where_to() -> None:
    assert "data-place" not in entry_html(**ENTRY)
    html = entry_html(**ENTRY | {"place": Place("/a/1/place/", "2026-10-25T02:30", 50, again=True)})
    assert 'data-place="/a/1/place/" data-start="2026-10-25T02:30" data-minutes="50" data-fold' in html


def test_what_is_set_aside_says_so_by_its_class() -> None:
    assert "aside" in classes(aside=True)
    assert "aside" not in classes()


def test_an_unknown_kind_or_state_is_refused() -> None:
    assert "lunch" not in KINDS
    with pytest.raises(ValueError, match="lunch"):
        entry_html(**ENTRY | {"kind": "lunch"})
    with pytest.raises(KeyError):
        entry_html(**ENTRY | {"state": "asleep"})
