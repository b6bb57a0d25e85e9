"""Names as they are searched: pure. `search.sql` folds what is stored in the same way (PAT-2)."""

import re
import unicodedata

LONGEST_WORD = 40
SHORTEST_TO_SLIP = 4  # letters of a word in which a typing error is looked for
BEGINNING = 6


def _alphabet(first: str, last: str) -> str:
    return "".join(map(chr, range(ord(first), ord(last) + 1)))


_UPPER_AND_LIKE = (
    _alphabet("A", "Z") + _alphabet("Α", "Ρ") + _alphabet("Σ", "Ω") + "ς" + _alphabet("А", "Я") + _alphabet("Ѐ", "Џ")
    + "Ґґ" + "ŁłØøÐðĐđıÆæŒœŦŧĦħƏə" + "ٱةىیک"
)  # fmt: skip
_LOWER_AND_PLAIN = (
    _alphabet("a", "z") + _alphabet("α", "ρ") + _alphabet("σ", "ω") + "σ" + _alphabet("а", "я") + _alphabet("ѐ", "џ")
    + "гг" + "llooddddiaaootthhaa" + "اهييك"
)  # fmt: skip
_LETTERS = str.maketrans(
    dict(zip(_UPPER_AND_LIKE, _LOWER_AND_PLAIN, strict=True)) | {"ß": "ss", "ẞ": "ss", "þ": "th", "Þ": "th"}
)
_MARKS = re.compile(
    "[\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06ed\u200b-\u200f\u02b9-\u02bf"
    "\u2018\u2019\u2032]"
)
_APOSTROPHES = re.compile("['`\u00b4]")
_SIGNS = re.compile("[\u0000-\u002f\u003a-\u0060\u007b-\u00bf\u2000-\u206f\u3000\ufeff]+")
_PARTICLES = re.compile(
    "^(?:(?:von|vom|van|der|den|dem|de|del|della|di|da|dos|du|la|le|ter|ten|zu|zum|zur|af|av"
    "|al|el|ul|bin|ben|ibn|abu) )+"
)
_UMLAUTS = re.compile("([aou])e+")


def fold(text: str) -> str:
    """The words of a text, folded, a space between them; '' where it has none.

    No case and no accents; 'ß' is 'ss'; 'ä', 'ae' and 'a' are one, so are 'ö', 'oe', 'o' and 'ü', 'ue', 'u'; hyphens
    are spaces, apostrophes nothing; Arabic letters are compared by their form. What begins a text begins it folded too.
    """
    plain = text
    if not plain.isascii():
        plain = _MARKS.sub("", unicodedata.normalize("NFKD", plain).translate(_LETTERS))
    else:
        plain = plain.lower()
    plain = _SIGNS.sub(" ", _APOSTROPHES.sub("", plain))
    return _UMLAUTS.sub(r"\1", plain).strip(" ")


def without_particles(name: str) -> str:
    """A folded last name without 'von der' and the like before it, unless nothing else is there."""
    return _PARTICLES.sub("", name)


def slips(word: str) -> frozenset[str]:
    """What a mistyped word has in common with the right one: both, with any one letter left out.

    So words fit of which one has a letter more, less, another or two exchanged.
    """
    return frozenset() if len(word) < SHORTEST_TO_SLIP else without_one(word)


def slips_of_begin(word: str) -> frozenset[str]:
    """The same, of a long word its beginning too: for one that is not typed to its end."""
    return slips(word) | without_one(word[:BEGINNING]) if len(word) > BEGINNING else slips(word)


def without_one(word: str) -> frozenset[str]:
    """The word, and the word without each one of its letters."""
    return frozenset({word, *(word[:at] + word[at + 1 :] for at in range(len(word)))})


def errors_allowed(word: str) -> int:
    """Typing errors that a word may have and still be meant: none in a short one, two in a long one."""
    return 0 if len(word) < SHORTEST_TO_SLIP else 1 if len(word) < 8 else 2


def errors_between(typed: str, word: str) -> int:
    """Typing errors (a letter more, less, another, two exchanged) that make `typed` of `word` or of its beginning."""
    before: list[int] = []
    row = list(range(len(word) + 1))
    for number, letter in enumerate(typed, 1):
        before, former, row = row, before, [number]
        for at, other in enumerate(word, 1):
            steps = min(before[at] + 1, row[at - 1] + 1, before[at - 1] + (letter != other))
            swapped = number > 1 and at > 1 and letter == word[at - 2] and typed[number - 2] == other
            row.append(min(steps, former[at - 2] + 1) if swapped else steps)
    return min(row)
