"""Nothing but the allowed fields of allowed rows leaves by reading (OTV-4, OTV-5, OTV-8, PAT-21).

In books in which every value is a word of its own, every call is made by partners with all leaves, with none, and of
another practice; each value of the answer must be one that it may have.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest

from sprechzeit.core.acting import acting
from sprechzeit.core.errors import NotFound
from sprechzeit.partners import reading
from sprechzeit.partners.references import LENGTH, Called, id_of
from sprechzeit.patients.actions import archive_patient
from sprechzeit.patients.models import Patient
from sprechzeit.practice.models import Reading
from sprechzeit.scheduling.models import Calendar
from tests.support.cast import Cast, House
from tests.support.communities import united
from tests.support.marked import Books
from tests.support.open_to_partners import called, opened
from tests.support.partners import say
from tests.support.portal_client import Answer, Portal

# What stands in the fields of each, by their names; 'reference', 'instant' and 'number' are no words.
MAY: dict[str, dict[str, str]] = {
    "/practitioners": {"practitioner": "reference", "name": "people", "calendar": "reference"},
    "/rooms": {"room": "reference", "name": "rooms"},
    "/types": {
        "type": "reference", "name": "types", "duration_minutes": "number", "patients": "rules", "least_age": "number",
        "most_age": "number", "insurances": "rules", "location": "rules", "price_cents": "number",
    },
    "/offerings": {
        "type": "reference", "calendar": "reference", "duration_minutes": "number", "rooms": "reference",
    },
    "/hours": {
        "calendar": "reference", "kind": "kinds", "starts_at": "instant", "ends_at": "instant", "types": "reference",
    },
    "/busy": {"calendar": "reference", "starts_at": "instant", "ends_at": "instant"},
    "/free": {"calendar": "reference", "starts_at": "instant", "ends_at": "instant"},
    "/patients": {
        "patient": "reference", "first_name": "first", "last_name": "name", "date_of_birth": "born",
        "kind": "contacts", "value": "mail phone", "changed_at": "instant", "removed": "reference", "as_of": "instant",
        "next": "reference",
    },
    "/patients/match": {"patient": "reference"},
}  # fmt: skip
NEEDS = {
    "/rooms": Reading.ROOMS, "/hours": Reading.HOURS, "/busy": Reading.BUSY, "/patients": Reading.PATIENTS,
    "/patients/match": Reading.MATCH,
}  # fmt: skip
WORDS = {
    "rules": {"all", "practice", "statutory", "private", "self_payer"},
    "kinds": {"working", "absence", "window"},
    "contacts": {"email", "mobile"},
    "first": {"Vor"},
    "born": {"1985-03-24"},
}
OF_PATIENTS = {"name", "mail", "phone"}
TOLD = {"albers": {"jj", "mm"}, "brandt": {"bb"}}


@dataclass
class Walk:
    """A portal, and what it may come to see."""

    portal: Portal
    house: str
    books: Books

    def calls(self) -> Iterator[tuple[str, Answer]]:
        """Every call, in every way that matters."""
        portal, day = self.portal, self.books.day
        days = {"from_": day, "to": day + timedelta(days=6)}
        for path in ("/practitioners", "/rooms", "/types", "/offerings"):
            yield path, portal.get(path)
        for path in ("/hours", "/busy"):
            yield path, portal.get(path, **days)
        for kind in ("talk", "call"):
            yield "/free", portal.get("/free", type=called(portal, "type", kind), **days)
            sunday = day + timedelta(days=6)
            yield "/free", portal.get("/free", type=called(portal, "type", kind), from_=sunday, to=sunday)
        yield "/patients", portal.get("/patients", limit=1)
        yield "/patients", portal.get("/patients")
        yield "/patients", portal.get("/patients", changed_since="2026-01-01T00:00:00Z")
        for name in self.books.names:
            who = {"first_name": "Vor", "last_name": name, "date_of_birth": "1985-03-24"}
            yield "/patients/match", portal.post("/patients/match", who)

    def words(self, kinds: str, house: House) -> set[str]:
        """What may stand in a field."""
        found: set[str] = set()
        for kind in kinds.split():
            match kind:
                case "people":
                    found |= {house.members[one].name for one in house.calendars}
                case "rooms":
                    found |= {f"Zimmer{self.house[0]}o", "Raum 2"}
                case "types":
                    found |= {f"Leistung{self.house[0]}", "Telefonat"}
                case _ if kind in OF_PATIENTS:
                    marks = [one for one in self.books.marks if one.kind == kind]
                    found |= {one.word for one in marks if any(key in one.word for key in TOLD[self.house])}
                    found |= {one.word for one in marks if kind == "phone" and self._is_told(one.word)}
                case _:
                    found |= WORDS[kind]
        return found

    def _is_told(self, phone: str) -> bool:
        """A phone number has its visit's place in it, not its name."""
        place = list(self.books.patients).index
        return any(phone == f"0171 55500{place(key)}7" for key in TOLD[self.house])


