"""The video side's own messages to who comes to what was pushed (VID-5)."""

from datetime import timedelta
from smtplib import SMTPRecipientsRefused
from typing import Any
from unittest.mock import patch

import icalendar
import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from sprechzeit.core.acting import acting
from sprechzeit.core.jobs import WAITS_MINUTES
from sprechzeit.messages import handing, visits
from sprechzeit.messages.jobs import tell_visit
from sprechzeit.practice.actions import change_practice
from sprechzeit.scheduling.actions.block import move_block, remove_block
from sprechzeit.scheduling.actions.place import Place
from sprechzeit.scheduling.actions.undo import undo
from sprechzeit.scheduling.models import Block
from sprechzeit.video.models import VisitMessage
from tests.support.cast import Cast, at
from tests.support.pusher import Pusher
from tests.support.routes import signed_in
from tests.support.things import blocks

pytestmark = pytest.mark.req("VID-5")

ENGLISH = {"Accept-Language": "en"}


def work_off(attempts: int = 0) -> None:
    """All jobs there are, in their order, as the worker does; twice, since a job may be done twice."""
    for _ in range(2):
        for one in ProcrastinateJob.objects.filter(task_name="messages.tell_visit").order_by("id"):
            tell_visit.work(attempts, **one.args)


def subjects() -> list[str]:
    return [one.subject.partition(" am ")[0] for one in mail.outbox]


def html_of(one: Any) -> str:
    return str(one.alternatives[0][0])


def switch(cast: Cast, *, on: bool) -> None:
    with acting(cast.albers.actor("miriam")):
        change_practice(cast.albers.actor("miriam"), {"video_mails": on})


def test_who_comes_is_told_of_each_thing_once_with_link_and_tan(cast: Cast) -> None:
    pusher = Pusher(cast.albers)
    booked = pusher.book().json
    work_off()
    pusher.change(clock="14:00", who="jonas")
    work_off()
    pusher.cancel()
    work_off()
    assert subjects() == [
        "Ihre Videosprechstunde", "Neue Zeit: Ihre Videosprechstunde", "Abgesagt: Ihre Videosprechstunde"
    ]  # fmt: skip
    first, moved, cancelled = mail.outbox
    for one in (first, moved):
        html = html_of(one)
        assert all(booked[name] in text for name in ("join_url", "tan") for text in (one.body, html))
    assert "09:00" in first.body and "Miriam Albers" in first.body
    assert "14:00" in moved.body and "Jonas Petersen" in moved.body
    assert booked["tan"] not in cancelled.body and "/video/" not in cancelled.body
    assert [one.to for one in mail.outbox] == [["paula@example.org"]] * 3
    events: list[Any] = [icalendar.Calendar.from_ical(_attached(one)).walk("VEVENT")[0] for one in mail.outbox]
    assert len({event["uid"] for event in events}) == 1
    assert [(event["sequence"], event["status"]) for event in events] == [
        (1, "CONFIRMED"), (2, "CONFIRMED"), (3, "CANCELLED")
    ]  # fmt: skip
    assert events[1]["dtstart"].dt == at("14:00")
    assert all(event["organizer"].startswith("mailto:") for event in events), "RFC 5546 3.2.1 and 3.2.5 demand one"


def _attached(one: Any) -> str:
    part = next(each for each in one.message().walk() if each.get_content_type() == "text/calendar")
    return str(part.get_payload(decode=True).decode())


def test_what_changes_nothing_for_them_is_not_told(cast: Cast) -> None:
    pusher = Pusher(cast.albers)
    pusher.book()
    work_off()
    pusher.change(first_name="Paola", mobile="0171 1")
    pusher.change(clock="10:00")
    pusher.change(clock="09:00")
    work_off()
    assert subjects() == ["Ihre Videosprechstunde"]
    # Another address knows nothing yet.
    pusher.change(email="new@example.org")
    work_off()
    assert [one.to for one in mail.outbox] == [["paula@example.org"], ["new@example.org"]]
    # Never told and cancelled: nobody hears of it.
    pusher.book("ref-2", "15:00")
    pusher.cancel("ref-2")
    work_off()
    assert len(mail.outbox) == 2


def test_switched_off_nothing_is_written(cast: Cast) -> None:
    pusher = Pusher(cast.albers)
    switch(cast, on=False)
    pusher.book()
    pusher.change(clock="10:00")
    work_off()
    assert mail.outbox == []
    assert pusher.call("GET", "/practitioners").json["writes_to_patients"] is False
    switch(cast, on=True)
    pusher.change(clock="11:00")
    work_off()
    assert subjects() == ["Ihre Videosprechstunde"]


def test_what_staff_do_is_told_when_it_can_be_undone_no_more(cast: Cast) -> None:
    pusher, miriam = Pusher(cast.albers), cast.albers.actor("miriam")
    pusher.book()
    work_off()
    block = pusher.visit().block
    with acting(miriam):
        move_block(miriam, block.pk, Place(block.calendar, at("13:00"), at("13:50")))
    job = ProcrastinateJob.objects.filter(task_name="messages.tell_visit").order_by("-id")[0]
    assert job.scheduled_at is not None and timedelta(0) < job.scheduled_at - timezone.now() < timedelta(minutes=1)
    with acting(miriam):
        undo(miriam)
    work_off()
    assert subjects() == ["Ihre Videosprechstunde"], "it stands where it stood"
    with acting(miriam):
        remove_block(miriam, block.pk)
    work_off()
    assert subjects()[1:] == ["Abgesagt: Ihre Videosprechstunde"]
    with acting(miriam):
        undo(miriam)
    work_off()
    assert subjects()[2:] == ["Ihre Videosprechstunde"], "it takes place after all"


