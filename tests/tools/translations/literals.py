"""What nobody can translate: plain text in templates, scripts and Python, and dates written in one language's way."""

import ast
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

from django.template.base import Lexer, TokenType

from tests.tools.translations.extract import SOURCE, Problem, name_of, python_files, relative, templates

# Commands for developers speak English.
FOR_DEVELOPERS = {SOURCE / "ui/vendor.py"}
# The same in every language.
NAMES = re.compile(r"\bSprechzeit\b|https?://\S*")
WORD = re.compile(r"[^\W\d_]{2,}")
READ_ATTRIBUTES = {"alt", "aria-label", "aria-description", "label", "placeholder", "summary", "title", "data-label"}
# What stands between these is translated, or not shown.
SET_ASIDE = ("blocktranslate", "blocktrans", "comment")
# Template tags and variables leave this behind; it is no letter.
GAP = "\N{OBJECT REPLACEMENT CHARACTER}"
FALLBACK = re.compile(r"\|(?:default|default_if_none|yesno|join):(\"[^\"]*\"|'[^']*')")

# Which argument of a call is shown to a person. Of `messages` of Django, the second.
SHOWN = {
    "format_html": 0, "mark_safe": 0, "SafeString": 0, "ValidationError": 0, "add_error": 1, "say": 0,
    "echo": 0, "secho": 0, "confirm": 0, "prompt": 0, "write": 0,
    "BadParameter": 0, "ClickException": 0, "UsageError": 0,
}  # fmt: skip
OF_MESSAGES = {"debug", "info", "success", "warning", "error"}
SHOWN_KEYWORDS = {"label", "help_text", "help", "verbose_name", "verbose_name_plural", "empty_label", "prompt"}
SHOWN_IN_CLASSES = {"message", "verbose_name", "verbose_name_plural"}
MARKUP = re.compile(r"<[^>]*>|[\w-]+=\"[^\"]*\"|\{[^}]*\}|%\(\w+\)s")

DATE = re.compile(r"""(?:date_format\([^()]*(?:\([^()]*\))?[^()]*?,\s*|\|(?:date|time):)["']([^"']*)["']""")
NAMED_FORMAT = re.compile(r"[A-Z_]+_FORMAT")
# For machines, or one letter alone: the same in every language.
UNIVERSAL = re.compile(r"Y-m-d|H:i|[a-zA-Z]")

SCRIPT_TEXT = re.compile(r"//.*|/\*.*?\*/|\"([^\"\n]*)\"|'([^'\n]*)'|`([^`]*)`", re.DOTALL)
SENTENCE = re.compile(r"\b[A-ZÄÖÜ][a-zäöüß]+ [a-zäöüß]{2,}")


def problems() -> list[Problem]:
    """Every such place in the program."""
    found: list[Problem] = []
    for path in templates():
        found += in_template(path.read_text("utf-8"), relative(path), html=path.suffix == ".html")
    failures = _failures()
    for path in python_files():
        if path in FOR_DEVELOPERS:
            continue
        found += in_python(path.read_text("utf-8"), relative(path), failures)
    for path in sorted(SOURCE.rglob("static/**/*.js")):
        if "vendor" not in path.parts:
            found += in_script(path)
    return found + written_formats()


def date_formats(source: str) -> Iterator[tuple[int, str]]:
    """Every format that a file shows dates and times with, and its line."""
    for match in DATE.finditer(source):
        yield source.count("\n", 0, match.start()) + 1, match[1]


def written_formats() -> list[Problem]:
    """Formats written out where they are used; each language has its own (`config/formats`)."""
    return [
        Problem(relative(path), line, f"not every language writes dates so: {text!r}")
        for path in [*python_files(), *templates()]
        for line, text in date_formats(path.read_text("utf-8"))
        if not NAMED_FORMAT.fullmatch(text) and not UNIVERSAL.fullmatch(text)
    ]


def has_words(text: str) -> bool:
    """Whether somebody would read words in it."""
    return bool(WORD.search(NAMES.sub("", text)))