def leaves(value: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for key, one in value.items():
            yield from leaves(one, key)
    elif isinstance(value, list):
        for one in value:
            yield from leaves(one, name)
    else:
        yield name, value


def is_own(portal: Portal, reference: str, owned: dict[Called, set[Any]]) -> bool:
    """Whether it is a reference of this partner to something that it may know."""
    for kind, ids in owned.items():
        try:
            return id_of(portal.partner_id, kind, reference) in ids
        except NotFound:
            continue
    return False


def owned_by(house: House, patients: set[Any]) -> dict[Called, set[Any]]:
    with acting(house.system):
        calendars = set(Calendar._default_manager.values_list("pk", flat=True))
    return {
        Called.CALENDAR: calendars,
        Called.PRACTITIONER: {one.pk for one in house.members.values()},
        Called.ROOM: {one.pk for one in house.rooms.values()},
        Called.TYPE: {one.pk for one in house.types.values()},
        Called.PATIENT: patients,
        Called.PAGE: patients,
    }


@pytest.fixture(autouse=True)
def shared(cast: Cast, books: Books) -> None:
    """Both practices are in a community, and let partners book everything."""
    united(cast)
    for house in (cast.albers, cast.brandt):
        opened(house)


def consented(cast: Cast, books: Books, portal: Portal, name: str) -> set[Any]:
    """Who is on the list, and by id whom the portal may know: open too, by matching. One said no, one is archived."""
    house = getattr(cast, name)
    with acting(house.system):
        patients = {one.pk: one for one in Patient._default_manager.filter(pk__in=books.patients.values())}
    known = {key: patients[one] for key, one in books.patients.items() if one in patients}
    for key, patient in known.items():
        if key in TOLD[name] or key in ("jm", "mj"):
            say(house, patient, portal.actor, "yes", by="jana" if name == "albers" else "berta")
    if name == "albers":
        portal.get("/patients")  # they are known to it, and have to be forgotten
        say(house, known["jm"], portal.actor, "no")
        jana = house.actor("jana")
        with acting(jana):
            archive_patient(jana, known["mj"].pk)
    return {one.pk for one in known.values()}


def test_every_call_is_asked_for() -> None:
    assert set(MAY) == set(reading.router.path_operations)


@pytest.mark.req("OTV-4", "OTV-5", "OTV-8", "PAT-21", "COM-3")
@pytest.mark.parametrize(("house", "leave"), [("albers", True), ("albers", False), ("brandt", True)])
def test_every_value_is_one_that_it_may_have(cast: Cast, books: Books, house: str, leave: bool) -> None:
    portal = Portal(getattr(cast, house), reads=Reading if leave else ())
    known = consented(cast, books, portal, house) if leave else set()
    walk, owned = Walk(portal, house, books), owned_by(getattr(cast, house), known)
    seen: dict[str, set[str]] = {path: set() for path in MAY}
    for path, answer in walk.calls():
        text = answer.body.decode()
        if path in NEEDS and not leave:
            assert answer.status == 403
            assert not [one.word for one in books.marks if one.word in text]
            continue
        assert answer.status == 200, (path, text)
        for name, value in leaves(answer.json):
            if value is None:
                continue
            seen[path].add(name)
            assert right(portal, MAY[path].get(name, "nothing"), value, owned, walk, getattr(cast, house)), (
                path, name, value,
            )  # fmt: skip
    if leave and house == "albers":
        wanted = {path: set(fields) - {"least_age", "most_age", "price_cents"} for path, fields in MAY.items()}
        wanted["/hours"].discard("types")  # there are no windows in these books
        assert seen == wanted, "an empty answer proves nothing"


def right(portal: Portal, kinds: str, value: Any, owned: dict[Called, set[Any]], walk: Walk, house: House) -> bool:
    match kinds:
        case "nothing":
            return False
        case "reference":
            return len(value) == LENGTH and is_own(portal, value, owned)
        case "instant":
            return datetime.fromisoformat(value).utcoffset() is not None
        case "number":
            return isinstance(value, int)
        case _:
            return value in walk.words(kinds, house)


@pytest.mark.req("PAT-21", "PAT-22", "OTV-5")
def test_a_consent_counts_from_the_next_call_on(cast: Cast, books: Books) -> None:
    house, portal = cast.albers, Portal(cast.albers)
    with acting(house.system):
        patient = Patient._default_manager.get(pk=books.patients["jj"])
    who = {"first_name": "Vor", "last_name": "Zunamejj", "date_of_birth": "1985-03-24"}

    def told() -> tuple[int, bool]:
        return len(portal.get("/patients").json["items"]), portal.post("/patients/match", who).json[
            "patient"
        ] is not None

    steps: dict[str, tuple[int, bool]] = {"yes": (1, True), "no": (0, False), "open": (0, True)}
    assert told() == steps["open"]
    for value in ("yes", "no", "yes", "open", "no"):
        say(house, patient, portal.actor, value)
        assert told() == steps[value]


@pytest.mark.req("OTV-12", "PAT-14")
def test_a_refusal_repeats_nothing(cast: Cast, books: Books) -> None:
    portal = Portal(cast.albers)
    word = "Zunamejj"
    wrong: list[Callable[[], Answer]] = [
        lambda: portal.post("/patients/match", {"first_name": word, "last_name": word, "date_of_birth": word}),
        lambda: portal.post("/patients/match", {"first_name": {word: word}}),
        lambda: portal.get("/free", type=word, from_=word, to=word),
        lambda: portal.get("/patients", after=word),
    ]
    for one in wrong:
        answer = one()
        assert answer.status in (404, 422)
        assert word not in answer.body.decode()
