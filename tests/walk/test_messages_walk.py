"""Reminders, the log of messages and the SMS gateway in a real browser (NOT-1, NOT-4, NOT-5, NOT-6)."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from sprechzeit.core.acting import acting
from sprechzeit.messages.actions import mark_attempt, mark_sent, message_due
from tests.messages.test_reminders import reminds
from tests.support.accessible import objections
from tests.support.browser import browser, complaints_of
from tests.support.cast import Cast, book
from tests.support.databases import Databases
from tests.support.server import Program
from tests.walk.test_live import session_of

pytestmark = [pytest.mark.browser, pytest.mark.own_database, pytest.mark.req("NOT-4", "NOT-5", "NOT-6")]

SHOTS = os.environ.get("SHOTS", "")


@pytest.fixture
def page(cast: Cast, own_database: Databases, served: Program) -> Iterator[Page]:
    """Miriam's browser, who is an administrator; messages of every kind of result, and two reminders."""
    reminds(cast.albers, 24, "sms")
    reminds(cast.albers, 2, "sms", kind="call")
    enter_messages(cast)
    key, value = session_of(cast.albers, "miriam").split("=", 1)
    with sync_playwright() as playwright, browser(playwright) as chromium:
        context = chromium.new_context(locale="en-GB", viewport={"width": 1400, "height": 900}, base_url=served.url)
        context.add_cookies([{"name": key, "value": value, "url": served.url}])
        yield context.new_page()


def enter_messages(cast: Cast) -> None:
    """One that was sent, one that failed, one that is tried again, one that waits."""
    actor = cast.albers.system
    for number, clock in enumerate(("08:00", "09:00", "10:00", "11:00")):
        found = book(cast.albers, clock, first_name=f"Paula{number}", email=f"paula{number}@example.org")
        with acting(actor):
            message = message_due(actor, found, "booked")
            if number == 0:
                mark_sent(actor, message, "Ihr Termin", "Guten Tag")
            elif number < 3:
                mark_attempt(actor, message, "ConnectionRefusedError", final=number == 1)


def looked_at(page: Page, name: str) -> None:
    """Nothing to object to, on a desktop and on a phone, by day and by night."""
    for width, height in ((1400, 900), (390, 844)):
        page.set_viewport_size({"width": width, "height": height})
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            if SHOTS:
                page.screenshot(path=Path(SHOTS) / f"{name}-{width}-{scheme}.png")
            assert objections(page) == [], (name, width, scheme)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name
    page.emulate_media(color_scheme="light")
    page.set_viewport_size({"width": 1400, "height": 900})


def test_reminders_are_made_switched_and_removed(cast: Cast, page: Page) -> None:
    complaints = complaints_of(page)
    page.goto("/messages/reminders/")
    page.get_by_role("main").get_by_role("link", name="Reminder", exact=True).click()
    page.get_by_label("How long before").fill("7")
    page.get_by_label("Unit").select_option(label="days")
    page.get_by_role("button", name="Save").click()
    row = page.get_by_role("listitem").filter(has_text="7 days before, E-mail")
    expect(row).to_be_visible()
    looked_at(page, "reminders")
    row.get_by_role("switch").click()
    expect(row.get_by_role("switch")).not_to_be_checked()
    row.get_by_role("link", name="Change").click()
    looked_at(page, "reminder")
    page.get_by_role("button", name="Remove").click()
    expect(row).to_have_count(0)
    page.get_by_label("Appointment messages to patients").uncheck()
    page.get_by_role("main").get_by_role("button", name="Save").click()
    expect(page.get_by_text("nobody is reminded")).to_be_visible()
    assert complaints == []


def test_the_log_is_filtered_and_a_message_sent_again(cast: Cast, page: Page) -> None:
    page.goto("/messages/")
    looked_at(page, "log")
    page.get_by_role("link", name="Failed 1").click()
    expect(page.get_by_role("row")).to_have_count(2)
    page.get_by_role("link", name="View").click()
    expect(page.get_by_text("The mail server is not reached.")).to_be_visible()
    looked_at(page, "message")
    page.get_by_role("button", name="Send again").click()
    expect(page.get_by_text("The message is being sent again.")).to_be_visible()
    page.get_by_role("link", name="View").first.click()
    page.get_by_role("main").get_by_role("link", name="Gespräch").click()
    expect(page.get_by_role("heading", name="Messages")).to_be_visible()
    looked_at(page, "details")


def test_the_gateway_is_entered(cast: Cast, page: Page) -> None:
    page.goto("/settings/sms/")
    page.get_by_text("How the gateway wants to be asked").click()
    looked_at(page, "sms")
