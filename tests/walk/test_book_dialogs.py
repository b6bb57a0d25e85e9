"""Every view and dialog of the book in a real browser: accessible in each theme and size, and nothing complained of."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.accessible import objections_in_both_themes
from tests.support.cast import monday
from tests.walk.test_book import MIRIAM, House, chromium, entry, house, open_book, point

pytestmark = [pytest.mark.browser, pytest.mark.own_database]
__all__ = ["chromium", "house"]  # Fixtures.

SIZES: dict[str, dict[str, Any]] = {
    "desktop": {"viewport": {"width": 1400, "height": 900}},
    "phone": {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True},
}
RULES = {"color-contrast-enhanced": {"enabled": True}}
UNDER = """() => {
  const toast = document.querySelector(".toast").getBoundingClientRect();
  const book = document.querySelector(".book").getBoundingClientRect();
  return [...document.querySelectorAll("a, button, input, summary")]
    .filter((one) => !one.closest(".toasts") && one.checkVisibility())
    .filter((one) => {
      const own = one.getBoundingClientRect();
      const bottom = one.closest(".book") ? Math.min(own.bottom, book.bottom) : own.bottom;
      return own.left < toast.right && own.right > toast.left && own.top < toast.bottom && bottom > toast.top;
    })
    .map((one) => one.outerHTML.slice(0, 120));
}"""
LONG = "Freifrau von Hohenlohe-Schillingsfürst-Waldenburg, Maximiliana"


def check(page: Page, what: str) -> None:
    """axe finds nothing in either theme, text stands out 7:1, and nothing lies beyond the edge of the window."""
    assert objections_in_both_themes(page, rules=RULES) == [], what
    width = page.viewport_size["width"] if page.viewport_size else 0
    assert page.evaluate("document.documentElement.scrollWidth") <= width, what


@pytest.mark.req("STD-5", "CAL-13")
@pytest.mark.parametrize("size", SIZES)
def test_views_and_dialogs_are_accessible_and_quiet(house: House, chromium: Browser, size: str) -> None:
    """In light and dark, wide and on a phone; `open_book` fails for what the browser complains about."""
    with open_book(chromium, house, "miriam", **SIZES[size]) as page:
        day = page.url
        press: Callable[[Any], None] = lambda one: one.tap() if size == "phone" else one.click()  # noqa: E731

        for view in ("rooms", "list", "week"):
            page.goto(f"{day}&view={view}")
            check(page, view)
        page.goto(f"{house.url}/print/?day={monday():%Y-%m-%d}")
        check(page, "print")

        page.goto(day)
        check(page, "day")
        paula = entry(page, MIRIAM, "Paula")
        press(paula)
        expect(page.locator("#details-title")).to_be_visible()
        check(page, "details")
        press(page.locator("#details .details-foot > summary"))
        check(page, "cancel")
        page.goto(day)
        press(paula)
        press(page.locator('#details [data-key="v"]'))
        expect(page.locator("#new")).to_be_visible()
        check(page, "place")
        page.keyboard.press("Escape")

        press(page.locator(".new-entry"))
        expect(page.locator("#patient-search")).to_be_visible()
        check(page, "new")
        press(page.locator("#new").get_by_text("As a block"))
        expect(page.locator("#new").get_by_role("button", name="Enter block")).to_be_visible()
        check(page, "block")
        page.keyboard.press("Escape")
        expect(page.locator("#new")).to_be_hidden()

        page.keyboard.press("Control+k")
        # Before it has the focus, letters are what they are in the book: "r" shows the rooms.
        expect(page.get_by_role("combobox", name="Search patients and appointments")).to_be_focused()
        page.keyboard.type("keller")
        expect(page.locator("#search-hits [role=option]").first).to_be_visible()
        check(page, "search")
        page.keyboard.press("Escape")

        press(page.locator("[popovertarget=account-menu]"))
        check(page, "account")
        page.keyboard.press("Escape")

        # The drawer that says why a time is not offered
        x, y = point(page, MIRIAM, "08:00")
        page.evaluate(
            """([x, y]) => document.elementFromPoint(x, y).dispatchEvent(
                 new MouseEvent("contextmenu", {bubbles: true, cancelable: true, clientX: x, clientY: y}))""",
            [x, y],
        )
        expect(page.locator("#explain")).to_be_visible()
        check(page, "explain")
        page.keyboard.press("Escape")

        # A toast, however long the name in it, covers nothing that can be pressed.
        page.evaluate(
            """(name) => window.sprechzeit.toast(`<div class="toast"><span class="grow">${name} ${name}</span><form>
                 <button class="button" type="submit">Undo</button></form></div>`)""",
            LONG,
        )
        check(page, "toast")
        assert page.evaluate(UNDER) == []
