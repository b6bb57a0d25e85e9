"""The video side's page and a pushed appointment in a real browser: by keyboard, on a phone, in both themes."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from tests.support.accessible import objections, objections_in_both_themes
from tests.support.browser import browser, complaints_of
from tests.support.cast import PASSWORD, Cast, at, may_sign_in
from tests.support.databases import Databases
from tests.support.pusher import Pusher
from tests.support.server import Program
from tests.support.together import together

pytestmark = [pytest.mark.browser, pytest.mark.own_database, pytest.mark.req("PUSH-1", "VID-2")]


@pytest.fixture
def page(cast: Cast, own_database: Databases, served: Program) -> Iterator[Page]:
    """Miriam, who has just signed in by password."""
    may_sign_in(cast.albers.user("miriam"))
    with sync_playwright() as playwright, browser(playwright) as chromium:
        context = chromium.new_context(locale="en-GB", viewport={"width": 1400, "height": 900}, base_url=served.url)
        found = context.new_page()
        found.goto("/accounts/login/")
        found.locator("input[name=login]").fill(cast.albers.user("miriam").email)
        found.locator("input[type=password]").fill(PASSWORD)
        found.locator("input[type=password]").press("Enter")
        found.wait_for_url("**/")
        yield found


def test_a_token_is_made_used_seen_in_the_book_and_revoked(cast: Cast, page: Page, served: Program) -> None:
    complaints = complaints_of(page)
    page.goto("/settings/video-side/")
    page.get_by_label("For which booking system").fill("Terminportal")
    page.get_by_role("button", name="Make the token").press("Enter")
    secret = page.get_by_label("Token", exact=True).input_value()
    assert re.fullmatch(r"szv_[A-Za-z0-9_-]{43}", secret)
    assert objections_in_both_themes(page) == []
    # In a thread of its own: the browser's waits in an event loop.
    (pusher,) = together(lambda: Pusher(cast.albers, secret=secret, base_url=served.url))
    assert isinstance(pusher, Pusher)
    assert pusher.book(mobile="+49 171 2345678").status == 201

    page.goto(f"/?day={at('09:00'):%Y-%m-%d}")
    page.get_by_role("link", name=re.compile("Paula Sommer.*by video")).press("Enter")
    details = page.get_by_role("dialog")
    expect(details.get_by_text("TAN:")).to_be_visible()
    expect(details.get_by_text("not sent back")).to_be_visible()
    expect(details.get_by_text("on its way")).to_be_visible()
    assert objections(page) == []
    page.set_viewport_size({"width": 390, "height": 844})
    expect(details.get_by_text("TAN:")).to_be_visible()
    assert objections(page) == []
    details.get_by_role("button", name="Remove").press("Enter")
    expect(page.get_by_role("link", name=re.compile("Paula Sommer"))).to_have_count(0)

    page.goto("/settings/video-side/")
    expect(page.get_by_text("In use")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert objections_in_both_themes(page) == []
    page.get_by_role("link", name=re.compile("^Revoke")).press("Enter")
    assert objections(page) == []
    page.get_by_role("button", name="Revoke the token").press("Enter")
    expect(page.get_by_text("Revoked.")).to_be_visible()
    assert pusher.cancel().status == 401
    assert complaints == []
