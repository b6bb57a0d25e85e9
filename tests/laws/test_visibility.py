"""Who reads what, on every page there is, made from the one table (ACC-7, ACC-6).

Every page is asked as everybody; each value in the books is a word of its own. What must be read there, and what may
be, follows from the table and from `SHOWS`, which says of which data a page is: a page that shows more fails, whether
it is of data that it does not declare or of somebody whom the table does not let.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
import typst
from django.apps import apps
from django.db.models import Model

from sprechzeit.access.table import TABLE, Column, Data, Reach, Role
from sprechzeit.community.models import Membership
from sprechzeit.core.acting import acting
from sprechzeit.operations.personal.kinds import practice_tables
from tests.laws.test_routes import ONLY_POST, addresses
from tests.support.cast import Cast, House
from tests.support.marked import Books, Mark
from tests.support.questions import address, questions
from tests.support.routes import PEOPLE, ROLES, SHOWS, VIEWS, WITHOUT_VISITOR, client_of, signed_in
from tests.support.tables import OF_NO_DATA, TABLES_OF
from tests.support.visibility import Table, ids_in, text_of, told_to_printer, wanted

pytestmark = pytest.mark.req("ACC-6", "ACC-7", "ACC-1")
# What only changes something; and what belongs to a user and to no practice.
NOT_ASKED = ONLY_POST | {name for name in WITHOUT_VISITOR if name.startswith(("account_", "mfa_"))}


@dataclass(frozen=True)
class Sight:
    """What somebody found: of each page the marked words, and by practice the ids of its rows."""

    marks: list[Mark]
    found: dict[str, set[str]]
    ids: dict[str, dict[str, set[str]]]

    def deviations(self, person: str, table: Table = TABLE) -> dict[str, tuple[set[str], set[str]]]:
        """Of each page that is not as the table says: what is missing, and what is too much."""
        wrong = {}
        for route, words in self.found.items():
            must, may = wanted(person, route, self.marks, table)
            if not must <= words <= may:
                wrong[route] = (must - words, words - may)
        return wrong


_seen: dict[str, Sight] = {}


@pytest.fixture
def sight(cast: Cast, books: Books, person: str, monkeypatch: pytest.MonkeyPatch) -> Sight:
    """Everything that somebody is shown: asked once, what was read is kept."""
    if person not in _seen:
        _seen[person] = look(cast, books, person, monkeypatch)
    return _seen[person]


def look(cast: Cast, books: Books, person: str, monkeypatch: pytest.MonkeyPatch) -> Sight:
    """Ask for every page all that it could show."""
    everything, printed = addresses(cast), list[str]()
    monkeypatch.setattr(typst, "compile", told_to_printer(typst.compile, printed))
    asked = questions(cast, books)
    client = signed_in(cast, person) if person in ROLES else client_of(cast, person)
    found: dict[str, set[str]] = defaultdict(set)
    rows = {name: ids_of(getattr(cast, name)) for name in ("albers", "brandt")}
    ids: dict[str, dict[str, set[str]]] = {name: defaultdict(set) for name in rows}
    for route in VIEWS.keys() - NOT_ASKED:
        for where, query in [address(route, one) for one in asked.get(route, ())] or [(everything[route], {})]:
            ask = client.post if "find" in query else client.get
            text = " ".join((text_of(ask(where, query)), *printed))
            printed.clear()
            # What somebody typed is said to them again.
            found[route] |= {mark.word for mark in books.marks if mark.word in text} - set(query.values())
            told = ids_in(text) - ids_in(f"{where} {query}")
            for name, known in rows.items():
                if theirs := told & known:
                    ids[name][route] |= theirs
    return Sight(books.marks, found, ids)


def ids_of(house: House) -> set[str]:
    """Of the practice and of all its rows: none is ever told to another one. What the two share has ids of both."""
    with acting(house.system):
        rows = {str(key) for one in practice_tables().values() if one is not Membership for key in keys(one)}
    return {str(house.practice.pk)} | rows


def keys(model: type[Model]) -> Iterator[object]:
    """The keys of the rows of a practice that acts."""
    yield from model._default_manager.values_list("pk", flat=True)


@pytest.mark.req("ACC-3", "ACC-4", "ACC-10", "ACC-11", "ACC-22", "CAL-13", "COM-3")
@pytest.mark.parametrize("person", PEOPLE)
def test_each_page_shows_what_the_table_says(person: str, sight: Sight) -> None:
    assert sight.deviations(person) == {}


@pytest.mark.req("COM-3", "ACC-10")
@pytest.mark.parametrize("person", PEOPLE)
def test_no_page_tells_an_id_of_another_practice(person: str, sight: Sight) -> None:
    """Though both share a room, in which each has appointments, blocks and holds."""
    own, other = ("brandt", "albers") if person == "stranger" else ("albers", "brandt")
    assert sight.ids[other] == {}
    assert person not in ROLES or sight.ids[own]["scheduling:book"], "they would be seen"


# --- The controls: that it would notice -------------------------------------------------------------------------------


def other_signs(column: Column, data: Data, signs: tuple[Reach, ...]) -> Iterator[tuple[Reach, Table]]:
    """The table with another sign in one cell."""
    read, write = TABLE[data][column]
    for reach in signs:
        if reach is not read:
            yield reach, {**TABLE, data: {**TABLE[data], column: (reach, write)}}


@pytest.mark.parametrize("person", ["administrator", "practitioner", "secretary"])
def test_another_sign_in_the_table_is_another_expectation(person: str, sight: Sight) -> None:
    """Of all data that there is: what was found fits the table as it is and no other."""
    unnoticed = {
        (data, reach)
        for data in SHOWN
        for reach, table in other_signs(Role(person), data, (Reach.NONE, Reach.OWN, Reach.ALL))
        if not sight.deviations(person, table)
    }
    assert unnoticed == set()


@pytest.mark.parametrize("person", ["anonymous"])
def test_what_patients_see_is_noticed_when_it_is_taken_away(person: str, sight: Sight) -> None:
    """More signs would give them nothing: no page for patients is of such data."""
    seen = {(who, data) for who in (Role.VISITOR, Role.LINK) for data in Data if TABLE[data][who][0] > Reach.BUSY}
    unnoticed = {
        (who, data)
        for who, data in seen
        for _sign, table in other_signs(who, data, (Reach.NONE,))
        if not sight.deviations(person, table)
    }
    assert (len(seen), unnoticed) == (5, set())


# --- All data there is ------------------------------------------------------------------------------------------------

SHOWN = {data for of in SHOWS.values() for data in of}
# What the table speaks of and nobody can enter yet: it comes with its tables, its pages and, here, its marks.
NOT_YET = {
    Data.DIAGNOSES, Data.SERVICE_CHAINS, Data.INVOICES, Data.PAYMENTS, Data.EXPENSES,
    Data.STATISTICS,
}  # fmt: skip


def test_each_table_is_of_some_data_and_each_data_with_tables_has_pages() -> None:
    """A new table must say here what it holds; data that has a table must be shown, and looked for, on some page."""
    ours = [model for model in apps.get_models() if model.__module__.startswith("sprechzeit.")]
    tables = [table for of in TABLES_OF.values() for table in of] + [*OF_NO_DATA]
    assert {model._meta.db_table for model in ours} == set(tables)
    assert len(tables) == len(set(tables))
    assert set(TABLES_OF) == SHOWN
    assert set(Data) - SHOWN == NOT_YET


def test_each_page_that_shows_something_is_asked_for() -> None:
    assert set(SHOWS) <= VIEWS.keys() - NOT_ASKED
