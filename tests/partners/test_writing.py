"""Holding, booking, moving and cancelling through the door, each once however often it is called (OTV-6…8, OTV-12)."""

from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from sprechzeit.audit.models import Entry
from sprechzeit.core.acting import acting
from sprechzeit.core.errors import DomainError
from sprechzeit.partners.actions import answers
from sprechzeit.partners.actions.answers import Told, answer_once
from sprechzeit.partners.models import Answer as Kept
from sprechzeit.partners.references import Called, reference_of
from sprechzeit.privacy.jobs import forget_everywhere
from sprechzeit.scheduling.actions.settings import change_type
from sprechzeit.scheduling.models import Appointment, Hold, Occupancy
from sprechzeit.scheduling.policy import get_appointment
from tests.support.cast import BERLIN, Cast, House, at, book, hold
from tests.support.partner_bookings import book_by, offered
from tests.support.partners import registered
from tests.support.portal_client import Answer, Portal

pytestmark = pytest.mark.req("OTV-6")

PAULA = {
    "first_name": "Paula", "last_name": "Sommer", "date_of_birth": "1985-03-24",
    "contacts": [{"kind": "email", "value": "paula@example.org"}, {"kind": "mobile", "value": "0171 2345678"}],
}  # fmt: skip
KEY = "a key that a portal made 1".replace(" ", "-")


@pytest.fixture
def house(cast: Cast) -> House:
    offered(cast.albers)
    return cast.albers


@pytest.fixture
def portal(house: House) -> Portal:
    return Portal(house)


def name(portal: Portal, kind: Called, thing: Any) -> str:
    return reference_of(portal.partner_id, kind, thing)


def slot(portal: Portal, clock: str, *, who: str = "jonas", kind: str = "talk") -> dict[str, Any]:
    """A time as a portal asks for it."""
    house = portal.house
    return {
        "type": name(portal, Called.TYPE, house.types[kind].pk),
        "calendar": name(portal, Called.CALENDAR, house.calendars[who].pk),
        "starts_at": at(clock).isoformat(),
    }


def booked(portal: Portal, clock: str, **more: Any) -> dict[str, Any]:
    """An appointment that the portal booked."""
    answer = portal.post("/appointments", slot(portal, clock) | PAULA | more)
    assert answer.status == 201, answer.body
    found: dict[str, Any] = answer.json
    return found


def standing(house: House) -> list[str]:
    with acting(house.system):
        found = Appointment.objects.filter(cancellation=None).order_by("starts_at")
        return [f"{one.starts_at.astimezone(BERLIN):%H:%M}" for one in found]


def test_hold_book_move_cancel(portal: Portal) -> None:
    """The whole way, each answer with what it says and nothing else."""
    wanted = slot(portal, "09:00")
    held = portal.post("/holds", wanted)
    assert held.status == 201 and set(held.json) == {"hold", "type", "calendar", "starts_at", "ends_at", "expires_at"}
    assert {one: held.json[one] for one in wanted} == wanted
    keeps = datetime.fromisoformat(held.json["expires_at"]) - timezone.now()
    assert timedelta(minutes=9) < keeps <= timedelta(minutes=10)
    made = portal.post("/appointments", {"hold": held.json["hold"], **PAULA})
    assert made.status == 201
    assert set(made.json) == {
        "appointment", "type", "calendar", "starts_at", "ends_at", "state", "sequence", "patient", "confirms",
        "changed_at",
    }  # fmt: skip
    assert (made.json["state"], made.json["sequence"], made.json["confirms"]) == ("booked", 0, "practice")
    address = f"/appointments/{made.json['appointment']}"
    assert portal.get(address).json == made.json
    moved = portal.post(f"{address}/move", {"starts_at": at("11:00").isoformat(), "sequence": 0})
    assert (moved.status, moved.json["starts_at"]) == (200, at("11:00").isoformat())
    assert moved.json["patient"] == made.json["patient"] and moved.json["sequence"] == 1
    gone = portal.post(f"{address}/cancel", {"reason": "Krank"})
    assert (gone.status, gone.json["state"], gone.json["sequence"]) == (200, "cancelled", 2)
    assert standing(portal.house) == []
    with acting(portal.house.system):
        assert Appointment.objects.get().cancellation.reason == "Krank"


