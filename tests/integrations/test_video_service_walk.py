"""The page of the video service in a real browser: by keyboard, on a phone, in the dark; axe has no objection."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect, sync_playwright

from sprechzeit.core.acting import acting
from sprechzeit.integrations.video_service.models import FormerService, Push
from sprechzeit.integrations.video_service.reaching import target_of
from tests.support.accessible import objections_in_both_themes
from tests.support.browser import browser, complaints_of
from tests.support.cast import PASSWORD, Cast, may_sign_in
from tests.support.databases import Databases
from tests.support.server import Program
from tests.support.video_service import booked, held_elsewhere

pytestmark = [pytest.mark.browser, pytest.mark.own_database, pytest.mark.req("PUSH-2", "PUSH-5")]

URL = "https://video.example"


def told(cast: Cast, clock: str, **facts: Any) -> None:
    """A change that the service was told, or not."""
    found = booked(cast.albers, clock, first_name="Ada", email=f"{clock[:2]}@example.org")
    with acting(cast.albers.system):
        Push.objects.create(
            practice=cast.albers.practice, appointment=found, number=1, kind="create", reference="r",
            calendar=cast.albers.calendars["miriam"], starts_at=found.starts_at,
            minutes=20, attempts=2, last_at=timezone.now(), **{"target": target_of("sprechzeit", URL)} | facts,
        )  # fmt: skip


@contextmanager
def opened(cast: Cast, served: Program) -> Iterator[Page]:
    """Miriam has just signed in by password, and opens the page."""
    may_sign_in(cast.albers.user("miriam"))
    email = cast.albers.user("miriam").email
    with sync_playwright() as playwright, browser(playwright) as chromium:
        context = chromium.new_context(locale="en-GB", viewport={"width": 1400, "height": 900}, base_url=served.url)
        page = context.new_page()
        page.goto("/accounts/login/")
        page.locator("input[name=login]").fill(email)
        page.locator("input[type=password]").fill(PASSWORD)
        page.locator("input[type=password]").press("Enter")
        page.wait_for_url("**/")
        complaints = complaints_of(page)
        page.goto("/settings/video-service/")
        yield page
        assert complaints == []


def test_chosen_and_switched_on_by_keyboard(cast: Cast, own_database: Databases, served: Program) -> None:
    with opened(cast, served) as page:
        expect(page.get_by_label("Address")).to_be_hidden()
        assert objections_in_both_themes(page) == []
        page.get_by_role("radio", name="At a video service: Sprechzeit").press("Space")
        page.get_by_role("checkbox", name="Switched on").press("Space")
        page.get_by_label("Address").fill(URL)
        page.get_by_label("Token").fill("vt_secret")
        page.get_by_role("radio", name="Initials").press("Space")
        expect(page.get_by_role("checkbox", name="Last name as well")).to_be_hidden()
        page.get_by_role("button", name="Save").press("Enter")
        expect(page.get_by_label("Address")).to_have_value(URL)
        expect(page.get_by_label("Token")).to_have_value("")
        expect(page.get_by_role("radio", name="Initials")).to_be_checked()


def test_what_is_wrong_on_every_screen(cast: Cast, own_database: Databases, served: Program) -> None:
    held_elsewhere(cast.albers, URL, fault="connection", fault_at=timezone.now(), writes_itself=True)
    told(cast, "09:00", state="sent", sent_at=timezone.now(), overlaps=True)
    told(cast, "10:00", error="connection", in_doubt=True, next_at=timezone.now())
    told(cast, "11:00", state="failed", error="refused", status=422)
    told(cast, "14:00", state="left_out", error="later")
    told(cast, "15:00", state="sent", sent_at=timezone.now(), target="former")
    with acting(cast.albers.system):
        FormerService.objects.create(
            practice=cast.albers.practice, target="former", kind="sprechzeit", url="https://former.example", token="t"
        )
    with opened(cast, served) as page:
        expect(page.get_by_text("No connection could be made").first).to_be_visible()
        expect(page.get_by_text("1 appointment to come still stands")).to_be_visible()
        assert objections_in_both_themes(page) == []
        page.set_viewport_size({"width": 390, "height": 844})
        page.reload()
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        assert objections_in_both_themes(page) == []
