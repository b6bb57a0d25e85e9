"""The appointment book in a real browser, by mouse, keyboard and finger (CAL-13, CAL-14, CAL-16)."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

from sprechzeit.core.acting import acting
from sprechzeit.scheduling.models import Appointment, Occupancy
from tests.support.accessible import objections
from tests.support.browser import browser, complaints_of, wait_until
from tests.support.cast import BERLIN, Cast, at, book, monday
from tests.support.databases import Databases
from tests.support.server import Program
from tests.walk.test_live import session_of

MIRIAM, JONAS = "Miriam Albers", "Jonas Petersen"
# What the browser itself says of an answer that refuses, or that never came.
REFUSED = ("status of 409", "status of 422", "ERR_FAILED")

pytestmark = [pytest.mark.browser, pytest.mark.own_database]


@dataclass(frozen=True)
class House:
    """The program on Albers' data, and the sessions of two who work there, by name."""

    url: str
    sessions: dict[str, str]


@pytest.fixture
def house(cast: Cast, own_database: Databases, served: Program) -> House:
    """Paula Sommer is with Miriam at nine, Ida Keller with Jonas at two; Olga Lang with Miriam today at noon.

    All before the browser starts its loop.
    """
    book(cast.albers, "09:00", who="miriam")
    book(cast.albers, "14:00", who="jonas", first_name="Ida", last_name="Keller", email="ida@example.org")
    olga = book(cast.albers, "11:00", who="miriam", first_name="Olga", last_name="Lang", email="olga@example.org")
    noon = at("12:00", timezone.now().astimezone(BERLIN).date())
    with acting(cast.albers.system):
        Occupancy.objects.filter(pk=olga.occupancy_id).update(starts_at=noon, ends_at=noon + timedelta(minutes=60))
        Appointment.objects.filter(pk=olga.pk).update(starts_at=noon, ends_at=noon + timedelta(minutes=50))
    sessions = {name: session_of(cast.albers, name) for name in ("jana", "miriam")}
    return House(served.url, sessions)


@pytest.fixture
def chromium(house: House) -> Iterator[Browser]:
    with sync_playwright() as playwright, browser(playwright) as chromium:
        yield chromium


@contextmanager
def open_book(chromium: Browser, house: House, name: str = "jana", **window: Any) -> Iterator[Page]:
    """The book of next Monday in English; what the browser complains about fails the test."""
    context = chromium.new_context(
        **{"viewport": {"width": 1400, "height": 1400}, "reduced_motion": "reduce", "locale": "en-GB"} | window
    )
    key, value = house.sessions[name].split("=", 1)
    context.add_cookies([{"name": key, "value": value, "url": house.url}])
    page = context.new_page()
    complaints = complaints_of(page)
    # The page looks once more when its stream begins.
    with page.expect_response(lambda answer: "hx-request" in answer.request.headers):
        page.goto(f"{house.url}/?day={monday():%Y-%m-%d}")
    try:
        yield page
        assert [one for one in complaints if not any(known in one for known in REFUSED)] == []
    finally:
        context.close()


def column(page: Page, name: str) -> Locator:
    return page.get_by_role("region", name=name, exact=True).and_(page.locator(".column"))


def entry(page: Page, name: str, text: str) -> Locator:
    return column(page, name).locator("a.entry", has_text=text)


def point(page: Page, name: str, clock: str) -> tuple[float, float]:
    """Where a time of a column is on the screen, a little below its line."""
    x, y = page.evaluate(
        """([name, minutes]) => {
             const book = document.querySelector(".book");
             const column = [...book.querySelectorAll(".column")].find((one) => one.ariaLabel === name);
             const unit = parseFloat(getComputedStyle(book).getPropertyValue("--u"));
             const offset = ((minutes - 60 * parseInt(column.dataset.hours)) / 5) * unit + 2;
             const { left, right, top } = column.getBoundingClientRect();
             return [(left + right) / 2, top + offset];
           }""",
        [name, minutes(clock)],
    )
    return x, y


