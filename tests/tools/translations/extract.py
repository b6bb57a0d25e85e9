"""The msgids of the source: calls of gettext in Python, `translate` and `blocktranslate` in templates.

Templates are read by Django's own parser, so a msgid is by construction the one that is looked up when a page is shown.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.template import Engine
from django.template.base import FilterExpression, Lexer, TokenType, Variable
from django.templatetags.i18n import BlockTranslateNode, TranslateNode

ROOT = Path(__file__).resolve().parents[3]
SOURCE = ROOT / "src/sprechzeit"
TAGS = {"translate", "trans", "blocktranslate", "blocktrans"}
# Places of context, singular and plural among the arguments; None where a function has no such argument.
PLAIN, PLURAL, CONTEXT, BOTH = (None, 0, None), (None, 0, 1), (0, 1, None), (0, 1, 2)
FUNCTIONS: dict[str, tuple[int | None, int, int | None]] = {
    "_": PLAIN,
    **{f"gettext{end}": PLAIN for end in ("", "_lazy", "_noop")},
    **{f"ngettext{end}": PLURAL for end in ("", "_lazy")},
    **{f"pgettext{end}": CONTEXT for end in ("", "_lazy")},
    **{f"npgettext{end}": BOTH for end in ("", "_lazy")},
}


@dataclass(frozen=True, slots=True)
class Message:
    """Something to translate. `context` and `plural` are empty where there is none."""

    singular: str
    plural: str = ""
    context: str = ""


@dataclass(frozen=True, slots=True)
class Problem:
    """Something to be put right before the catalogue can be complete."""

    path: str
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.text}" if self.line else f"{self.path}: {self.text}"


def python_files() -> list[Path]:
    """The program's Python; migrations repeat what models say."""
    return [path for path in sorted(SOURCE.rglob("*.py")) if "migrations" not in path.parts]


def templates() -> list[Path]:
    """Pages and mails."""
    return sorted(path for path in SOURCE.rglob("templates/**/*") if path.suffix in (".html", ".txt"))


def relative(path: Path) -> str:
    """As catalogues and problems name it."""
    return path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT) else path.as_posix()


def messages() -> tuple[dict[Message, list[str]], list[Problem]]:
    """Every message with the files that hold it, and what cannot be extracted."""
    found: dict[Message, list[str]] = {}
    problems: list[Problem] = []
    for path in [*python_files(), *templates()]:
        source = path.read_text("utf-8")
        of_file = in_python(source, relative(path)) if path.suffix == ".py" else in_template(source, relative(path))
        for one in of_file:
            if isinstance(one, Problem):
                problems.append(one)
            elif relative(path) not in found.setdefault(one, []):
                found[one].append(relative(path))
    return found, problems


def in_python(source: str, path: str) -> Iterator[Message | Problem]:
    """What the calls of gettext in a file ask for."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        name = name_of(node.func)
        if name not in FUNCTIONS:
            continue
        texts = [_constant(node, place) for place in FUNCTIONS[name]]
        if all(isinstance(text, str) for text in texts) and texts[1]:
            yield Message(singular=str(texts[1]), plural=str(texts[2]), context=str(texts[0]))
        elif any(isinstance(one, ast.JoinedStr | ast.BinOp | ast.Call) for one in node.args):
            # A name may hold a text that is marked elsewhere; what is put together here cannot be looked up.
            yield Problem(path, node.lineno, f"{name}() needs a plain text; fill it afterwards")


def name_of(function: ast.expr) -> str:
    """The last part of what is called: `gettext` of `translation.gettext`."""
    return (
        function.id if isinstance(function, ast.Name) else function.attr if isinstance(function, ast.Attribute) else ""
    )


def _constant(call: ast.Call, place: int | None) -> str | None:
    """The text at a place, empty where the function has none, None where it is no plain text."""
    if place is None:
        return ""
    argument = call.args[place] if place < len(call.args) else None
    return argument.value if isinstance(argument, ast.Constant) and isinstance(argument.value, str) else None


def in_template(source: str, path: str) -> Iterator[Message | Problem]:
    """What the tags of a template ask for. A tag that Django's parser hides is a problem, never left out in silence."""
    nodes = Engine.get_default().from_string(source).nodelist
    tags: list[Any] = nodes.get_nodes_by_type(TranslateNode)
    blocks: list[Any] = nodes.get_nodes_by_type(BlockTranslateNode)
    yield from map(_of_tag, tags)
    yield from map(_of_block, blocks)
    written = sum(_is_tag(token.contents) for token in Lexer(source).tokenize() if token.token_type == TokenType.BLOCK)
    if written != len(tags) + len(blocks):
        yield Problem(path, 0, f"{written} texts are marked, but only {len(tags) + len(blocks)} can be extracted")


def _is_tag(contents: str) -> bool:
    return contents.split(maxsplit=1)[0] in TAGS


def _of_tag(node: TranslateNode) -> Message:
    text = node.filter_expression.var.literal
    # As `Variable.resolve` looks it up.
    return Message(str(text).replace("%", "%%"), context=_context(node.message_context))


def _of_block(node: BlockTranslateNode) -> Message:
    singular, _names = node.render_token_list(node.singular)
    plural, _names = node.render_token_list(node.plural) if node.plural else ("", [])
    return Message(singular, plural, _context(node.message_context))


def _context(expression: FilterExpression | None) -> str:
    if expression is None:
        return ""
    return str(expression.var.literal if isinstance(expression.var, Variable) else expression.var)