def test_released_it_is_free_for_others(portal: Portal) -> None:
    held = portal.post("/holds", slot(portal, "09:00")).json["hold"]
    assert portal.post("/holds", slot(portal, "09:00")).code == "time_taken"
    for _ in range(2):
        assert (portal.delete(f"/holds/{held}").status, portal.delete(f"/holds/{held}").body) == (204, b"")
    booked(portal, "09:00")


@pytest.mark.req("PAT-12", "BOO-5")
def test_the_next_booking_of_a_patient_is_by_reference(portal: Portal) -> None:
    first = booked(portal, "09:00")
    again = portal.post("/appointments", slot(portal, "10:00") | {"patient": first["patient"]})
    assert (again.status, again.json["patient"]) == (201, first["patient"])
    with acting(portal.house.system):
        assert Appointment.objects.values("patient").distinct().count() == 1


# --- Repeated -------------------------------------------------------------------------------------------------------


def test_a_repeated_call_changes_nothing_and_gets_the_same_bytes(portal: Portal) -> None:
    house, wanted = portal.house, slot(portal, "09:00")
    held = portal.post("/holds", wanted, key=f"{KEY}-hold")
    what = {"hold": held.json["hold"], **PAULA}
    made = portal.post("/appointments", what, key=KEY)
    address = f"/appointments/{made.json['appointment']}"
    calls: list[tuple[str, dict[str, Any], str, Answer]] = [
        ("/holds", wanted, f"{KEY}-hold", held),
        ("/appointments", what, KEY, made),
    ]
    for clock, key in (("10:00", f"{KEY}-move1"), ("11:00", f"{KEY}-move2")):
        to = {"starts_at": at(clock).isoformat()}
        calls.append((f"{address}/move", to, key, portal.post(f"{address}/move", to, key=key)))
    calls.append((f"{address}/cancel", {}, f"{KEY}-cancel", portal.post(f"{address}/cancel", {}, key=f"{KEY}-cancel")))
    with acting(house.system):
        before = Appointment.objects.values().get(), Hold.objects.count(), Occupancy.objects.count()
    for path, data, key, former in calls:
        again = portal.post(path, dict(reversed(data.items())), key=key)
        assert (again.status, again.body) == (former.status, former.body), path
        assert again.headers["Content-Type"] == former.headers["Content-Type"]
    with acting(house.system):
        assert before == (Appointment.objects.values().get(), Hold.objects.count(), Occupancy.objects.count())


def test_a_refusal_is_repeated_too_although_it_would_go_now(portal: Portal) -> None:
    """A call that comes late a second time must not book what its sender has given up."""
    other = hold(portal.house, "09:00", who="jonas")
    wanted = slot(portal, "09:00") | PAULA
    refused = portal.post("/appointments", wanted, key=KEY)
    assert (refused.status, refused.code) == (409, "time_taken")
    with acting(portal.house.system):
        Occupancy.objects.filter(pk=other.occupancy_id).update(active=False)
    again = portal.post("/appointments", wanted, key=KEY)
    assert again.body == refused.body and again.headers["Content-Type"] == "application/problem+json"
    assert standing(portal.house) == []
    assert portal.post("/appointments", wanted).status == 201


@pytest.mark.req("OTV-12")
def test_the_same_key_for_something_else_is_refused_and_does_nothing(portal: Portal) -> None:
    wanted = slot(portal, "09:00") | PAULA
    made = portal.post("/appointments", wanted, key=KEY)
    for path, data in (
        ("/appointments", wanted | {"remark": "anders"}), ("/holds", slot(portal, "10:00")),
        (f"/appointments/{made.json['appointment']}/cancel", {}),
    ):  # fmt: skip
        refused = portal.post(path, data, key=KEY)
        assert (refused.status, refused.code) == (422, "idempotency_key_reused")
    assert standing(portal.house) == ["09:00"]
    assert portal.post("/appointments", wanted, key=KEY).body == made.body
    other = Portal(portal.house, "Andere")
    assert other.post("/holds", slot(other, "10:00"), key=KEY).status == 201, "keys are each partner's own"


