"""Address cards (vCard 2.1, 3.0, 4.0), each as a row of a table with fixed columns."""

import logging
import re
from collections.abc import Iterator
from typing import Any

import vobject

from sprechzeit.patients.importing.tables import (
    BadFile,
    Problem,
    Row,
    encoding_of,
    refuse_other_kinds,
)

# It names the lines that it cannot read, which are somebody's data.
logging.getLogger("vobject.base").addFilter(lambda _record: False)

COLUMNS = (
    "last_name", "first_name", "title", "birth_name", "date_of_birth", "gender", "email", "mobile", "phone", "work",
    "street", "postcode", "town", "country", "language", "tags", "remarks",
)  # fmt: skip
MOST_CARDS = 10_000  # they are read while one waits
_CARD = re.compile(r"^BEGIN:VCARD\s*$.*?^END:VCARD\s*$", re.IGNORECASE | re.MULTILINE | re.DOTALL)
_BIRTHDAY = re.compile(r"([0-9]{4})-?([0-9]{2})-?([0-9]{2})")
_GENDERS = {"f": "female", "m": "male", "o": "diverse"}


def is_cards(data: bytes) -> bool:
    """Whether a file holds address cards."""
    return b"BEGIN:VCARD" in data[:4096].replace(b"\x00", b"").upper()


def read_cards(data: bytes) -> Iterator[Row]:
    """Each card by its number in the file; one that cannot be read is a row without cells. Raises `BadFile`."""
    refuse_other_kinds(data)
    text = data.decode(encoding_of(data), "replace").lstrip("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    number = 0
    for number, found in enumerate(_CARD.finditer(text), 1):
        if number > MOST_CARDS:
            raise BadFile(Problem.TOO_MANY_CARDS)
        yield number, _row(found[0])
    if not number:
        raise BadFile(Problem.NO_CARD)


def _row(text: str) -> list[str]:
    try:
        card: Any = vobject.readOne(text, allowQP=True, ignoreUnreadable=True)
        found = _values(card.contents)
    except Exception:
        return []
    return ["\n".join(found.get(name, ())) for name in COLUMNS]


def _values(contents: dict[str, list[Any]]) -> dict[str, list[str]]:
    first = {name: lines[0] for name, lines in contents.items()}
    found: dict[str, list[str]] = {"last_name": [], "first_name": [], "title": []}
    if "n" in first:
        name = first["n"].value
        found = {
            "last_name": _texts(name.family), "first_name": _texts(name.given) + _texts(name.additional),
            "title": _texts(name.prefix),
        }  # fmt: skip
        found = {field: [" ".join(parts)] for field, parts in found.items()}
    if not any("".join(parts) for parts in found.values()) and "fn" in first:
        whole = str(first["fn"].value).strip()
        begin, _space, last = whole.rpartition(" ")
        found |= {"first_name": [begin], "last_name": [last]}
    found |= _address(first["adr"].value) if "adr" in first else {}
    found["birth_name"] = [str(first[name].value) for name in ("x-maidenname",) if name in first]
    found["date_of_birth"] = _birthday(str(first["bday"].value)) if "bday" in first else []
    found["gender"] = [_GENDERS.get(str(one.value)[:1].casefold(), "") for one in contents.get("gender", [])[:1]]
    found["language"] = [str(one.value)[:2].casefold() for one in contents.get("lang", [])[:1]]
    found["email"] = [str(one.value) for one in contents.get("email", [])]
    for one in contents.get("tel", []):
        kinds = _kinds(one)
        field = "mobile" if "cell" in kinds else "work" if "work" in kinds else "phone"
        if "fax" not in kinds:
            found.setdefault(field, []).append(str(one.value).removeprefix("tel:").partition(";")[0])
    found["remarks"] = [str(one.value).replace("\r\n", "\n") for one in contents.get("note", [])]
    groups = [_texts(one.value) for one in contents.get("categories", [])]
    found["tags"] = [",".join(word for words in groups for word in words)]
    return found


def _birthday(text: str) -> list[str]:
    """A whole date; a day without its year says nothing that a record could hold."""
    said = _BIRTHDAY.match(text)
    return ["-".join(said.groups())] if said else []


def _address(value: Any) -> dict[str, list[str]]:
    parts = {"street": value.street, "postcode": value.code, "town": value.city, "country": value.country}
    return {name: [" ".join(_texts(part))] for name, part in parts.items()}


def _kinds(line: Any) -> set[str]:
    given = [word for one in line.params.get("TYPE", []) for word in one.split(",")]
    return {one.casefold() for one in (*given, *line.singletonparams)}


def _texts(value: Any) -> list[str]:
    """The library has a text, or a list where there are several."""
    parts = value if isinstance(value, list | tuple) else [value]
    return [str(one).strip() for one in parts if str(one).strip()]
