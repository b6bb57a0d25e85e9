"""Sharing in a real browser: selecting with the keyboard, the context menu, the dialog; axe has no objection."""

import re
from collections.abc import Iterator

import psycopg
import pytest
from playwright.sync_api import Page, expect, sync_playwright

from sprechzeit.core.acting import acting
from sprechzeit.patients.actions import NewPatient, add_patient
from tests.support.accessible import objections
from tests.support.browser import browser, complaints_of
from tests.support.cast import Cast
from tests.support.databases import Databases
from tests.support.server import Program
from tests.walk.test_live import session_of

pytestmark = [pytest.mark.browser, pytest.mark.own_database, pytest.mark.req("ACC-4", "ACC-5")]

NAMES = ("Adam", "Bauer", "Cramer", "Dahl", "Ebert", "Falk")


@pytest.fixture
def page(cast: Cast, own_database: Databases, served: Program) -> Iterator[Page]:
    """Jonas' browser; his list has six records."""
    house = cast.albers
    with acting(house.system):
        for name in NAMES:
            add_patient(house.system, NewPatient("Paula", name), belongs_to=house.members["jonas"].pk)
    key, value = session_of(house, "jonas").split("=", 1)
    with sync_playwright() as playwright, browser(playwright) as chromium:
        context = chromium.new_context(locale="en-GB", viewport={"width": 1400, "height": 900}, base_url=served.url)
        context.add_cookies([{"name": key, "value": value, "url": served.url}])
        yield context.new_page()


def shared(databases: Databases) -> set[tuple[str, str]]:
    """Last names of records, and the members with whom each is shared, or 'everyone'."""
    with psycopg.connect(databases.url("superuser")) as superuser:
        return set(
            superuser.execute(
                "SELECT patient.last_name, coalesce(member.name, 'everyone') FROM patients_share share "
                "JOIN patients_patient patient ON patient.id = share.patient_id "
                "LEFT JOIN practice_member member ON member.id = share.member_id"
            ).fetchall()
        )


def test_keyboard_menu_dialog(page: Page, own_database: Databases) -> None:
    complaints = complaints_of(page)
    page.goto("/patients/")
    box = {name: page.get_by_role("checkbox", name=f"Select {name}, Paula") for name in NAMES}
    dialog, menu = page.get_by_role("dialog"), page.get_by_role("menu")
    assert objections(page) == []

    # Space and Shift+arrow select, as in any list; Shift+F10 opens the menu, Enter the dialog.
    box["Adam"].focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Shift+ArrowDown")
    page.keyboard.press("Shift+ArrowDown")
    expect(page.get_by_text("3 selected")).to_be_visible()
    page.keyboard.press("Shift+F10")
    expect(menu.get_by_role("menuitem")).to_be_focused()
    page.keyboard.press("Enter")
    expect(dialog.get_by_role("heading")).to_have_text("Data sharing for 3 patients")
    expect(dialog).to_contain_text("Bauer, Paula · Cramer, Paula · Dahl, Paula")
    assert objections(page) == []
    dialog.get_by_role("checkbox", name="Jana Albrecht").check()
    dialog.get_by_role("button", name="Share for good").click()
    expect(dialog.get_by_role("alert")).to_have_text("Please confirm that you know that this is final.")
    expect(dialog.get_by_role("checkbox", name="Jana Albrecht")).to_be_checked()
    assert shared(own_database) == set()
    page.keyboard.press("Escape")
    expect(box["Dahl"]).to_be_focused()

    # While somebody types, the list follows; what it shows can be selected as before (PAT-2).
    find = page.get_by_role("searchbox", name="Search the list of patients")
    find.press_sequentially("Flak", delay=20)
    expect(page.get_by_role("status").filter(has_text="No hit, but similar names")).to_be_visible()
    expect(box["Adam"]).to_have_count(0)
    expect(find).to_be_focused()
    expect(page).to_have_url(re.compile(r"\?q=Flak$"))

    # A right click on another record means that one.
    page.get_by_role("row", name="Falk, Paula").click(button="right")
    menu.get_by_role("menuitem").click()
    expect(dialog.get_by_role("heading")).to_have_text("Data sharing for 1 patient")
    dialog.get_by_role("checkbox", name="Jana Albrecht").check()
    dialog.get_by_role("checkbox", name="I know that this is final").check()
    dialog.get_by_role("button", name="Share for good").click()
    expect(page.get_by_role("status").get_by_text("1 patient is shared now with: Jana Albrecht.")).to_be_visible()
    assert shared(own_database) == {("Falk", "Jana Albrecht")}

    page.get_by_role("link", name="Show all").click()

    # All of them, with everyone, on a phone and without the keyboard.
    page.set_viewport_size({"width": 390, "height": 844})
    box["Adam"].check()
    box["Bauer"].check()
    assert objections(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_role("group", name="Selected patients").get_by_role("button", name="Data sharing").click()
    dialog.get_by_role("radio", name="Everyone").check()
    expect(dialog.get_by_role("checkbox", name="Jana Albrecht")).to_be_hidden()
    dialog.get_by_role("checkbox", name="I know that this is final").check()
    assert objections(page) == []
    dialog.get_by_role("button", name="Share for good").click()
    expect(page.get_by_role("row", name="Adam, Paula")).to_contain_text("Everyone")
    assert shared(own_database) == {("Falk", "Jana Albrecht"), ("Adam", "everyone"), ("Bauer", "everyone")}

    # Ctrl+A and Escape.
    page.set_viewport_size({"width": 1400, "height": 900})
    box["Adam"].focus()
    page.keyboard.press("Control+a")
    expect(page.get_by_text("6 selected")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_text("6 selected")).to_have_count(0)
    assert [one for one in complaints if "422" not in one] == []
