"""What somebody typed to find a patient, read in every way that it may be meant (PAT-2): pure.

All that was typed must fit; of each part it is enough that one reading of it does.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

import phonenumbers

from sprechzeit.patients.folding import LONGEST_WORD, errors_allowed, errors_between, fold, without_particles

LONGEST = 100  # letters of what was typed that are looked at
MOST_WORDS = 6
SHORTEST_END = 4  # figures of a phone number, from its end
OLDEST = 125  # years
_FIGURES = re.compile(r"[-+0-9()/.]*[0-9][-+0-9()/.]*")
_NUMBER = re.compile(r"[0-9]{1,18}")
_DAY_FIRST = re.compile(r"([0-9]{1,2})[-./]+(?:([0-9]{1,2})(?:[-./]+([0-9]{0,4}))?)?")
_YEAR_FIRST = re.compile(r"([0-9]{4})[-./](?:([0-9]{1,2})(?:[-./]([0-9]{0,2}))?)?")
_MONTH = re.compile(r"([0-9]{1,2})[-./]([0-9]{4})")


class Lexeme(NamedTuple):
    """A word of the index: what it is (`search.sql` says which letter), and its text, or how that begins."""

    kind: str
    text: str
    is_begin: bool = True


Reading = tuple[Lexeme, ...]  # all of these
Part = tuple[Reading, ...]  # one of these


@dataclass(frozen=True, slots=True)
class Asked:
    """`words`: of names, folded; `others`: everything else; `number`: of a record, where nothing else was typed."""

    words: tuple[str, ...] = ()
    others: tuple[Part, ...] = ()
    number: int | None = None

    def __bool__(self) -> bool:
        return bool(self.words or self.others or self.number is not None)

    def query(self, near: str, slips_of: Callable[[str], frozenset[str]] | None = None) -> str:
        """As a tsquery over the lexemes of the practice whose id ends in `near`; with what mistyped words have in
        common with the right ones, typing errors too.
        """
        names = _with_slips(self.words, near, slips_of) if slips_of else _names(self.words, near)
        parts = [names] if self.words else []
        parts += [_any(_all(_said(one, near) for one in reading) for reading in part) for part in self.others]
        return _all(parts)


def read(typed: str, today: date, region: str = "DE") -> Asked:
    """What was typed as something to look for. `region`: of phone numbers without a country's code."""
    tokens = [one for one in re.split(r"[\s,;]+", typed[:LONGEST].replace("\x00", " ")) if one]
    words: list[str] = []
    others: list[Part] = []
    run: list[str] = []
    named = [fold(one).split() for one in tokens if "@" not in one and not _FIGURES.fullmatch(one)]
    alone = not any(named) and len(tokens) == 1
    for token in [*tokens, ""]:
        if _FIGURES.fullmatch(token):
            run.append(token)
            continue
        others += [part for one in _runs(run, today) if (part := _figures(one, today, region, alone)) is not None]
        run = []
        if "@" in token:
            others.append(((Lexeme("e", token.casefold()),),))
        else:
            words += fold(token).split()
    number = int(tokens[0]) if alone and _NUMBER.fullmatch(tokens[0]) else None
    return Asked(tuple(one[:LONGEST_WORD] for one in words[:MOST_WORDS]), tuple(others), number)


# --- Figures: dates and phone numbers --------------------------------------------------------------------------------


def _runs(tokens: Sequence[str], today: date) -> Iterator[list[str]]:
    """Figures that belong together: dates and years stand for themselves, a phone number may have spaces."""
    if len(tokens) > 1 and re.fullmatch(r"[0-9]{1,2}\.? [0-9]{1,2}\.? [0-9]{2,4}", " ".join(tokens)):
        yield [".".join(one.rstrip(".") for one in tokens)]
        return
    phone: list[str] = []
    for place, token in enumerate(tokens):
        follows = tokens[place + 1] if place + 1 < len(tokens) else "0"
        is_year = not phone and follows[0] in "0+(" and bool(_years(token, today)) and len(token) == 4
        if is_year or _is_whole_date(token):
            if phone:
                yield phone
            phone = []
            yield [token]
        else:
            phone.append(token)
    if phone:
        yield phone


