"""Two browsers with cameras that are none: they show a moving picture and beep."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, Page, Playwright

from tests.support.browser import CHROMIUM, FLAGS, wait_until

FAKE = [
    "--use-fake-device-for-media-stream=fps=10",
    "--use-fake-ui-for-media-stream",
    # What is asked to be shared is the page that carries this in its title: there is no screen.
    "--auto-select-tab-capture-source-by-title=Videosprechstunde",
    "--autoplay-policy=no-user-gesture-required",
]
# How many pictures a side has decoded, and how loud what it hears is.
SEEN = """async (which) => {
  const video = document.querySelector(which);
  return video && video.srcObject ? video.getVideoPlaybackQuality().totalVideoFrames : 0;
}"""


@contextmanager
def calling_browser(playwright: Playwright) -> Iterator[Browser]:
    """A browser without a window that has a camera and a microphone."""
    chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS, *FAKE])
    try:
        yield chromium
    finally:
        chromium.close()


def frames(page: Page, which: str) -> int:
    """How many pictures a video of the page has shown."""
    return int(page.evaluate(SEEN, which))


def sees(page: Page, which: str = "[data-other]", *, more: int = 3, seconds: float = 20) -> None:
    """Until new pictures have come and were decoded."""
    begun = frames(page, which)
    wait_until(
        page, f"document.querySelector('{which}').getVideoPlaybackQuality().totalVideoFrames >= {begun + more}", seconds
    )


def connection_of(page: Page) -> dict[str, Any]:
    """By which way the two are connected: types of the chosen pair's candidates."""
    found: dict[str, Any] = page.evaluate(
        """async () => {
          const found = {};
          const all = new Map();
          (await window.testConnection().getStats()).forEach((one) => all.set(one.id, one));
          for (const one of all.values()) {
            if (one.type === "transport" && one.selectedCandidatePairId) {
              const pair = all.get(one.selectedCandidatePairId);
              found.local = all.get(pair.localCandidateId).candidateType;
              found.remote = all.get(pair.remoteCandidateId).candidateType;
            }
          }
          return found;
        }"""
    )
    return found


# Keeps every connection that the page makes, to ask it for its way.
KEEP_CONNECTIONS = """
  const Real = window.RTCPeerConnection;
  const made = [];
  window.RTCPeerConnection = class extends Real { constructor(...given) { super(...given); made.push(this); } };
  window.testConnection = () => made.at(-1);
  window.testConnections = () => made.length;
"""
