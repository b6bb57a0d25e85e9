"""The work list in a real browser: it follows by itself, on every page; axe has no objection (BOO-12, CAL-14)."""

import re
from collections.abc import Iterator
from datetime import date

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from sprechzeit.core.acting import acting
from sprechzeit.patients.actions import NewPatient, add_patient
from tests.support.accessible import objections_in_both_themes
from tests.support.browser import browser, complaints_of
from tests.support.cast import Cast, book
from tests.support.databases import Databases
from tests.support.server import Program
from tests.support.together import together
from tests.walk.test_live import session_of

pytestmark = [pytest.mark.browser, pytest.mark.own_database, pytest.mark.req("BOO-12", "CAL-14")]


@pytest.fixture
def program(cast: Cast, own_database: Databases, served: Program) -> Program:
    """One likely double, one contact change, one new patient: four lines, with the booking of the known one."""
    system = cast.albers.system
    with acting(system):
        add_patient(system, NewPatient("Paulah", "Sommer", date(1985, 3, 24)), belongs_to=None)
        add_patient(system, NewPatient("Karl", "Kurz", date(1985, 3, 24), email="karl@example.org"), belongs_to=None)
    book(cast.albers, "09:00")
    book(cast.albers, "10:00", first_name="Karl", last_name="Kurz", email="kurz@example.org")
    book(cast.albers, "11:00", first_name="Lars", last_name="Nord", email="lars@example.org")
    served.variables["COOKIE"] = session_of(cast.albers, "jana")
    return served


@pytest.fixture
def chromium(program: Program) -> Iterator[Browser]:
    with sync_playwright() as playwright, browser(playwright) as chromium:
        yield chromium


def page_at(chromium: Browser, program: Program, address: str, *, width: int = 1400) -> Page:
    height = 900 if width > 900 else 844
    context = chromium.new_context(locale="en-GB", viewport={"width": width, "height": height})
    key, value = program.variables["COOKIE"].split("=", 1)
    context.add_cookies([{"name": key, "value": value, "url": program.url}])
    page = context.new_page()
    page.goto(f"{program.url}{address}")
    return page


def test_it_follows_by_itself_and_is_for_everybody(cast: Cast, program: Program, chromium: Browser) -> None:
    elsewhere = page_at(chromium, program, "/messages/")
    complaints = complaints_of(elsewhere)
    count = elsewhere.locator("#count-bookings .badge")
    expect(count).to_have_text("4")
    together(lambda: book(cast.albers, "14:00", first_name="Ida", last_name="Neu", email="ida@example.org"))
    expect(count).to_have_text("5")
    listed, requested = page_at(chromium, program, "/bookings/"), []
    listed.on("request", lambda request: requested.append(request.url))
    listed.reload()
    together(lambda: book(cast.albers, "15:00", first_name="Udo", last_name="Spät", email="udo@example.org"))
    expect(listed.get_by_text("Spät, Udo")).to_be_visible()
    listed.get_by_role("button", name="Seen: Spät, Udo").click()
    expect(listed.get_by_text("Seen, for the whole practice.")).to_be_visible()
    expect(count).to_have_text("5")
    listed.get_by_role("button", name="Undo").click()
    expect(count).to_have_text("6")
    listed.locator("details.compare summary").click()
    expect(listed.get_by_role("cell", name="Paulah")).to_be_visible()
    listed.get_by_role("button", name=re.compile("Replace.*Kurz, Karl")).click()
    expect(listed.get_by_text("Decided.")).to_be_visible()
    expect(count).to_have_text("5")
    assert complaints == []
    assert len(requested) > 10 and all(url.startswith((program.url, "data:")) for url in requested)


def test_axe_has_no_objection_and_nothing_lies_beyond_the_edge(program: Program, chromium: Browser) -> None:
    for width in (1400, 390):
        page = page_at(chromium, program, "/bookings/", width=width)
        page.locator("details.compare summary").click()
        assert objections_in_both_themes(page) == [], width
        assert page.evaluate("document.querySelector('#work-list').scrollWidth <= innerWidth")
        if width < 900:
            small = page.evaluate(
                "[...document.querySelectorAll('#work-list :is(button, summary, .chip)')]"
                ".filter((one) => one.getBoundingClientRect().height < 44).map((one) => one.textContent)"
            )
            assert small == []
