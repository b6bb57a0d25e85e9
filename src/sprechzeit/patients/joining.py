"""What becomes of the master data of two records that are one person's (PAT-4): one pure decision, field by field.

What one of them has and the other has not is kept. Where both have something else, somebody chooses; remarks, warnings
and tags are united, so that nothing is lost.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from sprechzeit.patients import facts as said
from sprechzeit.patients import matching
from sprechzeit.patients.facts import Facts

UNITED = ("remarks", "warnings", said.TAGS)
CONTACT = "contact_"
"""What the name of a choice of contact points begins with; their kind follows."""
ORDER = (
    "salutation", "title", "first_name", "last_name", "birth_name", said.DATE_OF_BIRTH, "gender", said.CONTACTS,
    "street", "postcode", "town", "country", "insurance", "insurer", "insurance_number", "guardian", "payer",
    "language", "channel", "reminders", "warnings", "remarks", said.TAGS,
)  # fmt: skip
"""Of the facts on the page: first by which a person is known."""


class Side(StrEnum):
    """Of which record something is taken."""

    KEPT = "kept"
    GIVEN_UP = "given_up"
    BOTH = "both"


@dataclass(frozen=True, slots=True)
class Comparison:
    """One fact of both records. `choices`: of which it may be taken, the first by itself; one alone is no choice."""

    name: str
    kept: Any
    given_up: Any
    choices: tuple[Side, ...]

    @property
    def is_same(self) -> bool:
        """Whether there is nothing to decide, as both say it; a phone number in whatever notation."""
        return bool(self.kept == self.given_up) or (
            self.name.startswith(CONTACT) and _keys(self.kept) == _keys(self.given_up)
        )

    def taken(self, chosen: Mapping[str, str]) -> Side:
        """What somebody chose; by itself where they did not, or could not."""
        wanted = chosen.get(self.name)
        return next((one for one in self.choices if one == wanted), self.choices[0])


def compared(kept: Facts, given_up: Facts, kinds: tuple[str, ...]) -> list[Comparison]:
    """Every fact that one of the two records has, in the order of the page; contact points by their kind."""
    rows = []
    for name in ORDER:
        if name == said.CONTACTS:
            pairs = [(f"{CONTACT}{kind}", _of_kind(kept, kind), _of_kind(given_up, kind)) for kind in kinds]
        else:
            pairs = [(name, kept[name], given_up[name])]
        rows += [Comparison(*pair, _choices(*pair)) for pair in pairs if pair[1] or pair[2]]
    return [replace(one, choices=(Side.KEPT,)) if one.is_same else one for one in rows]


def _of_kind(facts: Facts, kind: str) -> list[str]:
    return [value for of, value in facts[said.CONTACTS] if of == kind]


def _choices(name: str, kept: Any, given_up: Any) -> tuple[Side, ...]:
    if name in UNITED:
        return (Side.BOTH,)
    if name.startswith(CONTACT):
        return (Side.BOTH, Side.KEPT, Side.GIVEN_UP) if kept and given_up else (Side.BOTH,)
    if name in said.RELATED:
        return (Side.KEPT, Side.GIVEN_UP) if kept and given_up else (Side.BOTH,)
    return (Side.KEPT, Side.GIVEN_UP) if kept else (Side.GIVEN_UP, Side.KEPT)


def joined(row: Comparison, side: Side) -> Any:
    """What the one record says then."""
    if side is not Side.BOTH:
        return row.kept if side is Side.KEPT else row.given_up
    if not (row.kept and row.given_up):
        return row.kept or row.given_up
    if isinstance(row.kept, str):
        return _lines(row.kept, row.given_up)
    if row.name.startswith(CONTACT):
        there = _keys(row.kept)
        return [*row.kept, *(one for one in row.given_up if not _keys([one]) <= there)]
    return [*row.kept, *(one for one in row.given_up if one not in row.kept)]


def _keys(values: list[str]) -> frozenset[str]:
    """Contact points as they are compared: an e-mail address has its sign, a number its figures."""
    return frozenset(matching.email_key(one) if "@" in one else matching.phone_key(one) for one in values)


def _lines(one: str, other: str) -> str:
    """All lines of both; the same line once."""
    there = {line.strip() for line in one.splitlines()}
    more = [line for line in other.splitlines() if line.strip() not in there]
    return "\n".join([one.rstrip(), *more]) if more else one


def stamp(kept: Facts, given_up: Facts) -> str:
    """The two records as somebody saw them: to be compared with what they are when it is pressed."""
    return json.dumps([kept, given_up], sort_keys=True, ensure_ascii=False)
