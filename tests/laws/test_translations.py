"""Laws of language: what a person reads is translatable, has its German, and the right German is what is shown."""

import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import polib
import pytest
from django.conf import settings
from django.utils import translation
from django.utils.formats import date_format, get_format_modules

from tests.tools.translations import catalogue, extract, literals
from tests.tools.translations.extract import Message, Problem

MOMENT = datetime(2026, 11, 25, 10, 5, tzinfo=UTC)


def said(problems: list[Problem]) -> str:
    return "\n".join(str(problem) for problem in problems)


@pytest.mark.req("STD-5")
def test_the_german_catalogue_is_complete_and_compiled() -> None:
    problems = catalogue.problems()
    assert not problems, said(problems)


def test_nothing_a_person_reads_is_written_past_the_catalogue() -> None:
    problems = literals.problems()
    assert not problems, said(problems)


def test_our_german_wins_over_that_of_the_libraries() -> None:
    """Django says 'Mitteilungen' for messages and allauth says du; what is shown is ours, for every single text."""
    with translation.override("de"):
        for entry in polib.pofile(str(catalogue.GERMAN)):
            plural = entry.msgstr_plural
            context = entry.msgctxt
            if plural and context:
                shown = [translation.npgettext(context, entry.msgid, entry.msgid_plural, n) for n in (1, 2)]
            elif plural:
                shown = [translation.ngettext(entry.msgid, entry.msgid_plural, n) for n in (1, 2)]
            else:
                shown = [translation.pgettext(context, entry.msgid) if context else translation.gettext(entry.msgid)]
            assert shown == ([plural[0], plural[1]] if plural else [entry.msgstr])


@pytest.mark.parametrize(
    ("language", "words"),
    [("de", ("Aufruf:", "Startet alles", "Diese Hilfe zeigen.")), ("en", ("Usage:", "Start everything", "Show this"))],
)
def test_the_command_speaks_the_terminals_language(language: str, words: tuple[str, ...]) -> None:
    """Its own words and those of click."""
    done = subprocess.run(
        [sys.executable, "-m", "sprechzeit.cli", "--help"],
        env={**os.environ, "LANGUAGE": language}, capture_output=True, text=True, encoding="utf-8", check=True,
    )  # fmt: skip
    assert [word for word in words if word not in done.stdout] == []


def test_texts_taken_from_libraries_are_still_theirs() -> None:
    """A library that words its text anew would go back to its own German unseen."""
    theirs: set[tuple[str, str]] = set()
    site = Path(polib.__file__).parent
    for folder in ("django", "allauth"):
        for path in site.glob(f"{folder}/**/locale/de/LC_MESSAGES/django.po"):
            theirs |= {(entry.msgid, entry.msgid_plural) for entry in polib.pofile(str(path))}
    click = "".join(path.read_text("utf-8") for path in sorted((site / "click").glob("*.py")))
    ours = polib.pofile(str(catalogue.LIBRARIES))
    gone = [one.msgid for one in ours if (one.msgid, one.msgid_plural) not in theirs and f'"{one.msgid}"' not in click]
    assert len(ours) > 20
    assert gone == []


@pytest.mark.parametrize(
    ("language", "format_name", "expected"),
    [
        ("de", "WEEKDAY_DATETIME_FORMAT", "Mittwoch, 25. November 2026, 10:05\u00a0Uhr"),
        ("en", "WEEKDAY_DATETIME_FORMAT", "Wednesday, 25 November 2026, 10:05"),
        ("de", "WEEKDAY_DAY_TIME_FORMAT", "Mittwoch, 25. November, 10:05\u00a0Uhr"),
        ("en", "WEEKDAY_DAY_TIME_FORMAT", "Wednesday, 25 November, 10:05"),
        ("de", "SHORT_WEEKDAY_DATE_FORMAT", "Mi, 25. Nov. 2026"),
        ("en", "SHORT_WEEKDAY_DATE_FORMAT", "Wed, 25 Nov 2026"),
        ("de", "SHORT_DATETIME_FORMAT", "25.11.2026, 10:05"),
        ("en", "SHORT_DATETIME_FORMAT", "25/11/2026, 10:05"),
        ("de", "MONTH_DAY_FORMAT", "25. November"),
        ("en", "MONTH_DAY_FORMAT", "25 November"),
        ("en", "DATETIME_FORMAT", "25 November 2026, 10:05"),
    ],
)
def test_dates_as_each_language_writes_them(language: str, format_name: str, expected: str) -> None:
    with translation.override(language):
        assert date_format(MOMENT, format_name) == expected


def test_every_language_has_every_format() -> None:
    """A name that a language does not know would be shown itself, letter by letter."""
    names = [
        {name for name in vars(get_format_modules(language)[0]) if name.endswith("_FORMAT")}
        for language, _name in settings.LANGUAGES
    ]
    assert all(len(of_language) > 12 for of_language in names)
    assert names[0] == names[1]
    source = "".join(path.read_text("utf-8") for path in [*extract.python_files(), *extract.templates()])
    used = {text for _line, text in literals.date_formats(source) if literals.NAMED_FORMAT.fullmatch(text)}
    assert len(used) > 5
    assert used - names[0] == set()


