"""A message of a video appointment waits for link and TAN, and who was told without them gets them once (PUSH-8)."""

from collections.abc import Iterator
from datetime import timedelta
from email.message import EmailMessage
from typing import Any

import pytest
from django.utils import timezone

from sprechzeit.core.acting import acting
from sprechzeit.messages.actions import link_message_due, mark_attempt, send_again, withdraw
from sprechzeit.messages.jobs import bring_link, send_booked, send_cancelled, send_moved, send_once_more
from sprechzeit.messages.models import Message
from sprechzeit.practice.models import VideoService
from sprechzeit.scheduling.actions.told import tell_patient
from sprechzeit.scheduling.models import Appointment, VideoAppointment
from tests.messages.test_sending import posting_to
from tests.scheduling.test_move import move
from tests.support.cast import Cast
from tests.support.mailbox import Mailbox
from tests.support.video_service import booked, cancelled_by, held_elsewhere, now_at, waiting_jobs

pytestmark = pytest.mark.req("PUSH-8")

URL = "https://video.example"


@pytest.fixture(autouse=True)
def _elsewhere(cast: Cast, mailbox: Mailbox) -> Iterator[None]:
    held_elsewhere(cast.albers, URL)
    with posting_to(mailbox):
        yield


def send(found: Appointment, job: Any = send_booked) -> None:
    job.work(0, practice_id=str(found.practice_id), appointment_id=str(found.pk))


def arrives(cast: Cast, found: Appointment, link: str = "one", who: str = "miriam") -> None:
    """The service answers."""
    with acting(cast.albers.system):
        VideoAppointment.objects.filter(appointment=found).delete()
        VideoAppointment.objects.create(
            practice=cast.albers.practice, appointment=found, calendar=cast.albers.calendars[who],
            join_url=f"{URL}/{link}", tan="424242",
        )  # fmt: skip


def waits_no_longer(cast: Cast) -> None:
    """The set time is over."""
    with acting(cast.albers.system):
        Message.objects.update(created_at=timezone.now() - timedelta(minutes=16))


def the_time_is_over(cast: Cast) -> None:
    """What the timer does."""
    waits_no_longer(cast)
    (timer,) = waiting_jobs("messages.waited_for_link")
    once = {name: value for name, value in timer.args.items() if name != "once"}
    send_once_more.work(0, **once)