def minutes(clock: str) -> int:
    hour, minute = clock.split(":")
    return int(hour) * 60 + int(minute)


def drag(page: Page, grasped: tuple[float, float], to: tuple[float, float]) -> None:
    """With a mouse, in several steps, as a hand does."""
    page.mouse.move(*grasped)
    page.mouse.down()
    page.mouse.move(grasped[0] + 10, grasped[1] + 10)
    page.mouse.move(*to, steps=8)
    expect(page.locator(".ghost")).to_be_visible()
    page.mouse.up()


@pytest.mark.req("CAL-7", "CAL-13", "CAL-14")
def test_a_click_or_enter_in_free_time_creates_and_other_books_show_it(house: House, chromium: Browser) -> None:
    """The draft stands in the book meanwhile; what is missing is said; a colleague sees it without reload."""
    with open_book(chromium, house) as page, open_book(chromium, house, "miriam") as other:
        page.mouse.click(*point(page, JONAS, "10:03"))
        dialog = page.locator("#new")
        expect(page.locator("#patient-search")).to_be_focused()
        expect(page.locator(".draft")).to_contain_text("10:00")
        page.keyboard.type("keller")
        expect(dialog.locator(".hits [role=option]").first).to_contain_text("Keller")
        assert objections(page) == []
        page.keyboard.press("Enter")
        expect(dialog.locator(".picked")).to_contain_text("Keller")
        assert objections(page) == []
        page.keyboard.press("Enter")
        expect(dialog).to_be_hidden()
        expect(entry(other, JONAS, "10:00–10:50")).to_be_visible(timeout=2_000)
        expect(entry(page, JONAS, "10:00–10:50")).to_be_visible()
        expect(page.locator(".draft")).to_have_count(0)

        # By keyboard: a cursor in free time, and a new patient.
        page.locator(".book").focus()
        page.keyboard.press("Enter")
        cursor = page.locator(".cursor")
        expect(cursor).to_be_focused()
        while "11:00, Jonas" not in (cursor.get_attribute("aria-label") or ""):
            later = (cursor.get_attribute("aria-label") or "") < "11:00"
            page.keyboard.press("ArrowDown" if later else "ArrowRight")
        page.keyboard.press("Enter")
        expect(page.locator("#patient-search")).to_be_focused()
        page.keyboard.type("Neumann")
        expect(dialog.locator(".hits [role=option]").last).to_contain_text("Neumann")
        page.keyboard.press("Control+Enter")
        expect(dialog.get_by_label("Last name")).to_have_value("Neumann")
        page.keyboard.press("Enter")
        expect(dialog.get_by_role("alert")).to_be_visible()
        dialog.get_by_label("First name").fill("Nora")
        page.keyboard.press("Enter")
        expect(entry(other, JONAS, "Neumann")).to_contain_text("11:00–11:50", timeout=2_000)
        expect(entry(page, JONAS, "Neumann")).to_be_focused()

        # Escape gives the draft up, and the focus back.
        page.mouse.click(*point(page, JONAS, "15:00"))
        expect(dialog).to_be_visible()
        page.keyboard.press("Escape")
        expect(dialog).to_be_hidden()
        expect(page.locator(".draft")).to_have_count(0)
        expect(page.locator(".book")).to_be_focused()


