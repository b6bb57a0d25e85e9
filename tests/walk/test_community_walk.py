"""Two practices side by side in a real browser: from the code to 'Room taken' in the other's open book (COM-1…3)."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from tests.support.accessible import objections
from tests.support.browser import browser, complaints_of
from tests.support.cast import Cast, book, monday
from tests.support.databases import Databases
from tests.support.server import Program
from tests.support.together import together
from tests.walk.test_live import session_of

pytestmark = [
    pytest.mark.browser,
    pytest.mark.own_database,
    pytest.mark.req("COM-1", "COM-2", "COM-3", "CAL-14"),
]


@pytest.fixture
def pages(cast: Cast, own_database: Databases, served: Program) -> Iterator[tuple[Page, Page]]:
    """Miriam's browser, of Albers, and Berta's, of Brandt."""
    sessions = session_of(cast.albers, "miriam"), session_of(cast.brandt, "berta")
    with sync_playwright() as playwright, browser(playwright) as chromium:

        def of(session: str) -> Page:
            key, value = session.split("=", 1)
            context = chromium.new_context(locale="en-GB", viewport={"width": 1400, "height": 900}, base_url=served.url)
            context.add_cookies([{"name": key, "value": value, "url": served.url}])
            return context.new_page()

        albers, brandt = map(of, sessions)
        yield albers, brandt


def assign(page: Page) -> None:
    """Raum 1 is the shared room."""
    page.get_by_role("link", name="Assign rooms").click()
    page.get_by_label("Raum 1").select_option("Therapieraum EG")
    page.get_by_role("button", name="Save").click()


def test_from_the_code_to_the_taken_room(cast: Cast, pages: tuple[Page, Page]) -> None:
    albers, brandt = pages
    complaints = complaints_of(albers), complaints_of(brandt)
    for page in pages:
        page.goto("/settings/community/")
    albers.get_by_role("link", name="Found a community").click()
    albers.get_by_label("Name").fill("Haus am Lindenplatz")
    albers.get_by_role("button", name="Found").click()
    code = albers.get_by_role("textbox", name="Invitation code").input_value()
    brandt.get_by_role("link", name="Enter a code").click()
    brandt.get_by_label("Invitation code").fill(code.lower().replace("-", ""))
    brandt.get_by_role("button", name="Go on").click()
    brandt.get_by_role("button", name="Join this community").click()
    albers.reload()
    albers.get_by_role("button", name=re.compile("^Confirm")).click()
    albers.get_by_role("link", name="Assign rooms").click()
    albers.get_by_label("Add a shared room").fill("Therapieraum EG")
    albers.get_by_role("button", name="Save").click()
    albers.get_by_label("Raum 1").select_option("Therapieraum EG")
    albers.get_by_role("button", name="Save").click()
    brandt.goto("/settings/community/")
    assign(brandt)
    for page in pages:
        expect(page.get_by_role("img", name="Who shares which room")).to_be_visible()
        assert objections(page) == []
    brandt.goto(f"/?day={monday().isoformat()}")
    beside = brandt.locator("#elsewhere")
    expect(beside).to_be_hidden()
    # In a thread of its own: the browser's has a loop that no query may stop.
    together(lambda: book(cast.albers, "09:00", first_name="Xaveria", last_name="Zirbelnuss"))
    expect(beside).to_contain_text("09:00–10:00 Room taken · Raum 1 · Praxis Albers")
    brandt.goto(f"/?day={monday().isoformat()}&view=rooms")
    expect(brandt.get_by_text("Room taken · Praxis Albers")).to_be_visible()
    assert "Zirbelnuss" not in brandt.content()
    assert objections(brandt) == []
    assert complaints == ([], [])
