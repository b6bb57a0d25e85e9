"""A booking system pushes appointments; they stand in the practitioner's calendar at once (VID-1, VID-2, PUSH-10)."""

from io import BytesIO
from typing import Any

import pytest
from django.core.handlers.asgi import ASGIRequest

from sprechzeit.core.acting import acting
from sprechzeit.core.problems import BodyTooLarge
from sprechzeit.practice.models import VideoToken
from sprechzeit.scheduling.actions.block import move_block, remove_block
from sprechzeit.scheduling.actions.place import Place
from sprechzeit.scheduling.actions.undo import undo
from sprechzeit.scheduling.errors import NothingToUndo
from sprechzeit.scheduling.models import Appointment, Block
from sprechzeit.scheduling.queries.book import read_book
from sprechzeit.scheduling.queries.video import joining
from sprechzeit.video.door import TokenBearer
from sprechzeit.video.models import Visit
from tests.support.cast import BERLIN, Cast, at, book, hold
from tests.support.pusher import BASE, Pusher

pytestmark = pytest.mark.req("VID-1")


def in_book(cast: Cast, who: str = "miriam") -> list[tuple[Any, ...]]:
    """What stands in the book, as its practitioner sees it."""
    actor = cast.albers.actor(who)
    with acting(actor):
        found = read_book(actor, [at("09:00").date()]).entries
    return [(one.kind, one.title, one.marks) for one in found]


@pytest.mark.req("VID-2")
def test_what_is_pushed_stands_in_the_practitioners_calendar_at_once(cast: Cast) -> None:
    pusher = Pusher(cast.albers)
    answer = pusher.book("a-1", who="jonas", mobile="+49 171 2345678")
    assert answer.status == 201, answer.body
    visit = pusher.visit("a-1")
    facts = pusher.facts(who="jonas")
    said = answer.json
    assert (said["reference"], said["practitioner"], said["minutes"], said["state"], said["overlaps"]) == (
        "a-1", facts["practitioner"], 50, "booked", False,
    )  # fmt: skip
    assert said["starts_at"] == at("09:00").astimezone(BERLIN).isoformat()
    assert (visit.name, visit.email, visit.mobile) == ("Paula Sommer", "paula@example.org", "+49 171 2345678")
    assert visit.block.calendar == cast.albers.calendars["jonas"]
    with acting(cast.albers.actor("jonas")):
        how = joining(cast.albers.actor("jonas"), visit.block)
    assert how and (how.url, how.tan) == (said["join_url"], said["tan"])
    assert len(said["tan"]) == 6 and said["join_url"].count("/video/") == 1
    assert in_book(cast, "jonas") == [("block", "Paula Sommer", ("video",))]
    pusher.book("a-2", who="miriam", first_name="Anna")
    assert in_book(cast, "jonas")[1:] == [("busy", "Belegt", ())], "a colleague's is time that is taken"
    with acting(cast.albers.system):
        assert not Appointment.objects.exists(), "no record is made of who comes"


@pytest.mark.req("PUSH-10")
@pytest.mark.parametrize("taken", ["appointment", "hold", "push"])
def test_over_something_else_it_is_accepted_and_marked(cast: Cast, taken: str) -> None:
    pusher = Pusher(cast.albers)
    if taken == "appointment":
        book(cast.albers, "09:00", who="miriam")
    elif taken == "hold":
        hold(cast.albers, "09:00", who="miriam")
    else:
        pusher.book("a-0", "09:30")
    answer = pusher.book("a-1")
    assert (answer.status, answer.json["overlaps"]) == (201, True)
    assert ("block", "Paula Sommer", ("overbooked", "video")) in in_book(cast)
    # Where nothing else is it is not marked any more.
    moved = pusher.change("a-1", "15:00")
    assert (moved.status, moved.json["overlaps"]) == (200, False)
    assert ("block", "Paula Sommer", ("video",)) in in_book(cast)


