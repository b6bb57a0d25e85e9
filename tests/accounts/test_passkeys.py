"""Passkeys in a real browser, with an authenticator that Chromium plays (ACC-9)."""

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, sync_playwright

from tests.support.browser import browser, complaints_of
from tests.support.cast import PASSWORD, Cast, may_sign_in
from tests.support.databases import Databases
from tests.support.server import Program

pytestmark = [pytest.mark.own_database, pytest.mark.req("ACC-9")]
JANA = "jana@albers.example.org"
AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


def type_password(page: Page, home: str) -> None:
    page.goto(f"{home}/accounts/login/")
    page.fill("[name=login]", JANA)
    page.fill("[name=password]", PASSWORD)
    page.click("form:has([name=password]) button[type=submit]")


def sign_out(page: Page, home: str) -> None:
    page.goto(f"{home}/accounts/logout/")
    page.click("main button[type=submit]")
    page.wait_for_url("**/login/**")


@pytest.mark.browser
def test_a_passkey_is_added_signs_in_alone_and_is_a_second_factor(
    cast: Cast, own_database: Databases, served: Program
) -> None:
    may_sign_in(cast.albers.user("jana"))
    with sync_playwright() as playwright:
        # Passkeys are for names, not for numbers.
        home = f"http://localhost:{urlsplit(served.url).port}"
        with browser(playwright) as chromium:
            page = chromium.new_page()
            devtools = page.context.new_cdp_session(page)
            devtools.send("WebAuthn.enable")
            devtools.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
            complaints = complaints_of(page)
            type_password(page, home)
            page.goto(f"{home}/accounts/passkeys/new/")
            page.fill("[name=name]", "Empfang")
            page.click("form[data-passkey] button")
            page.wait_for_url("**/recovery-codes/")
            page.click("form[action$='/recovery-codes/'] button")
            assert page.locator(".codes li").count() == 10
            page.goto(f"{home}/accounts/security/")
            assert "Empfang" in page.inner_text("main")

            sign_out(page, home)
            page.click("form[data-passkey] button")
            page.wait_for_url(f"{home}/")
            assert page.locator("#account-menu").count() == 1

            sign_out(page, home)
            type_password(page, home)
            page.wait_for_url("**/second-factor/")
            page.click("form[data-passkey] button")
            page.wait_for_url(f"{home}/")
            assert complaints == []
