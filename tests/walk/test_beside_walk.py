"""Calendars of two practices side by side in a real browser: each written at its own, live in its own book (ACC-24)."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

import pytest
from django.db import connection
from django.test import Client
from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

from sprechzeit.access.actor import Actor
from sprechzeit.core.acting import acting
from sprechzeit.practice.actions.grants import revoke_access
from sprechzeit.practice.models import AccessGrant
from sprechzeit.scheduling.models import Appointment
from tests.support.accessible import objections
from tests.support.browser import browser, complaints_of
from tests.support.cast import BERLIN, Cast, book, monday
from tests.support.databases import Databases
from tests.support.delegates import accept, give, kern, terms
from tests.support.server import Program
from tests.walk.test_live import session_of

SOON = 2_000  # milliseconds until what one does is seen by the others
pytestmark = [pytest.mark.browser, pytest.mark.own_database, pytest.mark.req("ACC-24")]


T = TypeVar("T")


@dataclass(frozen=True)
class Served:
    """The program, who looks at it, and Kern's access to Brandt."""

    url: str
    sessions: dict[str, str]
    access: AccessGrant


@pytest.fixture
def program(cast: Cast, own_database: Databases, served: Program) -> Served:
    """Ida Keller is with Jonas at two, Nora Vogt with Berta at ten; Kern answers the phone for both."""
    book(cast.albers, "14:00", who="jonas", first_name="Ida", last_name="Keller", email="ida@example.org")
    book(cast.brandt, "10:00", first_name="Nora", last_name="Vogt", email="nora@example.org")
    user = kern()
    for house, name in ((cast.albers, "jonas"), (cast.brandt, "berta")):
        access = give(house, terms(house, name))
        accept(house, access, user)
    client = Client()
    client.force_login(user)
    sessions = {
        "kern": f"sessionid={client.cookies['sessionid'].value}",
        "jonas": session_of(cast.albers, "jonas"),
        "berta": session_of(cast.brandt, "berta"),
    }
    return Served(served.url, sessions, access)


@pytest.fixture
def chromium(program: Served) -> Iterator[Browser]:
    with sync_playwright() as playwright, browser(playwright) as chromium:
        yield chromium


@contextmanager
def opened(chromium: Browser, program: Served, name: str, path: str) -> Iterator[Page]:
    """A page as somebody sees it, in English; what the browser complains about fails the test."""
    context = chromium.new_context(viewport={"width": 1400, "height": 1200}, reduced_motion="reduce", locale="en-GB")
    key, value = program.sessions[name].split("=", 1)
    context.add_cookies([{"name": key, "value": value, "url": program.url}])
    page = context.new_page()
    complaints = complaints_of(page)
    with page.expect_response(lambda answer: "hx-request" in answer.request.headers):
        page.goto(f"{program.url}{path}?day={monday():%Y-%m-%d}")
    try:
        yield page
        assert complaints == []
    finally:
        context.close()


def aside(work: Callable[[], T]) -> T:
    """Done beside the browser, whose loop lets nobody ask the database."""

    def done() -> T:
        try:
            return work()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(done).result()


def appointments(actor: Actor) -> list[str]:
    """Who is when in a practice, but for what was cancelled."""
    with acting(actor):
        found = Appointment.objects.filter(practice_id=actor.practice_id, cancellation=None).order_by("starts_at")
        return [f"{one.patient.last_name} {one.starts_at.astimezone(BERLIN):%H:%M}" for one in found]


def revoke(actor: Actor, access: AccessGrant) -> None:
    with acting(actor):
        revoke_access(actor, access.pk)


def enter(page: Page, column: Locator) -> None:
    """A click in free time, a new patient, and the form is sent."""
    column.click(position={"x": 60, "y": column.evaluate("one => one.offsetHeight") * 2 / 13})
    form = page.locator("#new")
    expect(form).to_contain_text("Jonas Petersen")
    form.locator('[name="q"]').fill("Lang, Olga")
    form.locator('[name="new_patient"]').first.click()
    expect(form.locator('[name="first_name"]')).to_have_value("Olga")
    form.get_by_role("button", name="Enter appointment").click()


def test_who_works_for_both_enters_and_moves_in_each_and_each_sees_its_own(
    cast: Cast, program: Served, chromium: Browser
) -> None:
    """Kern moves Nora Vogt at Brandt's and enters Olga Lang at Albers'; then Brandt takes the access back."""
    with (
        opened(chromium, program, "jonas", "/") as jonas,
        opened(chromium, program, "berta", "/") as berta,
        opened(chromium, program, "kern", "/beside/") as page,
    ):
        assert objections(page) == []
        column = page.locator(f"#column-{cast.albers.calendars['jonas'].id}")
        nora = page.locator("a.entry", has_text="Vogt")
        nora.click()
        expect(page.locator("#details-title")).to_have_text("Vogt, Nora")
        page.keyboard.press("Escape")
        nora.focus()
        for key in (*["Alt+ArrowDown"] * 6, "Alt+ArrowLeft", "Alt+ArrowRight"):
            page.keyboard.press(key)
        expect(page.locator("#toasts")).to_contain_text("Vogt, Nora moved to")
        expect(berta.locator("a.entry", has_text="Vogt")).to_contain_text("10:30", timeout=SOON)

        enter(page, column)
        expect(column.locator("a.entry", has_text="Lang")).to_be_visible()
        expect(jonas.locator("a.entry", has_text="Lang")).to_be_visible(timeout=SOON)
        assert aside(lambda: appointments(cast.brandt.system)) == ["Vogt 10:30"]
        assert aside(lambda: appointments(cast.albers.system)) == ["Lang 09:00", "Keller 14:00"]
        aside(lambda: revoke(cast.brandt.actor("berta"), program.access))
        expect(page.locator(".column")).to_have_count(1, timeout=5_000)
        expect(column).to_be_visible()
        expect(page.get_by_text("Praxis Brandt")).to_have_count(0)
