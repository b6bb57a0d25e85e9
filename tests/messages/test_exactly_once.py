"""Whatever dies between sending and marking: one message per event, recipient and channel (NOT-1).

The worker, the mail server and the gateway are processes. A mail server has no key by which it knows a mail again: it
may get one twice, with the same Message-ID, which mail programs show once. A gateway has, and sends one SMS.
"""

from collections.abc import Iterator

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from sprechzeit.core.acting import acting
from sprechzeit.messages.models import Message
from tests.messages.test_reminders import DAY, reminds, the_clock_is
from tests.messages.test_sending import wait_for
from tests.messages.test_sms import known, sends_by
from tests.support.cast import Cast, book
from tests.support.databases import Databases
from tests.support.mailbox import Mailbox, mail_server
from tests.support.server import Program, running
from tests.support.sms_gateway import Gateway, sms_gateway

pytestmark = [pytest.mark.req("NOT-1", "NOT-4"), pytest.mark.own_database]


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    with sms_gateway() as made:
        yield made


@pytest.fixture
def program(own_database: Databases) -> Iterator[tuple[Program, Mailbox]]:
    with (
        mail_server() as mailbox,
        running(
            own_database, worker=False, SMTP_HOST="127.0.0.1", SMTP_PORT=str(mailbox.port), SMTP_STARTTLS="0",
            SMTP_TIMEOUT_SECONDS="60", WEBHOOK_NETWORKS="127.0.0.0/8",
        ) as started,
    ):  # fmt: skip
        yield started, mailbox


def kill(started: Program) -> None:
    started.processes["worker"].kill()
    started.processes["worker"].wait(10)


def marked(cast: Cast) -> list[tuple[str, str, bool]]:
    with acting(cast.albers.system):
        found = Message.objects.defer("text").order_by("kind", "channel")
        return [(one.kind, one.channel, one.sent_at is not None) for one in found]


@pytest.mark.long
def test_a_worker_killed_when_they_have_it_and_nobody_knows(
    cast: Cast, program: tuple[Program, Mailbox], gateway: Gateway
) -> None:
    started, mailbox = program
    sends_by(cast.albers, gateway)
    mailbox.silent()
    book(cast.albers, "09:00")
    started.start_worker()
    mailbox.wait(1)
    kill(started)
    # Another one takes what is due, an SMS, and dies as well.
    gateway.answers("hang", "202")
    reminds(cast.albers, channel="sms")
    second = known(cast.albers, book(cast.albers, "11:00", first_name="Max", email="max@example.org"), channel="sms")
    started.start_worker()
    gateway.wait(1)
    kill(started)
    assert [sent for _kind, _channel, sent in marked(cast)] == [False, False]
    mailbox.silent(on=False)
    # What is asked for twice, by two who look at once, is one reminder.
    assert the_clock_is(cast.albers, second.starts_at - DAY) == 2
    assert the_clock_is(cast.albers, second.starts_at - DAY) == 0
    started.start_worker()
    everything = [("booked", "email", True), ("booked", "sms", True), ("reminder", "email", True),
                  ("reminder", "sms", True)]  # fmt: skip
    wait_for(lambda: marked(cast) == everything, 240)
    wait_for(
        lambda: not ProcrastinateJob.objects.filter(status__in=("todo", "doing"), args__has_key="message_id").exists()
    )
    ids = [mail["message-id"] for mail in mailbox.mails()]
    assert len(ids) == 3 and len(set(ids)) == 2, "the confirmation twice with one id, the reminder once"
    keys = [one["key"] for one in gateway.calls()]
    assert len(keys) == 3 and len(set(keys)) == 2
    assert len(gateway.sent()) == 2, "the confirmation and the reminder, each once"
