"""A consultation in two real browsers with cameras: from the link to the end (VID-3, VID-4, VID-7)."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Page, Request, expect, sync_playwright

from tests.support.browser import complaints_of
from tests.support.callers import KEEP_CONNECTIONS, calling_browser, connection_of, sees
from tests.support.cast import Cast
from tests.support.consultations import Held, now_by_video
from tests.support.databases import Databases
from tests.support.server import Program
from tests.walk.test_live import session_of

pytestmark = [pytest.mark.browser, pytest.mark.own_database, pytest.mark.req("VID-3", "VID-7")]


@dataclass
class Caller:
    """Somebody's page, what it complained about, and where it asked for anything."""

    page: Page
    complaints: list[str]
    asked: list[str]


@dataclass(frozen=True)
class House:
    """The program, Paula's appointment with Jonas, and the cookies of who works there."""

    url: str
    held: Held
    sessions: dict[str, str]


@pytest.fixture
def house(cast: Cast, own_database: Databases, served: Program) -> House:
    held = now_by_video(cast.albers)
    return House(served.url, held, {name: session_of(cast.albers, name) for name in ("jonas", "jana")})


@pytest.fixture
def chromium(house: House) -> Iterator[Browser]:
    with sync_playwright() as playwright, calling_browser(playwright) as chromium:
        yield chromium


@pytest.fixture
def caller(chromium: Browser, house: House) -> Callable[[str], Caller]:
    """Opens a browser: the patient's on a phone, or a member's."""

    def open_page(who: str) -> Caller:
        size = {"width": 390, "height": 844} if who == "patient" else {"width": 1400, "height": 900}
        context = chromium.new_context(locale="de-DE", viewport=size)  # type: ignore[arg-type]
        context.add_init_script(KEEP_CONNECTIONS)
        if who in house.sessions:
            name, value = house.sessions[who].split("=", 1)
            context.add_cookies([{"name": name, "value": value, "url": house.url}])
        page = context.new_page()
        asked: list[str] = []

        def note(request: Request) -> None:
            asked.append(request.url)

        page.on("request", note)
        return Caller(page, complaints_of(page), asked)

    return open_page


def into_the_waiting_room(one: Caller, house: House) -> None:
    page = one.page
    page.goto(f"{house.url}{house.held.page}")
    page.get_by_label("Ihre TAN").fill(house.held.tan)
    page.get_by_role("button", name="Weiter").click()
    expect(page.get_by_role("heading", name="Sehen und hören wir Sie gut?")).to_be_visible()
    page.get_by_role("button", name="In den Warteraum").click()
    expect(page.get_by_role("heading", name="Gleich geht es los, Paula Sommer")).to_be_visible()


def test_from_the_link_to_the_end(caller: Callable[[str], Caller], house: House) -> None:
    patient, jonas = caller("patient"), caller("jonas")
    jonas.page.goto(f"{house.url}/video/")
    into_the_waiting_room(patient, house)
    jonas.page.get_by_role("button", name="Jetzt eintreten lassen").click()
    for one in (patient, jonas):
        sees(one.page)
    print(connection_of(jonas.page))
    # written
    patient.page.get_by_role("button", name="Chat", exact=True).click()
    patient.page.get_by_placeholder("Nachricht an").fill("Ich höre Sie gut.")
    patient.page.keyboard.press("Enter")
    expect(jonas.page.get_by_role("button", name="Chat , neue Nachricht")).to_be_visible()
    jonas.page.keyboard.press("c")
    expect(jonas.page.get_by_role("log")).to_contain_text("Ich höre Sie gut.")
    jonas.page.keyboard.press("Escape")
    # a screen
    jonas.page.locator(".stage-bar [data-do=screen]").click()
    expect(jonas.page.get_by_text("Sie teilen Ihren Bildschirm")).to_be_visible()
    sees(patient.page, "[data-screen]")
    jonas.page.screenshot(path="/tmp/h/shots/share.png")
    jonas.page.get_by_role("button", name="Teilen beenden").click()
    expect(patient.page.locator("[data-screen]")).to_be_hidden()
    # reload
    patient.page.reload()
    for one in (patient, jonas):
        sees(one.page)
    jonas.page.reload()
    for one in (patient, jonas):
        sees(one.page)
    jonas.page.get_by_role("button", name="Gespräch beenden").click()
    for one in (patient, jonas):
        expect(one.page.get_by_role("heading", name="Das Gespräch ist beendet")).to_be_visible()
        assert one.complaints == []
        assert {url.split("/")[2] for url in one.asked if not url.startswith("blob:")} == {house.url.split("/")[2]}
