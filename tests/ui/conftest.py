"""Pages without rooms behind them: stub addresses, static files unhashed."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright
from pytest_django.fixtures import Settings

from tests.ui.server import PageServer, browser, serving


@pytest.fixture(autouse=True)
def stub_addresses(settings: Settings) -> None:
    """Names of addresses as in the product; files by their plain names."""
    settings.ROOT_URLCONF = "tests.ui.urls"
    settings.STORAGES = {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """One browser for the tests of a file."""
    with sync_playwright() as playwright, browser(playwright) as started:
        yield started


@pytest.fixture
def server() -> Iterator[PageServer]:
    """The pages, served on loopback."""
    with serving() as started:
        yield started
