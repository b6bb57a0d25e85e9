"""Contrast of the design tokens, computed: text at least 7:1 on everything that it stands on, in both themes."""

import re
from itertools import product
from pathlib import Path

import pytest

import sprechzeit.ui

SHEETS = Path(sprechzeit.ui.__file__).parent / "static" / "ui"
THEMES = ("light", "dark")
TEXT_AT_LEAST = 7
BAR_AT_LEAST = {"light": 4.5, "dark": 3}

GROUNDS = ("ground", "surface", "surface-2")
SOFT = ("brand-soft", "ok-soft", "warn-soft", "error-soft")
BOOK = ("off", "busy", "busy-stripe", "holiday")
"""What text stands on where the style sheet sets the two apart: a page, a note in it, a background of the book."""
APART = {
    *product(("text", "text-2"), GROUNDS + SOFT + BOOK),
    *product(("brand", "error"), GROUNDS),
    *product(("ok", "warn"), ("ground", "surface")),
    ("busy-ink", "busy"),
    ("busy-ink", "busy-stripe"),
    ("ground", "text"),  # a toast
}

Colour = tuple[float, float, float]


def rgb(text: str) -> Colour:
    return tuple(int(text[at : at + 2], 16) / 255 for at in (1, 3, 5))  # type: ignore[return-value]


def colours(text: str, theme: str) -> dict[str, Colour]:
    """The tokens of a piece of style sheet that are a colour for each theme."""
    found = re.findall(r"--([\w-]+): light-dark\((#\w{6}), (#\w{6})\)", text)
    return {name: rgb(both[THEMES.index(theme)]) for name, *both in found}


def sheet() -> str:
    return (SHEETS / "tokens.css").read_text()


def tokens(theme: str) -> dict[str, Colour]:
    return colours(sheet().split(".colour1")[0], theme)


def luminance(colour: Colour) -> float:
    """Relative luminance as WCAG 2.2 defines it."""
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in colour]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: Colour, other: Colour) -> float:
    dark, bright = sorted((luminance(one), luminance(other)))
    return (bright + 0.05) / (dark + 0.05)


def mixed(one: Colour, share: float, other: Colour) -> Colour:
    return tuple(a * share + b * (1 - share) for a, b in zip(one, other, strict=True))  # type: ignore[return-value]


def set_together() -> set[tuple[str, str]]:
    """Pairs of text and background that one rule of any style sheet names."""
    pairs = set()
    for path in SHEETS.glob("*.css"):
        for rule in re.findall(r"\{([^{}]*)\}", path.read_text()):
            ink = re.search(r"(?<![\w-])color: var\(--([\w-]+)\)", rule)
            ground = re.search(r"(?<![\w-])background(?:-color)?: var\(--([\w-]+)\)", rule)
            if ink and ground:
                pairs.add((ink[1], ground[1]))
    return pairs


def test_contrast_is_computed_as_the_standard_says() -> None:
    assert contrast(rgb("#000000"), rgb("#ffffff")) == pytest.approx(21)
    assert contrast(rgb("#767676"), rgb("#ffffff")) == pytest.approx(4.54, abs=0.01)


@pytest.mark.req("STD-5")
@pytest.mark.parametrize("theme", THEMES)
def test_text_stands_out_from_what_it_stands_on(theme: str) -> None:
    known = tokens(theme)
    pairs = {(ink, ground) for ink, ground in APART | set_together() if ink in known and ground in known}
    assert len(pairs) > len(APART)  # The rules were found.
    weak = {
        f"{ink} on {ground}": round(ratio, 2)
        for ink, ground in pairs
        if (ratio := contrast(known[ink], known[ground])) < TEXT_AT_LEAST
    }
    assert weak == {}


@pytest.mark.req("STD-5")
@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("number", range(1, 9))
def test_a_calendar_colour_bears_its_text(theme: str, number: int) -> None:
    """On its full fill; paler when completed, and behind a booking window, inside and outside working hours."""
    block = sheet().split(f".colour{number} {{")[1].split("}")[0]
    own, known = colours(block, theme), tokens(theme)
    grounds = [own["fill"], mixed(own["fill"], 0.55, known["surface"])]
    grounds += [mixed(own["fill"], 0.45, known[name]) for name in ("surface", "off")]
    assert min(contrast(own["ink"], ground) for ground in grounds) >= TEXT_AT_LEAST
    assert contrast(own["bar"], known["surface"]) >= BAR_AT_LEAST[theme]
