"""Reminders (NOT-4): any number, each once, at the time at which the appointment stands."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connections, transaction
from django.test import Client
from procrastinate.contrib.django.models import ProcrastinateJob

from sprechzeit.core.acting import acting
from sprechzeit.messages.actions.reminders import (
    Wanted,
    add_reminder,
    change_reminder,
    plan_reminders,
    still_reminds,
    switch_reminder,
)
from sprechzeit.messages.jobs import send_reminder
from sprechzeit.messages.models import Message, Reminder
from sprechzeit.messages.queries import reminders as of_reminders
from sprechzeit.patients.models import Patient
from sprechzeit.scheduling.actions.cancel import cancel_appointment
from sprechzeit.scheduling.models import Appointment
from tests.messages.test_sending import posting_to
from tests.messages.test_sms import known
from tests.scheduling.test_move import move
from tests.support.cast import BERLIN, Cast, House, at, book, monday
from tests.support.mailbox import Mailbox, mail_server
from tests.support.partner_bookings import book_by, offered, told
from tests.support.partners import registered
from tests.support.routes import signed_in

pytestmark = [pytest.mark.req("NOT-4")]
DAY = timedelta(hours=24)


def reminds(house: House, hours: int = 24, channel: str = "email", *, kind: str = "") -> Reminder:
    with acting(house.system):
        type_id = house.types[kind].pk if kind else None
        return add_reminder(house.system, Wanted(hours, channel, type_id))


def the_clock_is(house: House, now: datetime) -> int:
    """The minute's look at what is due. How many are sent."""
    with acting(house.system):
        return plan_reminders(house.system, now)


def all_sent(house: House, mailbox: Mailbox | None = None) -> list[Any]:
    """Work off the jobs, each once more as after a crash. What arrived."""
    jobs = list(ProcrastinateJob.objects.filter(task_name="messages.send_reminder").order_by("id"))
    for job in [*jobs, *jobs]:
        send_reminder.work(0, **job.args)
    return mailbox.mails() if mailbox else []


def log(house: House) -> list[tuple[int, str, str]]:
    """Each reminder: hours before, whether it waits or went, and why not."""
    with acting(house.system):
        found = Message.objects.filter(kind="reminder").defer("text").order_by("starts_at", "-hours_before", "channel")
        return [(one.hours_before, "withdrawn" if one.withdrawn_at else "sent" if one.sent_at else "", one.error)
                for one in found]  # fmt: skip


def test_once_at_its_time(cast: Cast, mailbox: Mailbox) -> None:
    found = book(cast.albers, "09:00")
    reminds(cast.albers)
    assert the_clock_is(cast.albers, found.starts_at - DAY - timedelta(minutes=1)) == 0
    with posting_to(mailbox):
        assert the_clock_is(cast.albers, found.starts_at - DAY) == 1
        assert the_clock_is(cast.albers, found.starts_at - DAY + timedelta(minutes=1)) == 0
        (mail,) = all_sent(cast.albers, mailbox)
        assert the_clock_is(cast.albers, found.starts_at - timedelta(minutes=1)) == 0
    assert mail["to"] == "paula@example.org" and "Erinnerung" in mail["subject"]
    assert log(cast.albers) == [(24, "sent", "")]


def test_any_number_each_by_itself(cast: Cast, mailbox: Mailbox) -> None:
    found = book(cast.albers, "09:00")
    for hours in (48, 24, 2):
        reminds(cast.albers, hours)
    with posting_to(mailbox):
        for hours in (48, 24, 2):
            assert the_clock_is(cast.albers, found.starts_at - timedelta(hours=hours)) == 1
            all_sent(cast.albers)
    assert len(mailbox.mails()) == 3
    assert log(cast.albers) == [(48, "sent", ""), (24, "sent", ""), (2, "sent", "")]


def test_after_a_long_silence_the_latest_one_is_enough(cast: Cast, mailbox: Mailbox) -> None:
    """Nobody worked for days: one mail, not three that say the same."""
    found = book(cast.albers, "09:00")
    for hours in (48, 24, 2):
        reminds(cast.albers, hours)
    with posting_to(mailbox):
        assert the_clock_is(cast.albers, found.starts_at - timedelta(minutes=5)) == 1
        assert len(all_sent(cast.albers, mailbox)) == 1
    assert log(cast.albers) == [(48, "withdrawn", "superseded"), (24, "withdrawn", "superseded"), (2, "sent", "")]


def test_neither_of_what_is_over_nor_of_what_is_cancelled(cast: Cast) -> None:
    over, gone = book(cast.albers, "09:00"), book(cast.albers, "11:00", first_name="Max", email="max@example.org")
    reminds(cast.albers)
    with acting(cast.albers.system):
        cancel_appointment(cast.albers.system, gone.pk)
    assert the_clock_is(cast.albers, over.starts_at) == 0
    assert the_clock_is(cast.albers, gone.starts_at - timedelta(hours=1)) == 0