@pytest.mark.req("CAL-13", "CAL-16")
def test_an_entry_is_dragged_to_another_time_and_calendar_and_back_by_undo(house: House, chromium: Browser) -> None:
    """What is refused goes back with the reason; what is accepted is undone from the toast."""
    with open_book(chromium, house) as page:
        paula = entry(page, MIRIAM, "Paula")
        expect(paula).to_contain_text("09:00–09:50")
        drag(page, point(page, MIRIAM, "09:10"), point(page, JONAS, "10:25"))
        moved = entry(page, JONAS, "Paula")
        expect(moved).to_contain_text("10:15–11:05")
        expect(paula).to_have_count(0)

        page.locator("#toasts").get_by_role("button", name="Undo").click()
        expect(paula).to_contain_text("09:00–09:50")
        expect(moved).to_have_count(0)

        # Over Ida Keller's time: it goes back, and the reason stands beside it.
        drag(page, point(page, MIRIAM, "09:10"), point(page, JONAS, "14:20"))
        reason = page.locator("#refusal").get_by_role("alert")
        expect(reason).to_be_visible()
        expect(paula).to_contain_text("09:00–09:50")
        expect(moved).to_have_count(0)
        expect(page.locator("#toasts .toast")).to_have_count(0)  # What was done before is not said beside it.
        assert objections(page) == []
        page.keyboard.press("Escape")
        expect(page.locator("#refusal")).to_be_hidden()
        expect(paula).to_be_focused()

        # Escape lets go in the middle of a drag.
        page.mouse.move(*point(page, MIRIAM, "09:10"))
        page.mouse.down()
        page.mouse.move(*point(page, MIRIAM, "11:10"), steps=4)
        page.keyboard.press("Escape")
        page.mouse.up()
        expect(page.locator(".ghost")).to_have_count(0)
        expect(paula).to_contain_text("09:00–09:50")

        # Its lower edge makes it longer.
        (x, y), (_, lower) = point(page, MIRIAM, "09:50"), point(page, MIRIAM, "10:15")
        drag(page, (x, y - 6), (x, lower - 6))
        expect(paula).to_contain_text("09:00–10:15")

        # Details that are open follow what an undo makes of it.
        paula.click()
        expect(page.locator("#details .details-list")).to_contain_text("09:00–10:15")
        page.keyboard.press("Control+z")
        expect(page.locator("#details .details-list")).to_contain_text("09:00–09:50")
        page.keyboard.press("Escape")

        # A short one is taken hold of and moved near its lower edge too.
        (x, y), (_, upper) = point(page, MIRIAM, "09:50"), point(page, MIRIAM, "09:10")
        drag(page, (x, y - 6), (x, upper - 6))
        expect(paula).to_have_attribute("data-minutes", "10")
        (x, y), (_, lower) = point(page, MIRIAM, "09:00"), point(page, MIRIAM, "11:00")
        drag(page, (x, y + 7), (x, lower + 7))
        expect(paula).to_have_attribute("data-start", f"{monday():%Y-%m-%d}T11:00")
        expect(paula).to_have_attribute("data-minutes", "10")

        # Without the server nothing moves.
        page.route("**/place/", lambda route: route.abort())
        drag(page, point(page, MIRIAM, "11:00"), point(page, MIRIAM, "10:00"))
        expect(page.locator("#toasts")).to_contain_text("No connection")
        expect(paula).to_contain_text("11:00")
        page.unroute("**/place/")


