"""What the worker does by the clock, done as the worker does it: outside a transaction, for all practices."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from inspect import iscoroutinefunction
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from sprechzeit.core.acting import acting
from sprechzeit.messages import jobs
from sprechzeit.messages.actions.reminders import Wanted, add_reminder
from sprechzeit.messages.models import Message, Reminder
from sprechzeit.operations.jobs import put_back_stalled_jobs
from sprechzeit.scheduling.models import Appointment
from tests.support.cast import Cast, book
from tests.support.databases import Databases

pytestmark = pytest.mark.own_database
PERIODIC = sorted({one.task.name for one in app.periodic_registry.periodic_tasks.values()})


@pytest.mark.parametrize("name", PERIODIC)
def test_each_is_done_without_a_fault(cast: Cast, own_database: Databases, name: str) -> None:
    task, now = app.tasks[name], int(timezone.now().timestamp())
    if iscoroutinefunction(task.func):
        asyncio.run(as_the_worker(task.func, now))
    else:
        task.func(now)


async def as_the_worker(work: Callable[..., Any], now: int) -> None:
    """With the queue in hand, over the worker's own connection."""
    connector: Any = app.connector
    async with app.with_connector(connector.get_worker_connector()).open_async() as worker:
        await work(SimpleNamespace(app=worker), now)


def test_a_worker_killed_at_what_is_due_again_meanwhile_stops_nothing(own_database: Databases) -> None:
    """What is done by the clock waits once only, and for the one before it to end: that one can not be put back."""
    killed = ("audit.seal_logs", "doing", "seal_logs", "seal_logs")
    again, mail = ("audit.seal_logs", "todo", "seal_logs", "seal_logs"), ("messages.send_booked", "doing", None, None)
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, status, lock, queueing_lock)"
            " VALUES ('default', %s, %s, %s, %s)",
            [killed, again, mail],
        )
    asyncio.run(as_the_worker(put_back_stalled_jobs.func, 0))
    found = ProcrastinateJob.objects.order_by("id").values_list("task_name", "status", "lock", "queueing_lock")
    assert list(found) == [again, ("messages.send_booked", "todo", None, None)]


@pytest.mark.req("NOT-4")
def test_a_reminder_whose_time_has_come_is_deferred_by_the_clock(cast: Cast, own_database: Databases) -> None:
    found = book(cast.albers, "09:00")
    hours = int((found.starts_at - timezone.now()) / timedelta(hours=1))
    with acting(cast.albers.system):
        add_reminder(cast.albers.system, Wanted(hours + 1, "email"))
        # Made and booked before its time came, which was within the last hour.
        before = timezone.now() - timedelta(hours=2)
        Reminder.objects.update(counts_from=before)
        Appointment.objects.update(changed_at=before)
    for _ in range(2):
        jobs.remind.func(0)
    with acting(cast.albers.system):
        (message,) = Message.objects.filter(kind=Message.Kind.REMINDER)
    assert message.appointment_id == found.pk
    assert ProcrastinateJob.objects.filter(task_name="messages.send_reminder").count() == 1
