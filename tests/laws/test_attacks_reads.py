"""Looking for what one may not see: by words, by ids that are another's or none, by other methods (ACC-6)."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.db.models import Value
from django.db.models.functions import Concat
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import NoReverseMatch, resolve, reverse
from django.utils import timezone

from sprechzeit.access.table import Data
from sprechzeit.core.acting import acting
from sprechzeit.core.ids import new_id
from sprechzeit.messages.models import Message
from sprechzeit.patients.matching import name_key
from sprechzeit.patients.models import ContactPoint, ContactProposal, Patient
from sprechzeit.practice.actions.team import suspend_member
from sprechzeit.practice.models import Member, Room
from sprechzeit.practice.visitors import Staff
from sprechzeit.scheduling.models import Appointment, AppointmentType, Block, Calendar, Cancellation, Occupancy
from tests.laws.test_attacks_writes import FORMS, plain, undone
from tests.laws.test_routes import addresses
from tests.laws.test_staff_routes import ABOUT_ONE_THING, Address, send
from tests.support.cast import Cast, House
from tests.support.marked import Books
from tests.support.questions import address, questions
from tests.support.routes import VIEWS, client_of, signed_in
from tests.support.tables import contents
from tests.support.visibility import PERSONS, sees

pytestmark = [pytest.mark.req("ACC-6", "ACC-7"), pytest.mark.usefixtures("still_clock")]


# --- Words ------------------------------------------------------------------------------------------------------------

WORDS = ("name", "mail", "phone", "remark", "reason", "former", "proposal")
OF_PEOPLE = (Data.APPOINTMENTS, Data.MASTER_DATA, Data.MESSAGES)
SEARCHES = [
    ("get", "scheduling:search", "q", {}),
    ("get", "scheduling:patients", "q", {}),
    ("post", "scheduling:new", "q", {"find": "1"}),
    ("get", "privacy:log", "named", {}),
    ("get", "scheduling_bookings:bookings", "q", {}),
    ("get", "messages:deliveries", "q", {}),
    ("get", "scheduling:print", "q", {"remarks": "1"}),
]


@pytest.mark.parametrize("person", ["practitioner", "secretary", "administrator"])
def test_a_word_that_is_hidden_is_like_one_that_stands_nowhere(cast: Cast, books: Books, person: str) -> None:
    """Not by what is found, nor by how much, nor by another word of the answer."""
    client, who = signed_in(cast, person), PERSONS[person]
    hidden = [mark for mark in books.marks if not any(sees(who, data, mark) for data in OF_PEOPLE)]
    hidden = [mark for mark in hidden if mark.kind in WORDS and (person == "practitioner" or mark.house == "brandt")]
    assert len(hidden) >= len(WORDS)
    for method, route, field, more in SEARCHES:
        for mark in hidden:
            never = never_was(mark.word)
            asked = [
                plain(getattr(client, method)(reverse(route), {field: word, **more}), word)
                for word in (never, mark.word)
            ]
            assert asked[0] == asked[1], (route, mark.word)


def never_was(word: str) -> str:
    """As like to what there is as the word itself."""
    near = {"mm": "qm", "mj": "qj", "bb": "qq"}  # the same names that one may see are like it (PAT-2)
    return word[:-2] + "97" if word[-1].isdigit() else re.sub(r"(mm|mj|bb)(?=@|$)", lambda end: near[end[1]], word)


def pages(cast: Cast, books: Books, client: Client) -> Iterator[tuple[str, str]]:
    """Every page about people and calendars, asked for all that it could show."""
    for route, asked in questions(cast, books).items():
        for number, one in enumerate(asked):
            where, query = address(route, one)
            ask = client.post if "find" in query else client.get
            yield f"{route} {number}", plain(ask(where, query), "")


def changed_throughout(house: House) -> None:
    """All that a practice has in the room that it shares, but for when, and for the practice's name (COM-3)."""
    with acting(house.system):
        Appointment.objects.update(remark="Anders", email="x@example.org", type=house.types["call"].pk)
        Patient.objects.update(first_name="Aaron", last_name="Anders")
        Block.objects.update(title="Anders")
        Occupancy.objects.filter(kind=Occupancy.Kind.BLOCK).update(kind=Occupancy.Kind.APPOINTMENT)
        Member.objects.update(name="Anders")
        Calendar.objects.update(name="Anders", initials="AN", colour=8)
        AppointmentType.objects.update(name=Concat(Value("Anders "), "name"), colour=8)
        Room.objects.update(name=Concat(Value("Anders "), "name"), colour=8)


@pytest.mark.req("ACC-3", "ACC-10", "CAL-13", "COM-3")
def test_what_is_hidden_changes_nothing_that_is_shown(cast: Cast, books: Books) -> None:
    """Everything that Jonas may not see reads otherwise, and all of the practice with which they share a room: no page
    of his is another, nor in another order or number.
    """
    client = signed_in(cast, "practitioner")
    before = dict(pages(cast, books, client))
    patient, calendar = books.patients["mm"], cast.albers.calendars["miriam"]
    first, last = name_key("Aaron"), name_key("Anders")
    with acting(cast.albers.system):
        theirs = Appointment.objects.filter(patient_id=patient)
        Message.objects.filter(appointment__in=theirs).update(address="x@example.org", subject="Anders", attempts=9)
        Cancellation.objects.filter(appointment__in=theirs).update(reason="Anders")
        theirs.update(remark="Anders", email="x@example.org")
        ContactPoint.objects.filter(patient_id=patient).delete()
        ContactProposal.objects.filter(patient_id=patient).delete()
        Patient.objects.filter(pk=patient).update(
            first_name="Aaron", last_name="Anders", first_key=first, last_key=last
        )
        Block.objects.filter(calendar=calendar).update(title="Anders")
    changed_throughout(cast.brandt)
    after = dict(pages(cast, books, client))
    assert [page for page, text in after.items() if text != before[page]] == []
    miriam = signed_in(cast, "administrator").get(reverse("scheduling:search"), {"q": "Anders"}).content.decode()
    assert "Anders, Aaron" in miriam


