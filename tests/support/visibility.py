"""Who sees which mark, by the one table (ACC-7); and all the words that an answer holds, whatever it is written in."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from html import unescape
from io import BytesIO
from typing import Any

from openpyxl import load_workbook

from sprechzeit.access.fields import fields_of
from sprechzeit.access.table import TABLE, Area, Column, Data, Reach, Role, Use
from sprechzeit.portal.visitors import Link
from sprechzeit.practice.visitors import Invited, Public, Staff
from sprechzeit.video.visitors import Joiner
from tests.support.marked import Mark
from tests.support.routes import DELEGATE, OF_THE_LOG, ROLES, SHOWS, VIEWS

Table = Mapping[Data, Mapping[Column, tuple[Reach, Reach]]]


@dataclass(frozen=True)
class Person:
    """Somebody who comes: where, as which columns of the table, and for whom a delegate has their access."""

    name: str
    house: str
    member: str
    columns: tuple[Column, ...]
    granted: frozenset[str] = frozenset()


COLUMNS: dict[str, tuple[Column, ...]] = {"stranger": (Role.ADMINISTRATOR,)}
PERSONS = {
    name: Person(name, house, member, COLUMNS.get(name) or (Role(name),)) for name, (house, member) in ROLES.items()
}
# Kern's office books for Jonas (tests/support/routes.py).
PERSONS[DELEGATE] = Person(DELEGATE, "albers", "", (Area.SCHEDULING,), frozenset({"jonas"}))
VISITOR, LINK = Person("visitor", "albers", "", (Role.VISITOR,)), Person("link", "albers", "", (Role.LINK,))
NOBODY = Person("nobody", "", "", ())


def who_comes(person: str, route: str) -> Person:
    """As whom somebody comes to a page: to those for patients everybody comes as a patient of Albers."""
    kind = getattr(VIEWS[route], "visitor", None)
    if kind in (Public, Invited, Joiner):
        return VISITOR
    if kind is Link:
        return LINK
    # What their one area, scheduling, opens to no one: sessions.
    closed = person == DELEGATE and (kind is Staff or route.startswith("records:"))
    return NOBODY if closed else PERSONS.get(person, NOBODY)


# As which field of a record a mark is told where somebody sees a part of it.
FIELD = {"name": "last_name", "mail": "email", "phone": "mobile", "treatment": "kind", "price": "price_cents"}
# Whose something is: of what stands in a calendar its member's too, of a record its patient's practitioners' alone.
OF_RECORDS = {Data.MASTER_DATA, Data.DOCUMENTS}


def sees(person: Person, data: Data, mark: Mark, table: Table = TABLE, *, whole: bool = False) -> bool:
    """Whether the table lets somebody read a value as a part of such data. `whole`: who reads all of the data alone."""
    return mark.house == person.house and any(
        _reaches(person, data, mark, table[data][column][0], table, whole=whole) and _among_fields(column, data, mark)
        for column in person.columns
    )


def _reaches(person: Person, data: Data, mark: Mark, reach: Reach, table: Table, *, whole: bool) -> bool:
    if reach is Reach.ALL or whole:
        return reach is Reach.ALL
    if data is Data.LOG and reach is Reach.OWN:  # what was done to a thing stands with the thing
        return sees(person, Data.APPOINTMENTS, mark, table)
    if reach is Reach.GRANTED:
        return _is_granted(person, data, mark)
    if reach is not Reach.OWN:
        return False
    in_calendar = frozenset() if data in OF_RECORDS else frozenset({mark.calendar})
    return (person.member != "" and person.member in mark.patient_of | in_calendar) or (
        mark.by_link and Role.LINK in person.columns
    )


def _is_granted(person: Person, data: Data, mark: Mark) -> bool:
    """What stands in the calendars of the access, the records of its practitioners, and what is nobody's own."""
    if data in OF_RECORDS:
        return bool(person.granted & mark.patient_of)
    return mark.calendar in person.granted | {""}


def _among_fields(column: Column, data: Data, mark: Mark) -> bool:
    fields = fields_of(column, data, Use.READ)
    return fields is None or FIELD.get(mark.kind) in fields


def wanted(person: str, route: str, marks: list[Mark], table: Table = TABLE) -> tuple[set[str], set[str]]:
    """The words that somebody must find on a page, and those that they may."""
    who, must, may = who_comes(person, route), set(), set()
    for data, kinds in SHOWS.get(route, {}).items():
        for mark in marks:
            if mark.kind in kinds.replace("?", "").split() and sees(who, data, mark, table, whole=route in OF_THE_LOG):
                may.add(mark.word)
                must |= {mark.word} if mark.kind in kinds.split() else set()
    return must, may


# --- What an answer says ---------------------------------------------------------------------------------------------


def text_of(answer: Any) -> str:
    """All its words: headers, attributes and what is read, of a page, a file or a table."""
    kind, content = answer.get("Content-Type", ""), answer.getvalue()
    headers = " ".join(f"{name}: {value}" for name, value in answer.items())
    if "spreadsheetml" in kind:
        sheet: Any = load_workbook(BytesIO(content)).active
        return " ".join(str(cell) for row in sheet.iter_rows(values_only=True) for cell in row)
    raw = content.decode("utf-8", "replace")
    # A word may be broken by the marks of a search, or by a calendar file's folding.
    return " ".join((headers, unescape(raw), unescape(re.sub(r"<[^>]*>", "", raw)), raw.replace("\r\n ", "")))


# Its middle: found thirty times as fast as the whole.
_IN_AN_ID = re.compile("-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-")


def ids_in(text: str) -> set[str]:
    """Everything in it that may be the id of a row."""
    return {text[found.start() - 8 : found.end() + 12] for found in _IN_AN_ID.finditer(text)}


def told_to_printer(compile_really: Callable[..., Any], heard: list[str]) -> Callable[..., Any]:
    """`typst.compile` that notes what a PDF is made of: in the file itself its letters are drawn."""

    def compile_and_note(*given: Any, **named: Any) -> Any:
        heard.append(json.dumps(json.loads(named["sys_inputs"]["facts"]), ensure_ascii=False))
        return compile_really(*given, **named)

    return compile_and_note
