"""A line of a table as the facts of a record, or what is wrong with it (PAT-1, PAT-5)."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db.models import Model

from sprechzeit.patients import facts as said
from sprechzeit.patients.importing.dates import read_date
from sprechzeit.patients.importing.fields import CONTACTS, FULL_NAME, HOUSE_NUMBER, NUMBER, POSTCODE_TOWN
from sprechzeit.patients.matching import email_key, is_mobile, name_key, phone_key
from sprechzeit.patients.models import ContactKind, Patient, RelatedPerson

LONGEST_TEXT, LONGEST_TAG, MOST_TAGS, MOST_CONTACTS = 5_000, 40, 20, 20
LONGEST_SHOWN = 80  # letters of a wrong value
_CHOICES = {
    "salutation": {"ms": "ms mrs miss frau fr fräulein madame mme", "mr": "mr herr herrn hr monsieur m"},
    "gender": {
        "female": "female f w weiblich frau", "male": "male m männlich mann herr", "diverse": "diverse d x divers",
    },
    "language": {"de": "de deutsch german deu ger de-de", "en": "en englisch english eng en-gb en-us"},
    "insurance": {
        "statutory": "statutory gesetzlich gkv kasse kassenpatient gesetzlichversichert g",
        "private": "private privat pkv privatpatient privatversichert p",
        "self_payer": "self_payer selbstzahler selbstzahlerin selbst sz igel bar",
    },
}  # fmt: skip
_MEANS = {
    name: {word: value for value, words in choices.items() for word in words.split()}
    for name, choices in _CHOICES.items()
}
_SEPARATES_NUMBERS = re.compile(r"[\n;,|]| oder | / | u\. ")
_SEPARATES_ADDRESSES = re.compile(r"[\n;,|\s]+")


class Wrong(StrEnum):
    """Why a line cannot be taken as it is."""

    MISSING = "missing"
    DATE = "date"
    EMAIL = "email"
    PHONE = "phone"
    TOO_LONG = "too_long"
    TOO_MANY = "too_many"
    CHARACTERS = "characters"
    NO_NAME = "no_name"
    UNREADABLE = "unreadable"


Fault = tuple[str, str, str]
"""The field, what is wrong (`Wrong`), and the value as it stands there, shortened."""


@dataclass(frozen=True, slots=True)
class Mapped:
    """How the columns of a table are to be read. `columns`: the field of each column that is taken."""

    columns: Mapping[int, str]
    order: str
    titles: Sequence[str]
    today: date

    def title(self, place: int) -> str:
        """What a column is called."""
        return self.titles[place] if place < len(self.titles) else ""


@dataclass(slots=True)
class Reading:
    """`facts`: of the record as they are compared everywhere, contact points with their keys besides."""

    facts: said.Facts = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def fault(self, name: str, wrong: Wrong, value: str = "") -> None:
        """Note what is wrong."""
        self.faults.append((name, wrong.value, value[:LONGEST_SHOWN]))


def read_line(cells: Sequence[str], mapped: Mapped) -> Reading:
    """The facts of a line. What is no word of ours, and what records have no place for, goes to the remarks."""
    read = Reading()
    if not cells:
        read.fault("", Wrong.UNREADABLE)
        return read
    given: dict[str, list[tuple[str, str]]] = {}
    for place, name in mapped.columns.items():
        value = cells[place] if place < len(cells) else ""
        if value and not _can_be_kept(value):
            read.fault(name, Wrong.CHARACTERS)
        elif value:
            given.setdefault(name, []).append((mapped.title(place), value))
    values = {name: " ".join(value for _title, value in several) for name, several in given.items()}
    remarks = [value for _title, value in given.get("remarks", [])]
    _names(values, read)
    _date(values, mapped, read)
    _choices(given, values, remarks, read)
    _address(values)
    if number := values.get(NUMBER):
        remarks.append(f"{given[NUMBER][0][0]}: {number}")
    texts = {"remarks": "\n".join(remarks), "warnings": "\n".join(v for _title, v in given.get("warnings", []))}
    _texts(values | texts, read)
    _contacts(given, read)
    _tags(given.get("tags", []), read)
    for kind in said.RELATED:
        _related(kind, values, read)
    return read


def _can_be_kept(value: str) -> bool:
    """No text of the database holds NUL or half a character."""
    return "\x00" not in value and not any("\ud800" <= one <= "\udfff" for one in value)


def _names(values: dict[str, str], read: Reading) -> None:
    """'Sommer, Paula' and 'Paula Sommer' where one column has both."""
    if whole := values.pop(FULL_NAME, ""):
        last, comma, first = whole.partition(",")
        if not comma:
            first, _space, last = whole.strip().rpartition(" ")
        values.setdefault("last_name", last)
        values.setdefault("first_name", first)
    for name in ("last_name", "first_name", "birth_name"):
        values[name] = " ".join(values.get(name, "").split())
    for name in ("last_name", "first_name"):
        if not values[name]:
            read.fault(name, Wrong.MISSING)
        elif not any(one.isalnum() for one in values[name]):
            read.fault(name, Wrong.NO_NAME, values[name])


def _date(values: Mapping[str, str], mapped: Mapped, read: Reading) -> None:
    text, born = values.get(said.DATE_OF_BIRTH, ""), None
    try:
        born = read_date(text, mapped.order, mapped.today)
    except ValueError:
        read.fault(said.DATE_OF_BIRTH, Wrong.DATE, text)
    read.facts[said.DATE_OF_BIRTH] = born.isoformat() if born else ""


def _choices(
    given: Mapping[str, list[tuple[str, str]]], values: dict[str, str], remarks: list[str], read: Reading
) -> None:
    """'Herr', 'weiblich', 'GKV' as ours. 'Familie' is none: it stands in the remarks, so that nothing is lost."""
    for name, means in _MEANS.items():
        text = values.pop(name, "")
        meant = means.get(text.casefold().strip(" .").replace("/", ""), "")
        if text and not meant:
            remarks.append(f"{given[name][0][0]}: {text}")
        read.facts[name] = meant


def _address(values: dict[str, str]) -> None:
    if house := values.pop(HOUSE_NUMBER, ""):
        values["street"] = f"{values.get('street', '')} {house}".strip()
    if both := values.pop(POSTCODE_TOWN, ""):
        found = re.fullmatch(r"((?:[A-Z]{1,3}[- ])?[0-9]{4,6})\s+(.+)|(.+)", both, re.DOTALL)
        postcode, town = (found[1] or "", found[2] or found[3] or "") if found else ("", both)
        values.setdefault("postcode", postcode)
        values.setdefault("town", town)


def _texts(values: Mapping[str, str], read: Reading) -> None:
    for name in said.PLAIN:
        if name in read.facts:
            continue
        value = values.get(name, "").strip()
        if name not in ("remarks", "warnings"):
            value = " ".join(value.split())
        if len(value) > _longest(Patient, name):
            read.fault(name, Wrong.TOO_LONG, value)
        read.facts[name] = value.replace("\r\n", "\n")


def _longest(model: type[Model], name: str) -> int:
    column: Any = model._meta.get_field(name)
    return column.max_length or LONGEST_TEXT


def _contacts(given: Mapping[str, list[tuple[str, str]]], read: Reading) -> None:
    points: dict[tuple[str, str], str] = {}
    for name in CONTACTS:
        for _title, cell in given.get(name, []):
            for kind, value, key in _points(name, cell, read):
                points.setdefault((kind, key), value)
    if len(points) > MOST_CONTACTS:
        read.fault("phone", Wrong.TOO_MANY)
    read.facts[said.CONTACTS] = [[kind, value, key] for (kind, key), value in points.items()]


def _points(name: str, cell: str, read: Reading) -> Iterator[tuple[str, str, str]]:
    """Kind, value and key of each address or number in a cell; a mobile's number is one wherever it stands."""
    if name == ContactKind.EMAIL:
        for value in filter(None, _SEPARATES_ADDRESSES.split(cell.replace("mailto:", ""))):
            if not _is_email(value):
                read.fault(name, Wrong.EMAIL, value)
            yield name, value, email_key(value)
        return
    numbers = {cell: _number(cell)}
    if not numbers[cell]:
        numbers = {one.strip(): _number(one.strip()) for one in _SEPARATES_NUMBERS.split(cell) if one.strip()}
    for value, key in numbers.items():
        if not key:
            read.fault(name, Wrong.PHONE, value)
            continue
        kind = ContactKind.MOBILE.value if name == ContactKind.PHONE and is_mobile(value) else name
        yield kind, value, key


