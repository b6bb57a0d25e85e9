"""The page of the log in a real browser: narrowed to a patient, the report is there; axe has no objection."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from tests.support.accessible import objections
from tests.support.browser import browser, complaints_of
from tests.support.cast import PASSWORD, Cast, book, may_sign_in
from tests.support.databases import Databases
from tests.support.server import Program
from tests.walk.test_live import session_of

pytestmark = [pytest.mark.browser, pytest.mark.own_database, pytest.mark.req("AUD-2", "AUD-5")]


@pytest.fixture
def page(cast: Cast, own_database: Databases, served: Program) -> Iterator[Page]:
    """Miriam's browser, in the dark."""
    book(cast.albers, "09:00", last_name="Zander", email="z@example.org")
    book(cast.albers, "10:00", last_name="Sommer", email="s@example.org")
    may_sign_in(cast.albers.user("miriam"))
    key, value = session_of(cast.albers, "miriam").split("=", 1)
    with sync_playwright() as playwright, browser(playwright) as chromium:
        context = chromium.new_context(
            locale="en-GB", color_scheme="dark", viewport={"width": 1400, "height": 900}, base_url=served.url
        )
        context.add_cookies([{"name": key, "value": value, "url": served.url}])
        yield context.new_page()


def test_from_the_whole_log_to_one_patients_report(page: Page) -> None:
    complaints = complaints_of(page)
    page.goto("/settings/log/")
    expect(page.get_by_role("table", name="Entries of the log")).to_contain_text("Booked online")
    assert objections(page) == []
    page.get_by_label("Of what").select_option("Patients")
    page.get_by_label("Patient", exact=False).last.fill("zander")
    page.get_by_role("button", name="Show", exact=True).click()
    table = page.get_by_role("table", name="Entries of the log")
    expect(table).to_contain_text("Zander, Paula")
    expect(table).not_to_contain_text("Sommer")
    page.set_viewport_size({"width": 390, "height": 844})
    assert objections(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_role("link", name="PDF").click()
    # Who has not signed in lately confirms it first; then the file comes.
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    with page.expect_download() as download:
        page.get_by_label("Password", exact=True).press("Enter")
    assert download.value.suggested_filename.startswith("Access report")
    page.goto("/settings/log/")
    expect(table).to_contain_text("Sommer, Paula")
    page.goto("/settings/retention/")
    assert objections(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.set_viewport_size({"width": 1400, "height": 900})
    assert objections(page) == []
    assert complaints == []