def test_formats_are_found_where_they_are_used() -> None:
    """'25. November' in English comes from a format written where it is used."""
    source = "date_format(at(x, y), 'j. F')\n{{ day|date:\"l, j. F\" }}{{ day|date:'Y-m-d' }}"
    assert list(literals.date_formats(source)) == [(1, "j. F"), (2, "l, j. F"), (2, "Y-m-d")]


# The finders themselves: what they would let through, they could not prove absent.


@pytest.mark.parametrize(
    "template",
    [
        "<p>Hello there</p>",
        "<p>{{ name }} is here</p>",
        '<button aria-label="Close">{% if x %}x{% endif %}</button>',
        '<img alt="{{ x }} picture">',
        '{{ name|default:"Nobody" }}',
        "{% block title %}Welcome{% endblock %}",
    ],
)
def test_a_literal_in_a_template_is_found(template: str) -> None:
    assert len(list(literals.in_template("{% load i18n %}" + template, "x.html"))) == 1


@pytest.mark.parametrize(
    "template",
    [
        '<p>{% translate "Hello there" %} · {{ name }} – 1</p>',
        "{% blocktranslate count n=x %}one {{ n }}{% plural %}many {{ n }}{% endblocktranslate %}",
        "<script>const word = 1;</script><style>body { color: red }</style>",
        '<a class="button large" href="{% url \'x\' %}"{% if a %} aria-current="page"{% endif %}>Sprechzeit</a>',
        "{% comment %}Only for us{% endcomment %}{# And this #}",
    ],
)
def test_what_is_translated_or_not_read_is_no_literal(template: str) -> None:
    assert list(literals.in_template("{% load i18n %}" + template, "x.html")) == []


@pytest.mark.parametrize(
    "code",
    [
        'format_html("<b>Hello</b> {}", x)',
        'messages.success(request, "Saved it")',
        'forms.CharField(label="First name")',
        'raise ValidationError("Not so")',
        'form.add_error(None, f"The time {x} is taken")',
        'self.stdout.write("All done")',
        'class Refused(DomainError):\n    message = "Not possible"',
        'class Kind(models.TextChoices):\n    A = "a", "First"',
    ],
)
def test_a_literal_in_python_is_found(code: str) -> None:
    assert len(list(literals.in_python(code, "x.py"))) == 1


def test_python_that_asks_the_catalogue_is_no_literal() -> None:
    code = 'format_html("<b>{}</b>", _("Hello"))\nmessages.success(request, _("Saved"))\nfile.write("any text")'
    assert list(literals.in_python(code, "x.py")) == []


def test_messages_are_found_in_every_form() -> None:
    code = (
        '_("plain")\ngettext_lazy("lazy")\nngettext("one", "many", n)\npgettext("theme", "Dark")\n'
        'npgettext("c", "a", "b", n)\ntranslation.gettext("of a module")\n'
        '_("a "\n  "b")'
    )
    assert set(extract.in_python(code, "x.py")) == {
        Message("plain"), Message("lazy"), Message("one", "many"), Message("Dark", context="theme"),
        Message("a", "b", "c"), Message("of a module"), Message("a b"),
    }  # fmt: skip
    template = (
        '{% load i18n %}{% translate \'100 %\' %}{% translate "Dark" context "theme" %}'
        "{% if x %}{% blocktranslate with a=b %}with {{ a }}{% endblocktranslate %}{% endif %}"
    )
    assert set(extract.in_template(template, "x.html")) == {
        Message("100 %%"), Message("Dark", context="theme"), Message("with %(a)s"),
    }  # fmt: skip


def test_a_text_put_together_is_refused() -> None:
    assert [type(one) for one in extract.in_python('_(f"{x} here")\n_("a" + b)\n_(text)', "x.py")] == [Problem] * 2


@pytest.mark.parametrize(
    ("english", "german", "complaint"),
    [
        ("Sign in", "", "no German"),
        ("Sign in", "Sign in", "German as English"),
        ("%(n)s left", "noch %(m)s", "placeholders"),
        ("Hello {name}", "Hallo", "placeholders"),
        ("Until <b>%(a)s</b>", "Bis %(a)s", "markup"),
        ("Try again", "Bitte versuche es noch einmal", "polite"),
        ("The time “%(a)s”", 'Die Zeit "%(a)s"', "quotation"),
        ("%(minutes)s min.", "%(minutes)s Min.", "unit"),
        ("Line: ", "Zeile:", "space at an end"),
        ("%(count)s entries", "%(count)s Einträge", "plural"),
    ],
)
def test_a_faulty_entry_is_found(english: str, german: str, complaint: str) -> None:
    found = list(catalogue.faults(Message(english), polib.POEntry(msgid=english, msgstr=german)))
    assert len(found) == 1
    assert complaint in found[0]


def test_a_right_entry_is_left_alone() -> None:
    entry = polib.POEntry(
        msgid="%(n)s hour “%(a)s”",
        msgid_plural="%(n)s hours “%(a)s”",
        msgstr_plural={0: "eine Stunde „%(a)s“", 1: "%(n)s\u00a0Stunden „%(a)s“"},
    )
    assert list(catalogue.faults(Message(entry.msgid, entry.msgid_plural), entry)) == []
