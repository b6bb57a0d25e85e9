"""Bytes as other programs write them: line ends, folding, encodings, files cut off."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.scheduling.ics.writing import calendar, codes, only, read

EVENT = "UID:a\nSUMMARY:{}\nDTSTART:20260302T080000Z\nDTEND:20260302T090000Z"


@pytest.mark.parametrize("end", ["\r\n", "\n", "\r"])
def test_all_line_ends(end: str) -> None:
    assert only(calendar(EVENT.format("Müller"), end=end)).title == "Müller"


@given(st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=60), st.data())
def test_a_folded_line_reads_as_if_it_were_not_folded_even_within_a_character(title: str, data: st.DataObject) -> None:
    escaped = title.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    whole = calendar(EVENT.format("MARK")).replace(b"MARK", escaped.encode())
    start, length = whole.index(b"SUMMARY:"), len(f"SUMMARY:{escaped}".encode())
    cuts = data.draw(st.sets(st.integers(start + 1, start + length), max_size=5))
    for cut in sorted(cuts, reverse=True):
        whole = whole[:cut] + data.draw(st.sampled_from([b"\r\n ", b"\n\t", b"\r "])) + whole[cut:]
    assert only(whole).title == title


def test_doubled_line_ends() -> None:
    assert (
        only(calendar(EVENT.format("MARK"), end="\r\r\n").replace(b"MARK", "Mül\r\r\n ler".encode())).title == "Müller"
    )


def test_escapes_are_undone_and_blanks_become_one() -> None:
    assert (
        only(calendar(EVENT.format(r"Müller\, Eva\; 50%\nRaum 2 C:\\neu"))).title == "Müller, Eva; 50% Raum 2 C:\\neu"
    )
    assert len(only(calendar(EVENT.format("x" * 1_000_000))).title) == 500


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_encodings_that_say_what_they_are(encoding: str) -> None:
    assert only(calendar(EVENT.format("Größe")).decode().encode(encoding)).title == "Größe"


def test_a_line_that_is_not_utf8_is_read_as_windows_writes_it_and_told() -> None:
    data = calendar(EVENT.format("Größe – €"), EVENT.format("Zoë").replace("UID:a", "UID:b"))
    data = data.replace("Größe – €".encode(), "Größe – €".encode("cp1252"))
    found = read(data)
    assert {entry.title for entry in found.entries} == {"Größe – €", "Zoë"}
    assert [(problem.code, problem.line, problem.taken) for problem in found.problems] == [("old_encoding", 5, True)]


def test_control_characters_are_left_out_and_told() -> None:
    found = read(calendar(EVENT.format("A\x00b\x07c")))
    assert [entry.title for entry in found.entries] == ["Abc"]
    assert [(problem.code, problem.line) for problem in found.problems] == [("unreadable_characters", 5)]


@pytest.mark.parametrize(
    "data", [b"", b"\x00" * 100, b"%PDF-1.7", b"PK\x03\x04", b"Name;Datum\nX;1.1.2026\n", b"\xff\xfe"]
)
def test_what_is_no_calendar_is_said_to_be_none(data: bytes) -> None:
    assert codes(data) == ["not_a_calendar"]


def test_a_calendar_without_entries() -> None:
    assert codes(calendar()) == ["no_entries"]


def test_a_file_cut_off_loses_only_its_last_entry() -> None:
    data = calendar(EVENT.format("eins"), EVENT.format("zwei").replace("UID:a", "UID:b"))
    found = read(data[: data.index(b"END:VEVENT", data.index(b"zwei"))])
    assert [entry.title for entry in found.entries] == ["eins"]
    assert [(problem.code, problem.title, problem.line) for problem in found.problems] == [("incomplete", "zwei", 9)]


def test_an_entry_that_is_never_ended_does_not_swallow_the_next() -> None:
    data = calendar(EVENT.format("eins"), EVENT.format("zwei").replace("UID:a", "UID:b"))
    found = read(data.replace(b"END:VEVENT\r\n", b"", 1))
    assert [entry.title for entry in found.entries] == ["zwei"]
    assert [problem.code for problem in found.problems] == ["incomplete"]


def test_a_description_with_bare_line_ends_does_not_harm() -> None:
    assert only(calendar("DESCRIPTION:erste Zeile\nzweite Zeile: ohne Einzug\n:\n;\n" + EVENT.format("x"))).title == "x"


def test_a_crooked_parameter_does_not_cost_the_time() -> None:
    assert only(calendar(EVENT.format("x").replace("DTSTART:", "DTSTART;X-FOO:")))