def in_template(source: str, path: str, *, html: bool = True) -> Iterator[Problem]:
    """Plain text, attributes that are read out or shown, and what filters fall back on."""
    rest: list[str] = []
    inside = ""
    for token in Lexer(source).tokenize():
        if token.token_type == TokenType.BLOCK:
            word = token.contents.split(maxsplit=1)[0]
            inside = word if word in SET_ASIDE else "" if word == f"end{inside}" else inside
        if token.token_type == TokenType.TEXT and not inside:
            rest.append(token.contents)
        else:
            rest.append(GAP + "\n" * token.contents.count("\n"))
            for text in FALLBACK.findall(token.contents) if token.token_type != TokenType.TEXT else ():
                if has_words(text) and text[1:] != text[1:].lower():
                    yield Problem(path, token.lineno or 0, f"not translatable: {text}")
    plain = "".join(rest)
    for line, text in _texts_of_html(plain) if html else enumerate(plain.splitlines(), 1):
        if has_words(text):
            yield Problem(path, line, f"not translatable: {' '.join(text.replace(GAP, '').split())!r}")


class _Reader(HTMLParser):
    """Collects what a person would read."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.texts: list[tuple[int, str]] = []
        self._silent = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._silent = tag if tag in ("script", "style") else ""
        for name, value in attrs:
            if name in READ_ATTRIBUTES and value:
                self.texts.append((self.getpos()[0], value))

    def handle_endtag(self, tag: str) -> None:
        self._silent = ""

    def handle_data(self, data: str) -> None:
        if not self._silent:
            before = len(data) - len(data.lstrip())
            self.texts.append((self.getpos()[0] + data[:before].count("\n"), data))


def _texts_of_html(plain: str) -> list[tuple[int, str]]:
    reader = _Reader()
    reader.feed(plain)
    reader.close()
    return reader.texts


def in_python(source: str, path: str, failures: frozenset[str] = frozenset()) -> Iterator[Problem]:
    """Plain text where forms, messages, markup, the terminal and refusals take what is shown."""
    for node in ast.walk(ast.parse(source)):
        for text in _shown(node, failures):
            words = _text_of(text)
            if has_words(MARKUP.sub(" ", words)):
                yield Problem(path, text.lineno, f"not translatable: {' '.join(words.split())!r}")


def _shown(node: ast.AST, failures: frozenset[str]) -> Iterator[ast.expr]:
    if isinstance(node, ast.Call):
        name, place = name_of(node.func), None
        if name in OF_MESSAGES and isinstance(node.func, ast.Attribute) and name_of(node.func.value) == "messages":
            place = 1
        elif name != "write" or (
            isinstance(node.func, ast.Attribute) and name_of(node.func.value) in ("stdout", "stderr")
        ):
            place = 0 if name in failures else SHOWN.get(name)
        if place is not None and place < len(node.args):
            yield node.args[place]
        yield from (one.value for one in node.keywords if one.arg in SHOWN_KEYWORDS)
    elif isinstance(node, ast.ClassDef):
        yield from _shown_of_class(node)


def _shown_of_class(node: ast.ClassDef) -> Iterator[ast.expr]:
    is_choices = any(name_of(base).endswith("Choices") for base in node.bases)
    for line in node.body:
        if not isinstance(line, ast.Assign | ast.AnnAssign) or line.value is None:
            continue
        target = line.target if isinstance(line, ast.AnnAssign) else line.targets[0]
        if is_choices and isinstance(line.value, ast.Tuple):
            yield line.value.elts[-1]
        elif name_of(target) in SHOWN_IN_CLASSES:
            yield line.value


def _text_of(node: ast.expr) -> str:
    """The plain text of an expression; of an f-string what stands between the values."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else ""
    if isinstance(node, ast.JoinedStr):
        return " ".join(_text_of(part) for part in node.values)
    if isinstance(node, ast.BinOp):
        return f"{_text_of(node.left)} {_text_of(node.right)}"
    return ""


def _failures() -> frozenset[str]:
    """The errors whose text is printed in the terminal as it is."""
    tree = ast.parse((SOURCE / "operations/errors.py").read_text("utf-8"))
    return frozenset(node.name for node in tree.body if isinstance(node, ast.ClassDef))


def in_script(path: Path) -> Iterator[Problem]:
    """Scripts take their words from the page."""
    source = path.read_text("utf-8")
    for match in SCRIPT_TEXT.finditer(source):
        text = next((group for group in match.groups() if group), "")
        if SENTENCE.search(text):
            yield Problem(relative(path), source.count("\n", 0, match.start()) + 1, f"not translatable: {text!r}")