def test_cancelled_while_it_waits_it_is_not_sent(cast: Cast, mailbox: Mailbox) -> None:
    found = book(cast.albers, "09:00")
    reminds(cast.albers)
    the_clock_is(cast.albers, found.starts_at - DAY)
    with acting(cast.albers.system):
        cancel_appointment(cast.albers.system, found.pk)
    with posting_to(mailbox):
        assert all_sent(cast.albers, mailbox) == []
    assert log(cast.albers) == [(24, "withdrawn", "")]


def test_a_moved_one_is_reminded_at_its_new_time(cast: Cast, mailbox: Mailbox) -> None:
    found = book(cast.albers, "09:00")
    reminds(cast.albers)
    with posting_to(mailbox):
        the_clock_is(cast.albers, found.starts_at - DAY)
        all_sent(cast.albers)
        former = found.starts_at
        move(cast, found, "11:00")
        new = at("11:00")
        assert the_clock_is(cast.albers, former - DAY + timedelta(minutes=1)) == 0
        assert the_clock_is(cast.albers, new - DAY) == 1
        assert len(all_sent(cast.albers, mailbox)) == 2
        # Back where it was it was reminded of.
        move(cast, found, "09:00")
        assert the_clock_is(cast.albers, former - timedelta(hours=1)) == 0
    assert len(mailbox.mails()) == 2


def test_moved_while_it_waits_the_former_time_is_told_to_nobody(cast: Cast, mailbox: Mailbox) -> None:
    found = book(cast.albers, "09:00")
    reminds(cast.albers)
    the_clock_is(cast.albers, found.starts_at - DAY)
    move(cast, found, "11:00")
    with posting_to(mailbox):
        assert all_sent(cast.albers, mailbox) == []


def test_who_books_later_than_its_time_gets_none(cast: Cast) -> None:
    """They have just got the confirmation; and one that was switched on later did not ask for it."""
    found = book(cast.albers, "09:00")
    late = reminds(cast.albers, 60 * 24)
    assert the_clock_is(cast.albers, found.starts_at - DAY) == 0
    with acting(cast.albers.system):
        change_reminder(cast.albers.system, late.pk, 24, "email")
        switch_reminder(cast.albers.system, late.pk, on=False)
    assert the_clock_is(cast.albers, found.starts_at - DAY) == 0
    with acting(cast.albers.system):
        switch_reminder(cast.albers.system, late.pk, on=True)
        Reminder.objects.update(counts_from=found.starts_at - timedelta(hours=1))
    assert the_clock_is(cast.albers, found.starts_at - timedelta(minutes=30)) == 0


def test_a_type_with_reminders_of_its_own_has_those_alone(cast: Cast) -> None:
    talk = book(cast.albers, "09:00")
    call = book(cast.albers, "11:00", kind="call", first_name="Max", email="max@example.org")
    reminds(cast.albers, 24)
    own = reminds(cast.albers, 2, kind="call")
    assert the_clock_is(cast.albers, talk.starts_at - DAY + timedelta(hours=2)) == 1
    assert the_clock_is(cast.albers, call.starts_at - timedelta(hours=2)) == 1
    assert [hours for hours, _state, _why in log(cast.albers)] == [24, 2]
    with acting(cast.albers.system):
        switch_reminder(cast.albers.system, own.pk, on=False)
    book(cast.albers, "14:00", kind="call", first_name="Eva", email="eva@example.org")
    assert the_clock_is(cast.albers, at("13:50")) == 0, "switched off it still is the type's own: none of the others"


@pytest.mark.req("NOT-1")
def test_who_wants_none_gets_none_and_the_log_says_why(cast: Cast, mailbox: Mailbox) -> None:
    found = known(cast.albers, book(cast.albers, "09:00"), reminders="none")
    other = book(cast.albers, "11:00", first_name="Max", email="max@example.org")
    reminds(cast.albers)
    assert the_clock_is(cast.albers, other.starts_at - DAY) == 1
    with acting(cast.albers.system):
        Patient.objects.filter(pk=other.patient_id).update(reminders="none")
    with posting_to(mailbox):
        assert all_sent(cast.albers, mailbox) == []
    assert log(cast.albers) == [(24, "withdrawn", "unwanted"), (24, "withdrawn", "unwanted")]
    assert the_clock_is(cast.albers, found.starts_at - timedelta(hours=1)) == 0


def test_one_that_still_fails_at_the_begin_has_failed(cast: Cast) -> None:
    found = book(cast.albers, "09:00")
    reminds(cast.albers)
    the_clock_is(cast.albers, found.starts_at - DAY)
    (job,) = ProcrastinateJob.objects.filter(task_name="messages.send_reminder")
    with mail_server(running=False) as away, posting_to(away), pytest.raises(OSError):
        send_reminder.work(0, **job.args)
    with acting(cast.albers.system):
        message = Message.objects.get(kind="reminder")
        assert not still_reminds(cast.albers.system, message, found, found.starts_at)
        assert message.failed_at and message.error == "late"