@pytest.mark.req("VID-4")
def test_moved_it_keeps_its_link_cancelled_its_time_is_free(cast: Cast) -> None:
    pusher = Pusher(cast.albers)
    first = pusher.book().json
    moved = pusher.change(
        clock="14:00", who="jonas", minutes=20, first_name="Paul", last_name="", email="p@example.org"
    )
    assert moved.status == 200
    assert [moved.json[name] for name in ("join_url", "tan")] == [first[name] for name in ("join_url", "tan")]
    visit = pusher.visit()
    assert (visit.name, visit.email, visit.sequence) == ("Paul", "p@example.org", 1)
    assert (visit.block.starts_at, visit.block.calendar) == (at("14:00"), cast.albers.calendars["jonas"])
    assert visit.block.title == "Paul" and visit.member_id == cast.albers.members["jonas"].pk
    book(cast.albers, "09:00", who="miriam")  # its former time is free
    again = [pusher.cancel(), pusher.cancel()]
    assert [(one.status, one.json) for one in again] == [(200, {"reference": "ref-1", "state": "cancelled"})] * 2
    visit = pusher.visit()
    assert visit.cancelled_at and not visit.block.occupancy.active and visit.sequence == 2
    book(cast.albers, "14:00", who="jonas", email="other@example.org")
    assert (pusher.change().status, pusher.change().code) == (409, "cancelled")
    # Booked anew it is another one, with another link.
    new = pusher.book(clock="16:00")
    assert new.status == 201 and new.json["join_url"] != first["join_url"]
    assert pusher.cancel().status == 200 and not pusher.visit().block.occupancy.active


def test_the_same_key_is_answered_the_same_and_changes_nothing(cast: Cast) -> None:
    pusher = Pusher(cast.albers)
    key = "k" * 20
    first, again = pusher.book(key=key), pusher.book(key=key)
    assert (again.status, again.body, again.headers["Content-Type"]) == (201, first.body, first.headers["Content-Type"])
    with acting(cast.albers.system):
        assert Visit.objects.count() == Block.objects.count() == 1
    other = pusher.book(key=key, clock="10:00")
    assert (other.status, other.code) == (422, "key_reused")
    # A change that is repeated late does not take back what came after it.
    moves = [pusher.change(clock="10:00", key="m" * 20), pusher.change(clock="11:00")]
    late = pusher.change(clock="10:00", key="m" * 20)
    assert late.body == moves[0].body
    assert pusher.visit().block.starts_at == at("11:00")
    # A refusal is kept as well.
    refused = [pusher.book(key="r" * 20), pusher.cancel(), pusher.book(key="r" * 20)]
    assert [one.status for one in refused] == [409, 200, 409]
    assert refused[0].body == refused[2].body and refused[2].code == "reference_taken"
    assert refused[2].headers["Content-Type"] == "application/problem+json"


def test_what_is_not_needed_is_refused_by_name(cast: Cast) -> None:
    pusher = Pusher(cast.albers)
    more = {"date_of_birth": "1985-03-24", "diagnosis": "F32.1", "street": "Hauptstraße 1"}
    answer = pusher.book(**more)
    assert (answer.status, answer.code) == (422, "unknown_fields")
    assert {one["field"] for one in answer.json["fields"]} == set(more)
    assert b"F32" not in answer.body and b"1985" not in answer.body
    pusher.book()
    assert pusher.change(reference="ref-1", payer="AOK").json["fields"][0]["field"] == "payer"
    with acting(cast.albers.system):
        assert Visit.objects.count() == 1


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("starts_at", "2026-03-02T09:00:00"), ("starts_at", "2026-03-02T09:00:30+01:00"), ("starts_at", "soon"),
        ("starts_at", "9999-12-31T23:59:00Z"), ("minutes", 0), ("minutes", 481), ("minutes", "50"), ("minutes", True),
        ("first_name", " "), ("first_name", "x" * 101), ("last_name", "a\tb"), ("email", "paula"), ("email", ""),
        ("email", "a@b.example\r\nBcc: x@y.example"), ("mobile", "<b>"), ("reference", "a/b"), ("reference", "x" * 65),
        ("reference", ""), ("practitioner", None),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(cast: Cast, field: str, value: Any) -> None:
    answer = Pusher(cast.albers).call(
        "POST", "/appointments", Pusher(cast.albers, "Zweites").facts() | {"reference": "ref-1"} | {field: value}
    )
    assert (answer.status, answer.code) == (422, "invalid")
    assert [one["field"] for one in answer.json["fields"]] == [field]


def test_the_practitioner_must_hold_consultations_here(cast: Cast) -> None:
    """By an id of another practice, of somebody without a calendar, of who has left."""
    pusher, other = Pusher(cast.albers), Pusher(cast.brandt)
    foreign = other.facts()["practitioner"]
    for practitioner in (foreign, "nobody", pusher.facts()["practitioner"].swapcase()):
        answer = pusher.book(practitioner=practitioner)
        assert (answer.status, answer.code) == (422, "unknown_practitioner")
    listed = pusher.call("GET", "/practitioners").json
    assert [one["name"] for one in listed["items"]] == ["Jonas Petersen", "Miriam Albers"]
    assert listed["writes_to_patients"] is True
    assert foreign not in {one["practitioner"] for one in listed["items"]}