def test_what_is_over_is_told_to_nobody(cast: Cast) -> None:
    pusher = Pusher(cast.albers)
    pusher.book(clock="09:00", starts_at="2026-01-05T09:00:00+01:00")
    work_off()
    assert mail.outbox == []


def test_another_block_concerns_nobody(cast: Cast) -> None:
    miriam = cast.albers.actor("miriam")
    block = blocks(cast)["albers miriam"].id
    with acting(miriam):
        remove_block(miriam, Block.objects.get(pk=block).pk)
    assert not ProcrastinateJob.objects.filter(task_name="messages.tell_visit").exists()


def test_values_are_never_read_as_markup(cast: Cast) -> None:
    name = "{{ practice.name }} <b>%TAN%</b>"
    pusher = Pusher(cast.albers)
    pusher.book(first_name=name)
    work_off()
    (one,) = mail.outbox
    html = html_of(one)
    assert name in one.body and "<b>%TAN%</b>" not in html


@pytest.mark.req("NOT-1")
def test_killed_between_sending_and_marking_it_is_the_same_mail_again(cast: Cast) -> None:
    Pusher(cast.albers).book()
    with patch.object(visits, "mark_visit_sent", side_effect=SystemExit), pytest.raises(SystemExit):
        work_off()
    work_off()
    first, again = (one.extra_headers["Message-ID"] for one in mail.outbox)
    assert first == again
    with acting(cast.albers.system):
        assert VisitMessage.objects.get().sent_at is not None


@pytest.mark.req("NOT-1")
def test_killed_between_and_moved_meanwhile_it_is_another_mail(cast: Cast) -> None:
    """A mail server that drops what it has had must not drop the new time."""
    pusher = Pusher(cast.albers)
    pusher.book()
    with patch.object(visits, "mark_visit_sent", side_effect=SystemExit), pytest.raises(SystemExit):
        work_off()
    pusher.change(clock="14:00", who="jonas")
    work_off()
    first, again = (one.extra_headers["Message-ID"] for one in mail.outbox)
    assert first != again and "14:00" in mail.outbox[1].body


@pytest.mark.req("NOT-1")
def test_an_address_that_is_refused_for_good_is_seen_at_once(cast: Cast) -> None:
    Pusher(cast.albers).book()
    refused = SMTPRecipientsRefused({"paula@example.org": (550, b"no such user")})
    with patch.object(handing, "send", side_effect=refused):
        work_off()
    with acting(cast.albers.system):
        (message,) = VisitMessage.objects.all()[:1]
        assert message.failed_at is not None and message.error == "address"


@pytest.mark.req("NOT-5")
def test_what_could_not_be_delivered_is_seen_and_sent_again(cast: Cast) -> None:
    pusher, client = Pusher(cast.albers), Client(headers={"Accept-Language": "en"})
    pusher.book()
    with patch.object(handing, "send", side_effect=OSError), pytest.raises(OSError):
        tell_visit.work(
            len(WAITS_MINUTES), practice_id=str(cast.albers.practice.pk), block_id=str(pusher.visit().block_id)
        )
    client.force_login(cast.albers.user("jana"))
    address = f"/video/pushed/{pusher.visit().block_id}"
    page = client.get(f"{address}/messages/", headers={"HX-Request": "true"}).content.decode()
    assert "Not delivered" in page and f"{address}/telling/" in page
    assert client.post(f"{address}/telling/").status_code == 303
    work_off()
    assert subjects() == ["Ihre Videosprechstunde"]
    page = client.get(f"{address}/messages/", headers={"HX-Request": "true"}).content.decode()
    assert "Sent" in page and "/telling/" not in page


def fails(cast: Cast, pusher: Pusher) -> None:
    """The mail server was away for a day."""
    with patch.object(handing, "send", side_effect=OSError), pytest.raises(OSError):
        tell_visit.work(
            len(WAITS_MINUTES), practice_id=str(cast.albers.practice.pk), block_id=str(pusher.visit().block_id)
        )


@pytest.mark.req("NOT-5", "NOT-1")
def test_that_it_is_cancelled_is_sent_again_from_the_log(cast: Cast) -> None:
    """In the book it stands no more; the number beside *Messages* counts it."""
    pusher, client = Pusher(cast.albers), signed_in(cast, "secretary")
    pusher.book()
    work_off()
    pusher.cancel()
    fails(cast, pusher)
    where = f"/video/pushed/{pusher.visit().block_id}/telling/"
    page = client.get("/messages/", headers=ENGLISH).content.decode()
    assert "1 message did not arrive" in page and where in page and "Cancellation by the video side" in page
    answer = client.post(where, {"log": "yes"}, headers=ENGLISH, follow=True)
    assert "is being sent again" in answer.content.decode()
    work_off()
    assert subjects() == ["Ihre Videosprechstunde", "Abgesagt: Ihre Videosprechstunde"]
    page = client.get("/messages/", headers=ENGLISH).content.decode()
    assert "did not arrive" not in page and where not in page


@pytest.mark.req("NOT-5")
def test_what_says_nothing_any_more_is_not_sent_again(cast: Cast) -> None:
    """Nobody knows of it and it is cancelled; or the booking system alone writes."""
    pusher, client = Pusher(cast.albers), signed_in(cast, "secretary")
    pusher.book()
    fails(cast, pusher)
    pusher.cancel()
    work_off()
    assert "did not arrive" not in client.get("/messages/", headers=ENGLISH).content.decode()
    pusher.book("ref-2", "14:00")
    switch(cast, on=False)
    where = f"/video/pushed/{pusher.visit('ref-2').block_id}/telling/"
    assert "nothing to tell" in client.post(where, {"log": "yes"}, headers=ENGLISH, follow=True).content.decode()
    assert mail.outbox == []
