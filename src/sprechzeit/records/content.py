"""What a note says: ordered fields, each with its name and its text (DOC-2). Pure: no Django, no database."""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

FREE, SOAP = "free", "soap"
"""The templates that the program brings along; every other is a practice's own and known by its id."""

MOST_FIELDS = 40
MOST_LETTERS = 100_000  # of a whole note; sent by a form they take up to nine bytes each


@dataclass(frozen=True, slots=True)
class Field:
    """A named part of a note. The name is kept as it was when it was written: templates change later."""

    name: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Content:
    """All of a note's text. `template`: by which it is structured, `FREE`, `SOAP` or the id of one of the practice."""

    template: str
    fields: tuple[Field, ...]

    @property
    def is_blank(self) -> bool:
        """Whether nothing is written in any field."""
        return not any(one.text.strip() for one in self.fields)

    @property
    def length(self) -> int:
        """How many letters it has."""
        return sum(len(one.text) for one in self.fields)

    def as_json(self) -> str:
        """As it is sealed and kept; the same content gives the same text."""
        parts = [[one.name, one.text] for one in self.fields]
        return json.dumps({"template": self.template, "fields": parts}, ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def from_json(cls, kept: str) -> "Content":
        """As it was kept."""
        read = json.loads(kept)
        return cls(read["template"], tuple(Field(name, text) for name, text in read["fields"]))

    def by_template(self, template: str, names: Sequence[str]) -> "Content":
        """The same text in the fields of another template. What has no field there stays, under its own name."""
        texts: dict[str, str] = {}
        for one in self.fields:
            texts[one.name] = "\n\n".join(part for part in (texts.get(one.name, ""), one.text) if part.strip())
        fields = [Field(name, texts.pop(name, "")) for name in names]
        left = [Field(name, text) for name, text in texts.items() if text.strip()]
        if len(left) == 1 and fields and not any(one.text for one in fields):
            # What was written freely is the beginning of the first field.
            return Content(template, (Field(fields[0].name, left[0].text), *fields[1:]))
        return Content(template, (*fields, *left))


def content_of(template: str, names: Iterable[str], texts: Iterable[str]) -> Content:
    """From what a form sent: line ends as everywhere, no spaces at the end."""
    pairs = zip(names, texts, strict=False)
    return Content(template, tuple(Field(name, "\n".join(text.splitlines()).rstrip()) for name, text in pairs))


# --- Comparing ------------------------------------------------------------------------------------------------------


class Mark(StrEnum):
    """What became of a piece of text."""

    SAME = "same"
    ADDED = "added"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Compared:
    """A field in two versions, as one text whose pieces are marked."""

    name: str
    pieces: tuple[tuple[Mark, str], ...]

    @property
    def is_changed(self) -> bool:
        """Whether anything differs."""
        return any(mark is not Mark.SAME for mark, _text in self.pieces)


def compare(former: Content | None, later: Content) -> list[Compared]:
    """Every field of either, word by word; the later one's order first. Without a former one all is as it stands."""
    before = {one.name: one.text for one in former.fields} if former else {one.name: one.text for one in later.fields}
    after = {one.name: one.text for one in later.fields}
    names = [*after, *(name for name in before if name not in after)]
    return [Compared(name, tuple(_pieces(before.get(name, ""), after.get(name, "")))) for name in names]


def _pieces(before: str, after: str) -> Iterator[tuple[Mark, str]]:
    former, later = (re.findall(r"\s+|\S+", text) for text in (before, after))
    for kind, since, until, later_since, later_until in SequenceMatcher(None, former, later).get_opcodes():
        if kind == "equal":
            yield Mark.SAME, "".join(former[since:until])
            continue
        if since < until:
            yield Mark.REMOVED, "".join(former[since:until])
        if later_since < later_until:
            yield Mark.ADDED, "".join(later[later_since:later_until])