@pytest.mark.req("CAL-13", "CAL-16")
def test_the_book_is_worked_by_keyboard(house: House, chromium: Browser) -> None:
    """Alt+arrows move, Shift+Alt+arrows stretch, each said; Ctrl+Z takes back; Delete asks before it cancels."""
    with open_book(chromium, house) as page:
        said = page.locator("#announcements")
        paula = entry(page, MIRIAM, "Paula")
        paula.focus()
        for _ in range(2):
            page.keyboard.press("Alt+ArrowDown")
        expect(said).to_contain_text("09:10 to 10:00, Miriam Albers")
        expect(paula).to_contain_text("09:10–10:00")
        expect(paula).to_be_focused()

        page.keyboard.press("Shift+Alt+ArrowDown")
        expect(said).to_contain_text("09:10 to 10:05")
        expect(paula).to_contain_text("09:10–10:05")

        with page.expect_response("**/place/"):
            page.keyboard.press("Alt+ArrowRight")
            expect(said).to_contain_text("Jonas Petersen")
        elsewhere = entry(page, JONAS, "Paula")
        expect(elsewhere).to_contain_text("09:10–10:05")
        expect(page.locator("#toasts").get_by_role("button", name="Undo")).to_be_visible()
        page.keyboard.press("Control+z")
        expect(paula).to_contain_text("09:10–10:05")
        expect(elsewhere).to_have_count(0)

        paula.focus()
        page.keyboard.press("Delete")
        expect(page.get_by_role("button", name="Cancel this appointment")).to_be_visible()
        page.keyboard.press("Escape")
        expect(paula).to_be_focused()
        page.keyboard.press("Enter")
        expect(page.locator("#details")).to_be_visible()
        expect(page.get_by_role("button", name="Arrived")).to_have_count(0)
        page.keyboard.press("Escape")
        page.keyboard.press("?")
        expect(page.locator("#explain")).to_contain_text("As if this appointment were not there.")
        page.keyboard.press("Escape")
        expect(paula).to_be_focused()

        page.goto(f"{house.url}/?day={timezone.now().astimezone(BERLIN):%Y-%m-%d}")
        olga = entry(page, MIRIAM, "Olga")
        olga.focus()
        page.keyboard.press("Enter")
        expect(page.get_by_role("button", name="Arrived")).to_be_visible()
        page.keyboard.press("i")
        expect(olga).to_have_class(re.compile(r"\barrived\b"))


@pytest.mark.req("CAL-13")
def test_a_finger_scrolls_and_after_a_long_press_moves_and_stretches(house: House, chromium: Browser) -> None:
    phone: dict[str, Any] = {"viewport": {"width": 390, "height": 1100}, "has_touch": True, "is_mobile": True}
    with open_book(chromium, house, **phone) as page:
        session = page.context.new_cdp_session(page)

        def touch(kind: str, *at: float) -> None:
            points = [{"x": at[0], "y": at[1]}] if at else []
            session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

        def stroke(grasped: tuple[float, float], to: tuple[float, float], *, hold: bool) -> None:
            touch("touchStart", *grasped)
            if hold:
                expect(page.locator(".ghost")).to_be_visible()
            for step in range(1, 9):
                share = step / 8
                touch("touchMove", *(begin + (end - begin) * share for begin, end in zip(grasped, to, strict=True)))
                page.wait_for_timeout(20)
            page.wait_for_timeout(200)  # The finger rests before it lets go, so that nothing goes on gliding.
            touch("touchEnd")

        paula = entry(page, MIRIAM, "Paula")
        x, y = point(page, MIRIAM, "09:20")
        before = page.locator(".book").evaluate("(book) => book.scrollTop")
        stroke((x, y), (x, y - 150), hold=False)
        wait_until(page, f"document.querySelector('.book').scrollTop > {before} + 50")
        expect(paula).to_contain_text("09:00–09:50")

        page.locator(".book").evaluate("(book) => (book.scrollTop = 0)")
        wait_until(page, "document.querySelector('.book').scrollTop === 0")
        stroke(point(page, MIRIAM, "09:20"), point(page, MIRIAM, "10:35"), hold=True)
        expect(paula).to_contain_text("10:15–11:05")

        touch("touchStart", *point(page, MIRIAM, "10:35"))
        expect(page.locator(".ghost")).to_be_visible()
        touch("touchEnd")
        grip = page.locator(".grip.end")
        expect(grip).to_be_visible()
        # In one go: a column fetched anew brings new grips at the same place.
        box = page.evaluate("() => document.querySelector('.grip.end').getBoundingClientRect().toJSON()")
        assert box["height"] >= 44 and box["width"] >= 44
        centre = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        unit = page.locator(".book").evaluate("(book) => parseFloat(getComputedStyle(book).getPropertyValue('--u'))")
        stroke(centre, (centre[0], centre[1] + 3 * unit), hold=False)
        expect(paula).to_contain_text("10:15–11:20")
