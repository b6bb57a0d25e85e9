"""Painting a week in a real browser: what is painted is what is listed, and what is saved (CAL-2, CAL-4)."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.support.browser import browser, complaints_of
from tests.support.cast import Cast
from tests.support.databases import Databases
from tests.support.server import Program
from tests.walk.test_live import session_of

pytestmark = [pytest.mark.browser, pytest.mark.own_database, pytest.mark.req("CAL-2")]
HOURS_SHOWN = (7, 21)


@dataclass(frozen=True)
class House:
    """The program on Albers' data, and Jonas' session."""

    url: str
    session: str


@pytest.fixture
def house(cast: Cast, own_database: Databases, served: Program) -> House:
    """Everything is there before the browser starts its loop."""
    return House(served.url, session_of(cast.albers, "jonas"))


@pytest.fixture
def chromium(house: House) -> Iterator[Browser]:
    with sync_playwright() as playwright, browser(playwright) as chromium:
        yield chromium


class Painter:
    """The week on the page, by weekday and time of day."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def point(self, weekday: int, hour: float) -> tuple[float, float]:
        box = self.page.locator(f".day[data-weekday='{weekday}']").bounding_box()
        assert box is not None
        first, last = HOURS_SHOWN
        return box["x"] + box["width"] / 2, box["y"] + box["height"] * (hour - first) / (last - first)

    def drag(self, weekday: int, starts: float, ends: float) -> None:
        self.page.mouse.move(*self.point(weekday, starts))
        self.page.mouse.down()
        self.page.mouse.move(*self.point(weekday, (starts + ends) / 2), steps=4)
        self.page.mouse.move(*self.point(weekday, ends), steps=4)
        self.page.mouse.up()

    def brush(self, name: str) -> None:
        self.page.locator(".brushes .chip", has_text=name).first.click()

    def times(self, weekday: int) -> list[str]:
        return self.page.locator(f".day[data-weekday='{weekday}'] button.time").all_inner_texts()

    def listed(self) -> list[tuple[str, ...]]:
        """The rows of the form that is sent."""
        rows = self.page.locator("[data-row]").all()
        names = ("weekday", "starts", "ends", "kind")
        return [tuple(row.locator(f"[name$='-{name}']").input_value() for name in names) for row in rows]


def sign_in(chromium: Browser, house: House) -> Page:
    context = chromium.new_context(locale="en-GB", viewport={"width": 1400, "height": 1100})
    key, value = house.session.split("=", 1)
    context.add_cookies([{"name": key, "value": value, "url": house.url}])
    page = context.new_page()
    page.goto(f"{house.url}/settings/hours/")
    expect(page.locator(".brushes")).to_be_visible()
    return page


@pytest.mark.req("CAL-4")
def test_a_week_is_painted_undone_and_saved(chromium: Browser, house: House) -> None:
    page = sign_in(chromium, house)
    complaints = complaints_of(page)
    painter = Painter(page)
    assert painter.times(0) == ["08:00–12:00", "13:00–17:00"]

    painter.drag(5, 9.05, 11.95)
    assert painter.times(5) == ["09:00–12:00"]
    painter.drag(5, 11.5, 13.9)
    assert painter.times(5) == ["09:00–14:00"]
    painter.brush("Erase")
    painter.drag(0, 9.55, 9.95)
    assert painter.times(0) == ["08:00–09:30", "10:00–12:00", "13:00–17:00"]
    page.keyboard.press("Control+z")
    assert painter.times(0) == ["08:00–12:00", "13:00–17:00"]
    painter.brush("Booking window")
    painter.drag(0, 14.05, 14.95)
    assert painter.times(0)[-1] == "Gespräch\n14:00–15:00"
    painter.brush("Working time")
    painter.drag(1, 16.97, 18)
    assert painter.times(1) == ["08:00–12:00", "13:00–18:00"]
    assert ("5", "09:00", "14:00", "work") in painter.listed()
    assert ("0", "14:00", "15:00", "kept") in painter.listed()

    page.get_by_role("button", name="Save").first.click()
    expect(page.locator(".toast")).to_contain_text("The working hours are saved.")
    assert painter.times(5) == ["09:00–14:00"]
    assert painter.times(0)[-1] == "Gespräch\n14:00–15:00"
    assert complaints == []


def test_the_keyboard_moves_lengthens_and_removes(chromium: Browser, house: House) -> None:
    page = sign_in(chromium, house)
    painter = Painter(page)
    page.locator(".day[data-weekday='4'] button.time").last.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Shift+Alt+ArrowDown")
    assert painter.times(4) == ["08:00–12:00", "13:15–17:20"]
    page.keyboard.press("ArrowRight")
    assert (painter.times(4), painter.times(5)) == (["08:00–12:00"], ["13:15–17:20"])
    expect(page.locator("#announcements")).to_have_text("Saturday 13:15–17:20")
    page.keyboard.press("Delete")
    assert painter.times(5) == []
    assert len(painter.listed()) == 9


def test_typing_in_the_list_draws_the_week(chromium: Browser, house: House) -> None:
    page = sign_in(chromium, house)
    painter = Painter(page)
    page.get_by_text("Edit as a list").click()
    page.get_by_role("button", name="Another time").click()
    row = page.locator("[data-row]").last
    row.get_by_label("Day").select_option("6")
    row.get_by_label("from").fill("10")
    row.get_by_label("to").fill("1130")
    row.get_by_label("to").press("Tab")
    assert painter.times(6) == ["10:00–11:30"]
    page.locator("[data-row]").first.get_by_role("button", name="Remove this time").click()
    assert painter.times(0) == ["13:00–17:00"]
    page.get_by_role("button", name="Copy Monday to Tuesday–Thursday").click()
    assert [painter.times(day) for day in (1, 2, 3)] == [["13:00–17:00"]] * 3
