"""Placeholders: what is put in is never read again, what nobody fills in is refused by name (NOT-2, NOT-3)."""

import re
from html.parser import HTMLParser

import pytest
from django.template.loader import render_to_string
from hypothesis import given
from hypothesis import strategies as st

from sprechzeit.messages.delivered import FOLDER, delivered
from sprechzeit.messages.placeholders import (
    NAMES,
    Fault,
    Link,
    Placeholder,
    faults,
    filled,
    filled_line,
    parts,
    plain,
    suppresses,
    tidy,
)
from sprechzeit.messages.sms_size import size_of
from sprechzeit.messages.template_events import EVENTS, LABELS, Channel

pytestmark = [pytest.mark.req("NOT-3")]

# What a name may be made of by who means harm, and any letters at all between.
TRAPS = st.sampled_from(
    ["%MEETINGPASSWORD%", "%NOEMAIL%", "NOEMAIL", "%", "%%", "{{ practice.id }}", "{% debug %}", "{0.__class__}",
     "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", '"><b>', "&amp;", "\r\nBcc: all@example.org",
     "\nX: y", "\u2028", "\u202e", "\x00", "\ud800", "javascript:alert(1)", "$TIME", "%(time)s"]
)  # fmt: skip
VALUE = st.lists(st.one_of(TRAPS, st.text(max_size=8)), max_size=5).map("".join)
VALUES = st.fixed_dictionaries(dict.fromkeys(NAMES, VALUE))
NAME = st.sampled_from(sorted(NAMES))
OWN = st.text(alphabet=st.characters(exclude_characters="%", exclude_categories=["Cs", "Cc"]), max_size=12)
TEMPLATE = st.lists(st.one_of(OWN, NAME.map("%{}%".format), st.just("\n"), st.just("\n\n")), max_size=14).map("".join)


