"""The worker itself and a video service as processes: whatever dies between, each change takes effect once, in order
(PUSH-5, PUSH-8).
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
from django.db import connection, connections

from sprechzeit.core.acting import acting
from sprechzeit.core.events import publish
from sprechzeit.integrations.video_service.events import PushWanted
from sprechzeit.scheduling.models import Appointment
from tests.messages.test_sending import retry_now, wait_for
from tests.scheduling.test_move import move
from tests.support.cast import Cast, at
from tests.support.databases import Databases
from tests.support.mailbox import Mailbox
from tests.support.server import Program, running
from tests.support.video_peer import VideoPeer
from tests.support.video_service import booked, cancelled_by_patient, link_of, service_of, states

pytestmark = [pytest.mark.req("PUSH-5", "PUSH-8"), pytest.mark.own_database]


@pytest.fixture
def program(cast: Cast, own_database: Databases, mailbox: Mailbox) -> Iterator[Program]:
    with running(
        own_database, worker=False, WEBHOOK_NETWORKS="127.0.0.0/8", SMTP_HOST="127.0.0.1",
        SMTP_PORT=str(mailbox.port), SMTP_STARTTLS="0",
    ) as started:  # fmt: skip
        yield started


def are(cast: Cast, *wanted: str) -> bool:
    return [state for _kind, state, _why in states(cast.albers)] == list(wanted)


def try_now(cast: Cast, found: Appointment) -> None:
    """One try more, as the page asks for it. The next one by the clock is a minute away."""
    with acting(cast.albers.system):
        publish(PushWanted(found.practice_id, found.pk))


def put_back() -> None:
    """What a worker was at that says nothing for half a minute is put back; the test does it at once."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET status = 'todo', worker_id = NULL WHERE status = 'doing'")


@contextmanager
def database_away(databases: Databases) -> Iterator[None]:
    """Nobody reaches the test's own database; the cluster has other tests' too, and stays."""
    name = databases.current
    connections.close_all()
    with psycopg.connect(databases.url("superuser", "postgres"), autocommit=True) as superuser:
        superuser.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false'.encode())
        superuser.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])
        try:
            yield
        finally:
            superuser.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true'.encode())


def test_broken_in_every_way_one_after_the_other(
    cast: Cast, program: Program, peer: VideoPeer, mailbox: Mailbox
) -> None:
    """Away, a fault, a lost answer; the patient moves and cancels meanwhile. The practice sees what is wrong."""
    peer.stop()
    found = booked(cast.albers)
    program.start_worker()
    wait_for(lambda: service_of(cast.albers).fault == "connection")
    assert mailbox.mails() == [], "the message waits for the link"
    peer.answers("500", "lose", "reset", "ok")
    peer.start()
    try_now(cast, found)
    wait_for(lambda: service_of(cast.albers).fault == "error")
    move(cast, found, "11:00", minutes=20)  # what is new is tried at once
    wait_for(lambda: service_of(cast.albers).fault == "protocol")
    try_now(cast, found)
    wait_for(lambda: service_of(cast.albers).fault == "connection")
    try_now(cast, found)
    wait_for(lambda: are(cast, "sent", "sent"))
    assert peer.effects == ["POST", "PUT"]
    (held,) = peer.has("appointments").values()
    assert held["starts_at"] == at("11:00").isoformat()
    assert service_of(cast.albers).fault == ""
    (mail,) = mailbox.wait(1)
    plain = mail.get_body(("plain",))
    assert plain is not None and "https://video.example/j/1" in plain.get_content()
    cancelled_by_patient(cast, found)
    wait_for(lambda: peer.effects == ["POST", "PUT", "DELETE"])


def test_a_worker_that_is_killed_before_it_could_mark_it(cast: Cast, program: Program, peer: VideoPeer) -> None:
    """The service has it, nobody here knows: it is sent again with the same key, and done once."""
    found = booked(cast.albers)
    peer.answers("kept", "ok")
    program.start_worker()
    peer.wait(1)
    wait_for(lambda: peer.effects == ["POST"])
    program.processes["worker"].kill()
    program.processes["worker"].wait(10)
    assert states(cast.albers) == [("create", "waiting", "")]
    move(cast, found, "11:00", minutes=20)
    put_back()
    program.start_worker()
    wait_for(lambda: are(cast, "sent", "sent"))
    assert peer.effects == ["POST", "PUT"]
    first, second, _third = peer.calls()
    assert first["headers"]["idempotency-key"] == second["headers"]["idempotency-key"]
    assert link_of(cast.albers, found) == ("https://video.example/j/1", "100001")


@pytest.mark.parametrize("seconds", [3, pytest.param(30, marks=pytest.mark.long)])
def test_our_database_is_away_when_the_answer_comes(
    cast: Cast, own_database: Databases, program: Program, peer: VideoPeer, seconds: int
) -> None:
    """It cannot be marked; once the database is back it is sent again with the same key, and done once."""
    found = booked(cast.albers)
    peer.answers("kept", "ok")
    program.start_worker()
    peer.wait(1)
    with database_away(own_database):
        peer.stop()  # the call that hangs ends, and has nowhere to be marked
        time.sleep(seconds)
    peer.answers("ok")
    peer.start()
    program.processes["worker"].wait(60)
    program.start_worker()  # as the supervisor does
    put_back()
    retry_now()
    wait_for(lambda: are(cast, "sent"), seconds=60)
    assert peer.effects == ["POST"]
    assert link_of(cast.albers, found) == ("https://video.example/j/1", "100001")