def test_what_is_anothers_is_not_there(cast: Cast) -> None:
    """Another token's of the same practice, and another practice's: 404, the same as for what never was."""
    own, other, brandt = Pusher(cast.albers), Pusher(cast.albers, "Anderes"), Pusher(cast.brandt)
    own.book("mine")
    other.book("theirs", "10:00")
    brandt.book("brandts")
    answers = [act(reference) for reference in ("theirs", "brandts", "never") for act in (own.cancel, own.change)]
    assert {(one.status, one.code) for one in answers} == {(404, "not_found")}
    assert len({one.body for one in answers}) == 1, "they cannot be told apart"
    assert [one.visit(ref).cancelled_at for one, ref in ((other, "theirs"), (brandt, "brandts"))] == [None, None]
    # References are each one's own: the same one may be used by others.
    assert other.book("mine", "11:00").status == 201
    assert own.visit("mine").pk != other.visit("mine").pk


@pytest.mark.req("PUSH-1")
def test_without_a_good_token_nobody_comes_in(cast: Cast) -> None:
    pusher = Pusher(cast.albers)
    for header in ("", "Bearer", "Bearer wrong", f"Basic {pusher.secret}", f"Bearer {pusher.secret}x"):
        answer = pusher.call("GET", "/practitioners", Authorization=header)
        assert (answer.status, answer.code) == (401, "token_unknown")
        assert answer.headers["Www-Authenticate"] == "Bearer"
    assert pusher.call("GET", "/practitioners").status == 200
    with acting(cast.albers.system):
        token = VideoToken.objects.get()
        assert token.last_used_at is not None
        assert pusher.secret.encode() not in bytes(token.token_hash)


def test_what_is_no_call_of_the_contract(cast: Cast) -> None:
    pusher = Pusher(cast.albers)
    bad = {
        "malformed_json": pusher.call("POST", "/appointments", b'{"a": \xff}'),
        "not_json": pusher.call("POST", "/appointments", b"{}", Content_Type="text/plain"),
        "body_too_large": pusher.call("POST", "/appointments", b" " * 70_000),
        "method_not_allowed": pusher.call("PATCH", "/appointments"),
        "not_found": pusher.call("GET", "/patients"),
    }
    assert {code: one.code for code, one in bad.items()} == {code: code for code in bad}
    assert bad["method_not_allowed"].headers["Allow"] == "POST"
    # As the contract says: 64 KiB, said beforehand or not.
    assert pusher.call("POST", "/appointments", b" " * 60_000).code == "malformed_json"
    headers = [(b"authorization", f"Bearer {pusher.secret}".encode()), (b"content-type", b"application/json")]
    scope = {"type": "http", "method": "POST", "path": f"{BASE}/appointments", "query_string": b"", "headers": headers}
    with pytest.raises(BodyTooLarge):
        TokenBearer.admit(ASGIRequest(scope, BytesIO(b" " * 70_000)))
    without = Pusher(cast.albers, "Ohne").call(
        "POST", "/appointments", pusher.facts() | {"reference": "x"}, key="short"
    )
    assert [one["field"] for one in without.json["fields"]] == ["Idempotency-Key"]


@pytest.mark.req("PUSH-5")
def test_what_staff_do_here_stays_here_until_the_booking_system_says_otherwise(cast: Cast) -> None:
    pusher, miriam = Pusher(cast.albers), cast.albers.actor("miriam")
    first = pusher.book().json
    block = pusher.visit().block
    with acting(miriam):
        move_block(miriam, block.pk, Place(cast.albers.calendars["jonas"], at("13:00"), at("13:50")))
    assert pusher.visit().block.starts_at == at("13:00")
    back = pusher.change()
    assert (back.status, back.json["tan"]) == (200, first["tan"])
    assert pusher.visit().block.calendar == cast.albers.calendars["miriam"]
    with acting(miriam):
        remove_block(miriam, block.pk)
    assert not pusher.visit().block.occupancy.active and pusher.visit().cancelled_at is None
    # It does not know: for it the appointment stands, and changed there it stands here again.
    assert pusher.change(clock="10:00").json["join_url"] == first["join_url"]
    assert pusher.visit().block.occupancy.active
    with acting(miriam):
        remove_block(miriam, block.pk)
    pusher.cancel()
    with acting(miriam), pytest.raises(NothingToUndo):
        undo(miriam)
    assert not pusher.visit().block.occupancy.active