@pytest.mark.req("OTV-13")
def test_whom_a_partner_writes_to_keeps_nobody_from_being_reminded(
    cast: Cast, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There may be hundreds of them, which are looked at first."""
    monkeypatch.setattr(of_reminders, "MOST", 1)
    offered(cast.albers)
    made = registered(cast.albers)
    told(cast.albers, made, confirms="partner")
    first = book_by(cast.albers, made, "09:00")
    found = book(cast.albers, "11:00", first_name="Anna", email="anna@example.org")
    reminds(cast.albers)
    for minutes in range(3):
        the_clock_is(cast.albers, found.starts_at - DAY + timedelta(minutes=minutes))
    assert first.starts_at < found.starts_at
    with posting_to(mailbox):
        assert [mail["to"] for mail in all_sent(cast.albers, mailbox)] == ["anna@example.org"]


@pytest.mark.parametrize(
    ("day", "clock", "local"),
    [(date(2027, 3, 28), "10:00", "09:00"), (date(2027, 10, 31), "10:00", "11:00")],
)
def test_hours_are_hours_over_a_change_of_the_clock(cast: Cast, day: date, clock: str, local: str) -> None:
    """The night has 23 hours, or 25: 24 hours before 10:00 it was 9:00, or 11:00."""
    found = book(cast.albers, "09:00")
    reminds(cast.albers)
    start = at(clock, day)
    with acting(cast.albers.system):
        length = found.ends_at - found.starts_at
        Appointment.objects.filter(pk=found.pk).update(
            starts_at=start.astimezone(UTC), ends_at=start.astimezone(UTC) + length
        )
    due = at(local, day - timedelta(days=1))
    assert (start.astimezone(UTC) - due.astimezone(UTC)) == DAY
    assert the_clock_is(cast.albers, due - timedelta(minutes=1)) == 0
    assert the_clock_is(cast.albers, due) == 1
    assert due.astimezone(BERLIN).strftime("%H:%M") == local


def test_the_database_lets_no_reminder_be_there_twice(cast: Cast) -> None:
    found = book(cast.albers, "09:00")
    reminds(cast.albers)
    the_clock_is(cast.albers, found.starts_at - DAY)
    with acting(cast.albers.system):
        facts: dict[str, Any] = {"practice_id": found.practice_id, "appointment": found, "kind": "reminder"}
        facts |= {"starts_at": found.starts_at, "hours_before": 24, "address": "x@example.org"}
        for sequence in (0, 7):
            with pytest.raises(IntegrityError), transaction.atomic():
                Message.objects.create(**facts, sequence=sequence)


@pytest.mark.own_database
def test_two_that_look_at_once_send_one(cast: Cast) -> None:
    found = book(cast.albers, "09:00")
    reminds(cast.albers)

    def look(_number: int) -> int:
        try:
            return the_clock_is(cast.albers, found.starts_at - DAY)
        except IntegrityError:
            return 0
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(look, range(8))) == 1
    assert ProcrastinateJob.objects.filter(task_name="messages.send_reminder").count() == 1


def test_the_page_is_for_all_to_read_and_for_administrators_to_change(cast: Cast) -> None:
    def page(client: Client) -> str:
        return client.get("/messages/reminders/", headers={"accept-language": "en"}).content.decode()

    miriam, jana = signed_in(cast, "administrator"), signed_in(cast, "secretary")
    fresh = miriam.get("/messages/reminders/new/").content.decode()
    key = re.findall(r'name="key" value="([^"]+)"', fresh)[0]
    form = {"count": "7", "unit": "days", "channel": "email", "type": "", "key": key}
    assert jana.post("/messages/reminders/new/", form).status_code == 403
    for _ in range(2):
        assert miriam.post("/messages/reminders/new/", form).status_code == 303
    assert miriam.post("/messages/reminders/new/", form | {"key": key[::-1]}).status_code == 422
    assert miriam.post("/messages/reminders/new/", form | {"key": key[::-1], "count": "61"}).status_code == 422
    assert "7 days before, E-mail" in page(jana) and "Edit text" in page(jana)
    with acting(cast.albers.system):
        found = Reminder.objects.get()
    address = f"/messages/reminders/{found.pk}/"
    berta = Client()
    berta.force_login(cast.brandt.user("berta"))
    for one in (address, f"{address}switch/", f"{address}removal/"):
        assert jana.post(one, {"count": "3", "unit": "hours", "channel": "sms"}).status_code == 403
        assert berta.post(one, {"count": "3", "unit": "hours", "channel": "sms"}).status_code == 404
    assert miriam.post(address, {"count": "3", "unit": "hours", "channel": "sms"}).status_code == 303
    assert "3 hours before, SMS" in page(miriam) and "SMS are not sent yet" in page(miriam)
    assert miriam.post(f"{address}switch/", {"on": "no"}).status_code == 303
    assert 'aria-checked="false"' in page(miriam)
    assert miriam.post(f"{address}removal/").status_code == 303
    assert "Nobody is reminded yet" in page(miriam)
    assert monday()
