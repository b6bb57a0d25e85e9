"""Debian's Chromium, driven by Playwright."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, ConsoleMessage, Frame, Page, Playwright

CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@contextmanager
def browser(playwright: Playwright) -> Iterator[Browser]:
    """A browser without a window."""
    chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
    try:
        yield chromium
    finally:
        chromium.close()


def complaints_of(page: Page) -> list[str]:
    """What the browser complains about from now on: broken scripts, refused styles, missing files."""
    complaints: list[str] = []

    def listen(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            complaints.append(message.text)

    page.on("console", listen)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    return complaints


def wait_until(where: Page | Frame, condition: str, seconds: float = 20) -> None:
    """Until a script's expression is true there.

    Asked again and again from here: Playwright's own waiting asks from within the page, where our content security
    policy lets no text become a script unless it is true at once.
    """
    end = time.monotonic() + seconds
    while not where.evaluate(condition):
        assert time.monotonic() < end, condition
        where.wait_for_timeout(50)
