"""How the appointment book feels under a hand: frames while an entry is dragged over 20 columns × 60 appointments.

    python -m bench.drag [--rounds N]

Chromium draws 60 frames a second: 16.7 ms each. What matters is that dragging costs no more than standing still.
"""

import argparse
import os
from statistics import median, quantiles
from typing import Any

from . import ground as place

# isort: split
from playwright.sync_api import CDPSession, Page, sync_playwright

from tests.support.browser import browser

from . import book_page, report

STEPS = 240
RECORD = """() => {
  window.frames_ = [];
  let last = performance.now();
  const frame = (now) => {
    window.frames_.push(now - last);
    last = now;
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
}"""
TAKE = "() => window.frames_.splice(0)"
COUNTED = ("LayoutDuration", "RecalcStyleDuration", "ScriptDuration")


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    # The browser's loop runs in this thread, beside Django's own calls.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with place.ground() as ground:
        book = book_page.prepare(ground)
        session = book.client.cookies["sessionid"].value
        with (
            place.serving(ground.databases) as program,
            sync_playwright() as playwright,
            browser(playwright) as chromium,
        ):
            page = chromium.new_page(viewport={"width": 1400, "height": 900})
            page.context.add_cookies([{"name": "sessionid", "value": session, "url": program.url}])
            # The page looks once more when its stream begins.
            with page.expect_response(lambda answer: "hx-request" in answer.request.headers):
                page.goto(f"{program.url}/?day={book.day}")
            page.wait_for_timeout(2_000)
            page.evaluate(RECORD)
            report.title(f"Dragging over {page.locator('a.entry').count()} entries")
            rows = [row for _ in range(options.rounds) for row in measure(page)]
    report.table(["ms", "frames", "median", "95 %", "longest", "layout", "style", "script"], rows)


def measure(page: Page) -> list[list[str | float]]:
    """Frames while nothing happens, then while a hand drags; the work is per frame."""
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable")
    grasped = page.locator("a.entry[data-place]").nth(20)
    grasped.scroll_into_view_if_needed()
    box = grasped.bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.evaluate(TAKE)
    page.wait_for_timeout(2_000)
    idle = page.evaluate(TAKE)
    before = work(session)
    page.mouse.move(x, y)
    page.mouse.down()
    for step in range(STEPS):
        page.mouse.move(x + step * 3 % 600, y + step * 5 % 300)
    after = work(session)
    dragged = page.evaluate(TAKE)
    assert page.locator(".ghost").count() == 1
    page.keyboard.press("Escape")
    page.mouse.up()
    spent = [(after[name] - before[name]) * 1_000 / len(dragged) for name in COUNTED]
    return [["standing still", *summary(idle), "", "", ""], ["dragging", *summary(dragged), *spent]]


def work(session: CDPSession) -> dict[str, float]:
    """What the page has spent so far, in seconds."""
    metrics: list[dict[str, Any]] = session.send("Performance.getMetrics")["metrics"]
    return {one["name"]: one["value"] for one in metrics}


def summary(frames: list[float]) -> list[float]:
    """How many, the median, what 19 of 20 stay below, the longest."""
    return [len(frames), median(frames), quantiles(frames, n=20)[-1], max(frames)]


if __name__ == "__main__":
    main()
