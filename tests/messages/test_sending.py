"""Messages: a booking never without its message, a message never without its booking (NOT-1)."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import icalendar
import pytest
import recurring_ical_events
from django.db import connection
from django.test import override_settings
from procrastinate.contrib.django.models import ProcrastinateJob

from sprechzeit.core.acting import acting
from sprechzeit.core.jobs import WAITS_MINUTES
from sprechzeit.messages.jobs import send_booked, send_cancelled, send_moved
from sprechzeit.messages.models import Message
from sprechzeit.scheduling.actions.cancel import cancel_appointment
from sprechzeit.scheduling.errors import TimeTaken
from sprechzeit.scheduling.models import Appointment
from tests.support.cast import BERLIN, Cast, at, book, hold
from tests.support.databases import Databases
from tests.support.mailbox import Mailbox, mail_server
from tests.support.server import Program, running

pytestmark = [pytest.mark.req("NOT-1")]


@contextmanager
def posting_to(mailbox: Mailbox) -> Iterator[None]:
    """This process sends to the mailbox."""
    with override_settings(
        EMAIL_BACKEND="django.core.mail.backends.smtp.EmailBackend", EMAIL_HOST="127.0.0.1", EMAIL_PORT=mailbox.port,
        EMAIL_USE_TLS=False, EMAIL_TIMEOUT=3,
    ):  # fmt: skip
        yield


def send(appointment: Appointment, *, job: Any = send_booked, attempts: int = 0) -> None:
    """Work off the job, as the worker does."""
    job.work(attempts, practice_id=str(appointment.practice_id), appointment_id=str(appointment.id))


def the_message(cast: Cast) -> Message:
    with acting(cast.albers.system):
        message = Message.objects.select_related("practice").get()
        assert message.text is None or message.text  # opened while its practice's key may be read
        return message


def test_the_job_is_made_with_the_booking(cast: Cast) -> None:
    appointment = book(cast.albers, "09:00")
    (job,) = ProcrastinateJob.objects.filter(task_name="messages.send_booked")
    assert job.args == {"practice_id": str(appointment.practice_id), "appointment_id": str(appointment.id)}


def test_no_job_without_a_booking(cast: Cast) -> None:
    hold(cast.albers, "09:00")
    with pytest.raises(TimeTaken):
        book(cast.albers, "09:00")
    assert not ProcrastinateJob.objects.exists()


@pytest.mark.req("BOO-6", "STD-1")
def test_the_confirmation(cast: Cast, mailbox: Mailbox) -> None:
    appointment = book(cast.albers, "09:00")
    with posting_to(mailbox):
        send(appointment)
        send(appointment)
    (mail,) = mailbox.mails()
    assert mail["to"] == "paula@example.org"
    assert mail["reply-to"] == "praxis@albers.example.org"
    assert mail["subject"].startswith("Ihr Termin am ")
    plain = mail.get_body(("plain",))
    assert plain is not None and "/appointment/" in plain.get_content() and "09:00" in plain.get_content()
    attached = next(part for part in mail.walk() if part.get_content_type() == "text/calendar")
    calendar = icalendar.Calendar.from_ical(str(attached.get_content()))
    (event,) = recurring_ical_events.of(calendar).at(at("09:00").date())
    assert event["dtstart"].dt == at("09:00")
    assert event["dtend"].dt.astimezone(BERLIN) == at("09:50")
    message = the_message(cast)
    assert message.sent_at is not None and message.attempts == 1


# Of each event: the job that writes, and how subject and text say it.
EVENTS: dict[str, tuple[Any, dict[str, tuple[str, str]]]] = {
    "booked": (send_booked, {"de": ("Ihr Termin am ", "ist gebucht"), "en": ("Your appointment on ", "is booked")}),
    "moved": (
        send_moved,
        {"de": ("Neue Zeit: Ihr Termin am ", "neue Zeit"), "en": ("New time: your appointment on ", "a new time")},
    ),
    "cancelled": (
        send_cancelled,
        {"de": ("Abgesagt: Ihr Termin am ", "absagen"), "en": ("Cancelled: your appointment on ", "has to cancel")},
    ),
}


@pytest.mark.req("NOT-2")
@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("event", EVENTS)
def test_each_event_in_the_patients_language(cast: Cast, mailbox: Mailbox, event: str, language: str) -> None:
    appointment = book(cast.albers, "09:00", language=language)
    if event == "cancelled":
        with acting(cast.albers.system):
            cancel_appointment(cast.albers.system, appointment.id)
    job, begins = EVENTS[event]
    with posting_to(mailbox):
        send(appointment, job=job)
    (mail,) = mailbox.mails()
    subject, text = begins[language]
    plain = mail.get_body(("plain",))
    assert mail["subject"].startswith(subject)
    assert plain is not None and text in plain.get_content()


@pytest.mark.req("NOT-3")
def test_values_are_never_read_as_markup_or_headers(cast: Cast, mailbox: Mailbox) -> None:
    name = "{{ practice.name }} <b>%LASTNAME%</b>"
    appointment = book(cast.albers, "09:00", first_name=name)
    with acting(cast.albers.system):
        type(appointment.type).objects.filter(pk=appointment.type_id).update(name="Talk\r\nBcc: evil@example.org")
    with posting_to(mailbox):
        send(appointment)
    (mail,) = mailbox.mails()
    plain, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert plain is not None and name in plain.get_content()
    assert html is not None and "<b>%LASTNAME%</b>" not in html.get_content()
    assert mail["bcc"] is None


@pytest.mark.req("BOO-6")
def test_the_cancellation_updates_the_same_event(cast: Cast, mailbox: Mailbox) -> None:
    appointment = book(cast.albers, "09:00")
    with posting_to(mailbox):
        send(appointment)
        with acting(cast.albers.system):
            cancel_appointment(cast.albers.system, appointment.id)
        send(appointment, job=send_cancelled)
    events = []
    for mail in mailbox.mails():
        part = next(part for part in mail.walk() if part.get_content_type() == "text/calendar")
        events += icalendar.Calendar.from_ical(str(part.get_content())).walk("VEVENT")
    assert events[0]["uid"] == events[1]["uid"]
    assert [event["sequence"] for event in events] == [0, 1]
    assert events[1]["status"] == "CANCELLED"


def test_a_confirmation_that_comes_too_late_is_not_sent_after_the_cancellation(cast: Cast, mailbox: Mailbox) -> None:
    appointment = book(cast.albers, "09:00")
    with mail_server(running=False) as away, posting_to(away), pytest.raises(OSError):
        send(appointment)
    with acting(cast.albers.system):
        cancel_appointment(cast.albers.system, appointment.id)
    with posting_to(mailbox):
        send(appointment, attempts=1)
        send(appointment, job=send_cancelled)
    assert [mail["subject"].split(":")[0] for mail in mailbox.mails()] == ["Abgesagt"]
    with acting(cast.albers.system):
        assert Message.objects.get(kind="booked").withdrawn_at is not None


def test_with_the_mail_server_away_it_is_tried_for_a_day_then_the_practice_sees_it(cast: Cast, client: Any) -> None:
    appointment = book(cast.albers, "09:00")
    with mail_server(running=False) as away, posting_to(away):
        for attempts in range(len(WAITS_MINUTES) + 1):
            with pytest.raises(OSError):
                send(appointment, attempts=attempts)
            assert (the_message(cast).failed_at is not None) == (attempts == len(WAITS_MINUTES))
    assert 24 * 60 <= sum(WAITS_MINUTES) <= 25 * 60
    client.force_login(cast.albers.user("jana"))
    page = client.get("/messages/", headers={"Accept-Language": "en"})
    assert b"Not delivered" in page.content
    client.force_login(cast.brandt.user("berta"))
    assert b"paula@example.org" not in client.get("/messages/").content


@pytest.mark.req("PRI-1")
def test_what_was_sent_is_kept_sealed(cast: Cast, mailbox: Mailbox) -> None:
    appointment = book(cast.albers, "09:00")
    with posting_to(mailbox):
        send(appointment)
    with acting(cast.albers.system), connection.cursor() as cursor:
        cursor.execute("SELECT encode(text, 'escape') FROM messages_message")
        row = cursor.fetchone()
        assert row is not None and "Paula" not in row[0] and "appointment/" not in row[0]
        assert "Paula" in str(Message.objects.get().text)


@pytest.fixture
def program(own_database: Databases, request: pytest.FixtureRequest) -> Iterator[tuple[Program, Mailbox]]:
    """The program, and a mail server that is away."""
    with (
        mail_server(running=False) as away,
        running(
            own_database, worker=False, SMTP_HOST="127.0.0.1", SMTP_PORT=str(away.port), SMTP_STARTTLS="0",
            SMTP_TIMEOUT_SECONDS="60",
        ) as started,
    ):  # fmt: skip
        yield started, away


def wait_for(condition: Any, seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "did not happen"
        time.sleep(0.1)


def retry_now() -> None:
    """What waits for its next try is due at once."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET scheduled_at = now() WHERE status = 'todo'")