def test_a_key_is_wanted_and_must_be_long_enough(portal: Portal) -> None:
    for key in (None, "short", "x" * 81, "with a space in the middle of it"):
        refused = portal.post("/holds", slot(portal, "09:00"), key=key)
        assert (refused.status, refused.code) == (422, "invalid_request"), key
    with acting(portal.house.system):
        assert not Hold.objects.exists()


@pytest.mark.req("BOO-8", "OTV-10")
def test_what_says_try_again_is_not_kept(portal: Portal, settings: Any) -> None:
    settings.PARTNER_HOLDS_AT_A_TIME = 1
    first = portal.post("/holds", slot(portal, "09:00"))
    refused = portal.post("/holds", slot(portal, "10:00"), key=KEY)
    assert (refused.status, refused.code) == (429, "partner_holds_full") and refused.headers["Retry-After"] == "60"
    portal.delete(f"/holds/{first.json['hold']}")
    assert portal.post("/holds", slot(portal, "10:00"), key=KEY).status == 201


def test_an_answer_is_forgotten_after_seven_days(portal: Portal) -> None:
    booked(portal, "09:00")
    with acting(portal.house.system):
        Kept.objects.update(created_at=timezone.now() - timedelta(days=6, hours=23))
    forget_everywhere(timezone.now())
    with acting(portal.house.system):
        assert Kept.objects.exists()
        Kept.objects.update(created_at=timezone.now() - timedelta(days=7, minutes=1))
    forget_everywhere(timezone.now())
    with acting(portal.house.system):
        assert not Kept.objects.exists()