def _is_whole_date(token: str) -> bool:
    parts = re.split(r"[-./]", token)
    return len(parts) == 3 and all(parts) and sorted(map(len, parts))[:2] <= [2, 2] and bool(
        _DAY_FIRST.fullmatch(token) or _YEAR_FIRST.fullmatch(token)
    )  # fmt: skip


def _figures(tokens: Sequence[str], today: date, region: str, alone: bool) -> Part | None:
    """The readings of figures; None where nothing can be said of them yet, and something else was typed."""
    joined = " ".join(tokens)
    dates = list(_dates(joined, today, alone)) if len(tokens) == 1 else []
    if () in dates:
        return () if alone else None
    is_date = bool(dates) and not joined.isdigit()
    return tuple(dates) if is_date else (*dates, *_phones(joined, region))


def _dates(token: str, today: date, alone: bool) -> Iterator[Reading]:
    """Dates of birth that the token says; the empty reading where it is only the begin of one."""
    if token.isdigit():
        yield from _plain_dates(token, today, alone)
        return
    if (found := _YEAR_FIRST.fullmatch(token)) and _years(found[1], today):
        year, month, day = (one or "" for one in found.groups())
        yield (Lexeme("d", year + (f"{month:0>2}" + (f"{day:0>2}" if len(day) == 2 else day) if month else "")),)
        return
    if (found := _MONTH.fullmatch(token)) and 0 < int(found[1]) <= 12:
        yield (Lexeme("d", f"{found[2]}{found[1]:0>2}"),)
    if not (found := _DAY_FIRST.fullmatch(token)):
        return
    day, month, year = found.groups()
    if not 0 < int(day) <= 31 or int(month or 0) > 12:
        return
    if month is None or int(month) == 0:
        yield ()
        return
    months = [int(month)] + ([10, 11, 12] if month == "1" and year is None else [])
    birthdays = [Lexeme("b", f"{one:02}{int(day):02}", is_begin=False) for one in months]
    if not year:
        yield from ((one,) for one in birthdays)
        return
    if len(year) != 2 or year in ("19", "20"):
        yield (birthdays[0], Lexeme("d", year))
    if len(year) == 2:
        yield from ((birthdays[0], Lexeme("d", one)) for one in _years(year, today))


def _plain_dates(figures: str, today: date, alone: bool) -> Iterator[Reading]:
    """'1985', '85', '240385', '24031985', '19850324'; beside a name the begin of a year too."""
    if len(figures) == 4:
        yield from ((Lexeme("d", one),) for one in _years(figures, today))
    elif len(figures) < 4:
        if not alone:
            yield (Lexeme("d", figures),)
            yield from ((Lexeme("d", one),) for one in _years(figures, today))
    elif len(figures) == 6:
        birthday = Lexeme("b", figures[2:4] + figures[:2], is_begin=False)
        yield from ((birthday, Lexeme("d", one)) for one in _years(figures[4:], today))
    elif len(figures) == 8:
        yield (Lexeme("d", figures[4:] + figures[2:4] + figures[:2]),)
        yield (Lexeme("d", figures),)


def _years(figures: str, today: date) -> list[str]:
    """Years in which somebody may be born who is alive: of two figures in either century."""
    wanted = [f"{century}{figures}" for century in (19, 20)] if len(figures) == 2 else [figures]
    return [one for one in wanted if re.fullmatch("[0-9]{4}", one) and today.year - OLDEST <= int(one) <= today.year]


