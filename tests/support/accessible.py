"""What axe objects to on a page, once its colours have come to rest."""

from pathlib import Path
from typing import Any

from playwright.sync_api import Page

AXE = Path(__file__).parents[1] / "ui" / "vendor" / "axe.min.js"
# Colours fade from one theme to the other; judged on the way, text is as grey as what it stands on.
OBJECTIONS = """(options) => {
  for (const one of document.getAnimations()) {
    if (one.effect.getComputedTiming().endTime !== Infinity) one.finish();
  }
  const found = axe.run({ resultTypes: ["violations"], ...options });
  return found.then((result) => result.violations.flatMap((rule) => rule.nodes.map(
    (node) => `${rule.id}: ${node.target} ${node.failureSummary}`)));
}"""


def objections(page: Page, **options: Any) -> list[str]:
    """Rule, element and reason of everything axe finds; `options` are those of `axe.run`."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text())
    found: list[str] = page.evaluate(OBJECTIONS, options)
    return found


def objections_in_both_themes(page: Page, **options: Any) -> list[str]:
    """The same in light, and in dark what colours are about: themes differ in nothing else."""
    page.emulate_media(color_scheme="light")
    found = objections(page, **options)
    page.emulate_media(color_scheme="dark")
    contrast = ["color-contrast", "color-contrast-enhanced"]
    rules = [name for name in contrast if name == "color-contrast" or name in options.get("rules", {})]
    return [*(f"light: {one}" for one in found), *(f"dark: {one}" for one in objections(page, runOnly=rules))]
