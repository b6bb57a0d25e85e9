"""What waits since before there were several queues goes over to its own at an upgrade."""

from importlib import import_module

import pytest
from django.db import connection
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

PUSHES = ("integrations.push_appointment", "integrations.look_again", "integrations.push_all")
MOVES = (
    "sprechzeit.partners.migrations.0006_waiting_webhooks",
    "sprechzeit.integrations.migrations.0005_waiting_pushes",
)


@pytest.mark.django_db
@pytest.mark.req("OPS-5", "OTV-9", "PUSH-5")
def test_what_waits_since_before_an_upgrade_goes_over_to_its_queue() -> None:
    waiting = [("partners.deliver", -10), *((name, -10) for name in PUSHES), ("messages.send_booked", 0)]
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, priority) VALUES ('default', %s, %s)", waiting
        )
        for name in MOVES:
            cursor.execute(import_module(name).MOVE)
    found = ProcrastinateJob.objects.values_list("task_name", "queue_name", "priority")
    assert {name: (queue, priority) for name, queue, priority in found} == {
        name: (app.tasks[name].queue, 0) for name, _priority in waiting
    }
