"""Another video service is chosen: patients get the new link, and what stands at the former one is cancelled there."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.urls import reverse

from sprechzeit.core.acting import acting
from sprechzeit.integrations.video_service.actions.former import empty_former, forget_formers
from sprechzeit.integrations.video_service.actions.service import change_service
from sprechzeit.integrations.video_service.jobs import push_all, push_appointment
from sprechzeit.integrations.video_service.models import FormerService
from sprechzeit.messages.jobs import bring_link, send_booked
from sprechzeit.scheduling.models import Appointment
from tests.integrations.test_video_service_page import english, page
from tests.messages.test_sending import posting_to, send
from tests.messages.test_waits_for_link import words
from tests.support.cast import Cast
from tests.support.mailbox import Mailbox
from tests.support.video_peer import TOKEN, VideoPeer, video_peer
from tests.support.video_service import booked, cancelled_by_patient, link_of, push, states, waiting_jobs

pytestmark = pytest.mark.req("PUSH-2", "PUSH-5", "PUSH-10")

HERE = {"kind": "here"}


@pytest.fixture(autouse=True)
def _posted(mailbox: Mailbox) -> Iterator[None]:
    with posting_to(mailbox):
        yield


def told(cast: Cast, clock: str = "09:00", **person: Any) -> Appointment:
    """Somebody booked; the service has it, and they have its link."""
    found = booked(cast.albers, clock, **person)
    push(found)
    send(found, job=send_booked)
    return found


def chooses(cast: Cast, **facts: Any) -> None:
    """The practice chooses another service; what follows is worked off."""
    miriam = cast.albers.actor("miriam")
    with acting(miriam):
        change_service(miriam, facts)
    for name, job in (
        ("integrations.push_all", push_all),
        ("integrations.push_appointment", push_appointment),
        ("messages.bring_link", bring_link),
    ):
        for one in waiting_jobs(name):
            job.work(0, **one.args)


def former(cast: Cast) -> FormerService | None:
    with acting(cast.albers.system):
        return FormerService.objects.first()


def empties(cast: Cast) -> None:
    one = former(cast)
    assert one
    answer = english(cast).post(reverse("video_service:former_cancellation", args=[one.pk]))
    assert answer.status_code == 303


def is_told(cast: Cast, found: Appointment) -> bool:
    with acting(cast.albers.system):
        return Appointment.objects.get(pk=found.pk).told_starts_at == found.starts_at


def test_held_here_patients_get_the_link_and_it_is_cancelled_there(
    cast: Cast, peer: VideoPeer, mailbox: Mailbox
) -> None:
    found = told(cast)
    chooses(cast, **HERE)
    _confirmation, link = mailbox.mails()
    assert "/video/" in words(link) and "gilt er nicht mehr" in words(link)
    assert is_told(cast, found), "by the mail with the link"
    assert peer.effects == ["POST"], "nobody said that it is to be cancelled there"
    shown = page(english(cast))
    assert (
        "1 appointment to come still stands at the service that you had before" in shown
        and "Cancel them there" in shown
    )
    for _ in range(2):
        if former(cast):
            empties(cast)
        for one in waiting_jobs("integrations.push_appointment"):
            push_appointment.work(0, **one.args)
    assert peer.effects == ["POST", "DELETE"] and peer.has("appointments") == {}
    assert former(cast) is None, "its token is forgotten"
    assert "stands at the service that you had before" not in page(english(cast))
    assert link_of(cast.albers, found) == (None, None), "the link here stays"
    assert len(mailbox.mails()) == 2


def test_at_another_service_it_is_entered_first(cast: Cast, peer: VideoPeer) -> None:
    """The former one is away: what happens at the new one does not wait for it."""
    found = told(cast)
    with video_peer() as other:
        chooses(cast, kind="sprechzeit", url=other.url, token=TOKEN)
        assert other.effects == ["POST"] and peer.effects == ["POST"]
        now = link_of(cast.albers, found)
        peer.stop()
        empties(cast)
        push(found)
        assert [state for _kind, state, _why in states(cast.albers)] == ["sent", "sent", "waiting"]
        assert "Not reached" not in page(english(cast)), "the one that is chosen answers"
        cancelled_by_patient(cast, found)
        push(found)
        assert other.effects == ["POST", "DELETE"]
        peer.start()
        push(found)
        assert peer.effects == ["POST", "DELETE"] and former(cast) is None
        assert now is not None


def test_what_may_have_arrived_is_cancelled_there_too(cast: Cast, peer: VideoPeer) -> None:
    peer.answers("lose", "ok")
    push(booked(cast.albers))
    assert [state for _kind, state, _why in states(cast.albers)] == ["waiting"]
    chooses(cast, **HERE)
    empties(cast)
    for one in waiting_jobs("integrations.push_appointment"):
        push_appointment.work(0, **one.args)
    assert peer.has("appointments") == {} and former(cast) is None


def test_left_at_that_it_stays_there_and_the_token_is_forgotten(cast: Cast, peer: VideoPeer) -> None:
    found = told(cast)
    chooses(cast, **HERE)
    one = former(cast)
    assert one
    assert english(cast).post(reverse("video_service:farewell", args=[one.pk])).status_code == 303
    push(found)
    assert former(cast) is None and peer.effects == ["POST"]
    assert "you had before" not in page(english(cast))


def test_chosen_again_it_is_no_former_one(cast: Cast, peer: VideoPeer) -> None:
    told(cast)
    chooses(cast, **HERE)
    chooses(cast, kind="sprechzeit", url=peer.url, token=TOKEN)
    assert former(cast) is None
    assert peer.effects == ["POST"] and len(peer.has("appointments")) == 1


def test_nothing_is_kept_of_one_at_which_nothing_stands(cast: Cast, peer: VideoPeer) -> None:
    chooses(cast, **HERE)
    assert former(cast) is None


def test_when_all_is_over_its_token_is_forgotten(cast: Cast, peer: VideoPeer) -> None:
    found = told(cast)
    chooses(cast, **HERE)
    with acting(cast.albers.system):
        forget_formers(cast.albers.system)
        assert FormerService.objects.exists()
        Appointment.objects.filter(pk=found.pk).update(starts_at="2026-01-05T09:00Z", ends_at="2026-01-05T09:20Z")
        forget_formers(cast.albers.system)
        assert not FormerService.objects.exists()


def test_only_administrators(cast: Cast, peer: VideoPeer) -> None:
    told(cast)
    chooses(cast, **HERE)
    one = former(cast)
    assert one
    for name in ("former_cancellation", "farewell"):
        assert english(cast, "secretary").post(reverse(f"video_service:{name}", args=[one.pk])).status_code == 404
    miriam = cast.albers.actor("miriam")
    with acting(miriam):
        assert empty_former(miriam, one.pk) == 1
