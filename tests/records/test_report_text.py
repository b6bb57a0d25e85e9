"""The text of a report: placeholders, and values that are never taken for markup (DOC-4)."""

from collections.abc import Sequence

import pytest

from sprechzeit.records.report_text import (
    PLACEHOLDERS,
    Block,
    Table,
    as_data,
    blocks_of,
    filled,
    letter_of,
    unknown_placeholders,
)

pytestmark = pytest.mark.req("DOC-4")
# What a name, a street or an insurer may be, be it by somebody who wants to see what happens.
VALUES = (
    "{practice.name}", "# x", "*bold*", "**b**", "_u_", "a_b_c", "a\\b", "\\", "\\*a*", "`c`", "~~x~~", "$x^2$",
    '#eval("1")', '#read("/etc/passwd")', "<b>x</b>", "<script>", "&amp;", "[l](http://x)", "![i](x)", "https://x.de",
    "1. Wiener Gasse", "10) x", "1.", "- x", "+ x", "--", "---", "=== ", "> q", "| a | b |", ": x", "a\x07b",
    "Zoë 'O' \"Brien\"", "محمد", "Ørsted",
)  # fmt: skip
PLACES = (
    "{patient.name}", "x {patient.name} y", "**{patient.name}**", "_{patient.name}_", "- {patient.name}",
    "# {patient.name}", "> {patient.name}", "1. {patient.name}", "a\n{patient.name}\nb", "({patient.name})",
    "| a |\n|---|\n| {patient.name} |",
)  # fmt: skip


def said(blocks: Sequence[Block]) -> str:
    """All the words of it."""
    found = ""
    for one in blocks:
        found += "".join("\n" if piece.ends_line else piece.text for piece in one.pieces) + said(one.blocks)
        found += "".join(piece.text for cell in one.cells for piece in cell)
    return found


def shape(blocks: Sequence[Block]) -> list[object]:
    """What it is made of, without the words."""
    return [(one.kind, one.level, shape(one.blocks), len(one.cells)) for one in blocks]


def test_a_value_stays_what_it_is_wherever_it_stands() -> None:
    """Its words are all there, and the text is built as with any other name."""
    wrong = []
    for place in PLACES:
        usual = shape(blocks_of(filled(place, {"name": "Paula Sommer"}, {})))
        for value in VALUES:
            blocks = blocks_of(filled(place, {"name": value}, {}))
            plain = " ".join(value.replace("\x07", " ").split())
            if plain not in said(blocks) or shape(blocks) != usual:
                wrong.append((place, value, blocks))
    assert wrong == []
    # The control: not escaped, several of them would build something else.
    raw = [one for one in VALUES if shape(blocks_of(one)) != shape(blocks_of("Paula"))]
    assert len(raw) > 5


def test_both_languages_are_understood_and_what_is_unknown_is_named() -> None:
    names = [name for pair in PLACEHOLDERS.values() for name in pair]
    assert unknown_placeholders(" ".join(f"{{{name}}} {{ {name.upper()} }}" for name in names)) == []
    assert unknown_placeholders("{patient.hobby} {} \\{kept} {patient.hobby} {a b}") == ["patient.hobby", "", "a b"]
    assert filled("{patient.vorname}/{patient.first_name}", {"first_name": "Jo"}, {}) == "Jo/Jo"


def test_what_the_record_does_not_say_is_a_gap_that_is_told() -> None:
    """A title may be missing; a date of birth is asked for."""
    gaps = dict.fromkeys(PLACEHOLDERS, "Lücke") | {"date_of_birth": "Geburtsdatum"}
    text = filled("{patient.title} Paula, geboren {patient.birth_date}. {sessions.table}", {}, gaps)
    assert text == " Paula, geboren ‹Geburtsdatum›. ‹Lücke›"
    assert letter_of("", "", text).gaps == ["Geburtsdatum", "Lücke"]
    assert filled("{sessions.table}", {"sessions": Table(("a",), ())}, gaps) == "‹Lücke›"


def test_blocks_are_those_of_a_letter_and_headings_go_in_steps() -> None:
    """Who has a screen reader walks by headings: none is left out. Nothing loads or links anything."""
    text = "## A\n#### B\n# C\n\nx\ny\n\n- a\n  1. b\n\n---\n\n`code` <b>x</b> [l](http://x.de) ![i](y)\n\n    indented"
    blocks = blocks_of(text)
    assert [(one.kind, one.level) for one in blocks if one.kind == "heading"] == [
        ("heading", 1), ("heading", 2), ("heading", 1)
    ]  # fmt: skip
    assert [one.kind for one in blocks][3:] == ["paragraph", "list", "rule", "paragraph", "paragraph"]
    assert "`code` <b>x</b> [l](http://x.de) ![i](y)" in said(blocks)
    assert as_data(blocks)[3]["kind"] == "paragraph"
    assert [piece.ends_line for piece in blocks[3].pieces] == [False, True, False]


def test_depth_and_length_do_not_hang_it() -> None:
    """What nests for ever is cut, not followed."""
    for text in ("> " * 5_000 + "x", "- " * 2_000 + "x", "*" * 20_000, "|" * 20_000, "**a" * 10_000, "\\" * 9_999):
        assert blocks_of(text) is not None