class Markup(HTMLParser):
    """The tags of a page with their attributes, and what it says."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, tuple[str, ...]]] = []
        self.said = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, tuple(name for name, _value in attrs)))

    def handle_data(self, data: str) -> None:
        self.said += data


def page_of(text: str, values: dict[str, str]) -> Markup:
    return Markup(render_to_string("messages/mail.html", {"paragraphs": filled(text, values)}))


def told(values: dict[str, str]) -> list[str]:
    """Those that have something to say."""
    return [name for name in values if filled_line(f"%{name}%", values)]


@given(TEMPLATE, VALUES)
def test_a_value_comes_out_as_it_is_wherever_it_stands(text: str, values: dict[str, str]) -> None:
    """With marks in the place of values, and with values: the same but for the values, whatever they are."""
    marks = {name: f"⟦{name}⟧" for name in told(values)}
    once = plain(filled(text, marks))
    expected = re.sub("⟦([A-Z]+)⟧", lambda found: filled_line(f"%{found[1]}%", values), once)
    assert plain(filled(text, values)).split() == expected.split()


@given(VALUE)
def test_a_value_is_a_line_of_visible_letters_and_nothing_else(value: str) -> None:
    shown = filled_line("%LASTNAME%", {"LASTNAME": value})
    assert not re.search("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]", shown)
    seen = re.sub("[\x00-\x20\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]", "", value)
    assert "".join(shown.split()) == "".join(seen.split()), "nothing that can be seen is lost"


@given(TEMPLATE, VALUES)
def test_no_value_makes_markup_and_all_of_it_is_read(text: str, values: dict[str, str]) -> None:
    page = page_of(text, values)
    assert page.tags == page_of(text, dict.fromkeys(told(values), "x")).tags
    assert "".join(plain(filled(text, values)).split()) in "".join(page.said.split())


@given(TEMPLATE, VALUES)
def test_no_value_makes_lines_or_headers(text: str, values: dict[str, str]) -> None:
    lines = [len(one.lines) for one in filled(text, values)]
    assert lines == [len(one.lines) for one in filled(text, dict.fromkeys(told(values), "x"))]
    assert len(filled_line(text, values).splitlines()) <= 1


@given(TEMPLATE)
def test_a_text_taken_apart_is_the_same_put_together(text: str) -> None:
    assert "".join(one if isinstance(one, str) else f"%{one.name}%" for one in parts(text)) == text
    assert faults(text, NAMES) == []


@given(st.text(alphabet="ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÜabcäß", min_size=2, max_size=20), OWN)
def test_what_nobody_fills_in_is_named_as_it_is_written(name: str, around: str) -> None:
    found = [one.written for one in faults(f"{around}\n%{name}%\n{around}", NAMES)]
    assert found == ([] if name.upper() in NAMES else [f"%{name}%"])


@pytest.mark.req("NOT-2")
@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("%TELEFONNR%", "PRACTICEPHONE"), ("%VORNAME%", "FIRSTNAME"), ("%Uhrzeit%", "TIME"),
        ("%TAN%", "MEETINGPASSWORD"),
        ("%FIRST NAME%", "FIRSTNAME"), ("%FIRST-NAME%", "FIRSTNAME"), ("%DATUM%", "DATE"), ("%XQJZ%", ""),
        ("%FIRSTNAME", "FIRSTNAME"),
    ],
)  # fmt: skip
def test_the_one_that_is_probably_meant_is_offered(written: str, meant: str) -> None:
    assert faults(f"Guten Tag {written}, bis bald", NAMES) == [Fault(written, meant)]


@pytest.mark.parametrize(
    "text", ["100% sicher", "20 % Rabatt, 30 % auf alles", "10% more and 20% less", "%", "%%", "% %"]
)
def test_a_sign_of_percent_is_a_sign_of_percent(text: str) -> None:
    assert faults(text, NAMES) == [] and plain(filled(text, {})) == text


def test_small_letters_are_understood() -> None:
    assert parts("%Firstname%") == [Placeholder("FIRSTNAME")]


def test_a_line_with_nothing_to_say_is_left_out() -> None:
    text = "Hallo %FIRSTNAME%,\n\nGrund: %REASON%\n\nTAN: %MEETINGPASSWORD%\n%DATE% %REASON%"
    assert plain(filled(text, {"FIRSTNAME": "Mia", "DATE": "heute"})) == "Hallo Mia,\n\nheute"


def test_a_line_that_is_a_link_is_a_button_and_elsewhere_it_is_written_out() -> None:
    values = {"CANCELLINK": Link("https://a.example/", "Absagen")}
    (alone,), (beside,) = (one.lines for one in filled("%CANCELLINK%\n\nHier: %CANCELLINK%", values))
    assert alone.button == values["CANCELLINK"] and beside.button is None
    assert (alone.text, beside.text) == ("https://a.example/", "Hier: https://a.example/")


@pytest.mark.parametrize(
    ("subject", "text", "is_so"),
    [
        ("", "NOEMAIL", True), ("Betreff", " noemail\n", True), ("", "Text %NOEMAIL% Text", True),
        ("%NOEMAIL%", "Text", True), ("NOEMAIL", "Text", False), ("", "NOEMAIL heute", False), ("", "Text", False),
    ],
)  # fmt: skip
def test_noemail(subject: str, text: str, is_so: bool) -> None:
    assert suppresses(subject, text) is is_so


def test_what_is_typed_is_tidied() -> None:
    assert tidy(" a\r\nb\rc\u2028d\x00e \t\n\n") == "a\nb\nc\nd e"


# --- What the program brings along ------------------------------------------------------------------------------------


@pytest.mark.req("NOT-2")
@pytest.mark.parametrize("event", EVENTS)
def test_every_event_has_a_text_by_every_channel_in_every_language(event: str) -> None:
    for channel in EVENTS[event].channels:
        for language in ("de", "en"):
            for video in (False, True):
                words = delivered(event, channel, language, video=video)
                assert words.text or channel == Channel.CALENDAR
                assert bool(words.subject) is (channel != Channel.SMS)
                assert faults(f"{words.subject}\n{words.text}", EVENTS[event].usable(channel)) == []


@pytest.mark.req("NOT-2")
def test_there_are_examples_for_video_and_no_file_of_nobody() -> None:
    known = {f"{one.key}.{channel}" for one in EVENTS.values() for channel in one.channels}
    names = {file.name.removesuffix(".txt") for file in FOLDER.glob("*.txt")}
    assert {name.rsplit(".", 2)[0] for name in names if name.endswith(".video")} >= {"booked_online.email"}
    assert {".".join(name.split(".")[:2]) for name in names} == known


def test_every_placeholder_is_offered_somewhere_and_has_a_name() -> None:
    assert set(NAMES) == set(LABELS) == {name for one in EVENTS.values() for name in one.placeholders}


def test_the_link_does_not_carry_the_tan_nor_the_tan_the_link() -> None:
    assert EVENTS["reminder"].usable("sms") >= {"LOCATION", "MEETINGPASSWORD", "VIDEOLINK"}
    assert "CANCELLINK" not in EVENTS["new_booking"].usable("email"), "the patient's link is nobody else's"


@pytest.mark.req("NOT-1")
@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("", (0, 160, 1)), ("ä" * 160, (160, 160, 1)), ("ä" * 161, (161, 306, 2)), ("€" * 80, (160, 160, 1)),
        ("š" * 70, (70, 70, 1)), ("š" * 71, (71, 134, 2)), ("😀" * 35, (70, 70, 1)), ("a" * 307, (307, 459, 3)),
    ],
)  # fmt: skip
def test_an_sms_is_counted_as_networks_do(text: str, size: tuple[int, int, int]) -> None:
    assert size_of(text) == size
