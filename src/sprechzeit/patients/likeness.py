"""Whether two records may be of one person: one pure decision (PAT-14). People compare and decide.

What matching takes for one person makes no second record (PAT-11, PAT-13): here is what it let through, because a
name or a date of birth was typed differently, or the older record has no date of birth.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from difflib import SequenceMatcher
from enum import StrEnum
from functools import lru_cache

from sprechzeit.patients.folding import fold

LIKE = 0.75
SHORTEST_BEGIN = 3
_WRONG_YEARS = (-100, -10, -1, 1, 10, 100)


class Sign(StrEnum):
    """What two records have in common, or not."""

    FIRST_NAME = "first_name"
    LAST_NAME = "last_name"
    DATE_OF_BIRTH = "date_of_birth"
    EMAIL = "email"
    PHONE = "phone"


@dataclass(frozen=True, slots=True)
class Person:
    """What is compared: names and contact points by the keys that matching makes."""

    first_key: str
    last_key: str
    born_on: date | None
    contact_keys: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Likeness:
    """What speaks for one person, and what against it."""

    same: tuple[Sign, ...]
    different: tuple[Sign, ...]

    @property
    def weight(self) -> int:
        """The more, the likelier."""
        return len(self.same) - len(self.different)


def likeness(one: Person, other: Person) -> Likeness | None:
    """Why the two may be one person; None where hardly anything says so.

    Twins, and families with one telephone, are not: their first names have nothing in common.
    """
    swapped = (one.first_key, one.last_key) == (other.last_key, other.first_key)
    shared = (one.contact_keys & other.contact_keys) - {""}
    born = one.born_on == other.born_on and one.born_on is not None
    may_be_born = born or None in (one.born_on, other.born_on) or other.born_on in mistyped(one.born_on)
    # Most pairs have nothing in common: names, which take longest, are compared last.
    if not (may_be_born or shared):
        return None
    first = _alike(one.first_key, other.first_key)
    if not (swapped or first):
        return None
    last = _alike(one.last_key, other.last_key)
    by_names = (swapped or (first and last)) and (may_be_born or bool(shared))
    by_date = one.first_key == other.first_key and born
    by_contact = bool(shared) and first and (last or may_be_born)
    if not (by_names or by_date or by_contact):
        return None
    signs = {
        Sign.FIRST_NAME: one.first_key == other.first_key,
        Sign.LAST_NAME: one.last_key == other.last_key,
        Sign.DATE_OF_BIRTH: born,
        Sign.EMAIL: any("@" in key for key in shared),
        Sign.PHONE: any("@" not in key for key in shared),
    }
    # That one has another address says little; that they have the same one says much.
    told = {sign: same for sign, same in signs.items() if same or sign not in (Sign.EMAIL, Sign.PHONE)}
    return Likeness(
        tuple(sign for sign, same in told.items() if same), tuple(sign for sign, same in told.items() if not same)
    )


@lru_cache(maxsize=1024)
def mistyped(born_on: date | None) -> frozenset[date]:
    """Dates that are this one with day and month exchanged, or a wrong figure in the year."""
    return frozenset(_mistyped(born_on)) if born_on else frozenset()


def _mistyped(born_on: date) -> Iterator[date]:
    changes = [{"day": born_on.month, "month": born_on.day}]
    changes += [{"year": born_on.year + years} for years in _WRONG_YEARS]
    for change in changes:
        try:
            yield born_on.replace(**change)
        except ValueError:  # no such day
            continue


def _alike(one: str, other: str) -> bool:
    """The same, nearly the same, or a part of the other: Jörg and Joerg, Katharina and Katarina, Hans-Peter, Peter."""
    if one == other or _folded(one) == _folded(other):
        return True
    words = _words(one), _words(other)
    if all(words) and (words[0] <= words[1] or words[1] <= words[0]):
        return True
    short, long = sorted((one, other), key=len)
    begins = len(short) >= SHORTEST_BEGIN and long.startswith(short)
    return begins or _nearly_the_same(one, other)


def _nearly_the_same(one: str, other: str) -> bool:
    """The upper bounds, which are quick, settle it for most."""
    matcher = SequenceMatcher(None, one, other, autojunk=False)
    return all(bound() >= LIKE for bound in (matcher.real_quick_ratio, matcher.quick_ratio, matcher.ratio))


@lru_cache(maxsize=4096)
def _folded(name: str) -> str:
    return fold(name) or name


@lru_cache(maxsize=4096)
def _words(name: str) -> frozenset[str]:
    return frozenset(name.replace("-", " ").split())
