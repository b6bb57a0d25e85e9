"""Texts of messages in a real browser: placeholders are chips, the preview follows, nothing typed gets lost (NOT-2)."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Dialog, Page, expect, sync_playwright

from tests.support.accessible import objections
from tests.support.browser import browser, complaints_of
from tests.support.cast import Cast
from tests.support.databases import Databases
from tests.support.server import Program
from tests.walk.test_live import session_of

pytestmark = [pytest.mark.browser, pytest.mark.own_database, pytest.mark.req("NOT-2", "NOT-3")]

ADDRESS = "/messages/templates/booked_online/?language=de"


@pytest.fixture
def page(cast: Cast, own_database: Databases, served: Program) -> Iterator[Page]:
    """Miriam's browser, who is an administrator."""
    key, value = session_of(cast.albers, "miriam").split("=", 1)
    with sync_playwright() as playwright, browser(playwright) as chromium:
        context = chromium.new_context(locale="en-GB", viewport={"width": 1400, "height": 900}, base_url=served.url)
        context.grant_permissions(["clipboard-read", "clipboard-write"])
        context.add_cookies([{"name": key, "value": value, "url": served.url}])
        yield context.new_page()


def typed(page: Page) -> str:
    """What would be sent."""
    return str(page.locator("#id_text").input_value())


def test_a_text_is_written_with_chips_previewed_and_saved(page: Page) -> None:
    complaints, asked = complaints_of(page), []
    page.goto(ADDRESS)
    text, subject = page.get_by_role("textbox", name="Text"), page.get_by_role("textbox", name="Subject")
    preview = page.locator("#template-preview")
    usual = typed(page)
    expect(text.locator(".placeholder").first).to_have_text("First name")
    expect(page.get_by_text("Not saved yet")).to_be_hidden()

    # Everything is replaced; keys, chips by button, chips by typing; Enter and Backspace do what they say.
    text.press("Control+A")
    page.keyboard.type("Guten Tag ")
    page.get_by_role("button", name="First name", exact=True).click()
    page.keyboard.type(",\n\nbis %DATE%!")
    page.keyboard.press("Backspace")
    page.get_by_role("button", name="Place or video link").click()
    page.keyboard.press("Backspace")
    page.keyboard.type(" <b>um</b>\nTel. %TELEFONNR%")
    assert typed(page) == "Guten Tag %FIRSTNAME%,\n\nbis %DATE% <b>um</b>\nTel. %TELEFONNR%"
    expect(preview.locator(".mail-body")).to_contain_text("<b>um</b>")
    expect(preview.locator(".mail-body")).to_contain_text("Guten Tag Paula,")
    expect(page.get_by_text("Not saved yet")).to_be_visible()

    # What there is not is marked, named and replaced.
    expect(text.locator(".unknown")).to_have_text("%TELEFONNR%")
    fault = page.locator("#faults")
    expect(fault).to_contain_text("%TELEFONNR% does not exist. Did you mean Phone of the practice?")
    assert objections(page) == []
    fault.get_by_role("button", name="Phone of the practice").click()
    expect(fault).to_be_hidden()
    assert typed(page).endswith("Tel. %PRACTICEPHONE%")

    # Undone and done again; copied, a chip is its placeholder, and pasted it is a chip.
    page.keyboard.press("Control+Z")
    assert typed(page).endswith("Tel. %TELEFONNR%")
    page.keyboard.press("Control+Shift+Z")
    assert typed(page).endswith("Tel. %PRACTICEPHONE%")
    text.press("Control+A")
    page.keyboard.press("Control+C")
    subject.press("Control+A")
    page.keyboard.press("Control+V")
    expect(page.locator("#id_subject")).to_have_value(
        "Guten Tag %FIRSTNAME%,  bis %DATE% <b>um</b> Tel. %PRACTICEPHONE%"
    )
    subject.press("Enter")
    expect(preview.locator(".mail-head")).to_contain_text("Guten Tag Paula, bis")

    # Another patient's data is no change of the text; leaving asks.
    page.get_by_label("With whose data").select_option("video")
    expect(preview.locator(".sms-preview")).to_contain_text("TAN: 482619")

    def leave(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.accept()

    page.once("dialog", leave)
    page.reload()
    assert asked == ["beforeunload"] and typed(page) == usual
    page.get_by_role("textbox", name="Text").press("Control+End")
    page.keyboard.type("\nBis bald")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    assert typed(page) == f"{usual}\nBis bald"
    page.get_by_role("button", name="Back to the usual text").click()
    expect(page.get_by_text("Back to the usual text.")).to_be_visible()
    assert typed(page) == usual

    # A type has its own; on a phone list and text are two pages.
    page.get_by_label("Applies to").select_option("Gespräch")
    expect(page.get_by_text("as “All appointment types”")).to_be_visible()
    for width, height, dark in ((1400, 900, True), (390, 844, False), (390, 844, True)):
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme="dark" if dark else "light")
        assert objections(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_role("link", name="Back to the list").click()
    expect(page.get_by_role("link", name="Reminder E-mail")).to_be_visible()
    expect(page.get_by_role("textbox", name="Text")).to_be_hidden()
    assert complaints == []
