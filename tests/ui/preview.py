"""Pictures of every page: `python -m tests.ui.preview FOLDER [PAGE…]`. For looking, not a test."""

import os
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

SIZES = {"desktop": (1400, 900, 1), "mobile": (390, 844, 2)}


def main(folder: Path, wanted: list[str]) -> None:
    """Photograph the wanted pages (or all) in both themes and sizes."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sprechzeit.config.settings")
    from django.conf import settings

    settings.ROOT_URLCONF = "tests.ui.urls"
    settings.STORAGES = {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    django.setup()
    from tests.ui.pages import PAGES
    from tests.ui.server import browser, serving

    folder.mkdir(parents=True, exist_ok=True)
    with serving() as server, sync_playwright() as playwright, browser(playwright) as chromium:
        for size, (width, height, scale) in SIZES.items():
            for theme in ("light", "dark"):
                page = chromium.new_page(
                    viewport={"width": width, "height": height}, device_scale_factor=scale, color_scheme=theme
                )
                for name in wanted or PAGES:
                    page.goto(f"{server.url}/{name}")
                    page.evaluate("document.fonts.ready")
                    page.screenshot(path=folder / f"{name}-{size}-{theme}.png")
                page.close()
                server.events.put(None)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