@pytest.mark.own_database
def test_the_booking_stands_and_the_mail_goes_when_the_server_is_back(
    cast: Cast, program: tuple[Program, Mailbox]
) -> None:
    started, mailbox = program
    started.start_worker()
    book(cast.albers, "09:00")
    wait_for(lambda: ProcrastinateJob.objects.filter(task_name="messages.send_booked", attempts=1).exists())
    assert mailbox.mails() == []
    mailbox.start()
    retry_now()
    assert len(mailbox.wait(1)) == 1
    wait_for(lambda: the_message(cast).sent_at is not None)


@pytest.mark.own_database
@pytest.mark.long
def test_a_killed_worker_loses_nothing(cast: Cast, program: tuple[Program, Mailbox]) -> None:
    """Killed while the mail server hangs; what it was at is put back, and the mail arrives once."""
    started, mailbox = program
    with socket.create_server(("127.0.0.1", mailbox.port)) as hanging:
        started.start_worker()
        book(cast.albers, "09:00")
        accepted, _address = hanging.accept()
        wait_for(lambda: ProcrastinateJob.objects.filter(status="doing", task_name="messages.send_booked").exists())
        started.processes["worker"].kill()
        started.processes["worker"].wait(10)
        accepted.close()
    mailbox.start()
    started.start_worker()
    assert len(mailbox.wait(1, seconds=150)) == 1
    wait_for(lambda: the_message(cast).sent_at is not None)


def test_the_worker_names_only_what_it_may(cast: Cast) -> None:
    """No personal data stands in a job's arguments or in the log of a failing job (OPS-4)."""
    book(cast.albers, "09:00", last_name="Geheimhaus")
    assert "Geheimhaus" not in str(list(ProcrastinateJob.objects.values_list("args", flat=True)))


def test_logs_drop_what_a_person_typed(tmp_path: Path) -> None:
    script = (
        "import django, logging; django.setup()\n"
        "try:\n    raise ValueError('Geheimhaus')\n"
        "except ValueError:\n    logging.getLogger('sprechzeit').exception('it failed')"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True,
        env={"DJANGO_SETTINGS_MODULE": "sprechzeit.config.settings", "HOME": str(tmp_path)},
    )  # fmt: skip
    assert "it failed" in done.stderr and "ValueError" in done.stderr
    assert "Geheimhaus" not in done.stderr
