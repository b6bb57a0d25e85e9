"""Texts with placeholders, written `%NAME%`, and how values come into them (NOT-3). Pure: no Django.

A text is taken apart once and its values are put between the parts; nothing that was put in is read again, neither as
a placeholder nor as markup. What comes out are paragraphs of pieces, which a page and a mail escape as they need.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import NamedTuple

# Each placeholder, and what else people call it, which is how one is found for a name that there is not.
NAMES: dict[str, tuple[str, ...]] = {
    "FIRSTNAME": ("VORNAME", "GIVENNAME", "PATIENTFIRSTNAME"),
    "LASTNAME": ("NACHNAME", "NAME", "FAMILYNAME", "SURNAME", "PATIENTLASTNAME"),
    "FORWHOM": ("FÜRWEN", "FOR", "FÜR", "KIND", "CHILD"),
    "PATIENT": ("PATIENTIN", "PATIENTNAME", "PATIENTENNAME"),
    "DATE": ("DATUM", "TAG", "DAY", "TERMINDATUM"),
    "SHORTDATE": ("KURZDATUM", "DATUMKURZ", "SHORTDAY"),
    "TIME": ("UHRZEIT", "ZEIT", "STARTTIME", "BEGINN"),
    "SERVICE": ("LEISTUNG", "TERMINART", "TERMIN", "APPOINTMENT", "APPOINTMENTTYPE", "TYPE"),
    "PRACTITIONER": ("BEHANDLER", "BEHANDLERIN", "ARZT", "DOCTOR", "THERAPEUT", "THERAPIST", "CALENDAR", "KALENDER"),
    "LOCATION": ("ORT", "PLACE", "TERMINORT"),
    "VIDEOLINK": ("VIDEO", "JOINLINK", "MEETINGLINK", "MEETINGURL", "GESPRÄCHSLINK"),
    "MEETINGPASSWORD": ("TAN", "PIN", "PASSWORT", "PASSWORD", "KENNWORT", "MEETINGTAN"),
    "CANCELLINK": ("ABSAGELINK", "STORNOLINK", "LINK", "CANCEL", "CHANGELINK", "ÄNDERUNGSLINK"),
    "CHANGENOTE": ("ÄNDERUNGSHINWEIS", "HINWEIS", "FRIST", "DEADLINE"),
    "CANCELNOTE": ("ABSAGEHINWEIS", "ABSAGE"),
    "REASON": ("GRUND", "ABSAGEGRUND", "CANCELREASON"),
    "BOOKINGPAGE": ("BUCHUNGSLINK", "BUCHUNGSSEITE", "BOOKINGLINK"),
    "APPOINTMENTBOOK": ("TERMINBUCH", "BOOK", "BOOKLINK"),
    "BOOKEDNOTE": ("BUCHUNGSHINWEIS", "BOOKEDBY", "GEBUCHTÜBER"),
    "PRACTICE": ("PRAXIS", "PRAXISNAME", "PRACTICENAME", "COMPANY", "FIRMA"),
    "PRACTICEPHONE": ("TELEFON", "PHONE", "TELEPHONE", "PRAXISTELEFON", "RUFNUMMER"),
    "PRACTICEADDRESS": ("ADRESSE", "ANSCHRIFT", "ADDRESS", "PRAXISADRESSE", "STREET", "STRASSE"),
}
# A paragraph that begins with nothing but these says what the appointment is, and is set in a box.
_FACTS = frozenset({"DATE", "SHORTDATE", "TIME", "SERVICE", "PRACTITIONER"})
_STRONG = frozenset({"SERVICE", "TIME", "MEETINGPASSWORD"})
NO_EMAIL = "NOEMAIL"

# Words in capitals may have spaces in them: '%FIRST NAME%' is a placeholder mistyped, '10% more and 20%' is not.
_WRITTEN = re.compile(r"%([^\W\d_](?:[\w-]{0,40}|[A-ZÄÖÜ0-9 _-]{0,40}[A-ZÄÖÜ0-9]))%")
_OPEN = re.compile(r"%([A-Z]{3,40})\b(?!%)")
# Letters that no line shows: control, line and paragraph separators, lone surrogates, and those that turn the
# direction of what follows (UAX 9), with which a name could make a text read differently.
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Link:
    """A value that can be followed; `label`: what a button to it says."""

    url: str
    label: str


Value = str | Link
Values = Mapping[str, Value]


class Placeholder(NamedTuple):
    """A placeholder of a text, by its name in capitals."""

    name: str


class Fault(NamedTuple):
    """What is written like a placeholder and is none of those allowed; `meant`: the one that is probably meant."""

    written: str
    meant: str


@dataclass(frozen=True, slots=True)
class Piece:
    """Text of the practice's own, or the value of the placeholder `name`; `link`: where it leads."""

    text: str
    name: str = ""
    link: Link | None = None

    @property
    def is_strong(self) -> bool:
        """Whether it is what people look for in a mail."""
        return self.name in _STRONG


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a paragraph. `button`: it is nothing but a link."""

    pieces: Sequence[Piece]

    @property
    def button(self) -> Link | None:
        """The link, where the line is nothing else."""
        told = [one for one in self.pieces if one.text.strip()]
        return told[0].link if len(told) == 1 else None

    @property
    def text(self) -> str:
        """As plain text."""
        return "".join(one.text for one in self.pieces).strip()


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Lines between two empty ones. `is_box`: it says what the appointment is, and is set off."""

    lines: Sequence[Line]
    is_box: bool = False