def words(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def test_it_waits_and_brings_the_link(cast: Cast, mailbox: Mailbox) -> None:
    found = booked(cast.albers)
    send(found)
    send(found)
    assert mailbox.mails() == []
    (timer,) = waiting_jobs("messages.waited_for_link")
    assert timedelta(minutes=14) < timer.scheduled_at - timezone.now() <= timedelta(minutes=15)
    assert timer.lock != waiting_jobs("messages.send_booked")[0].lock, "it holds up nothing"
    arrives(cast, found)
    send(found, bring_link)
    send(found, bring_link)
    (mail,) = mailbox.mails()
    assert f"{URL}/one" in words(mail) and "424242" in words(mail)
    assert mail["subject"].startswith("Ihr Termin")


def test_after_the_set_time_it_goes_and_the_link_follows_once(cast: Cast, mailbox: Mailbox) -> None:
    found = booked(cast.albers, language="en")
    send(found)
    the_time_is_over(cast)
    (first,) = mailbox.mails()
    assert "link to the video call follows" in words(first) and URL not in words(first)
    send(found, bring_link)
    assert len(mailbox.mails()) == 1, "nothing has arrived"
    arrives(cast, found)
    for _ in range(2):
        send(found, bring_link)
    _first, second = mailbox.mails()
    assert second["subject"].startswith("The link to your video appointment")
    assert f"{URL}/one" in words(second) and "424242" in words(second)


def test_the_timer_of_what_was_sent_sends_nothing(cast: Cast, mailbox: Mailbox) -> None:
    """The link came in time, and the appointment was moved since: who is told of that the practice says."""
    found = booked(cast.albers)
    send(found)
    arrives(cast, found)
    send(found, bring_link)
    assert len(mailbox.mails()) == 1
    move(cast, found, "11:00", minutes=20)
    the_time_is_over(cast)
    assert len(mailbox.mails()) == 1


@pytest.mark.req("NOT-1")
def test_a_confirmation_that_is_asked_for_twice_is_sent_once(cast: Cast, mailbox: Mailbox) -> None:
    """The worker was killed when it was sent and marked, and the appointment was moved before another one began."""
    found = booked(cast.albers)
    arrives(cast, found)
    send(found)
    move(cast, found, "11:00", minutes=20)
    send(found)
    assert len(mailbox.mails()) == 1


def test_it_waits_no_longer_than_there_is_time(cast: Cast, mailbox: Mailbox) -> None:
    """Before the link would open, the patient is to know that there is an appointment."""
    with acting(cast.albers.system):
        VideoService.objects.update(link_wait_minutes=1440)
    now = timezone.now()
    found = booked(cast.albers)
    now_at(cast.albers, found, starts_at=now + timedelta(minutes=90), ends_at=now + timedelta(minutes=140))
    send(found)
    assert mailbox.mails() == []
    (timer,) = waiting_jobs("messages.waited_for_link")
    assert timer.scheduled_at <= now + timedelta(minutes=61)
    now_at(cast.albers, found, starts_at=now + timedelta(minutes=20), ends_at=now + timedelta(minutes=70))
    send(found)
    assert len(mailbox.mails()) == 1


def test_who_knows_the_link_is_not_written_to_again(cast: Cast, mailbox: Mailbox) -> None:
    found = booked(cast.albers)
    arrives(cast, found)
    send(found)
    send(found, bring_link)
    assert len(mailbox.mails()) == 1


def test_who_knows_nothing_of_it_is_not_told_by_a_link(cast: Cast, mailbox: Mailbox) -> None:
    """The practice wanted no confirmation, or has not told them yet."""
    found = booked(cast.albers)
    arrives(cast, found)
    send(found, bring_link)
    assert mailbox.mails() == []


def test_another_link_is_told_each_time(cast: Cast, mailbox: Mailbox) -> None:
    """The service lost it, or another one was chosen: the former link is dead."""
    found = booked(cast.albers)
    arrives(cast, found)
    send(found)
    for link in ("two", "three"):
        arrives(cast, found, link)
        for _ in range(2):
            send(found, bring_link)
    _first, second, third = mailbox.mails()
    assert f"{URL}/two" in words(second) and f"{URL}/three" in words(third)


@pytest.mark.req("PUSH-4")
def test_in_another_calendar_the_former_link_is_told_no_more(cast: Cast, mailbox: Mailbox) -> None:
    found = booked(cast.albers)
    arrives(cast, found)
    send(found)
    move(cast, found, "11:00", minutes=20, who="jonas")
    jana = cast.albers.actor("jana")
    with acting(jana):
        tell_patient(jana, found.pk, by_mail=True)
    send(found, send_moved)
    assert len(mailbox.mails()) == 1, "it waits for the new one"
    arrives(cast, found, "two", who="jonas")
    send(found, bring_link)
    _first, moved = mailbox.mails()
    assert f"{URL}/two" in words(moved) and f"{URL}/one" not in words(moved)
    assert moved["subject"].startswith("Neue Zeit")


def test_what_is_cancelled_needs_no_link(cast: Cast, mailbox: Mailbox) -> None:
    found = booked(cast.albers)
    send(found)
    cancelled_by(cast.albers.system, found)
    send(found, send_cancelled)
    arrives(cast, found)
    send(found, bring_link)
    (mail,) = mailbox.mails()
    assert mail["subject"].startswith("Abgesagt")


def test_nobody_waits_for_what_will_not_come(cast: Cast, mailbox: Mailbox) -> None:
    """The service is switched off."""
    found = booked(cast.albers)
    held_elsewhere(cast.albers, URL, is_on=False)
    send(found)
    assert len(mailbox.mails()) == 1


def test_a_link_that_could_not_be_sent_is_sent_once_more(cast: Cast, mailbox: Mailbox) -> None:
    found = booked(cast.albers)
    send(found)
    the_time_is_over(cast)
    arrives(cast, found)
    mailbox.stop()
    with pytest.raises(OSError):
        send(found, bring_link)
    mailbox.start()
    with acting(cast.albers.system):
        failed = Message.objects.get(kind="video_link")
        assert failed.error and failed.sent_at is None
    send_once_more.work(0, practice_id=str(found.practice_id), appointment_id=str(found.pk), message_id=str(failed.pk))
    send(found, bring_link)
    assert len(mailbox.mails()) == 2


@pytest.mark.req("NOT-5")
def test_a_link_that_failed_and_says_nothing_any_more_waits_for_nothing(cast: Cast, mailbox: Mailbox) -> None:
    """It was cancelled meanwhile: sent again from the log, it is withdrawn there, not forever on its way."""
    found = booked(cast.albers)
    send(found)
    the_time_is_over(cast)
    arrives(cast, found)
    with acting(cast.albers.system):
        link = link_message_due(cast.albers.system, found)
        assert link
        mark_attempt(cast.albers.system, link, "address", final=True)
    cancelled_by(cast.albers.system, found)
    jana = cast.albers.actor("jana")
    with acting(jana):
        send_again(jana, link.pk)
    send_once_more.work(0, practice_id=str(found.practice_id), appointment_id=str(found.pk), message_id=str(link.pk))
    with acting(cast.albers.system):
        assert Message.objects.get(pk=link.pk).withdrawn_at
    assert len(mailbox.mails()) == 1


def test_a_withdrawn_one_is_not_waited_for(cast: Cast, mailbox: Mailbox) -> None:
    found = booked(cast.albers)
    send(found)
    with acting(cast.albers.system):
        withdraw(cast.albers.system, Message.objects.get())
    arrives(cast, found)
    send(found, bring_link)
    assert mailbox.mails() == []
