"""Settings in a real browser: nothing typed gets lost beside the list, the preview follows, axe has no objection."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Dialog, Page, expect, sync_playwright

from tests.support.accessible import objections
from tests.support.browser import browser, complaints_of
from tests.support.cast import Cast, book
from tests.support.databases import Databases
from tests.support.server import Program
from tests.walk.test_live import session_of

pytestmark = [pytest.mark.browser, pytest.mark.own_database, pytest.mark.req("CAL-1", "BOO-1")]


@pytest.fixture
def page(cast: Cast, own_database: Databases, served: Program) -> Iterator[Page]:
    """Miriam's browser. Everything is there before it starts its loop."""
    book(cast.albers, "09:00")
    key, value = session_of(cast.albers, "miriam").split("=", 1)
    with sync_playwright() as playwright, browser(playwright) as chromium:
        context = chromium.new_context(locale="en-GB", viewport={"width": 1400, "height": 900}, base_url=served.url)
        context.add_cookies([{"name": key, "value": value, "url": served.url}])
        yield context.new_page()


def test_what_is_typed_stays_while_the_order_changes_and_before_one_leaves(page: Page) -> None:
    complaints, asked = complaints_of(page), []
    page.goto("/settings/rooms/")
    name = page.get_by_label("Name")
    expect(page.get_by_text("Not saved yet")).to_be_hidden()
    name.fill("Typed")
    expect(page.get_by_text("Not saved yet")).to_be_visible()
    page.get_by_role("button", name="Move down").press("Enter")
    expect(page.locator("#in-use b")).to_have_text(["Raum 2", "Raum 1"])
    expect(name).to_have_value("Typed")
    expect(page.get_by_role("button", name="Move up")).to_be_focused()

    def leave(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.accept()

    page.on("dialog", leave)
    page.get_by_role("link", name="Retire").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Retire Raum 1?")
    assert asked == ["beforeunload"]
    expect(page.get_by_text("1 appointment is still to come.")).to_be_visible()
    assert objections(page) == []

    page.goto("/settings/booking/")
    preview = page.locator(".preview")
    expect(preview).to_contain_text("Praxis Albers")
    page.get_by_label("Name as patients read it").fill("Praxis am Park")
    page.get_by_label("Violet").check(force=True)
    expect(preview).to_contain_text("Praxis am Park")
    expect(preview.locator(".logo")).to_have_class("logo colour3")
    assert objections(page) == []
    page.set_viewport_size({"width": 390, "height": 844})
    page.emulate_media(color_scheme="dark")
    assert objections(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".toast")).to_contain_text("Saved.")
    assert (asked, complaints) == (["beforeunload"], [])