# --- What is written --------------------------------------------------------------------------------------------------


def parts(text: str) -> list[str | Placeholder]:
    """A text taken apart; put together again it is what it was, but for the case of the placeholders."""
    found: list[str | Placeholder] = []
    place = 0
    for one in _WRITTEN.finditer(text):
        name = one[1].upper()
        if name in NAMES:
            found += [text[place : one.start()], Placeholder(name)]
            place = one.end()
    return [one for one in [*found, text[place:]] if one]


def faults(text: str, allowed: Collection[str]) -> list[Fault]:
    """What stands in the text like a placeholder and cannot be filled in, each once, as it is written (NOT-3)."""
    written = [one[0] for one in _WRITTEN.finditer(text) if one[1].upper() not in allowed]
    rest = _WRITTEN.sub(" ", text)
    written += [one[0] for one in _OPEN.finditer(rest) if one[1] in NAMES]
    return [Fault(one, meant(one, allowed)) for one in dict.fromkeys(written)]


def meant(written: str, allowed: Collection[str]) -> str:
    """The allowed placeholder that is probably meant by what is written; empty if none comes near."""
    wanted = re.sub(r"[^A-ZÄÖÜ]", "", written.upper())
    known = {word: name for name in allowed if name in NAMES for word in (*NAMES[name], name)}
    if wanted in known:
        return known[wanted]
    near = get_close_matches(wanted, known, n=1, cutoff=0.7)
    if near:
        return known[near[0]]
    begins = [word for word in known if len(word) > 4 and (wanted.startswith(word) or word.startswith(wanted[:6]))]
    return known[max(begins, key=len)] if begins and len(wanted) > 3 else ""


def suppresses(subject: str, text: str) -> bool:
    """Whether a template says that no e-mail is sent: `%NOEMAIL%` in it, or `NOEMAIL` as all of its text (NOT-3)."""
    return f"%{NO_EMAIL}%" in f"{subject}\n{text}".upper() or text.strip().upper() == NO_EMAIL


def tidy(text: str) -> str:
    """What somebody typed, with one kind of line end and without letters that no line shows."""
    lines = re.split(r"\r\n|[\r\n\u2028\u2029]", text)
    return "\n".join(_UNSEEN.sub(" ", line).rstrip() for line in lines).strip()


def one_line(text: str) -> str:
    """On one line, without letters that no line shows: such as could begin another header of a mail."""
    return re.sub(r"[^\S\u00a0]+", " ", _UNSEEN.sub(" ", text)).strip()


# --- Filling in -------------------------------------------------------------------------------------------------------


def filled(text: str, values: Values) -> list[Paragraph]:
    """The paragraphs of a text with its values. A line is left out whose placeholders all have nothing to say.

    Values are on one line each, whatever they were: none of them makes lines of its own.
    """
    found = []
    for paragraph in re.split(r"\n[ \t]*(?:\n[ \t]*)+", tidy(text)):
        lines = [parts(line) for line in paragraph.split("\n")]
        told = [line for line in (_line(one, values) for one in lines) if line is not None]
        if told:
            found.append(Paragraph(told, _is_box(lines)))
    return found


def filled_line(text: str, values: Values) -> str:
    """A text of one line with its values, as of a subject."""
    return one_line("".join(_piece(part, values).text for part in parts(one_line(text))))


def plain(paragraphs: Sequence[Paragraph]) -> str:
    """As plain text: links are written out."""
    return "\n\n".join("\n".join(line.text for line in one.lines) for one in paragraphs)


def _line(line: Sequence[str | Placeholder], values: Values) -> Line | None:
    pieces = [_piece(part, values) for part in line]
    of_values = [one for one in pieces if one.name]
    if of_values and not any(one.text for one in of_values):
        return None
    return Line(pieces)


def _piece(part: str | Placeholder, values: Values) -> Piece:
    if isinstance(part, str):
        return Piece(part)
    value = values.get(part.name, "")
    if isinstance(value, Link):
        return Piece(one_line(value.url), part.name, value)
    return Piece(one_line(value), part.name)


def _is_box(lines: Sequence[Sequence[str | Placeholder]]) -> bool:
    first = [one.name for one in lines[0] if isinstance(one, Placeholder)]
    words = "".join(one for one in lines[0] if isinstance(one, str))
    return (
        len(lines) > 1
        and bool(first)
        and _FACTS.issuperset(first)
        and not re.search(r"\w", words)
        and all(any(isinstance(one, Placeholder) for one in line) for line in lines)
    )