def _is_email(value: str) -> bool:
    try:
        validate_email(value)
    except ValidationError:
        return False
    return len(value) <= 254


def _number(value: str) -> str:
    """The key of a number that can be called, '' of what is none."""
    figures = sum(one.isdigit() for one in value)
    key = phone_key(value) if 6 <= figures <= 17 and len(value) <= 40 and "\n" not in value else ""
    return key if 6 <= len(key.lstrip("+")) <= 17 else ""


def _tags(given: Sequence[tuple[str, str]], read: Reading) -> None:
    words = [" ".join(one.split()) for _title, cell in given for one in re.split(r"[,;|\n]", cell)]
    found = {name_key(one): one for one in reversed(words) if one}
    if len(found) > MOST_TAGS or any(len(one) > LONGEST_TAG for one in found.values()):
        read.fault(said.TAGS, Wrong.TOO_LONG if len(found) <= MOST_TAGS else Wrong.TOO_MANY, ", ".join(found.values()))
    read.facts[said.TAGS] = sorted(found.values(), key=str.casefold)


def _related(kind: str, values: Mapping[str, str], read: Reading) -> None:
    """A guardian or payer who is typed; without a name nobody."""
    typed: dict[str, Any] = {}
    for part in said.TYPED:
        if value := " ".join(values.get(f"{kind}_{part}", "").split()):
            typed[part] = value
            if len(value) > _longest(RelatedPerson, part):
                read.fault(f"{kind}_{part}", Wrong.TOO_LONG, value)
    if typed and not typed.get("name"):
        read.fault(f"{kind}_name", Wrong.MISSING)
    if typed.get("email") and not _is_email(typed["email"]):
        read.fault(f"{kind}_email", Wrong.EMAIL, typed["email"])
    read.facts[kind] = typed
