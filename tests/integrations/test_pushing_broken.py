"""A video service broken in every way: each change takes effect once, and the practice sees it (PUSH-5, PUSH-8)."""

from datetime import timedelta

import pytest
from django.utils import timezone

from sprechzeit.core.acting import acting
from sprechzeit.core.jobs import WAITS_MINUTES
from sprechzeit.integrations.video_service.jobs import look_again
from sprechzeit.integrations.video_service.models import Push
from sprechzeit.practice.models import VideoService
from sprechzeit.scheduling.models import Calendar
from tests.scheduling.test_move import move
from tests.support.cast import Cast, at
from tests.support.routes import client_of
from tests.support.video_peer import VideoPeer
from tests.support.video_service import (
    booked,
    cancelled_by_patient,
    link_of,
    now_at,
    push,
    pushes,
    service_of,
    states,
    waiting_jobs,
)

pytestmark = pytest.mark.req("PUSH-5")


BROKEN = {
    "500": ("error", 500, True),
    "503:60": ("busy", 503, True),
    "429:60": ("busy", 429, False),
    "302": ("redirect", 302, False),
    "reset": ("connection", None, True),
    "lose": ("protocol", None, True),
    "page": ("answer", 200, True),
    "huge": ("answer", None, True),
}


@pytest.mark.req("PUSH-8")
@pytest.mark.parametrize("word", BROKEN)
def test_what_was_not_taken_is_tried_again_and_done_once(cast: Cast, peer: VideoPeer, word: str) -> None:
    """With the same key, by which the service knows what it has done already. The practice sees what is wrong."""
    found = booked(cast.albers)
    peer.answers(word, "ok")
    before = timezone.now()
    push(found)
    why, status, in_doubt = BROKEN[word]
    (one,) = pushes(cast.albers)
    assert (one.state, one.error, one.status, one.attempts, one.in_doubt) == ("waiting", why, status, 1, in_doubt)
    assert one.next_at is not None and one.next_at > before + timedelta(seconds=59)
    assert service_of(cast.albers).fault == ("" if why == "answer" else why)
    assert len(waiting_jobs("integrations.look_again")) == 1
    with acting(cast.albers.system):
        VideoService.objects.update(quiet_until=None)
    push(found)
    assert states(cast.albers) == [("create", "sent", "")]
    assert peer.effects == ["POST"]
    first, second = peer.calls()
    assert first["headers"]["idempotency-key"] == second["headers"]["idempotency-key"]
    assert first["body"] == second["body"]
    assert link_of(cast.albers, found) is not None
    assert service_of(cast.albers).fault == ""


