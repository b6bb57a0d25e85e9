"""The walk through the whole house: a calendar is imported, a patient books, the mail arrives, the book shows it."""

import re
import subprocess
import sys
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import icalendar
import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from sprechzeit.operations.demo import PASSWORD, SLUG
from sprechzeit.operations.demo_people import PEOPLE
from tests.support.accessible import objections
from tests.support.browser import browser, complaints_of
from tests.support.cast import BERLIN, at, monday
from tests.support.databases import Databases
from tests.support.mailbox import Mailbox
from tests.support.server import Program, running

# Past the days on which the demo practice has appointments.
DAY = monday(3)
CALENDAR = Path(__file__).parent.parent / "scheduling/ics/practice_week.ics"

pytestmark = [pytest.mark.browser, pytest.mark.own_database]


@pytest.fixture
def program(own_database: Databases, mailbox: Mailbox) -> Iterator[Program]:
    """The program with the demo practice, and a mail server."""
    with running(own_database, SMTP_HOST="127.0.0.1", SMTP_PORT=str(mailbox.port), SMTP_STARTTLS="0") as program:
        subprocess.run([sys.executable, "-m", "django", "demo_practice"], env=program.variables, check=True)
        yield program


@pytest.fixture
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright, browser(playwright) as chromium:
        yield chromium


def import_calendar(program: Program) -> None:
    """`sprechzeit import calendar`, as a person runs it."""
    subprocess.run(
        [
            sys.executable, "-m", "sprechzeit.cli", "import", "calendar", str(CALENDAR),
            "--practice", SLUG, "--calendar", PEOPLE[0].name, "--yes",
        ],
        env=program.variables, check=True, capture_output=True,
    )  # fmt: skip


def open_book(chromium: Browser, program: Program) -> Page:
    """The appointment book of that Monday, signed in as the practice's administrator."""
    page = chromium.new_context(locale="de-DE", viewport={"width": 1400, "height": 900}).new_page()
    page.goto(f"{program.url}/?day={DAY:%Y-%m-%d}")
    page.get_by_label("E-Mail").fill(PEOPLE[0].email)
    page.get_by_label("Passwort", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Anmelden", exact=True).click()
    expect(page.locator(".book")).to_be_visible()
    return page


def open_times(chromium: Browser, program: Program) -> Page:
    """The free times of that Monday, of what one calendar alone offers, on a patient's phone."""
    page = chromium.new_context(locale="de-DE", viewport={"width": 390, "height": 844}).new_page()
    page.goto(f"{program.url}/book/{SLUG}/")
    page.get_by_role("link", name="Supervision").click()
    page.goto(f"{page.url}?day={DAY:%Y-%m-%d}")
    return page


def fill_details(page: Page) -> None:
    page.get_by_label("Vorname", exact=True).fill("Paula")
    page.get_by_label("Nachname", exact=True).fill("Sommer")
    page.get_by_label("Geburtsdatum").fill("24.03.1985")
    page.get_by_label("E-Mail").fill("paula@example.org")
    page.locator("[name=insurance][value=statutory]").check()
    page.get_by_role("checkbox").check()


def event_of(mail: EmailMessage) -> icalendar.Component:
    """The one event attached to a mail."""
    (part,) = [part for part in mail.walk() if part.get_content_type() == "text/calendar"]
    calendar = icalendar.Calendar.from_ical(str(part.get_content()))
    assert part.get_param("method") == str(calendar["method"])
    (event,) = calendar.walk("VEVENT")
    return event


@pytest.mark.req("CAL-7", "CAL-8", "CAL-9", "CAL-14", "BOO-1", "BOO-3", "BOO-6", "BOO-7", "NOT-1", "PAT-12", "STD-5")
def test_a_patient_books_between_the_imported_entries(program: Program, mailbox: Mailbox, chromium: Browser) -> None:
    import_calendar(program)
    book = open_book(chromium, program)
    complaints = complaints_of(book)
    expect(book.locator(".entry.block").filter(has_text="Teambesprechung")).to_be_visible()
    book.evaluate("window.notReloaded = true")

    # Mondays at eight is the imported team meeting; nine is the first free time.
    patient, rival = open_times(chromium, program), open_times(chromium, program)
    requested: list[str] = []
    patient.on("request", lambda request: requested.append(request.url))
    first = patient.locator("button.time").first
    expect(first).to_contain_text("09:00")
    first.click()
    expect(book.locator(".entry.hold")).to_be_visible()

    # Who goes back, loads the page again and takes another time keeps that one alone.
    for clock in ("10:00", "09:00"):
        patient.go_back()
        patient.reload()
        patient.locator("button.time", has_text=clock).first.click()
        expect(patient.locator("#details")).to_be_visible()
        expect(book.locator(".entry.hold")).to_have_count(1)
        expect(book.locator(".entry.hold")).to_contain_text(clock)

    # A second try on the taken time gets the next free ones.
    rival.locator("button.time").first.click()
    expect(rival.get_by_role("alert")).to_contain_text("gerade vergeben")
    expect(rival.locator(".time").first).to_contain_text("10:00")

    fill_details(patient)
    patient.get_by_role("button", name="Termin buchen").click()
    expect(patient.get_by_role("heading", level=1)).to_have_text("Ihr Termin ist gebucht")

    expect(book.locator(".entry.appointment")).to_contain_text("Sommer, Paula", timeout=5000)
    assert book.evaluate("window.notReloaded")

    (mail,) = mailbox.wait(1)
    event = event_of(mail)
    assert event.decoded("dtstart") == at("09:00", DAY) and event.decoded("dtend").astimezone(BERLIN) == at(
        "09:50", DAY
    )
    assert event["sequence"] == 0

    # The link: opening it changes nothing, its button cancels.
    link = re.search(r"http://\S+/appointment/\S+/", mail.get_body(("plain",)).get_content())  # type: ignore[union-attr]
    assert link is not None
    patient.goto(link[0])
    expect(patient.get_by_role("heading", level=1)).to_have_text("Ihr Termin")
    expect(book.locator(".entry.appointment")).to_be_visible()
    patient.get_by_role("link", name="Verschieben").click()
    expect(patient.locator(".time").first).to_be_visible()
    assert objections(patient) == []
    patient.goto(link[0])
    patient.locator("summary", has_text="Absagen").click()
    assert objections(patient) == []
    patient.get_by_role("button", name="Ja, jetzt absagen").click()
    expect(patient.get_by_role("status")).to_contain_text("abgesagt")

    expect(book.locator(".entry.appointment")).to_have_count(0, timeout=5000)
    cancelled = event_of(mailbox.wait(2)[1])
    assert cancelled["uid"] == event["uid"]
    assert cancelled["sequence"] == 1 and cancelled["status"] == "CANCELLED"
    assert complaints == []
    strangers = [url for url in requested if not url.startswith((program.url, "data:", "blob:"))]
    assert len(requested) > 20 and strangers == [], "the pages ask nobody else for anything"
