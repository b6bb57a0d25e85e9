"""What a report says: its title, to whom, and a text in Markdown with placeholders (DOC-4). Pure: no Django.

A text becomes blocks, and those are what a page and the printer are given: neither ever reads markup that somebody
typed. A value that is filled in stays what it is, whatever signs it is written with.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import lru_cache

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

MOST_LETTERS = 60_000  # of a report's text: some thirty pages
LONGEST_TITLE = 150
MOST_LINES, LONGEST_LINE = 6, 60  # of an address, as the window of an envelope shows it (DIN 5008)

# --- Placeholders -----------------------------------------------------------------------------------------------------

# What each is called in English and in German; both are understood, wherever they are typed.
PLACEHOLDERS: dict[str, tuple[str, str]] = {
    "greeting": ("letter.greeting", "brief.anrede"),
    "today": ("letter.date", "brief.datum"),
    "salutation": ("patient.salutation", "patient.anrede"),
    "title": ("patient.title", "patient.titel"),
    "first_name": ("patient.first_name", "patient.vorname"),
    "last_name": ("patient.last_name", "patient.nachname"),
    "name": ("patient.name", "patient.name"),
    "date_of_birth": ("patient.birth_date", "patient.geburtsdatum"),
    "age": ("patient.age", "patient.alter"),
    "address": ("patient.address", "patient.anschrift"),
    "number": ("patient.number", "patient.nummer"),
    "insurance": ("patient.insurance", "patient.versicherung"),
    "insurance_number": ("patient.insurance_number", "patient.versichertennummer"),
    "guardian": ("patient.guardian", "patient.vertretung"),
    "practitioner": ("practitioner.name", "behandlung.name"),
    "practice": ("practice.name", "praxis.name"),
    "practice_address": ("practice.address", "praxis.anschrift"),
    "practice_phone": ("practice.phone", "praxis.telefon"),
    "sessions_count": ("sessions.count", "sitzungen.anzahl"),
    "sessions_first": ("sessions.first", "sitzungen.erste"),
    "sessions_last": ("sessions.last", "sitzungen.letzte"),
    "sessions": ("sessions.table", "sitzungen.tabelle"),
}
KEYS = {name: key for key, names in PLACEHOLDERS.items() for name in names}
MAY_BE_EMPTY = frozenset({"salutation", "title"})
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_PLACEHOLDER = re.compile(r"(?<!\\)\{([^{}\n]{0,80})\}")


@dataclass(frozen=True, slots=True)
class Table:
    """A value of several lines: what stands above its columns, and its rows."""

    head: Sequence[str]
    rows: Sequence[Sequence[str]]


Values = Mapping[str, str | Table]


def unknown_placeholders(text: str) -> list[str]:
    """What stands in braces and is none of `PLACEHOLDERS`, as it is written, each once."""
    return list(dict.fromkeys(one for one in _PLACEHOLDER.findall(text) if _key(one) is None))


def filled(text: str, values: Values, gaps: Mapping[str, str]) -> str:
    """The text with its placeholders replaced, as Markdown to be written on.

    `gaps`: what stands, between ‹ and ›, for a value that the record does not have.
    """

    def value_of(found: re.Match[str]) -> str:
        key = _key(found[1])
        if key is None:
            return found[0]
        value = values.get(key, "")
        if isinstance(value, Table):
            return _as_markdown(value) if value.rows else f"‹{gaps[key]}›"
        if not value.strip():
            return "" if key in MAY_BE_EMPTY else f"‹{gaps[key]}›"
        return escaped(value)

    return _PLACEHOLDER.sub(value_of, text)


def _key(name: str) -> str | None:
    return KEYS.get(name.strip().lower())


def escaped(value: str) -> str:
    """A value so that Markdown takes none of its signs for markup; on one line, without what cannot be printed."""
    plain = re.sub(r"([\\*_|`\[\]<>~{}])", r"\\\1", _plain(value))
    plain = re.sub(r"^([#+=:-])", r"\\\1", plain)
    return re.sub(r"^(\d{1,9})([.)])(?=\s|$)", r"\1\\\2", plain)


def _plain(text: str) -> str:
    """On one line, without what no font has."""
    return " ".join(_UNPRINTABLE.sub(" ", text).split())


def _as_markdown(table: Table) -> str:
    lines = [table.head, ["---"] * len(table.head), *([escaped(cell) for cell in row] for row in table.rows)]
    return "\n\n" + "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n\n"


# --- Blocks -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Piece:
    """Text of one kind; or the end of a line."""

    text: str
    strong: bool = False
    emphasis: bool = False
    ends_line: bool = False


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, heading, list, item, quote, rule, table or row of a text. `level`: of a heading, from 1."""

    kind: str
    pieces: Sequence[Piece] = ()
    blocks: Sequence["Block"] = ()
    level: int = 0
    start: int = 1
    cells: Sequence[Sequence[Piece]] = field(default=())


