"""Changing where an appointment takes place in a real browser, by keyboard and by finger (PUSH-4, PUSH-10)."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.support.accessible import objections_in_both_themes
from tests.support.browser import browser
from tests.support.cast import Cast, book
from tests.support.databases import Databases
from tests.support.server import Program
from tests.support.video import video_on
from tests.walk.test_book import MIRIAM, House, entry, open_book
from tests.walk.test_live import session_of

pytestmark = [pytest.mark.browser, pytest.mark.own_database, pytest.mark.req("PUSH-4", "PUSH-10")]

PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


@pytest.fixture
def house(cast: Cast, own_database: Databases, served: Program) -> House:
    """Paula Sommer is with Miriam at nine, by video."""
    video_on(cast.albers)
    book(cast.albers, "09:00", who="miriam")
    return House(served.url, {"jana": session_of(cast.albers, "jana")})


@pytest.fixture
def chromium(house: House) -> Iterator[Browser]:
    with sync_playwright() as playwright, browser(playwright) as chromium:
        yield chromium


def summary(page: Page, words: str) -> None:
    expect(page.locator("#details summary").filter(has_text="change location")).to_contain_text(words)


def test_by_keyboard_and_undone(house: House, chromium: Browser) -> None:
    with open_book(chromium, house) as page:
        entry(page, MIRIAM, "Paula").press("Enter")
        expect(page.locator("#joining-tan")).to_have_value(re.compile(r"[0-9]{6}"))
        assert objections_in_both_themes(page) == []
        fold = page.locator("#details summary").filter(has_text="change location")
        fold.press("Enter")
        choice = page.get_by_label("Takes place")
        choice.focus()
        choice.press("p")
        expect(choice).to_have_value("practice")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        expect(page.locator(".toast")).to_contain_text("Practice")
        summary(page, "Practice")
        expect(page.locator("#joining-tan")).to_have_count(0)
        expect(page.locator("#details")).to_contain_text("Patient not yet told")
        page.locator(".toast").get_by_role("button", name="Undo").press("Enter")
        summary(page, "Video")
        expect(page.locator("#details")).not_to_contain_text("Patient not yet told")
        expect(page.locator("#joining-tan")).to_be_visible()


def test_by_finger(house: House, chromium: Browser) -> None:
    with open_book(chromium, house, **PHONE) as page:
        entry(page, MIRIAM, "Paula").tap()
        fold = page.locator("#details summary").filter(has_text="change location")
        fold.tap()
        page.get_by_label("Takes place").select_option("Phone")
        page.get_by_role("button", name="Change location").tap()
        summary(page, "Phone")
        assert objections_in_both_themes(page) == []