def test_a_call_that_fails_by_our_fault_leaves_nothing_and_may_be_repeated(
    portal: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed before the answer stands, neither stands: the last statement of the transaction is the one that fails."""
    wanted = slot(portal, "09:00") | PAULA
    monkeypatch.setattr(
        answers, "_ANSWERED", "SELECT 1/0 WHERE %s::int > 0 OR %s::bytea IS NULL OR %s IS NULL OR %s IS NULL"
    )
    assert portal.post("/appointments", wanted, key=KEY).status == 500
    assert standing(portal.house) == []
    monkeypatch.undo()
    assert portal.post("/appointments", wanted, key=KEY).status == 201
    assert standing(portal.house) == ["09:00"]


# --- Refused --------------------------------------------------------------------------------------------------------


@pytest.mark.req("OTV-12", "CAL-8")
@pytest.mark.parametrize("path", ["/holds", "/appointments"])
def test_a_taken_time_brings_the_next_free_ones(portal: Portal, path: str) -> None:
    book(portal.house, "09:00", who="jonas")
    refused = portal.post(path, slot(portal, "09:00") | ({} if path == "/holds" else PAULA))
    assert (refused.status, refused.code) == (409, "time_taken")
    calendar = name(portal, Called.CALENDAR, portal.house.calendars["jonas"].pk)
    assert refused.json["next_free"] == [
        {"calendar": calendar, "starts_at": at(begin).isoformat(), "ends_at": at(end).isoformat()}
        for begin, end in (("10:00", "10:50"), ("10:30", "11:20"), ("11:00", "11:50"))
    ]
    for one in refused.json["next_free"][:1]:
        again = slot(portal, "09:00") | {"calendar": one["calendar"], "starts_at": one["starts_at"]}
        assert portal.post("/holds", again).status == 201
    with acting(portal.house.system):
        noted = Entry.objects.filter(operation="refused").select_related("value")
        assert [(one.value.new or {})["code"] for one in noted] == ["time_taken"]


def test_a_hold_that_ran_out_and_was_taken_brings_them_too(portal: Portal) -> None:
    held = portal.post("/holds", slot(portal, "09:00")).json["hold"]
    with acting(portal.house.system):
        Occupancy.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    book(portal.house, "09:00", who="jonas")
    refused = portal.post("/appointments", {"hold": held, **PAULA})
    assert (refused.status, refused.code, len(refused.json["next_free"])) == (409, "time_taken", 3)


def test_refused_a_move_leaves_it_where_it_was(portal: Portal) -> None:
    made = booked(portal, "09:00")
    book(portal.house, "14:00", who="jonas", first_name="Otto")
    address = f"/appointments/{made['appointment']}/move"
    for clock, sequence, code in (
        ("14:00", 0, "time_taken"),
        ("03:00", 0, "not_offered"),
        ("10:00", 7, "changed_meanwhile"),
    ):
        refused = portal.post(address, {"starts_at": at(clock).isoformat(), "sequence": sequence})
        assert (refused.status, refused.code) == (409, code)
        assert len(refused.json.get("next_free", [])) == (0 if code == "changed_meanwhile" else 3)
    with time_machine.travel(at("09:00") - timedelta(hours=23), tick=True):
        for call, data in ((address, {"starts_at": at("15:00").isoformat()}), (f"{address[:-5]}/cancel", {})):
            refused = portal.post(call, data)
            assert (refused.status, refused.code) == (422, "too_late")
    assert portal.get(address[:-5]).json == made


@pytest.mark.req("OTV-8", "ACC-6", "OTV-12")
def test_what_others_made_is_not_there_for_any_verb(cast: Cast, portal: Portal) -> None:
    """Another partner's, the practice's own, another practice's, and what never was: the same answer, byte for byte."""
    house = portal.house
    theirs = [
        book_by(house, registered(house, "Andere"), "09:00"), book(house, "10:00", first_name="Otto"),
        book(cast.brandt, "09:00"),
    ]  # fmt: skip
    mine = booked(portal, "14:00")
    bodies = set()
    names = [name(portal, Called.APPOINTMENT, one.pk) for one in theirs]
    names += [
        reference_of(registered(house, "Dritte").identity, Called.APPOINTMENT, theirs[0].pk),
        "x",
        mine["patient"],
    ]
    for one in names:
        address = f"/appointments/{one}"
        answers = [
            portal.get(address), portal.post(f"{address}/cancel", {}),
            portal.post(f"{address}/move", {"starts_at": at("15:00").isoformat()}),
        ]  # fmt: skip
        assert [answer.status for answer in answers] == [404] * 3
        bodies |= {answer.body for answer in answers}
    held = hold(house, "11:00")
    stranger = portal.delete(f"/holds/{name(portal, Called.HOLD, held.pk)}")
    assert stranger.status == 404 and bodies == {stranger.body}
    assert [one["appointment"] for one in portal.get("/appointments").json["items"]] == [mine["appointment"]]


@pytest.mark.req("OTV-12", "BOO-11")
def test_the_rules_of_the_type_are_named_and_the_kept_time_stays(portal: Portal) -> None:
    held = portal.post("/holds", slot(portal, "09:00")).json["hold"]
    with acting(portal.house.system):
        change_type(portal.house.system, portal.house.types["talk"].pk, {"min_age": 60})
    refused = portal.post("/appointments", {"hold": held, **PAULA})
    assert (refused.status, refused.code, refused.json["reasons"]) == (422, "not_for_this_patient", ["too_young"])
    grown = PAULA | {"date_of_birth": "1940-01-01"}
    assert portal.post("/appointments", {"hold": held, **grown}).status == 201


BAD: list[dict[str, Any]] = [
    {}, PAULA, {"type": "x", "starts_at": "2026-03-02T09:00:00+01:00"},
    {"starts_at": "2026-03-02T09:00:00"}, {"starts_at": "0001-01-01T00:00:00+14:00"},
    {"starts_at": "9999-12-31T23:59:00-14:00"}, {"starts_at": "2026-03-02T09:00:30+01:00"}, {"starts_at": 1e308},
    {"first_name": " "}, {"first_name": "x" * 101}, {"first_name": "a\x07b"}, {"last_name": None},
    {"date_of_birth": "2999-01-01"}, {"date_of_birth": "1066-10-14"}, {"date_of_birth": "gestern"},
    {"contacts": []}, {"contacts": [{"kind": "email", "value": "nobody"}]},
    {"contacts": [{"kind": "fax", "value": "0221 5550100"}]},
    {"contacts": [{"kind": "mobile", "value": "12"}]}, {"remark": "x" * 501}, {"remark": "a\x08"}, {"language": "tlh"},
    {"insurance": "none"}, {"patient": "x"}, {"hold": "x"}, {"source": "staff"},
    {"booker": {"relation": "child", "first_name": "Eva", "last_name": "Sommer"}},
]  # fmt: skip


@pytest.mark.req("OTV-12")
def test_what_belongs_together_is_named(portal: Portal) -> None:
    whole = slot(portal, "09:00") | PAULA
    without = {name: value for name, value in whole.items() if name not in ("last_name", "date_of_birth")}
    child = {"relation": "child", "first_name": "Eva", "last_name": "Sommer"}
    for sent, fields in (
        (without, [("last_name", "missing"), ("date_of_birth", "missing")]),
        (whole | {"hold": "x" * 43}, [("hold", "one_of"), ("type", "one_of")]),
        (whole | {"contacts": [{"kind": "email", "value": "nobody"}]}, [("contacts.0.value", "no_address")]),
        (whole | {"booker": child}, [("booker.email", "one_of"), ("booker.mobile", "one_of")]),
    ):
        told = portal.post("/appointments", sent).json["fields"]
        assert told == [{"field": field, "problem": problem} for field, problem in fields]


@pytest.mark.req("OTV-12")
def test_what_is_not_as_the_contract_says_is_refused_and_does_nothing(portal: Portal) -> None:
    whole = slot(portal, "09:00") | PAULA
    for number, bad in enumerate(BAD):
        data = bad if number < 3 else whole | bad
        refused = portal.post("/appointments", data)
        assert (refused.status, refused.code) == (422, "invalid_request"), (bad, refused.body)
        assert "Paula" not in refused.body.decode()
        assert refused.json["fields"] and {one["field"] for one in refused.json["fields"]} != {"body"}, (
            bad,
            refused.body,
        )
    for unknown in ({"type": "x" * 43}, {"calendar": "y"}, {"type": name(portal, Called.CALENDAR, portal.partner_id)}):
        assert portal.post("/appointments", whole | unknown).status == 404
    assert standing(portal.house) == []


@pytest.mark.req("OTV-12")
def test_it_is_said_in_german_and_english(house: House) -> None:
    book(house, "09:00", who="jonas")
    for language, words in (("de", "Diese Zeit wurde gerade vergeben"), ("en", "This time has just been taken")):
        portal = Portal(house, f"Portal {language}", language=language)
        assert portal.post("/holds", slot(portal, "09:00")).json["detail"].startswith(words)


@pytest.mark.req("OTV-7")
def test_the_partner_is_told_nothing_of_what_the_practice_keeps(portal: Portal) -> None:
    made = booked(portal, "09:00", remark="Knie")
    with acting(portal.house.system):
        found = get_appointment(portal.house.system, Appointment.objects.get().pk)
        assert found.remark == "Knie" and found.room is not None
    text = portal.get(f"/appointments/{made['appointment']}").body.decode()
    for secret in (str(found.pk), str(found.patient_id), "Knie", "Paula", found.room.name):
        assert secret not in text


def test_who_is_no_partner_uses_no_answer(house: House) -> None:
    with acting(house.system), pytest.raises(DomainError):
        answer_once(house.system, KEY, "x", lambda: Told(200, b""))
