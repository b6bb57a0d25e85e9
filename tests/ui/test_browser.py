"""The pages in a real browser, under the real content security policy."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect

from tests.support.accessible import objections_in_both_themes
from tests.ui.pages import PAGES
from tests.ui.samples import book, entries
from tests.ui.server import PageServer

pytestmark = pytest.mark.browser

DESKTOP, PHONE = (1400, 900), (390, 844)
# The error pages are one page with other words; of the rest, these show every component.
NAMES = [name for name in sorted(PAGES) if not name.startswith("error-") or name == "error-404"]
VARIED = {
    "book",
    "services",
    "times-own",
    "again",
    "details-wrong",
    "done",
    "kit",
    "manage",
    "signin-wrong",
    "error-404",
}
EVERY_PAGE = [name if name in VARIED else pytest.param(name, marks=pytest.mark.long) for name in NAMES]
TOUCH_PIXELS = 48
SECOND = "00000000-0000-7000-8000-000000000001"


@contextmanager
def visiting(chromium: Browser, address: str, size: tuple[int, int] = DESKTOP) -> Iterator[Page]:
    """A page in a fresh window; anything the browser complains about fails the test."""
    complaints: list[str] = []

    def listen(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            complaints.append(message.text)

    context = chromium.new_context(
        viewport={"width": size[0], "height": size[1]}, locale="de-DE", color_scheme="light", reduced_motion="reduce"
    )
    page = context.new_page()
    page.on("console", listen)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(address)
    try:
        yield page
        assert complaints == []
    finally:
        context.close()


@pytest.mark.req("STD-5")
@pytest.mark.parametrize("name", EVERY_PAGE)
def test_a_page_is_accessible_in_each_theme_and_size(chromium: Browser, server: PageServer, name: str) -> None:
    """axe finds nothing, and nothing lies beyond the edge of the window. Themes differ in colours only."""
    with visiting(chromium, f"{server.url}/{name}") as page:
        for width, height in (DESKTOP, PHONE):
            page.set_viewport_size({"width": width, "height": height})
            assert objections_in_both_themes(page) == []
            assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.req("BOO-1")
@pytest.mark.parametrize("name", ["times", "times-own"])
def test_a_phone_scrolls_downwards_only(chromium: Browser, server: PageServer, name: str) -> None:
    """However many practitioners there are to choose from."""
    with visiting(chromium, f"{server.url}/{name}", PHONE) as page:
        wide = page.evaluate("Math.max(...[...document.querySelectorAll('.days, .week')].map((e) => e.offsetWidth), 0)")
        assert wide <= PHONE[0]


@pytest.mark.parametrize(
    "name", ["services", "times", "times-own", "again", "details", "code", "done", "refused", "manage"]
)
def test_patients_can_hit_what_they_aim_at(chromium: Browser, server: PageServer, name: str) -> None:
    """BOO: targets of 48 pixels and more on a phone."""
    with visiting(chromium, f"{server.url}/{name}", PHONE) as page:
        small = page.evaluate(
            """(least) => [...document.querySelectorAll(
                 `main :is(button:not([aria-hidden]), .button, a.day, a.chip, .time, .service, textarea,
                           .choices label, input:not([type=checkbox], [type=radio], [type=hidden]))`)]
               .filter((element) => element.checkVisibility() && element.getBoundingClientRect().height < least)
               .map((element) => element.outerHTML.slice(0, 120))""",
            TOUCH_PIXELS,
        )
        assert small == []


def test_details_open_beside_the_entry_and_escape_leads_back(chromium: Browser, server: PageServer) -> None:
    with visiting(chromium, f"{server.url}/book") as page:
        entry = page.locator("a.entry", has_text="Brandt, Jens").first
        entry.click()
        details = page.get_by_role("dialog", name="Brandt, Jens")
        expect(details.get_by_text("0171 5550119")).to_be_visible()
        expect(page.locator("#details-title")).to_be_focused()
        page.keyboard.press("Escape")
        expect(details).to_be_hidden()
        expect(entry).to_be_focused()


def test_on_a_phone_the_page_behind_the_details_is_inert(chromium: Browser, server: PageServer) -> None:
    with visiting(chromium, f"{server.url}/book", PHONE) as page:
        page.locator("a.entry").first.click()
        expect(page.locator("#details")).to_be_visible()
        assert page.evaluate("document.getElementById('details').matches(':modal')")


def test_arrows_walk_from_entry_to_entry(chromium: Browser, server: PageServer) -> None:
    with visiting(chromium, f"{server.url}/book") as page:
        page.locator("a.entry", has_text="Yıldız, Elif").first.focus()
        page.keyboard.press("ArrowDown")
        expect(page.locator(":focus")).to_contain_text("Sommer, Paula")
        page.keyboard.press("ArrowRight")
        expect(page.locator(".column").nth(1).locator(":focus")).to_contain_text("Sommer, Paula")
        page.keyboard.press("ArrowUp")
        expect(page.locator(":focus")).to_contain_text("Yıldız, Elif")


@pytest.mark.parametrize(
    ("key", "day"), [("ArrowLeft", "?day=2026-11-22"), ("ArrowRight", "?day=2026-11-24"), ("t", "")]
)
def test_keys_turn_the_days(chromium: Browser, server: PageServer, key: str, day: str) -> None:
    # The page is left only once the other day is there: closing in the middle of the way there may hang the browser.
    with visiting(chromium, f"{server.url}/book") as page, page.expect_navigation(url=f"{server.url}/book/{day}"):
        page.keyboard.press(key)


@pytest.mark.req("CAL-14")
def test_a_change_fetches_only_its_column(chromium: Browser, server: PageServer) -> None:
    """The event carries an id and nothing else; the page fetches the column, keeps focus and counts anew."""
    shown = len(entries(1))
    with visiting(chromium, f"{server.url}/book") as page:
        column = page.locator(f"#column-{SECOND}")
        expect(column.locator(".entry")).to_have_count(shown)
        column.locator("a.entry", has_text="Brandt, Jens").focus()
        server.events.put(f"event: calendar\ndata: {SECOND}\n\n")
        expect(column.locator(".entry")).to_have_count(shown - 1)
        expect(column.locator(":focus")).to_contain_text("Brandt, Jens")
        expect(page.locator("[data-count]")).to_have_text("39")
        assert server.columns_fetched == [SECOND]


@pytest.mark.req("CAL-14")
def test_a_lost_stream_is_said_and_made_good(chromium: Browser, server: PageServer) -> None:
    with visiting_offline(chromium, server) as page:
        expect(page.locator("[data-live-note]")).to_be_hidden()
        server.live = False
        server.events.put(None)
        expect(page.locator("[data-live-note]")).to_be_visible(timeout=9_000)
        assert server.columns_fetched == []
        server.live = server.missed = True
        expect(page.locator("[data-live-note]")).to_be_hidden(timeout=20_000)
        expect(page.locator(".column .entry", has_text="Krüger, Thomas")).to_have_count(0)
        assert sorted(server.columns_fetched) == sorted(column.calendar for column in book()["book"]["columns"])


@contextmanager
def visiting_offline(chromium: Browser, server: PageServer) -> Iterator[Page]:
    """The book, without minding complaints: a lost connection is one."""
    context = chromium.new_context()
    page = context.new_page()
    page.goto(f"{server.url}/book")
    try:
        yield page
    finally:
        context.close()


def test_the_theme_is_switched_and_remembered(chromium: Browser, server: PageServer) -> None:
    with visiting(chromium, f"{server.url}/book") as page:
        page.locator("[popovertarget=account-menu]").click()
        page.locator("[data-theme-choice=dark]").click()
        expect(page.locator("html")).to_have_attribute("data-theme", "dark")
        cookies = {cookie["name"]: cookie["value"] for cookie in page.context.cookies()}
        assert cookies == {"theme": "dark"}
        page.locator("[data-theme-choice='']").click()
        expect(page.locator("html")).not_to_have_attribute("data-theme", "dark")
        assert page.context.cookies() == []


def test_a_password_is_shown_on_demand(chromium: Browser, server: PageServer) -> None:
    with visiting(chromium, f"{server.url}/signin") as page:
        password = page.locator("#id_password")
        page.locator("[data-reveal]").click()
        expect(password).to_have_attribute("type", "text")
        page.locator("[data-reveal]").click()
        expect(password).to_have_attribute("type", "password")