# --- Ids --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", dict.fromkeys(one.things for one in ABOUT_ONE_THING), ids=lambda make: make.__name__)
def test_an_id_that_is_anothers_takes_as_long_as_one_that_never_was(cast: Cast, kind: Any) -> None:
    """The same statements, so that a clock tells no more than the page."""
    theirs = [thing.id for thing in kind(cast).values() if thing.house == "brandt"]
    assert theirs
    client = client_of(cast, "administrator")
    client.get(reverse("practices"))  # notes that the session is in use
    for one in ABOUT_ONE_THING:
        if one.things is kind:
            statements(client, one, str(new_id()))
            never = statements(client, one, str(new_id()))
            assert all(statements(client, one, key) == never for key in theirs)


def statements(client: Client, one: Address, key: str) -> list[str]:
    """What is asked of the database for a page, without its values."""
    with CaptureQueriesContext(connection) as asked:
        assert send(client, reverse(one.name, args=[key]), one.use).status_code == 404
    return [re.sub(r"'[^']*'|\b[0-9]+\b|\"s[0-9]+_x[0-9]+\"", "?", query["sql"]) for query in asked.captured_queries]


def misspelt(good: str) -> list[str]:
    """What is no id, though it looks like one or was one before somebody changed it."""
    arabic = "".join(chr(0x660 + int(letter)) if letter.isdigit() else letter for letter in good)
    return [
        arabic, f"{good}\x00", f"../{good}", "x" * 100_000, f"{good} ", f"{{{good}}}", f"urn:uuid:{good}", "-1",
        "' OR 1=1 --", "🌧" * 1000,
    ]  # fmt: skip


def test_what_is_no_id_is_no_error(cast: Cast) -> None:
    """In every part of every address, asked and sent."""
    client, wrong = friendly(cast, "administrator"), []
    for name, good in addresses(cast).items():
        given = resolve(good).kwargs
        for part in given.keys() - {"slug"}:
            for bad in misspelt(str(given[part])):
                try:
                    where = reverse(name, kwargs=given | {part: bad})
                except NoReverseMatch:
                    continue
                for call in (client.get, client.post):
                    with undone():
                        status = call(where).status_code
                    wrong += [(name, bad[:20], status)] if status >= 500 else []
    assert wrong == []


# --- Methods and bodies -----------------------------------------------------------------------------------------------


def friendly(cast: Cast, person: str) -> Client:
    """A browser that shows an error of ours as its page."""
    client = client_of(cast, person)
    client.raise_request_exception = False
    return client


def test_no_method_is_an_error_or_changes_anything(cast: Cast) -> None:
    everything, client = addresses(cast), friendly(cast, "administrator")
    before, wrong = contents(cast), []
    for name, where in everything.items():
        for method in ("HEAD", "OPTIONS", "TRACE", "PROPFIND", "get", "X" * 1000):
            status = client.generic(method, where, b"{}", "application/json").status_code
            wrong += [(name, method[:9], status)] if status >= 500 else []
    assert wrong == []
    assert contents(cast) == before


BODIES = [
    ("application/json", b'{"name": "Anders", "role": "administrator"}'),
    ("application/xml", b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><name>&e;</name>'),
    ("multipart/form-data; boundary=b", b'--b\r\nContent-Disposition: form-data; name="name"; filename="../../x"'),
    ("multipart/form-data", b"name=Anders"),
    ("text/plain", b"name=Anders"),
    ("", b"name=Anders"),
]


def test_a_body_that_says_it_is_something_else_changes_nothing(cast: Cast, books: Books) -> None:
    client = friendly(cast, "administrator")
    before, wrong = contents(cast), []
    for form in FORMS:
        where = reverse(form.name, args=form.of(cast, books))
        for kind, body in BODIES:
            if form.name not in SENT_EMPTY:
                status = client.generic("POST", where, body, kind).status_code
                wrong += [(form.name, kind, status)] if status >= 500 else []
    assert wrong == []
    assert contents(cast) == before


# What is done by a button alone: an empty body is what they send.
SENT_EMPTY = {"scheduling:cancellation", "scheduling:remark"}


# --- Who is out -------------------------------------------------------------------------------------------------------


@pytest.mark.req("ACC-8")
@pytest.mark.parametrize("how", ["suspended", "left"])
def test_no_page_opens_to_who_is_out_whatever_was_open(cast: Cast, books: Books, how: str) -> None:
    client, everything = signed_in(cast, "secretary"), addresses(cast)
    assert client.get(reverse("scheduling:book")).status_code == 200
    with acting(cast.albers.system):
        jana = cast.albers.members["jana"]
        if how == "suspended":
            suspend_member(cast.albers.system, jana.pk)
        else:
            Member.objects.filter(pk=jana.pk).update(left_at=timezone.now())
    before, told = contents(cast), set()
    for name, where in everything.items():
        if getattr(VIEWS[name], "visitor", None) is Staff:
            for call in (client.get, client.post, client.head):
                answer = call(where)
                told |= {word for word in [*books.names, "Praxis Albers"] if word in answer.content.decode()}
                assert answer.status_code in (302, 403, 405), (name, answer.status_code)
    assert told == set()
    assert contents(cast) == before
