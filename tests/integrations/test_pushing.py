"""Telling a video service of appointments: in order, each change once (PUSH-4…7, PUSH-10)."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from sprechzeit.core.acting import acting
from sprechzeit.integrations.video_service import jobs, sending
from sprechzeit.integrations.video_service.actions.service import change_service
from sprechzeit.practice.models import VideoService
from sprechzeit.scheduling.models import Calendar
from sprechzeit.scheduling.queries.video import joining
from tests.scheduling.test_move import move
from tests.support.cast import Cast, at
from tests.support.video_peer import VideoPeer, video_peer
from tests.support.video_service import (
    booked,
    cancelled_by,
    cancelled_by_patient,
    held_elsewhere,
    link_of,
    now_at,
    push,
    pushes,
    states,
    waiting_jobs,
)

pytestmark = pytest.mark.req("PUSH-5")


@pytest.mark.req("PUSH-6", "PUSH-7", "PRI-2")
def test_what_is_sent_and_what_comes_back(cast: Cast, peer: VideoPeer) -> None:
    found = booked(cast.albers, mobile="+49 171 5550100")
    push(found)
    (call,) = peer.calls()
    sent = json.loads(call["body"])
    reference = sent.pop("reference")
    assert sent == {
        "practitioner": "albers-there",
        "starts_at": at("09:00").isoformat(),
        "minutes": 20,
        "first_name": "Paula",
        "email": "paula@example.org",
    }
    assert (call["method"], call["path"]) == ("POST", "/api/video/v1/appointments")
    assert str(found.pk) not in call["body"] and len(reference) <= 64
    assert states(cast.albers) == [("create", "sent", "")]
    assert link_of(cast.albers, found) == ("https://video.example/j/1", "100001")
    with acting(cast.albers.system):
        found.refresh_from_db()
        joined = joining(cast.albers.system, found)
        assert joined is not None and joined.tan == "100001"


@pytest.mark.req("PUSH-6")
@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        ({"sends_last_name": True}, {"first_name": "Paula", "last_name": "Sommer"}),
        ({"sends_mobile": True}, {"first_name": "Paula", "mobile": "+491715550100"}),
        ({"shown_as": "initials"}, {"first_name": "P. S."}),
    ],
)
def test_what_the_practice_chose_and_nothing_else(
    cast: Cast, peer: VideoPeer, chosen: dict[str, Any], expected: dict[str, str]
) -> None:
    with acting(cast.albers.system):
        VideoService.objects.update(**chosen)
    push(booked(cast.albers, mobile="+49 171 5550100"))
    sent = json.loads(peer.calls()[0]["body"])
    assert sent.pop("email") == "paula@example.org"
    for name in ("reference", "practitioner", "starts_at", "minutes"):
        sent.pop(name)
    if "mobile" in sent:
        sent["mobile"] = sent["mobile"].replace(" ", "")
    assert sent == expected


@pytest.mark.req("PUSH-6")
def test_a_code_is_one_of_the_patient_and_no_name(cast: Cast, peer: VideoPeer) -> None:
    with acting(cast.albers.system):
        VideoService.objects.update(shown_as="code")
    push(booked(cast.albers, "09:00"))
    push(booked(cast.albers, "10:00"))
    push(booked(cast.albers, "11:00", first_name="Anna", email="anna@example.org"))
    one, same, other = (json.loads(call["body"])["first_name"] for call in peer.calls())
    assert one == same != other
    assert "Paula" not in peer.calls()[0]["body"] and "Sommer" not in peer.calls()[0]["body"]


def test_booked_moved_and_cancelled_in_order(cast: Cast, peer: VideoPeer) -> None:
    found = booked(cast.albers)
    push(found)
    move(cast, found, "11:00", minutes=20)
    push(found)
    (held,) = peer.has("appointments").values()
    assert held["starts_at"] == at("11:00").isoformat()
    assert link_of(cast.albers, found) == ("https://video.example/j/1", "100001"), "the patient's link goes on"
    cancelled_by_patient(cast, found)
    push(found)
    push(found)
    assert peer.effects == ["POST", "PUT", "DELETE"]
    assert states(cast.albers) == [(kind, "sent", "") for kind in ("create", "change", "cancel")]
    assert peer.has("appointments") == {} and link_of(cast.albers, found) is None


def test_what_was_never_sent_is_overtaken(cast: Cast, peer: VideoPeer) -> None:
    """The service learns how it stands, and of what came to nothing nothing at all."""
    found = booked(cast.albers)
    peer.stop()
    push(found)
    move(cast, found, "11:00", minutes=20)
    push(found)
    other = booked(cast.albers, "10:00", first_name="Anna", email="anna@example.org")
    push(other)
    cancelled_by_patient(cast, other)
    push(other)
    peer.start()
    push(found)
    push(other)
    assert peer.effects == ["POST"]
    (held,) = peer.has("appointments").values()
    assert held["starts_at"] == at("11:00").isoformat()
    assert states(cast.albers) == [
        ("create", "left_out", "later"),
        ("create", "sent", ""),
        ("create", "left_out", "later"),
    ]


@pytest.mark.req("PUSH-4")
def test_another_calendar_is_cancelled_there_and_entered_anew(cast: Cast, peer: VideoPeer) -> None:
    """The former link is good for nothing from that moment on, and no message brings it any more."""
    found = booked(cast.albers)
    push(found)
    move(cast, found, "11:00", minutes=20, who="jonas")
    with acting(cast.albers.system):
        found.refresh_from_db()
        assert joining(cast.albers.system, found) is None
    push(found)
    assert peer.effects == ["POST", "DELETE", "POST"]
    (held,) = peer.has("appointments").values()
    assert held["practitioner"] == "petersen-there"
    assert link_of(cast.albers, found) == ("https://video.example/j/2", "100002")
    first, *_rest, last = (json.loads(call["body"])["reference"] for call in peer.calls() if call["method"] == "POST")
    assert first != last


@pytest.mark.req("PUSH-3", "PUSH-5")
def test_who_holds_it_is_named_anew(cast: Cast, peer: VideoPeer) -> None:
    """A calendar was handed over, or its reference was wrong: what stands there is to stand with who holds it now."""
    found = booked(cast.albers)
    push(found)
    with acting(cast.albers.system):
        Calendar.objects.filter(pk=found.calendar_id).update(video_reference="petersen-there")
    push(found)
    assert peer.effects == ["POST", "PUT"]
    (held,) = peer.has("appointments").values()
    assert held["practitioner"] == "petersen-there"
    push(found)
    assert peer.effects == ["POST", "PUT"]


@pytest.mark.req("PUSH-3", "PUSH-5")
def test_a_reference_that_was_missing_is_entered(cast: Cast, peer: VideoPeer) -> None:
    """Nobody has to find out that it must be sent again."""
    found = booked(cast.albers)
    calendar = Calendar.objects.filter(pk=found.calendar_id)
    with acting(cast.albers.system):
        calendar.update(video_reference="")
    push(found)
    assert states(cast.albers) == [("create", "failed", "no_reference")]
    with acting(cast.albers.system):
        calendar.update(video_reference="albers-there")
    push(found)
    assert peer.effects == ["POST"]
    assert [one for one in states(cast.albers) if one[1] == "sent"] == [("create", "sent", "")]


@pytest.mark.req("PUSH-6")
@pytest.mark.parametrize(("kept", "sent"), [("0171 5550100 (Mutter)", None), ("0171 / 555 01 00", "+491715550100")])
def test_a_mobile_number_as_somebody_wrote_it(cast: Cast, peer: VideoPeer, kept: str, sent: str | None) -> None:
    """What is not needed does not keep an appointment from being taken."""
    with acting(cast.albers.system):
        VideoService.objects.update(sends_mobile=True)
    found = booked(cast.albers, mobile="+49 171 5550100")
    with acting(cast.albers.system):
        found.patient.contact_points.filter(kind="mobile").update(value=kept)
    push(found)
    assert json.loads(peer.calls()[0]["body"]).get("mobile") == sent


@pytest.mark.req("PUSH-10")
def test_held_here_before_the_answer_came(cast: Cast, peer: VideoPeer, monkeypatch: pytest.MonkeyPatch) -> None:
    """The practice changed to its own video side while the service was asked: the link of here stays."""
    found = booked(cast.albers)
    ask = sending.send_push

    def changed(due: Any) -> Any:
        answer = ask(due)
        with acting(cast.albers.actor("miriam")):
            change_service(cast.albers.actor("miriam"), {"kind": "here"})
        return answer

    monkeypatch.setattr(jobs, "send_push", changed)
    push(found)
    with acting(cast.albers.system):
        how = joining(cast.albers.system, found)
        assert how is not None and how.is_here


@pytest.mark.req("PUSH-4")
def test_away_from_video_and_back(cast: Cast, peer: VideoPeer) -> None:
    found = booked(cast.albers)
    push(found)
    now_at(cast.albers, found, location="practice")
    push(found)
    assert peer.has("appointments") == {} and link_of(cast.albers, found) is None
    now_at(cast.albers, found, location="video")
    push(found)
    assert peer.effects == ["POST", "DELETE", "POST"]


@pytest.mark.req("PUSH-4")
def test_what_is_not_held_by_video_is_told_to_nobody(cast: Cast, peer: VideoPeer) -> None:
    found = booked(cast.albers)
    now_at(cast.albers, found, location="phone")
    push(found)
    assert peer.calls() == [] and pushes(cast.albers) == []


@pytest.mark.req("PUSH-10")
def test_to_our_own_video_side_nothing_is_sent(cast: Cast, peer: VideoPeer) -> None:
    with acting(cast.albers.system):
        VideoService.objects.update(kind="here", url="", token=None)
    push(booked(cast.albers))
    assert peer.calls() == [] and pushes(cast.albers) == []


@pytest.mark.req("PUSH-10")
def test_an_overlap_there_is_noted(cast: Cast, peer: VideoPeer) -> None:
    peer.change(appointments={"of-somebody-else": {"starts_at": at("09:00").isoformat()}})
    push(booked(cast.albers))
    assert [one.overlaps for one in pushes(cast.albers)] == [True]


def test_staff_can_still_undo_a_cancellation(cast: Cast, peer: VideoPeer) -> None:
    """Nobody is told for as long as the page offers to undo (CAL-16): the patient's link stays."""
    found = booked(cast.albers)
    push(found)
    cancelled_by(cast.albers.actor("jana"), found)
    push(found)
    assert peer.effects == ["POST"]
    (later,) = waiting_jobs("integrations.look_again")
    assert later.scheduled_at < timezone.now() + timedelta(seconds=21)


def test_what_is_over_is_not_sent(cast: Cast, peer: VideoPeer) -> None:
    peer.answers("429:60", "ok")
    found = booked(cast.albers)
    push(found)
    past = timezone.now() - timedelta(days=1)
    now_at(cast.albers, found, starts_at=past, ends_at=past + timedelta(minutes=20))
    push(found)
    assert states(cast.albers) == [("create", "left_out", "over")]


def test_another_service_is_told_of_all_that_comes(cast: Cast, peer: VideoPeer) -> None:
    """What waited for the former one is not sent there; what stands there stays, and is known no more."""
    found = booked(cast.albers)
    push(found)
    with video_peer() as other:
        held_elsewhere(cast.albers, other.url)
        push(found)
        assert other.effects == ["POST"] and peer.effects == ["POST"]
        cancelled_by_patient(cast, found)
        push(found)
        assert other.effects == ["POST", "DELETE"] and peer.effects == ["POST"]