@lru_cache(maxsize=1)
def _markdown() -> MarkdownIt:
    """What a letter takes and no more: no link, no image, no HTML, no code."""
    rules = ["heading", "list", "blockquote", "hr", "table", "emphasis", "escape", "newline"]
    return MarkdownIt("zero", {"maxNesting": 12}).enable(rules)


def blocks_of(text: str) -> list[Block]:
    """A text as blocks. Headings go down a step at a time, as who reads by them needs it: '#' then '###' is 1, 2."""
    tree = SyntaxTreeNode(_markdown().parse(text))
    return _in_steps([block for node in tree.children for block in _block(node)], [0])


def _in_steps(blocks: Sequence[Block], last: list[int]) -> list[Block]:
    found = []
    for block in blocks:
        if block.kind == "heading":
            last[0] = min(block.level, last[0] + 1)
        found.append(replace(block, level=last[0] if block.level else 0, blocks=_in_steps(block.blocks, last)))
    return found


_NESTED = {"bullet_list": "list", "ordered_list": "numbers", "list_item": "item", "blockquote": "quote"}


def _block(node: SyntaxTreeNode) -> Iterator[Block]:
    if node.type in _NESTED:
        within = [block for child in node.children for block in _block(child)]
        start = int(node.attrs.get("start", 1)) if node.type == "ordered_list" else 1
        yield Block(_NESTED[node.type], blocks=within, start=start)
    elif node.type == "hr":
        yield Block("rule")
    elif node.type == "table":
        rows = [row for part in node.children for row in part.children]
        yield Block("table", blocks=[Block("row", cells=[_pieces(cell) for cell in row.children]) for row in rows])
    elif node.type == "heading":
        yield Block("heading", _pieces(node), level=int(node.tag[1:]))
    else:
        yield Block("paragraph", _pieces(node))


def _pieces(node: SyntaxTreeNode) -> list[Piece]:
    return list(_said(node, strong=False, emphasis=False))


def _said(node: SyntaxTreeNode, *, strong: bool, emphasis: bool) -> Iterator[Piece]:
    if node.type in ("softbreak", "hardbreak"):
        # As in a letter that is typed: a new line is a new line.
        yield Piece("", ends_line=True)
    elif node.children:
        strong, emphasis = strong or node.type == "strong", emphasis or node.type == "em"
        for child in node.children:
            yield from _said(child, strong=strong, emphasis=emphasis)
    elif node.content:
        yield Piece(re.sub(" {2,}", " ", node.content), strong, emphasis)


def as_data(blocks: Sequence[Block]) -> list[dict[str, object]]:
    """As the printer is given them."""
    return [asdict(block) for block in blocks]


# --- A report ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Letter:
    """All that is written in a report. `recipient`: the lines of the address."""

    title: str
    recipient: tuple[str, ...]
    text: str

    def as_json(self) -> str:
        """As it is sealed and kept."""
        return json.dumps([self.title, self.recipient, self.text], ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def from_json(cls, kept: str) -> "Letter":
        """As it was kept."""
        title, recipient, text = json.loads(kept)
        return cls(title, tuple(recipient), text)

    @property
    def gaps(self) -> list[str]:
        """What was left to be filled in, each once."""
        return list(dict.fromkeys(re.findall("‹([^‹›\n]{1,80})›", f"{self.title}\n{self.text}")))


def letter_of(title: str, recipient: str, text: str) -> Letter:
    """From what a form sent: line ends as everywhere, no empty line in an address."""
    lines = (_plain(line) for line in recipient.splitlines())
    said = "\n".join(_UNPRINTABLE.sub(" ", line).rstrip() for line in text.splitlines()).strip()
    return Letter(_plain(title), tuple(line for line in lines if line), said)
