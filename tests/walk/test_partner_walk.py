"""A booking partner's pages in a real browser: by keyboard, on a phone, in the dark; axe has no objection."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from tests.support.accessible import objections, objections_in_both_themes
from tests.support.browser import browser, complaints_of
from tests.support.cast import PASSWORD, Cast, may_sign_in
from tests.support.databases import Databases
from tests.support.partners import public_text, registered
from tests.support.server import Program

pytestmark = [pytest.mark.browser, pytest.mark.own_database, pytest.mark.req("OTV-1", "OTV-2")]


@pytest.fixture
def page(cast: Cast, own_database: Databases, served: Program) -> Iterator[Page]:
    """Miriam, who has just signed in by password."""
    may_sign_in(cast.albers.user("miriam"))
    email = cast.albers.user("miriam").email
    registered(cast.albers, reads=())
    with sync_playwright() as playwright, browser(playwright) as chromium:
        context = chromium.new_context(locale="en-GB", viewport={"width": 1400, "height": 900}, base_url=served.url)
        found = context.new_page()
        found.goto("/accounts/login/")
        found.locator("input[name=login]").fill(email)
        found.locator("input[type=password]").fill(PASSWORD)
        found.locator("input[type=password]").press("Enter")
        found.wait_for_url("**/")
        yield found


def test_a_key_is_added_and_revoked_by_keyboard(page: Page) -> None:
    complaints, key = complaints_of(page), public_text()
    page.goto("/settings/partners/")
    page.get_by_role("link", name="TerminFinder").click()
    address = page.url
    page.get_by_role("checkbox", name="Taken times").press("Space")
    page.get_by_role("radio", name="The partner Sprechzeit writes").press("Space")
    page.get_by_role("button", name="Save").press("Enter")
    expect(page.get_by_role("checkbox", name="Taken times")).to_be_checked()
    expect(page.get_by_role("radio", name="The partner Sprechzeit writes")).to_be_checked()
    assert objections(page) == []
    page.get_by_role("link", name="Keys", exact=True).first.press("Enter")
    expect(page.get_by_text("No key is good")).to_be_visible()
    page.get_by_label("Public key").fill(key)
    page.get_by_role("button", name="Add the key").press("Enter")
    expect(page.get_by_text("No key is good")).to_be_hidden()
    expect(page.get_by_label("Identifier of the key (keyid)")).not_to_have_value("")
    expect(page.locator(".fingerprint span")).to_have_count(16)
    assert objections_in_both_themes(page) == []
    page.get_by_role("link", name="Revoke the key").press("Enter")
    assert objections(page) == []
    page.get_by_role("button", name="Revoke the key").press("Enter")
    expect(page.get_by_text("No key is good")).to_be_visible()
    page.set_viewport_size({"width": 390, "height": 844})
    for name in ("", "keys/", "sheet/", "log/"):
        page.goto(address + name)
        if name == "sheet/":
            expect(page.get_by_text("What the practice signs with")).to_be_visible()
        assert objections_in_both_themes(page) == [], name
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, name
    assert complaints == []
