"""A refused form on a phone: what is wrong is to be seen, and no bar lies over it."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from tests.support.browser import browser
from tests.support.cast import Cast
from tests.support.databases import Databases
from tests.support.server import Program
from tests.walk.test_live import session_of

pytestmark = [pytest.mark.browser, pytest.mark.own_database, pytest.mark.req("STD-5")]

# Forms longer than the screen, with a bar of their own at its bottom: of a record, of things of the settings, of texts.
FORMS = (
    "/patients/new/", "/settings/types/new/", "/settings/practice/", "/settings/partners/new/", "/settings/access/new/",
    "/settings/note-templates/new/",
)  # fmt: skip
# All that a person can type is wrong.
SPOIL = """() => {
  const longest = [...document.querySelectorAll("main form")].sort((a, b) => b.elements.length - a.elements.length)[0];
  for (const one of longest.querySelectorAll("input:not([type=hidden], [type=radio], [type=checkbox]), textarea")) {
    const isText = one.matches("[type=text], :not([type]), textarea");
    one.type = "text";
    one.value = isText ? "" : "!";
  }
  longest.noValidate = true;
  longest.requestSubmit();
}"""
# What is wrong and cannot be seen, whichever way one comes to its field: by the list at the top, or by the keyboard.
COVERED = """async () => {
  const isCovered = (one) => {
    const { left, top, bottom } = one.getBoundingClientRect();
    return [top + 3, bottom - 3].some((y) => {
      const there = document.elementFromPoint(left + 10, y);
      return !there || !(one.contains(there) || there.contains(one));
    });
  };
  const covered = [];
  for (const error of document.querySelectorAll("main [id$=_error]")) {
    const field = error.closest(".field").querySelector("input:not([type=hidden]), select, textarea");
    const ways = { link: document.querySelector(`main [data-focus] a[href="#${field.id}"]`), field };
    if (field.matches("textarea")) delete ways.field; // a browser shows the line in which one writes
    for (const [way, there] of Object.entries(ways)) {
      for (const one of document.querySelectorAll("html, main, main *")) one.scrollTop = 0;
      document.activeElement?.blur();
      if (way === "link") there?.click(); else there.focus();
      await new Promise((done) => setTimeout(done, 60));
      if (isCovered(error)) covered.push(`${way} of ${error.id}`);
    }
  }
  return covered;
}"""


@pytest.fixture
def page(cast: Cast, own_database: Databases, served: Program) -> Iterator[Page]:
    """Miriam's phone."""
    key, value = session_of(cast.albers, "miriam").split("=", 1)
    with sync_playwright() as playwright, browser(playwright) as chromium:
        context = chromium.new_context(
            locale="de-DE", viewport={"width": 390, "height": 844}, base_url=served.url, has_touch=True, is_mobile=True
        )
        context.add_cookies([{"name": key, "value": value, "url": served.url}])
        yield context.new_page()


def test_no_bar_lies_over_what_is_wrong(page: Page) -> None:
    for address in FORMS:
        page.goto(address)
        page.evaluate(SPOIL)
        expect(page.locator("main [data-focus]")).to_be_in_viewport()
        expect(page.locator("main [id$=_error]").first).to_be_attached()
        assert page.evaluate(COVERED) == [], address
