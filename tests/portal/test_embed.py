"""The booking page within a practice's own website: two origins, third-party cookies blocked (BOO-1)."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, expect, sync_playwright

from sprechzeit.core.acting import acting
from sprechzeit.practice.models import Practice
from tests.support.browser import CHROMIUM, FLAGS, wait_until
from tests.support.cast import Cast, monday
from tests.support.databases import Databases
from tests.support.server import Program

pytestmark = [pytest.mark.browser, pytest.mark.own_database, pytest.mark.req("BOO-1")]

HOME = """<!doctype html><html lang="en"><title>Praxis</title><h1>Our practice</h1>
<a data-sprechzeit href="{booking}">Book an appointment</a><script src="{script}" async></script><p>Welcome</p>
<script>document.cookie = "own=1"</script>"""


@contextmanager
def website(program_url: str) -> Iterator[str]:
    """A practice's website; its address is another origin, and another site, than the program's."""
    pages = {
        "/": HOME.format(booking=f"{program_url}/book/albers/", script=f"{program_url}/book/embed.js"),
        "/frame": "<iframe src='http://127.0.0.1:{port}/cookie'></iframe>",
        "/cookie": "<script>document.cookie = 'written=1; SameSite=None; Secure'</script>"
        "<output></output><script>document.querySelector('output').textContent = `kept: ${document.cookie}`</script>",
    }

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            page = pages.get(self.path, "").replace("{port}", str(server.server_port))
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            if self.path == "/cookie":
                self.send_header("Set-Cookie", "sent=1; SameSite=None; Secure")
            self.end_headers()
            self.wfile.write(page.encode())

        def log_message(self, *_: object) -> None:
            """Silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
    threading.Thread(target=server.serve_forever, args=[0.02], daemon=True).start()
    try:
        yield f"http://localhost:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def phone(folder: Path, *, blocks: bool = True, **more: bool) -> Iterator[BrowserContext]:
    """A phone whose settings block the cookies of third parties, or not: a choice of its profile, made on purpose."""
    preferences = {"profile": {"cookie_controls_mode": int(blocks), "block_third_party_cookies": blocks}}
    (folder / "Default").mkdir()
    (folder / "Default/Preferences").write_text(json.dumps(preferences))
    with sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            folder, executable_path=CHROMIUM, args=FLAGS, locale="en-GB", viewport={"width": 390, "height": 844},
            **more,  # type: ignore[arg-type]
        )  # fmt: skip
        try:
            yield context
        finally:
            context.close()


@pytest.fixture
def program(cast: Cast, own_database: Databases, served: Program) -> Program:
    assert cast
    return served


@pytest.fixture
def home(cast: Cast, program: Program) -> Iterator[str]:
    """The website that may embed it. Allowed before the browser starts, whose loop keeps the database out."""
    with website(program.url) as home:
        with acting(cast.albers.system):
            Practice.objects.filter(pk=cast.albers.practice.pk).update(embed_origins=home)
        yield home


@pytest.mark.parametrize(("blocks", "kept"), [(True, ""), (False, "sent=1; written=1")])
def test_the_control_a_third_partys_cookie_is_blocked_or_not(tmp_path: Path, blocks: bool, kept: str) -> None:
    """Else the other tests here would say nothing: what a server in a frame keeps is there in the one and not here."""
    with website("http://127.0.0.1") as home, phone(tmp_path, blocks=blocks) as context:
        page = context.new_page()
        page.goto(f"{home}/frame")
        expect(page.frame_locator("iframe").locator("output")).to_have_text(f"kept: {kept}")
        assert len(context.cookies()) == (0 if blocks else 2)


def test_a_patient_books_within_the_practices_website(home: str, program: Program, tmp_path: Path) -> None:
    with phone(tmp_path) as context:
        _book_within(context, home, program)


def _book_within(context: BrowserContext, home: str, program: Program) -> None:
    page = context.new_page()
    hosts: set[str] = set()
    page.on("request", lambda request: hosts.add("/".join(request.url.split("/")[:3])))
    page.goto(home)
    frame = page.frame_locator("iframe[title='Book an appointment']")
    frame.get_by_role("link", name="Gespräch").click()
    frame.locator("a.day").last.click()
    frame.locator("button.time").first.click()
    expect(frame.get_by_role("heading", level=1)).to_have_text("Who is the appointment for?")

    # As high as its page: the website scrolls, not the frame.
    inner = page.frames[1]
    wait_until(inner, "document.documentElement.scrollHeight <= innerHeight && innerHeight > 640")

    frame.get_by_label("First name", exact=True).fill("Paula")
    frame.get_by_label("Last name", exact=True).fill("Sommer")
    frame.get_by_label("Date of birth").fill("24.03.1985")
    frame.get_by_label("E-mail").fill("paula@example.org")
    frame.get_by_label("Statutory").check()
    frame.get_by_role("checkbox").check()
    frame.get_by_role("button", name="Book appointment").click()
    expect(frame.get_by_role("heading", level=1)).to_have_text("Your appointment is booked")
    frame.get_by_role("link", name="View appointment").click()
    expect(frame.get_by_role("heading", level=1)).to_have_text("Your appointment")
    wait_until(inner, "document.documentElement.scrollHeight <= innerHeight")

    assert [cookie["name"] for cookie in context.cookies()] == ["own"], "the website's; not one of ours"
    assert hosts == {home, program.url}


def test_another_website_cannot_show_it(program: Program, tmp_path: Path) -> None:
    with website(program.url) as stranger, phone(tmp_path) as context:
        page = context.new_page()
        refusals: list[str] = []
        page.on("console", lambda message: refusals.append(message.text))
        page.goto(stranger)
        wait_until(page, "document.querySelector('iframe') !== null")
        expect(page.locator("iframe")).to_be_attached()
        page.wait_for_timeout(500)
        assert any("frame-ancestors" in text for text in refusals), refusals
        assert page.frame_locator("iframe").get_by_role("link", name="Gespräch").count() == 0


def test_a_message_from_elsewhere_changes_no_height(home: str, tmp_path: Path) -> None:
    with phone(tmp_path) as context:
        page = context.new_page()
        page.goto(home)
        expect(page.frame_locator("iframe").get_by_role("link", name="Gespräch")).to_be_visible()
        page.evaluate("postMessage({ sprechzeit: { height: 19999 } }, '*')")
        page.evaluate("new Promise((resolve) => setTimeout(resolve, 200))")
        assert page.locator("iframe").get_attribute("height") != "19999"


def test_without_a_script_the_link_leads_to_the_page(home: str, tmp_path: Path) -> None:
    with phone(tmp_path, java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(home)
        page.get_by_role("link", name="Book an appointment").click()
        page.get_by_role("link", name="Gespräch").click()
        page.goto(f"{page.url}?day={monday(2):%Y-%m-%d}")
        page.locator("button.time").first.click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Who is the appointment for?")