def _phones(typed: str, region: str) -> Iterator[Reading]:
    """From the front, in any notation, or from the end."""
    figures = re.sub("[^0-9]", "", typed.replace("(0)", "") if typed[0] == "+" or typed[:2] == "00" else typed)
    if len(figures) < SHORTEST_END:
        return
    code = str(phonenumbers.country_code_for_region(region))
    if typed[0] == "+":
        fronts = [figures]
    elif figures.startswith("00"):
        fronts = [figures[2:]]
    else:
        fronts = [code + figures.lstrip("0"), figures]
    yield from ((Lexeme("f", one[:LONGEST_WORD]),) for one in fronts if len(one) >= SHORTEST_END - 1)
    if typed[0] != "+":
        yield (Lexeme("r", figures[::-1][:LONGEST_WORD]),)


# --- As the database is asked ----------------------------------------------------------------------------------------


def _names(words: Sequence[str], near: str) -> str:
    """Every word begins one of the record's; two that stand together may be written as one."""
    ways = [list(words)]
    ways += [[*words[:at], words[at] + words[at + 1], *words[at + 2 :]] for at in range(len(words) - 1)]
    return _any(_all(_said(Lexeme("n", word), near) for word in way) for way in ways)


def _with_slips(words: Sequence[str], near: str, slips_of: Callable[[str], frozenset[str]]) -> str:
    return _all(
        _any(
            [_said(Lexeme("n", word), near), *(_said(Lexeme("t", one, False), near) for one in sorted(slips_of(word)))]
        )
        for word in words
    )


def _said(lexeme: Lexeme, near: str) -> str:
    text = f"{near}{lexeme.kind}{lexeme.text}".replace("\\", "\\\\").replace("'", "''")
    return f"'{text}':*" if lexeme.is_begin else f"'{text}'"


def _all(parts: Iterable[str]) -> str:
    return " & ".join(f"({one})" for one in parts)


def _any(parts: Iterable[str]) -> str:
    return " | ".join(f"({one})" for one in parts) or "'-'"


# --- How well a record fits ------------------------------------------------------------------------------------------


class Fit(NamedTuple):
    """Less is better. `worst`: of the words typed, 0 is a whole word, 1 begins a name, 2 begins a word inside, 3 is
    like one. `errors`: typing errors of all of them.
    """

    worst: int
    errors: int


INSIDE = Fit(2, 0)


def fit(words: Sequence[str], first_name: str, last_name: str) -> Fit | None:
    """How well names fit the words typed; None where they do only by what is no typing error any more."""
    fields = [fold(first_name), fold(last_name)]
    joined = [one.replace(" ", "") for one in fields]
    names = [*fields[0].split(), *fields[1].split(), *joined]
    together = "".join(words)
    if len(words) > 1 and any(one.startswith(together) for one in joined):
        return Fit(0 if together in joined else 1, 0)
    fits = [_fit_of(word, fields, names) for word in words]
    there = [one for one in fits if one is not None]
    if len(there) < len(fits):
        return None
    return Fit(max((one.worst for one in there), default=0), sum(one.errors for one in there))


def _fit_of(word: str, fields: Sequence[str], names: Sequence[str]) -> Fit | None:
    if word in names:
        return Fit(0, 0)
    if any(without_particles(one).startswith(word) for one in fields):
        return Fit(1, 0)
    if any(name.startswith(word) for name in names):
        return INSIDE
    errors = min((errors_between(word, name) for name in names), default=len(word))
    return Fit(3, errors) if errors <= errors_allowed(word) else None


def marks(name: str, words: Sequence[str]) -> list[tuple[str, bool]]:
    """A name as it is shown, in pieces: those that fit a word typed, and what stands between them."""
    pieces: list[tuple[str, bool]] = []
    for part in re.split(r"([\s,\-]+)", name):
        length = max((_begin_of(part, word) for word in words), default=0)
        pieces += [(text, fits) for text, fits in ((part[:length], True), (part[length:], False)) if text]
    return pieces


def _begin_of(part: str, word: str) -> int:
    """How many letters of a part of a name say the word; 0 where it does not begin so."""
    if not fold(part).startswith(word):
        return 0
    return next(length for length in range(1, len(part) + 1) if fold(part[:length]).startswith(word))
