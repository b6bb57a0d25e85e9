"""The details and the code in a real browser: without a script, by keyboard, and what axe says (BOO-1, BOO-4)."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from playwright.sync_api import Browser, Page, expect, sync_playwright

from sprechzeit.core.acting import acting
from sprechzeit.practice.models import Practice
from sprechzeit.scheduling.actions.code import digits_of
from sprechzeit.scheduling.models import Appointment, BookingCode, Occupancy
from tests.support.accessible import objections_in_both_themes
from tests.support.browser import browser
from tests.support.cast import Cast
from tests.support.databases import Databases
from tests.support.server import Program

pytestmark = [pytest.mark.browser, pytest.mark.own_database]
CHILD = {
    "first_name": "Deniz", "last_name": "Yıldız", "date_of_birth": "08.06.2019", "booker_first_name": "Elif",
    "booker_last_name": "Yıldız", "email": "elif@example.org",
}  # fmt: skip


@pytest.fixture
def program(cast: Cast, own_database: Databases, served: Program) -> Program:
    with acting(cast.albers.system):
        Practice.objects.filter(pk=cast.albers.practice.pk).update(booking_code_required=True)
    return served


@pytest.fixture
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright, browser(playwright) as chromium:
        yield chromium


def open_details(page: Page, program: Program) -> None:
    page.goto(f"{program.url}/book/albers/")
    page.get_by_role("link", name="Gespräch").click()
    page.locator("button.time").first.click()


def fill(page: Page) -> None:
    page.get_by_label("For my child").check()
    for name, text in CHILD.items():
        page.locator(f"[name={name}]").fill(text)
    page.get_by_label("Private").check()
    page.get_by_role("checkbox").check()


@pytest.mark.req("BOO-1", "BOO-4")
def test_without_a_script_and_with_axe(cast: Cast, program: Program, chromium: Browser) -> None:
    page = chromium.new_context(
        locale="en-GB", viewport={"width": 390, "height": 844}, java_script_enabled=False
    ).new_page()
    open_details(page, program)
    expect(page.get_by_role("heading", name="How we reach you")).to_be_visible()
    expect(page.get_by_label("Your first name")).to_be_hidden()
    fill(page)
    expect(page.get_by_label("Your first name")).to_be_visible()
    expect(page.get_by_role("heading", name="You as the contact")).to_be_visible()
    page.get_by_label("E-mail").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Type the code from the e-mail")
    page.get_by_label("Six-digit code").fill(beside(lambda: mailed(cast)))
    page.get_by_label("Six-digit code").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Your appointment is booked")
    assert beside(lambda: booked_by(cast)) == "Elif Yıldız"
    look(chromium, program)


@pytest.mark.req("BOO-3", "BOO-7")
@pytest.mark.parametrize("scripts", [True, False])
def test_who_goes_back_for_another_time_keeps_that_one_alone(
    cast: Cast, program: Program, chromium: Browser, scripts: bool
) -> None:
    """Two times may be kept from one address; a change of mind is no second visitor."""
    page = chromium.new_context(locale="en-GB", java_script_enabled=scripts).new_page()
    open_details(page, program)
    for number in (1, 2, 3):
        expect(page.get_by_role("heading", name="How we reach you")).to_be_visible()
        page.go_back()
        page.locator("button.time").nth(number).click()
    expect(page.get_by_role("heading", name="How we reach you")).to_be_visible()
    assert beside(lambda: str(kept_in(cast))) == "1"


def kept_in(cast: Cast) -> int:
    with acting(cast.albers.system):
        return Occupancy.objects.filter(kind=Occupancy.Kind.HOLD, active=True).count()


def beside(ask: Callable[[], str]) -> str:
    """Ask the database in a thread of its own: the browser's loop runs in this one."""

    def work() -> str:
        try:
            return ask()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(work).result()


def mailed(cast: Cast) -> str:
    with acting(cast.albers.system):
        return digits_of(BookingCode.objects.get().pk)


def booked_by(cast: Cast) -> str:
    with acting(cast.albers.system):
        return Appointment.objects.select_related("booker").get().booker.full_name


def look(chromium: Browser, program: Program) -> None:
    """The same pages with a script: axe objects to nothing, light and dark, wide and narrow."""
    page = chromium.new_context(locale="en-GB", bypass_csp=True).new_page()
    open_details(page, program)
    found = {"details": faults(page)}
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("alert")).to_be_visible()
    found["wrong"] = faults(page)
    fill(page)
    page.context.set_offline(True)
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_text("There is no connection right now.")).to_be_visible()
    found["offline"] = faults(page)
    page.context.set_offline(False)
    expect(page.get_by_text("There is no connection right now.")).to_be_hidden()
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_label("Six-digit code")).to_be_focused()
    found["code"] = faults(page)
    assert {name: faults for name, faults in found.items() if faults} == {}


def faults(page: Page) -> list[str]:
    """What axe objects to in each theme and size, and what lies beyond the edge of the window."""
    found: list[str] = []
    page.emulate_media(reduced_motion="reduce")
    for width in (1400, 390):
        page.set_viewport_size({"width": width, "height": 844})
        found += [f"{width} {one}" for one in objections_in_both_themes(page)]
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            found.append(f"wider than {width}")
    return found
