"""A record in a real browser: a note is kept while it is typed, saved, signed; a picture is added and downloaded, a
letter shown.
"""

from base64 import b64encode
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest
from PIL import Image, ImageChops
from playwright.sync_api import Error, Locator, Page, expect, sync_playwright

from tests.operations.program import until
from tests.support.accessible import objections
from tests.support.browser import browser, complaints_of
from tests.support.cast import Cast
from tests.support.databases import Databases
from tests.support.documents import picture
from tests.support.server import Program
from tests.support.treated import MARKER, treated
from tests.walk.test_live import session_of

pytestmark = [pytest.mark.browser, pytest.mark.own_database, pytest.mark.req("DOC-1", "DOC-2", "DOC-3", "PAT-3")]

DROP = """(content) => {
  const transfer = new DataTransfer();
  transfer.items.add(new File([Uint8Array.from(atob(content), (one) => one.charCodeAt(0))], "Fuß.png"));
  window.dispatchEvent(new DragEvent("drop", { dataTransfer: transfer, bubbles: true, cancelable: true }));
}"""


@pytest.fixture
def page(cast: Cast, own_database: Databases, served: Program) -> Iterator[Page]:
    """Jonas' browser; one of his patients was treated."""
    treated(cast.albers)
    key, value = session_of(cast.albers, "jonas").split("=", 1)
    with sync_playwright() as playwright, browser(playwright) as chromium:
        context = chromium.new_context(locale="en-GB", viewport={"width": 1400, "height": 900}, base_url=served.url)
        context.add_cookies([{"name": key, "value": value, "url": served.url}])
        yield context.new_page()


def test_from_the_record_to_a_signed_note_and_a_document(page: Page, tmp_path: Path) -> None:
    complaints = complaints_of(page)
    page.goto("/patients/")
    page.get_by_role("link", name="Sommer, Paula").first.click()
    record = page.url
    tabs = page.get_by_role("navigation", name="Record")
    tabs.get_by_role("link", name="Sessions").click()
    page.locator(".session-table th a").click()
    note = page.locator("#note textarea")
    note.fill(MARKER)
    expect(page.locator("#save-state")).to_contain_text("Draft kept at", timeout=15_000)
    page.reload()
    expect(note).to_have_value(MARKER)
    page.get_by_role("button", name="Save and sign").click()
    page.get_by_role("button", name="Sign", exact=True).click()
    expect(page.get_by_text("Signed by Jonas Petersen")).to_be_visible()

    page.goto(record)
    tabs.get_by_role("link", name="Documents").click()
    assert objections(page) == []
    page.evaluate(DROP, b64encode(picture("PNG")).decode())
    expect(page.locator("[data-chosen]")).to_contain_text("Fuß.png")
    page.get_by_label("Title").fill("Linker Fuß")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.locator(".document-table")).to_contain_text("Linker Fuß")
    expect(page.locator(".thumb img")).to_have_js_property("naturalWidth", 60)
    assert objections(page) == []
    with page.expect_download() as download:
        page.get_by_role("link", name="Download “Linker Fuß”").click()
    assert download.value.suggested_filename == "Linker Fuß.png"
    download.value.save_as(tmp_path / "found.png")
    with Image.open(tmp_path / "found.png") as found:
        assert found.size == (60, 40)
    page.get_by_role("link", name="Linker Fuß", exact=True).click()
    expect(page.get_by_label("Title")).to_have_value("Linker Fuß")
    assert objections(page) == []
    page.get_by_role("link", name="Remove …").click()
    assert objections(page) == []

    page.goto(record)
    tabs.get_by_role("link", name="Documents").click()
    page.locator("input[type=file]").set_input_files(
        {"name": "Brief.pdf", "mimeType": "application/pdf", "buffer": red_page()}
    )
    page.get_by_role("button", name="Add", exact=True).click()
    page.get_by_role("link", name="Brief", exact=True).click()
    expect(page.get_by_title("Brief")).to_be_visible()
    until(lambda: redness(page.locator("iframe.viewer")) > 0.1)
    page.set_viewport_size({"width": 390, "height": 844})
    expect(page.locator("iframe.viewer")).to_be_hidden()
    with page.expect_popup() as opened:
        page.get_by_role("link", name="Show (opens in a new tab)").click()
    until(lambda: redness(opened.value) > 0.1)
    assert objections(page) == []
    assert complaints == []


def red_page() -> bytes:
    made, written = pikepdf.new(), BytesIO()
    sheet = made.add_blank_page(page_size=(300, 300))
    sheet.Contents = made.make_stream(b"1 0 0 rg 0 0 300 300 re f")
    made.save(written)
    return written.getvalue()


def redness(shown: Page | Locator) -> float:
    """How much of what the browser shows is red; nothing of what it has not drawn yet and takes no picture of."""
    try:
        taken = shown.screenshot()
    except Error:
        return 0.0
    with Image.open(BytesIO(taken)) as picture:
        red, green, _blue = picture.convert("RGB").split()
        pure = ImageChops.multiply(red.point(lambda one: one > 200 and 255), green.point(lambda one: one < 60 and 255))
        return pure.histogram()[255] / (picture.width * picture.height)