def test_an_answer_that_never_comes(cast: Cast, peer: VideoPeer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits longer than for the time in which a service has to answer."""
    monkeypatch.setattr("sprechzeit.integrations.video_service.reaching.SECONDS", 1)
    found = booked(cast.albers)
    peer.answers("kept", "ok")
    push(found)
    (one,) = pushes(cast.albers)
    assert (one.state, one.error, one.in_doubt) == ("waiting", "timeout", True)
    push(found)
    assert peer.effects == ["POST"] and states(cast.albers) == [("create", "sent", "")]


@pytest.mark.parametrize("change", ["PUT", "DELETE"])
def test_the_answer_to_a_later_change_is_lost(cast: Cast, peer: VideoPeer, change: str) -> None:
    found = booked(cast.albers)
    peer.answers("ok", "lose", "500", "ok")
    push(found)
    if change == "PUT":
        move(cast, found, "11:00", minutes=20)
    else:
        cancelled_by_patient(cast, found)
    for _ in range(3):
        push(found)
    assert peer.effects == ["POST", change]
    assert {state for _kind, state, _why in states(cast.albers)} == {"sent"}


def test_what_may_have_arrived_is_not_overtaken(cast: Cast, peer: VideoPeer) -> None:
    """Its answer was lost. A later change must not come before it, or the service would keep the former time."""
    found = booked(cast.albers)
    peer.answers("lose", "ok")
    push(found)
    move(cast, found, "11:00", minutes=20)
    push(found)
    assert peer.effects == ["POST", "PUT"]
    assert [one["method"] for one in peer.calls()] == ["POST", "POST", "PUT"]
    (held,) = peer.has("appointments").values()
    assert held["starts_at"] == at("11:00").isoformat()
    assert link_of(cast.albers, found) == ("https://video.example/j/1", "100001")


def test_the_address_was_corrected_meanwhile(cast: Cast, peer: VideoPeer) -> None:
    """The service has it already with another address: the same key would be refused, so that it is a change."""
    found = booked(cast.albers)
    peer.answers("lose", "ok")
    push(found)
    now_at(cast.albers, found, email="neu@example.org")
    push(found)
    assert peer.effects == ["POST", "PUT"]
    (held,) = peer.has("appointments").values()
    assert held["email"] == "neu@example.org"
    assert states(cast.albers) == [("create", "sent", "")]


def test_the_service_has_lost_it(cast: Cast, peer: VideoPeer) -> None:
    """It was set back to a former state: what it does not know any more is entered anew, with a new link."""
    found = booked(cast.albers)
    push(found)
    peer.change(appointments={}, answers={})
    move(cast, found, "11:00", minutes=20)
    push(found)
    assert states(cast.albers) == [("create", "sent", ""), ("change", "sent", "")]
    assert link_of(cast.albers, found) == ("https://video.example/j/2", "100002")
    peer.change(appointments={}, answers={})
    cancelled_by_patient(cast, found)
    push(found)
    assert states(cast.albers)[-1] == ("cancel", "sent", "")
    # It may be there still, for another token: the practice is told to look.
    assert [one.status for one in pushes(cast.albers)] == [None, 404, 404]
    page = client_of(cast, "administrator").get("/settings/video-service/", headers={"accept-language": "en"})
    assert page.content.decode().count("did not know this appointment") == 2


def test_who_asks_to_be_left_alone_is_left_alone_by_all(cast: Cast, peer: VideoPeer) -> None:
    found = booked(cast.albers)
    peer.answers("429:1200", "ok")
    push(found)
    other = booked(cast.albers, "10:00", first_name="Anna", email="anna@example.org")
    push(other)
    push(found)
    assert len(peer.calls()) == 1
    quiet = service_of(cast.albers).quiet_until
    assert quiet is not None and timedelta(minutes=19) < quiet - timezone.now() <= timedelta(minutes=20)
    assert {(one.state, one.error) for one in pushes(cast.albers)} == {("waiting", "busy")}
    soonest = min(one.scheduled_at for one in waiting_jobs("integrations.look_again"))
    assert soonest > timezone.now() + timedelta(minutes=19)


@pytest.mark.req("PUSH-8")
def test_once_it_answers_all_that_waits_is_sent(cast: Cast, peer: VideoPeer) -> None:
    """Nobody waits for hours since the service was away at night."""
    peer.stop()
    found = booked(cast.albers)
    push(found)
    with acting(cast.albers.system):
        Push.objects.update(next_at=timezone.now() + timedelta(hours=6))
    other = booked(cast.albers, "10:00", first_name="Anna", email="anna@example.org")
    peer.start()
    before = len(waiting_jobs("integrations.push_appointment"))
    push(other)
    (woken,) = waiting_jobs("integrations.push_appointment")[before:]
    assert woken.args["appointment_id"] == str(found.pk)


def test_a_new_change_does_not_wait_for_the_next_try(cast: Cast, peer: VideoPeer) -> None:
    """What is to be tried in hours waits in a line of its own; when its time comes it looks whether it still waits."""
    peer.answers("500")
    found = booked(cast.albers)
    push(found)
    (later,) = waiting_jobs("integrations.look_again")
    (first,) = waiting_jobs("integrations.push_appointment")
    assert later.lock != first.lock
    look_again.work(0, **later.args)
    assert len(waiting_jobs("integrations.push_appointment")) == 1, "it is tried in a minute, not now"
    with acting(cast.albers.system):
        Push.objects.update(next_at=timezone.now())
    look_again.work(0, **later.args)
    assert len(waiting_jobs("integrations.push_appointment")) == 2


@pytest.mark.req("PUSH-8")
def test_after_a_day_it_has_failed_and_what_follows_is_told_all_the_same(cast: Cast, peer: VideoPeer) -> None:
    peer.answers("500")
    found = booked(cast.albers)
    push(found)
    with acting(cast.albers.system):
        Push.objects.update(attempts=len(WAITS_MINUTES))
    push(found)
    assert states(cast.albers) == [("create", "failed", "error")]
    push(found)
    assert len(peer.calls()) == 2, "what failed is not sent by itself"
    peer.stop()
    peer.answers("ok")
    peer.start()
    move(cast, found, "11:00", minutes=20)
    push(found)
    (held,) = peer.has("appointments").values()
    assert held["starts_at"] == at("11:00").isoformat()


def test_what_is_refused_for_good_is_not_tried_for_a_day(cast: Cast, peer: VideoPeer) -> None:
    peer.answers("422")
    push(booked(cast.albers))
    assert states(cast.albers) == [("create", "failed", "refused")]
    assert service_of(cast.albers).fault == "", "of one appointment, not of the service"


@pytest.mark.req("PUSH-3")
def test_a_practitioner_whom_the_service_does_not_know(cast: Cast, peer: VideoPeer) -> None:
    """It is sent once the reference is right."""
    found = booked(cast.albers)
    with acting(cast.albers.system):
        calendar = found.calendar
        calendar.video_reference = "nobody"
        calendar.save(update_fields=["video_reference"])
    push(found)
    assert states(cast.albers) == [("create", "waiting", "practitioner")]
    with acting(cast.albers.system):
        calendar.video_reference = "albers-there"
        calendar.save(update_fields=["video_reference"])
    push(found)
    assert states(cast.albers) == [("create", "sent", "")]


@pytest.mark.req("PUSH-3")
def test_a_practitioner_whom_the_service_learns_to_know(cast: Cast, peer: VideoPeer) -> None:
    """The key that was refused goes on being refused there: it is asked with another one."""
    known = peer.has("practitioners")
    peer.change(practitioners=[])
    found = booked(cast.albers)
    push(found)
    assert states(cast.albers) == [("create", "waiting", "practitioner")]
    peer.change(practitioners=known)
    push(found)
    assert states(cast.albers) == [("create", "sent", "")]
    assert peer.effects == ["POST"]


@pytest.mark.req("PUSH-3")
def test_without_a_reference_nothing_is_sent(cast: Cast, peer: VideoPeer) -> None:
    """It was taken away after the booking. What stands there can be cancelled all the same."""
    found, other = booked(cast.albers), booked(cast.albers, "10:00", first_name="Anna", email="anna@example.org")
    push(other)
    with acting(cast.albers.system):
        Calendar.objects.filter(pk=found.calendar_id).update(video_reference="")
    push(found)
    assert states(cast.albers) == [("create", "sent", ""), ("create", "failed", "no_reference")]
    cancelled_by_patient(cast, other)
    push(other)
    assert peer.effects == ["POST", "DELETE"]
