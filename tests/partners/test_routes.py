"""Every operation, as whoever it is not for: what is another's is not there, whoever's it is (OTV-1…3, OTV-8)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from sprechzeit.core.acting import acting
from sprechzeit.core.ids import new_id
from sprechzeit.partners.contract import contract
from sprechzeit.partners.door import SignedPartner
from sprechzeit.partners.references import Called, reference_of
from sprechzeit.scheduling.models import Appointment, Hold, Occupancy
from tests.support.cast import Cast, House, at, book, hold
from tests.support.partner_bookings import book_by, keep, offered
from tests.support.portal_client import BASE, Answer, Message, Portal
from tests.support.routes import VIEWS, client_of

PERSON = {
    "first_name": "Paula", "last_name": "Sommer", "date_of_birth": "1985-03-24",
    "contacts": [{"kind": "email", "value": "paula@example.org"}],
}  # fmt: skip
KINDS = {"appointment": Called.APPOINTMENT, "hold": Called.HOLD}
# What a path names is one of these; a new one needs somebody whose it is, here.
NAMED = set(KINDS)


def every_operation() -> Iterator[tuple[str, str]]:
    """Method and address of each."""
    for path, methods in contract()["paths"].items():
        for method in methods:
            yield method.upper(), path


def named_in(path: str) -> str:
    """What the path names: 'appointment', 'hold' or nothing."""
    return path.partition("{")[2].partition("}")[0]


@dataclass
class Theirs:
    """A partner of a practice, with what is its own."""

    portal: Portal
    things: dict[str, UUID]
    patient: UUID

    def called(self, kind: Called, thing: UUID) -> str:
        """What this partner calls a thing, its own or not."""
        return reference_of(self.portal.partner_id, kind, thing)


@pytest.fixture
def people(cast: Cast) -> dict[str, Theirs]:
    """Two partners of Albers and one of Brandt, each with an appointment and a hold."""
    found = {}
    for number, (name, house, who) in enumerate(
        [("own", cast.albers, "jonas"), ("other", cast.albers, "miriam"), ("elsewhere", cast.brandt, "berta")]
    ):
        offered(house)
        portal = Portal(house, f"Portal {number}")
        made = book_by(house, portal.actor, f"0{8 + number % 2}:00", who=who, first_name=f"Paula{number}")
        kept = keep(house, portal.actor, ("10:00", "11:00", "13:00")[number], who=who, kind="call")
        assert made.named_patient_id
        found[name] = Theirs(portal, {"appointment": made.pk, "hold": kept.pk}, made.named_patient_id)
    return found


def ask(portal: Portal, method: str, path: str, **more: Any) -> Answer:
    """An operation with a body that is good, as far as one can know."""
    bodies: dict[str, Any] = {"move": {"starts_at": at("15:00").isoformat()}, "cancel": {}}
    message = portal.signed(method, path, bodies.get(path.rpartition("/")[2]), idempotency_key=str(new_id()), **more)
    return portal.send(message)


def state(*houses: House) -> list[Any]:
    """What stands in the books."""
    found: list[Any] = []
    for house in houses:
        with acting(house.system):
            found += Appointment.objects.order_by("id").values_list("id", "starts_at", "cancellation", "sequence")
            found += Occupancy.objects.order_by("id").values_list("id", "active")
            found += Hold.objects.order_by("id").values_list("id", "occupancy_id")
    return found


def test_every_address_of_the_interface_is_behind_the_door() -> None:
    behind = {name for name, view in VIEWS.items() if getattr(view, "visitor", None) is SignedPartner}
    of_interface = {name for name in VIEWS if name.startswith("partners:")}
    assert behind == of_interface
    assert len(behind) == len(list(every_operation())) + 1  # and whatever is not there
    assert {named_in(path) for _, path in every_operation()} <= NAMED | {""}


@pytest.mark.req("OTV-2")
def test_nobody_comes_in_unsigned(cast: Cast, people: dict[str, Theirs]) -> None:
    """Whoever is signed in as somebody of the practice, either."""
    own = people["own"]
    miriam = client_of(cast, "administrator")
    for method, path in every_operation():
        address = path.replace("{appointment}", own.called(Called.APPOINTMENT, own.things["appointment"]))
        address = address.replace("{hold}", own.called(Called.HOLD, own.things["hold"]))
        answer = own.portal.send(Message(method, own.portal.url(address), {}))
        assert (answer.status, answer.code) == (401, "signature_missing"), path
        for client in (miriam, Client()):
            assert client.generic(method, f"{BASE}{address}", "{}", "application/json").status_code == 401, path


@pytest.mark.req("OTV-3", "OTV-8")
def test_what_is_anothers_is_not_there(cast: Cast, people: dict[str, Theirs]) -> None:
    """By every name under which somebody could try it: theirs, one's own for their thing, and of the practice's own."""
    house, own = cast.albers, people["own"]
    practices = {"appointment": book(house, "16:00", who="jonas").pk, "hold": hold(house, "15:00", who="miriam").pk}
    before, tried = state(cast.albers, cast.brandt), 0
    for method, path in every_operation():
        if not (what := named_in(path)):
            continue
        others = [people["other"], people["elsewhere"]]
        names = [one.called(KINDS[what], one.things[what]) for one in others]
        names += [own.called(KINDS[what], thing) for thing in (*(one.things[what] for one in others), practices[what])]
        # Its own thing by the wrong kind of name, and one that never was.
        names += [own.called(Called.PATIENT, own.things[what]), "A" * 43, str(own.things[what])]
        answers = [ask(own.portal, method, path.replace(f"{{{what}}}", name)) for name in names]
        assert {(one.status, one.code) for one in answers} == {(404, "not_found")}, path
        assert len({one.body for one in answers}) == 1, "they cannot be told apart"
        tried += len(answers)
    assert tried >= 24
    assert state(cast.albers, cast.brandt) == before


@pytest.mark.req("OTV-3", "OTV-8")
def test_what_it_says_in_a_call_is_its_own_too(cast: Cast, people: dict[str, Theirs]) -> None:
    """References of others in bodies and queries; with its own the same call is good."""
    house, own, other = cast.albers, people["own"], people["other"]

    def names(one: Theirs) -> dict[str, str]:
        return {
            "type": one.called(Called.TYPE, house.types["talk"].pk),
            "calendar": one.called(Called.CALENDAR, house.calendars["jonas"].pk),
        }

    times = {"starts_at": at("13:00").isoformat()}
    good, day = names(own), at("13:00").date().isoformat()
    assert own.portal.get("/free", from_=day, to=day, **good).status == 200
    before = state(house)
    for wrong in ({"type": names(other)["type"]}, {"calendar": names(other)["calendar"]}):
        assert own.portal.post("/holds", good | wrong | times).status == 404
        assert own.portal.post("/appointments", good | wrong | times | PERSON).status == 404
        assert own.portal.get("/free", from_=day, to=day, **good | wrong).status == 404
    # A name of one's own for a patient is had from the practice alone: nobody else can make one.
    refused = own.portal.post("/appointments", good | times | {"patient": other.called(Called.PATIENT, other.patient)})
    assert (refused.status, refused.code) == (404, "not_found")
    theirs = other.called(Called.HOLD, other.things["hold"]), own.called(Called.HOLD, other.things["hold"])
    for kept in theirs:
        assert own.portal.post("/appointments", PERSON | {"hold": kept}).status == 404
    assert state(house) == before
    mine = own.portal.post("/appointments", good | times | {"patient": own.called(Called.PATIENT, own.patient)})
    assert mine.status == 201, mine.body


@pytest.mark.req("OTV-8")
def test_lists_hold_its_own_alone(people: dict[str, Theirs]) -> None:
    for one in people.values():
        (found,) = one.portal.get("/appointments").json["items"]
        assert found["appointment"] == one.called(Called.APPOINTMENT, one.things["appointment"])
        assert {each["appointment"]["appointment"] for each in one.portal.get("/events").json["items"]} <= {
            found["appointment"]
        }


@pytest.mark.req("OTV-3")
def test_with_its_own_names_each_operation_is_there(people: dict[str, Theirs]) -> None:
    """The counterpart: the very calls that are refused above are good for whose it is."""
    own = people["own"]
    statuses = {}
    for method, path in sorted(every_operation(), key=lambda one: one[1].endswith("cancel")):
        if what := named_in(path):
            address = path.replace(f"{{{what}}}", own.called(KINDS[what], own.things[what]))
            statuses[method, path] = ask(own.portal, method, address).status
    assert set(statuses.values()) <= {200, 204, 422}, statuses
    assert statuses["GET", "/appointments/{appointment}"] == 200
