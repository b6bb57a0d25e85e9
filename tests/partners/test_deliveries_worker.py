"""The worker itself and a portal as processes: at least once, in order, whatever dies between (OTV-9)."""

import json
import os
from collections.abc import Iterator
from email.message import EmailMessage

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from sprechzeit.access.actor import Actor
from sprechzeit.core.acting import acting
from sprechzeit.partners.actions.signing import have_signing_key
from sprechzeit.partners.models import Delivery
from tests.messages.test_sending import retry_now, wait_for
from tests.scheduling.test_move import move
from tests.support.cast import Cast
from tests.support.databases import Databases
from tests.support.hook_peer import HookPeer, hook_peer
from tests.support.mailbox import Mailbox
from tests.support.partners import booked_by, registered, reported_to
from tests.support.server import Program, running
from tests.support.video_peer import video_peer
from tests.support.video_service import booked, cancelled_by_patient, held_elsewhere

pytestmark = [pytest.mark.req("OTV-9"), pytest.mark.own_database]


@pytest.fixture
def program(cast: Cast, own_database: Databases, mailbox: Mailbox) -> Iterator[Program]:
    with running(
        own_database, worker=False, WEBHOOK_NETWORKS="127.0.0.0/8", SMTP_HOST="127.0.0.1",
        SMTP_PORT=str(mailbox.port), SMTP_STARTTLS="0",
    ) as started:  # fmt: skip
        yield started


@pytest.fixture
def peer(cast: Cast) -> Iterator[HookPeer]:
    with hook_peer() as made:
        with acting(cast.albers.system):
            made.trusts(have_signing_key(cast.albers.system).public_key)
        yield made


def reporting(cast: Cast, peer: HookPeer) -> Actor:
    portal = registered(cast.albers)
    reported_to(portal, cast.albers, peer.url)
    return portal


def state_is(cast: Cast, *wanted: str) -> bool:
    with acting(cast.albers.system):
        return list(Delivery.objects.order_by("event__number").values_list("state", flat=True)) == list(wanted)


def is_tried(attempts: int) -> bool:
    return ProcrastinateJob.objects.filter(task_name="partners.deliver", status="todo", attempts=attempts).exists()


def test_until_it_is_taken(cast: Cast, program: Program, peer: HookPeer) -> None:
    """An answer that was lost, a fault, then it is there; a change that comes meanwhile overtakes."""
    found = booked_by(reporting(cast, peer), cast.albers, "09:00")
    peer.answers("lose", "500", "204")
    program.start_worker()
    move(cast, found, "11:00")
    retry_now()
    wait_for(lambda: is_tried(1))
    retry_now()
    wait_for(lambda: is_tried(2))
    move(cast, found, "14:00")
    retry_now()
    wait_for(lambda: state_is(cast, "left_out", "sent"))
    calls = peer.calls()
    assert [one["wrong"] for one in calls] == ["", "known", ""]
    assert [json.loads(one["body"])["data"]["number"] for one in calls] == [2, 2, 3]


@pytest.mark.long
def test_a_worker_that_is_killed_before_it_could_mark_it(cast: Cast, program: Program, peer: HookPeer) -> None:
    """The portal has it, nobody knows: it comes again with the same id, by which the portal knows it."""
    found = booked_by(reporting(cast, peer), cast.albers, "09:00")
    peer.answers("hang", "204")
    program.start_worker()
    move(cast, found, "11:00")
    retry_now()
    peer.wait(1)
    program.processes["worker"].kill()
    program.processes["worker"].wait(10)
    assert state_is(cast, "waiting")
    program.start_worker()
    first, second = peer.wait(2, seconds=150)
    assert (first["wrong"], second["wrong"]) == ("", "known")
    assert first["body"] == second["body"]
    wait_for(lambda: state_is(cast, "sent"))


def text_of(mail: EmailMessage) -> str:
    plain = mail.get_body(("plain",))
    return str(plain.get_content()) if plain else ""


@pytest.mark.skipif(
    "SPRECHZEIT_TEST_PGBOUNCER" in os.environ,
    reason="through PgBouncer a worker hears of each job within five seconds: a portal does not hang so long",
)
def test_portals_that_do_not_answer_keep_nobody_else_waiting(
    cast: Cast, program: Program, peer: HookPeer, mailbox: Mailbox
) -> None:
    """More changes than the worker has slots, at a portal that lets each hang: the mail goes out, the video service is
    told, and what came later is still at its first try.
    """
    portal = reporting(cast, peer)
    peer.answers("hang")
    with video_peer() as service:
        held_elsewhere(cast.albers, service.url)
        for _ in range(5):
            cancelled_by_patient(cast, booked_by(portal, cast.albers, "09:00"))
        program.start_worker(slots=2)
        retry_now()
        peer.wait(2)
        booked(cast.albers)
        wait_for(lambda: any("https://video.example/j/1" in text_of(mail) for mail in mailbox.mails()), seconds=8)
    assert len(peer.calls()) == 2
    jobs = ProcrastinateJob.objects.filter(task_name="partners.deliver")
    assert jobs.filter(status="doing", attempts=0).count() == 2
    assert jobs.filter(status="todo", attempts=0).count() == 3
